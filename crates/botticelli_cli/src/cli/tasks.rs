//! The arguments of tasks other than text generation.

use super::Connection;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Options of every task.
#[derive(Clone, Debug, Args)]
pub(crate) struct TaskOptions {
    /// File for the result; images, audio and videos are written as bytes
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// API of the server, if its URL does not show it: router, endpoint, tei, openai
    #[arg(long, value_name = "API", hide_possible_values = true)]
    pub(crate) api: Option<ApiName>,
    /// Option of the request: `top_k=3`, normalize=true, seed=7, ...
    #[arg(long = "option", value_name = "KEY=VALUE")]
    pub(crate) options: Vec<String>,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct TextsArgs {
    /// Texts; without one, each line of standard input is a text
    #[arg(value_name = "TEXT")]
    pub(crate) texts: Vec<String>,
    #[command(flatten)]
    pub(crate) task: TaskOptions,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ClassifyArgs {
    /// Texts; without one, each line of standard input is a text
    #[arg(value_name = "TEXT")]
    pub(crate) texts: Vec<String>,
    /// Your own labels, instead of the model's
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) labels: Vec<String>,
    #[command(flatten)]
    pub(crate) task: TaskOptions,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct RerankArgs {
    /// Query, to which the documents are compared
    #[arg(value_name = "QUERY")]
    pub(crate) query: String,
    /// Documents; without one, each line of standard input is a document
    #[arg(value_name = "DOCUMENT")]
    pub(crate) documents: Vec<String>,
    #[command(flatten)]
    pub(crate) task: TaskOptions,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct FileArgs {
    /// File; - is standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: String,
    #[command(flatten)]
    pub(crate) task: TaskOptions,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct PromptArgs {
    /// Text; without one, standard input is the text
    #[arg(value_name = "TEXT")]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) task: TaskOptions,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct TaskArgs {
    /// Name of the task on the Hub, such as question-answering
    #[arg(value_name = "NAME", required_unless_present = "list")]
    pub(crate) name: Option<String>,
    /// Texts or files, in the order that `--list` prints
    #[arg(value_name = "INPUT")]
    pub(crate) inputs: Vec<String>,
    /// Labels, for a task that takes your own labels
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) labels: Vec<String>,
    /// Print all tasks and their inputs
    #[arg(long)]
    pub(crate) list: bool,
    #[command(flatten)]
    pub(crate) task: TaskOptions,
}

/// The API of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ApiName {
    Router,
    Endpoint,
    Tei,
    Openai,
}
