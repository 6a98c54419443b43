//! A driver for Hugging Face Inference: the router, dedicated endpoints, and any server with the same API.
//!
//! ```no_run
//! use botticelli_interface::BotticelliDriver;
//! use botticelli_models::huggingface::HuggingFaceDriver;
//!
//! # async fn example() -> botticelli_error::ModelsResult<()> {
//! let driver = HuggingFaceDriver::from_env("openai/gpt-oss-20b:cheapest")?;
//! println!("{}", driver.generate("Name three painters".into()).await?.text());
//! # Ok(())
//! # }
//! ```
//!
//! The path of a request:
//!
//! | step | file or folder | task |
//! | --- | --- | --- |
//! | 1 | `config`, [`builder`](HuggingFaceDriverBuilder), `dialect`, `credentials` | validates the settings and finds the token |
//! | | `settings` | holds the settings of a driver, and the state that its calls share |
//! | 2 | [`driver`](HuggingFaceDriver) | implements the driver traits |
//! | | `text_completion` | prepares a text completion |
//! | | `endpoints/` | the management of dedicated endpoints (feature `endpoints`) |
//! | | `tasks/` | the driver of the other tasks: embeddings, reranking, … (feature `tasks`) |
//! | 3 | `routing/` | finds the URL, the model's name there, and the provider |
//! | | `catalog/` | fetches and caches models, prices and provider mappings |
//! | | `costs/` | finds the bound of what a request costs, and the price of a response |
//! | 4 | `conversions/` | converts the request to the JSON types of the service |
//! | 5 | [`dto`] | defines these JSON types |
//! | 6 | `client/` | sends the request with credentials, through [`transport`](crate::transport) |
//! | 7 | `response` | reads a plain response |
//! | | `stream`, `stream/` | sends a streamed request, and parses its events as they arrive |
//! | 8 | [`dto`], `conversions/` | converts JSON to a response, to chunks, or to an error |
//!
//! [`Catalog`] lists models with their features, prices and providers. `HUGGINGFACE.md` describes the service and its quirks.

mod builder;
mod catalog;
mod client;
mod config;
mod conversions;
mod costs;
pub(crate) mod credentials;
mod dialect;
mod driver;
pub mod dto;
#[cfg(feature = "endpoints")]
mod endpoints;
mod response;
pub(crate) mod routing;
mod settings;
mod stream;
#[cfg(feature = "tasks")]
mod tasks;
mod text_completion;

pub use builder::HuggingFaceDriverBuilder;
pub use catalog::catalog::Catalog;
pub use config::HuggingFaceConfig;
pub use dialect::Dialect;
pub use driver::HuggingFaceDriver;
#[cfg(feature = "endpoints")]
pub use endpoints::{
    EndpointAccess, EndpointImage, EndpointInstance, EndpointObserver, EndpointPrice, EndpointProgress,
    EndpointSpec, EndpointState, EndpointUpdate, Endpoints, EndpointsBuilder, InferenceEndpoint, TokenOwner,
};
pub use routing::endpoint::BaseUrl;
pub use routing::model_route::{ModelRoute, ProviderPolicy};
#[cfg(feature = "tasks")]
pub use tasks::{HuggingFaceTasks, JobObserver, JobProgress, SupportedTask, TaskApi};

/// The name of this driver's provider, in configuration files and in errors.
const PROVIDER: &str = botticelli_core::DriverKind::HuggingFace.as_str();
