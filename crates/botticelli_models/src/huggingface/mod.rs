//! Hugging Face Inference: the router, dedicated endpoints, and any server that speaks the same dialect.
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
//! The way of a request:
//!
//! | step | file | what happens |
//! | --- | --- | --- |
//! | 1 | [`builder`](HuggingFaceDriverBuilder), `credentials`, `route` | settings become a driver: token, addresses |
//! | 2 | [`driver`](HuggingFaceDriver), `completion`, `text_route` | puts the steps together, for chats and for texts |
//! | | `plan`, `mapping`, `choice` | under which name the model is asked, where, and of whom |
//! | 3 | `conversions` | our request becomes theirs |
//! | 4 | [`dto`] | theirs becomes JSON |
//! | 5 | [`transport`](crate::transport) | it is sent, and the answer comes |
//! | 6 | `stream` | events become chunks, as they arrive |
//! | 7 | [`dto`], `conversions` | JSON becomes our response, or our error |
//!
//! [`Catalog`] says what models cost and can do, and who serves them. What the service promises and where it surprises is in `HUGGINGFACE.md`.

mod builder;
mod catalog;
mod client;
mod config;
mod conversions;
mod credentials;
mod dialect;
mod driver;
pub mod dto;
mod response;
mod routing;
mod stream;
mod text_completion;

pub use builder::HuggingFaceDriverBuilder;
pub use catalog::catalog::Catalog;
pub use config::HuggingFaceConfig;
pub use dialect::Dialect;
pub use driver::HuggingFaceDriver;
pub use routing::endpoint::BaseUrl;
pub use routing::model_route::{ModelRoute, ProviderPolicy};

/// The name of this provider, in configuration files and in errors.
const PROVIDER: &str = botticelli_core::DriverKind::HuggingFace.as_str();
