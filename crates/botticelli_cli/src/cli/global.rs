//! Options that every command has.

use clap::{ArgAction, Args, ColorChoice};
use std::path::PathBuf;

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// Configuration file [default: the one that `botticelli config path` prints]
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// Profile: the table `[profile.NAME]` overrides `[llm]`
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) profile: Option<String>,
    /// Colors: auto, always, never
    #[arg(
        long,
        value_name = "WHEN",
        global = true,
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(crate) color: ColorChoice,
    /// Print only errors to standard error
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Print model, provider, tokens, times, retries and cost of each call; twice for all details
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}
