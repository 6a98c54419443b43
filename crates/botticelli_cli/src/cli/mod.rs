//! The arguments of the program.

mod ask;
#[cfg(feature = "batch")]
mod batch;
mod chat;
mod connection;
mod default_command;
mod endpoints;
mod files;
mod global;
mod models;
mod tasks;
mod usage;

pub(crate) use ask::{AskArgs, ReasoningDisplay};
#[cfg(feature = "batch")]
pub(crate) use batch::{BatchArgs, BatchCommand, MergeArgs, RunArgs};
#[cfg(feature = "hub")]
pub(crate) use chat::PullArgs;
pub(crate) use chat::{ChatArgs, ReplayArgs};
pub(crate) use connection::{CacheMode, Connection, RequestOptions};
pub(crate) use default_command::{Ordered, Typo, with_default_command};
pub(crate) use endpoints::{CreateArgs, EndpointsArgs, EndpointsCommand, ScaleArgs};
pub(crate) use files::{CompletionsArgs, ConfigCommand, EstimateArgs, ManArgs, SandboxArgs};
pub(crate) use global::Global;
pub(crate) use models::{ModelOrder, ModelsArgs, ModelsCommand, ShowArgs};
pub(crate) use tasks::{
    ApiName, ClassifyArgs, FileArgs, PromptArgs, RerankArgs, TaskArgs, TaskOptions, TextsArgs,
};
pub(crate) use usage::{CacheClearArgs, CacheCommand, CacheListArgs, UsageArgs};

use clap::{CommandFactory, Parser, Subcommand};

/// Ask a language model, compare prices, and see what was spent.
#[derive(Debug, Parser)]
#[command(
    name = "botticelli",
    version,
    subcommand_required = true,
    disable_help_subcommand = true,
    after_help = "Without a command, the words are a prompt for `ask`: git diff | botticelli \"Write a commit message\"\nOptions of a command: botticelli COMMAND --help. They may also come before it."
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
    /// Chat with a model, which remembers the conversation
    Chat(Box<ChatArgs>),
    /// List models with prices, context, abilities and providers
    Models(Box<ModelsArgs>),
    /// Download a model to this machine
    #[cfg(feature = "hub")]
    Pull(PullArgs),
    /// Print an upper bound for the cost of a prompt; sends nothing
    Estimate(Box<EstimateArgs>),
    /// Answer every row of a table
    #[cfg(feature = "batch")]
    #[command(subcommand)]
    Batch(BatchCommand),
    /// Print the embeddings of texts
    Embed(Box<TextsArgs>),
    /// Sort documents by their relevance to a query
    Rerank(Box<RerankArgs>),
    /// Classify texts
    Classify(Box<ClassifyArgs>),
    /// Transcribe a recording
    Transcribe(Box<FileArgs>),
    /// Convert a text to speech
    Speak(Box<PromptArgs>),
    /// Generate an image from a prompt
    Image(Box<PromptArgs>),
    /// Run any other task of the Hub by its name
    Task(Box<TaskArgs>),
    /// Manage dedicated endpoints
    Endpoints(Box<EndpointsArgs>),
    /// Show what was spent, and what is left of the budget
    Usage(UsageArgs),
    /// Show or clear the cache of answers
    #[command(subcommand)]
    Cache(CacheCommand),
    /// Show which token is used, its owner and its permissions
    Auth,
    /// Show, check or create the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Check token, network, clock and models, with a remedy for each problem
    Doctor(Box<Connection>),
    /// Run the offline router on this machine until Ctrl-C
    Sandbox(SandboxArgs),
    /// Answer a prompt from a cassette that --record wrote; sends nothing
    Replay(Box<ReplayArgs>),
    /// Print the completions of a shell
    Completions(CompletionsArgs),
    /// Print the manual page, or write one for each command
    Man(ManArgs),
}

/// Returns the commands and their options.
pub fn command() -> clap::Command {
    Cli::command()
}
