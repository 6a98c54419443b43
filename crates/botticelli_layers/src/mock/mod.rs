//! A driver with scripted replies, for tests of code that calls a model.
//!
//! ```
//! use botticelli_interface::BotticelliDriver;
//! use botticelli_layers::mock::MockDriver;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), botticelli_error::BotticelliError> {
//! let driver = MockDriver::answering(["Hello", "Bye"]);
//! assert_eq!(driver.generate("Hi".into()).await?.text(), "Hello");
//! assert_eq!(driver.requests()[0].messages().len(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! Replies are texts, whole responses, errors, tool calls, streams with given chunks, and streams that break. Each reply works for
//! plain and for streamed calls:
//!
//! ```
//! use botticelli_error::{ErrorCategory, HttpError, HttpErrorKind};
//! use botticelli_layers::mock::{MockDriver, MockReply};
//! use std::time::Duration;
//!
//! let driver = MockDriver::answering([
//!     MockReply::failure(ErrorCategory::Server),
//!     MockReply::rate_limited(Duration::from_secs(30)),
//!     MockReply::chunks(["Hel", "lo"]).then_error(HttpError::new(HttpErrorKind::Disconnected, "mock")),
//!     MockReply::tool_call("get_weather", r#"{"city": "Florence"}"#),
//!     MockReply::text("Hello").with_delay(Duration::from_secs(1)),
//! ]);
//! # drop(driver);
//! ```

mod call;
mod driver;
mod reply;
mod script;
mod settings;
mod whole;

pub use call::MockCall;
pub use driver::MockDriver;
pub use reply::MockReply;
