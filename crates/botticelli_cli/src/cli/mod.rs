//! The arguments of the program.

mod ask;
mod connection;
mod default_command;
mod files;
mod global;

pub(crate) use ask::{AskArgs, ReasoningDisplay};
pub(crate) use connection::{CacheMode, Connection};
pub(crate) use default_command::with_default_command;
pub(crate) use files::{CompletionsArgs, ConfigCommand, EstimateArgs, ManArgs, SandboxArgs};
pub(crate) use global::Global;

use clap::{CommandFactory, Parser, Subcommand};

/// Ask a language model, compare prices, see what was spent.
#[derive(Debug, Parser)]
#[command(
    name = "botticelli",
    version,
    subcommand_required = true,
    disable_help_subcommand = true,
    after_help = "A prompt without a command is an answer of `ask`:\n  botticelli \"Name three painters\"\n  git diff | botticelli \"Write a commit message\"\n\n`botticelli COMMAND --help` lists the options of a command."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// A command with its arguments.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Answer one prompt (the default command)
    Ask(Box<AskArgs>),
    /// Print an upper bound of the cost of a prompt; sends nothing
    Estimate(Box<EstimateArgs>),
    /// Show which token is used, and from where
    Auth,
    /// Show, check or create the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Check token, network, clock and models, with a remedy for each problem
    Doctor(Box<Connection>),
    /// Run the offline router on this machine until Ctrl-C
    Sandbox(SandboxArgs),
    /// Print the completions of a shell
    Completions(CompletionsArgs),
    /// Print the manual page, or write one for each command
    Man(ManArgs),
}

/// Returns the commands and their options.
pub fn command() -> clap::Command {
    Cli::command()
}
