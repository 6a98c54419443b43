//! The arguments of `usage` and `cache`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Clone, Debug, Args)]
pub(crate) struct UsageArgs {
    /// Days to show
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub(crate) days: usize,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Write a chart of the days
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// Send calls again although the service reported that this account has no credits left: after credits were added
    #[arg(long, value_name = "ACCOUNT", conflicts_with_all = ["json", "svg"])]
    pub(crate) clear_exhausted: Option<String>,
}

/// A command about the cache.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum CacheCommand {
    /// List the answers in the cache, the newest first; prompts are not stored
    Ls(CacheListArgs),
    /// Remove all answers, or those that the options name
    Clear(CacheClearArgs),
}

#[derive(Clone, Debug, Args)]
pub(crate) struct CacheListArgs {
    /// Most answers to list
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit: usize,
    /// Print the answers too
    #[arg(long)]
    pub(crate) answers: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct CacheClearArgs {
    /// Only answers that are older: 30d, 12h, 2w
    #[arg(long, value_name = "AGE")]
    pub(crate) older_than: Option<String>,
    /// Only answers of this model
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
}
