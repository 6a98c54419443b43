//! The arguments of `batch`.

use super::Connection;
use clap::{Args, Subcommand};
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

/// A command about tables.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum BatchCommand {
    /// Answer the rows that have no answer yet
    Run(Box<RunArgs>),
    /// Print how many rows have an answer, and how much the rest may cost; sends nothing
    Status(Box<BatchArgs>),
    /// Write one table from the outputs of all shards
    Merge(Box<MergeArgs>),
}

/// The table, the prompt and the columns: the identity of a run.
#[derive(Clone, Debug, Args)]
pub(crate) struct BatchArgs {
    /// Table: CSV, JSON Lines or Parquet; files, a pattern, or `hf://datasets/NAME/SPLIT`
    #[arg(value_name = "IN", required = true)]
    pub(crate) input: Vec<String>,
    /// Table with the answers
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    /// Prompt with columns as {{ name }}; @FILE reads it from a file
    #[arg(short, long, value_name = "TEMPLATE|@FILE")]
    pub(crate) prompt: Option<String>,
    /// System message with columns; @FILE reads it from a file
    #[arg(short, long, value_name = "TEMPLATE|@FILE")]
    pub(crate) system: Option<String>,
    /// Typed columns: a file with a JSON Schema, or fields such as 'name, age int'
    #[arg(long, value_name = "FILE|FIELDS")]
    pub(crate) schema: Option<String>,
    /// Column with images: paths, URLs or bytes
    #[arg(long, value_name = "COLUMN")]
    pub(crate) images: Option<String>,
    /// Column with whole conversations, instead of a prompt
    #[arg(long, value_name = "COLUMN", conflicts_with = "prompt")]
    pub(crate) messages: Option<String>,
    /// Columns about the answer: error, model, provider, `cost_nano_dollars`, ...
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) columns: Vec<String>,
    /// Name of the column of an answer without a schema
    #[arg(long, value_name = "NAME")]
    pub(crate) answer_column: Option<String>,
    /// Prefix of the new columns
    #[arg(long, value_name = "TEXT")]
    pub(crate) column_prefix: Option<String>,
    /// Delimiter of CSV files: one character, or tab
    #[arg(long, value_name = "CHAR")]
    pub(crate) delimiter: Option<String>,
    /// Use only the first N rows
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<NonZeroU64>,
    /// Part of the table, for one of several machines: 0/4 to 3/4, or none [default: that of a Slurm array or an indexed job of Kubernetes]
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<String>,
    /// Option of the requests: temperature=0, `max_tokens=200`, `chat_template_kwargs={"enable_thinking":false}`, ...
    #[arg(long = "option", value_name = "KEY=VALUE")]
    pub(crate) options: Vec<String>,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Clone, Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) batch: BatchArgs,
    /// Number of concurrent calls, instead of one that adapts to the server
    #[arg(long, value_name = "N")]
    pub(crate) concurrency: Option<NonZeroUsize>,
    /// Maximum number of concurrent calls
    #[arg(long, value_name = "N", conflicts_with = "concurrency")]
    pub(crate) max_concurrency: Option<NonZeroUsize>,
    /// Send one request for each row, even if rows are equal
    #[arg(long)]
    pub(crate) repeats: bool,
    /// Send the requests of failed rows again
    #[arg(long)]
    pub(crate) retry_failed: bool,
    /// Discard the answers of an earlier run; its journal stays as OUT.journal.old
    #[arg(long)]
    pub(crate) restart: bool,
    /// Write each row when its answer arrives, in any order
    #[arg(long)]
    pub(crate) any_order: bool,
    /// Print the number of requests and their cost; sends nothing
    #[arg(long, conflicts_with = "sample")]
    pub(crate) dry_run: bool,
    /// Answer the first N rows, print them as JSON, and write nothing
    #[arg(long, value_name = "N")]
    pub(crate) sample: Option<NonZeroUsize>,
    /// Print the report as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct MergeArgs {
    #[command(flatten)]
    pub(crate) batch: BatchArgs,
    /// Number of shards
    #[arg(long, value_name = "N")]
    pub(crate) shards: u64,
}
