//! The arguments of `chat`, `pull` and `replay`.

use super::{AskArgs, Connection, ReasoningDisplay, RequestOptions};
use clap::Args;
use std::path::PathBuf;

#[derive(Clone, Debug, Args)]
pub(crate) struct ChatArgs {
    /// System message; @FILE reads it from a file
    #[arg(short, long, value_name = "TEXT|@FILE")]
    pub(crate) system: Option<String>,
    /// Continue a stored conversation, or start one
    #[arg(short = 'c', long = "continue", value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "default")]
    pub(crate) conversation: Option<String>,
    /// Keep the history of input lines in a file
    #[arg(long, value_name = "FILE")]
    pub(crate) history: Option<PathBuf>,
    /// File with commands that the model may call; you confirm each call
    #[arg(long, value_name = "FILE")]
    pub(crate) tools: Option<PathBuf>,
    /// Run the calls of --tools without asking
    #[arg(long, requires = "tools")]
    pub(crate) yes: bool,
    /// Reasoning: hide, show (on standard error), only
    #[arg(
        long,
        value_name = "MODE",
        default_value = "hide",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(crate) reasoning: ReasoningDisplay,
    /// Do not render Markdown
    #[arg(long)]
    pub(crate) raw: bool,
    /// Print tokens, cost and time of each answer to standard error
    #[arg(short, long)]
    pub(crate) usage: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(flatten)]
    pub(crate) request: RequestOptions,
}

#[cfg(feature = "hub")]
#[derive(Clone, Debug, Args)]
pub(crate) struct PullArgs {
    /// Model on the Hub, with an optional quantization: `NAME:Q4_K_M`
    #[arg(value_name = "MODEL")]
    pub(crate) model: String,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ReplayArgs {
    /// Cassette of `--record`
    #[arg(value_name = "CASSETTE")]
    pub(crate) cassette: PathBuf,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
}
