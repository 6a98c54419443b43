//! The arguments of `ask`.

use super::{Connection, RequestOptions};
use clap::{Args, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

#[derive(Clone, Debug, Default, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct AskArgs {
    /// Words of the prompt; standard input is added if it is a pipe or a file
    #[arg(value_name = "PROMPT")]
    pub(crate) prompt: Vec<String>,
    /// System message; @FILE reads it from a file
    #[arg(short, long, value_name = "TEXT|@FILE")]
    pub(crate) system: Option<String>,
    /// Attachment: an image, audio, a PDF or a text; - is standard input
    #[arg(short, long = "attach", value_name = "FILE|URL|-")]
    pub(crate) attachments: Vec<OsString>,
    /// Text file to add to the prompt
    #[arg(short, long = "file", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Do not read standard input
    #[arg(long)]
    pub(crate) no_stdin: bool,
    /// Answer as JSON that fits a schema: a file, or fields such as 'name, age int'
    #[arg(long, value_name = "FILE|FIELDS", conflicts_with = "jsonl")]
    pub(crate) schema: Option<String>,
    /// File with commands that the model may call; you confirm each call
    #[arg(long, value_name = "FILE", conflicts_with = "schema")]
    pub(crate) tools: Option<PathBuf>,
    /// Run the calls of --tools without asking
    #[arg(long, requires = "tools")]
    pub(crate) yes: bool,
    /// Continue a stored conversation, or start one
    #[arg(short = 'c', long = "continue", value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "default")]
    pub(crate) conversation: Option<String>,
    /// With -c: forget the stored conversation first
    #[arg(long, requires = "conversation")]
    pub(crate) new: bool,
    /// Reasoning: hide, show (on standard error), only
    #[arg(
        long,
        value_name = "MODE",
        default_value = "hide",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(crate) reasoning: ReasoningDisplay,
    /// Wait for the whole answer
    #[arg(long)]
    pub(crate) no_stream: bool,
    /// Do not render Markdown in a terminal
    #[arg(long)]
    pub(crate) raw: bool,
    /// Print the answer, its usage and its cost as one JSON object
    #[arg(long, conflicts_with = "jsonl")]
    pub(crate) json: bool,
    /// Print each chunk as a line of JSON, and a last line with usage and cost
    #[arg(long)]
    pub(crate) jsonl: bool,
    /// Print tokens, cost and time to standard error
    #[arg(short, long)]
    pub(crate) usage: bool,
    /// Print the request and its estimated cost; sends nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(flatten)]
    pub(crate) request: RequestOptions,
}

/// The place of the reasoning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReasoningDisplay {
    /// The reasoning is not printed.
    #[default]
    Hide,
    /// The reasoning goes to standard error.
    Show,
    /// The reasoning goes to standard output, instead of the answer.
    Only,
}
