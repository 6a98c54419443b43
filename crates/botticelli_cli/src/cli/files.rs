//! The arguments of smaller commands.

use super::{Connection, RequestOptions};
use clap::{Args, Subcommand};
use clap_complete::Shell;
use std::path::PathBuf;

#[derive(Clone, Debug, Args)]
pub(crate) struct EstimateArgs {
    /// Words of the prompt; standard input is added if it is a pipe or a file
    #[arg(value_name = "PROMPT")]
    pub(crate) prompt: Vec<String>,
    /// System message; @FILE reads it from a file
    #[arg(short, long, value_name = "TEXT|@FILE")]
    pub(crate) system: Option<String>,
    /// Text file to add to the prompt
    #[arg(short, long = "file", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Do not read standard input
    #[arg(long)]
    pub(crate) no_stdin: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(flatten)]
    pub(crate) request: RequestOptions,
}

/// A command about the configuration.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print every value and its origin
    Show {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Check the file and every profile
    Check,
    /// Write a commented file, unless it exists
    Init,
    /// Print the path of the file
    Path,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct SandboxArgs {
    /// Port; 0 is any free port
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) port: u16,
    /// Fault of the next call; can be repeated
    #[arg(long = "fault", value_name = "NAME")]
    pub(crate) faults: Vec<String>,
    /// Answer normally after the faults
    #[arg(long, requires = "faults")]
    pub(crate) then_answers: bool,
    /// Dialect of the answers: router, tgi2, tgi3, together, cerebras
    #[arg(long, value_name = "NAME", default_value = "router")]
    pub(crate) dialect: String,
    /// Print the names of all faults
    #[arg(long)]
    pub(crate) list_faults: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// Shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ManArgs {
    /// Folder for one page for each command
    #[arg(short = 'd', long, value_name = "FOLDER")]
    pub(crate) dir: Option<PathBuf>,
}
