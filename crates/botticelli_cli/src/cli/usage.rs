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
}

/// A command about the cache.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum CacheCommand {
    /// Print the place and the size of the cache
    Ls,
    /// Remove all answers
    Clear,
}
