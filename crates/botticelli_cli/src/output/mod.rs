//! Standard output and standard error.

mod answer;
#[cfg(feature = "batch")]
mod batch_progress;
mod call_line;
mod chart;
mod console;
mod json;
mod markdown;
#[cfg(feature = "hub")]
mod progress;
mod segment;
mod style;
mod summary;
mod table;

pub(crate) use answer::{AnswerPrinter, Form};
#[cfg(feature = "batch")]
pub(crate) use batch_progress::BatchProgressLine;
pub(crate) use chart::{bar_chart, svg_chart};
pub(crate) use console::Console;
pub(crate) use json::{error_json, response_json};
#[cfg(feature = "hub")]
pub(crate) use progress::DownloadProgress;
pub(crate) use style::sanitized;
pub(crate) use summary::{cost_text, usage_line};
pub(crate) use table::columns;
