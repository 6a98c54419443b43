//! Requirements for every driver, and a function that checks a driver against them.
//!
//! ```no_run
//! use botticelli_interface::{BotticelliDriver, conformance};
//! use std::sync::Arc;
//!
//! async fn check(driver: Arc<dyn BotticelliDriver>) {
//!     let report = conformance::run(&conformance::Subject::new(driver)).await;
//!     assert!(report.failures().next().is_none(), "{report}");
//! }
//! ```

mod basics;
mod broken;
mod check;
mod choices;
mod dropped;
mod errors;
mod finish;
mod report;
mod run;
mod stream;
mod subject;
mod tools;

pub use report::{Outcome, Report};
pub use run::run;
pub use subject::Subject;
