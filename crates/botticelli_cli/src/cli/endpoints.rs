//! The arguments of `endpoints`.

use clap::{Args, Subcommand};

#[derive(Clone, Debug, Args)]
pub(crate) struct EndpointsArgs {
    #[command(subcommand)]
    pub(crate) command: EndpointsCommand,
    /// Organization that owns the endpoints [default: the owner of the token]
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) namespace: Option<String>,
    /// Maximum price per hour that `create` and `scale` accept, in USD
    #[arg(long, value_name = "USD", global = true)]
    pub(crate) max_price: Option<String>,
    /// Address of the management API, for a sandbox
    #[arg(long, value_name = "URL", global = true)]
    pub(crate) api_url: Option<String>,
    /// Print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// A command about dedicated endpoints.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum EndpointsCommand {
    /// List endpoints
    Ls,
    /// List instances with their prices
    Instances,
    /// Print everything about an endpoint
    Show { name: String },
    /// Create an endpoint, after showing its price per hour and asking you
    Create(Box<CreateArgs>),
    /// Pause an endpoint; a paused endpoint costs nothing
    Pause { name: String },
    /// Start a paused endpoint
    Resume {
        name: String,
        /// Wait until the endpoint is running
        #[arg(long)]
        wait: bool,
    },
    /// Change the number of replicas
    Scale(ScaleArgs),
    /// Delete an endpoint, after asking you
    Delete {
        name: String,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Print the last lines of the log
    Logs {
        name: String,
        /// Number of lines
        #[arg(short = 'n', long, value_name = "N", default_value_t = 100)]
        lines: u32,
    },
}

#[derive(Clone, Debug, Args)]
pub(crate) struct CreateArgs {
    /// Name of the endpoint
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Repository of the model on the Hub
    #[arg(short, long, value_name = "MODEL")]
    pub(crate) model: String,
    /// Instance and its size, as `endpoints instances` lists them: nvidia-l4 x1
    #[arg(long, value_names = ["TYPE", "SIZE"], num_args = 2, required = true)]
    pub(crate) instance: Vec<String>,
    /// Cloud and region: aws us-east-1
    #[arg(long, value_names = ["CLOUD", "REGION"], num_args = 2)]
    pub(crate) region: Vec<String>,
    /// Minimum number of replicas; with 0, an idle endpoint scales to zero
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) min: u32,
    /// Maximum number of replicas
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) max: u32,
    /// Minutes without a request until the endpoint scales to zero
    #[arg(long, value_name = "MINUTES")]
    pub(crate) scale_to_zero: Option<u32>,
    /// Clients that may call it: public, authenticated, protected, private
    #[arg(long, value_name = "WORD")]
    pub(crate) access: Option<String>,
    /// Task of the model on the Hub
    #[arg(long, value_name = "NAME")]
    pub(crate) task: Option<String>,
    /// Environment variable of the container
    #[arg(long = "env", value_name = "KEY=VALUE")]
    pub(crate) variables: Vec<String>,
    /// Environment variable of this shell that becomes a secret of the container
    #[arg(long = "secret", value_name = "VARIABLE")]
    pub(crate) secrets: Vec<String>,
    /// Wait until the endpoint is running
    #[arg(long)]
    pub(crate) wait: bool,
    /// Do not ask for confirmation
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ScaleArgs {
    /// Name of the endpoint
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Minimum number of replicas
    #[arg(long, value_name = "N")]
    pub(crate) min: Option<u32>,
    /// Maximum number of replicas
    #[arg(long, value_name = "N")]
    pub(crate) max: Option<u32>,
    /// Stop all replicas until the next request
    #[arg(long, conflicts_with_all = ["min", "max"])]
    pub(crate) zero: bool,
}
