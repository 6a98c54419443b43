//! The arguments of `models`.

use super::Connection;
use clap::{Args, Subcommand, ValueEnum};

#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct ModelsArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ModelsCommand>,
    /// Part of the name
    #[arg(value_name = "QUERY")]
    pub(crate) query: Option<String>,
    /// Only models that call tools
    #[arg(long)]
    pub(crate) tools: bool,
    /// Only models that follow JSON schemas
    #[arg(long)]
    pub(crate) schemas: bool,
    /// Only models that accept images
    #[arg(long)]
    pub(crate) images: bool,
    /// Minimum context length, in tokens
    #[arg(long, value_name = "TOKENS")]
    pub(crate) context: Option<u64>,
    /// Only models of this provider
    #[arg(long, value_name = "NAME")]
    pub(crate) provider: Option<String>,
    /// Maximum price of a million completion tokens, in USD
    #[arg(long, value_name = "USD")]
    pub(crate) max_price: Option<f64>,
    /// Order: price, throughput, first-token, context, listed
    #[arg(
        long,
        value_name = "ORDER",
        default_value = "price",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(crate) sort: ModelOrder,
    /// Maximum number of rows to print
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// Fetch the catalog again
    #[arg(long)]
    pub(crate) refresh: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// A command about one model.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// Print everything about one model
    Show(Box<ShowArgs>),
    /// List the models on this machine
    #[cfg(feature = "hub")]
    Local,
    /// Remove a model from this machine
    #[cfg(feature = "hub")]
    Rm {
        /// Name of the model
        #[arg(value_name = "MODEL")]
        name: String,
    },
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ShowArgs {
    /// Name of the model
    #[arg(value_name = "MODEL")]
    pub(crate) name: String,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// The order of a list of models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModelOrder {
    Price,
    Throughput,
    FirstToken,
    Context,
    Listed,
}
