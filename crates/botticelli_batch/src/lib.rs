//! Batch inference: a table in, typed columns out.
//!
//! [`Batch`] sends a request for every row of a [`Table`], and writes the rows with their answers to a [`Sink`]. Equal rows share one
//! request. Answers go to a journal next to the output as they arrive. After any interruption, a run continues without paying twice,
//! and its output has the same bytes as the output of an undisturbed run. On request, rows are written as their answers arrive.
//!
//! | folder or file | responsibility |
//! | --- | --- |
//! | `batch` | [`Batch`]: the settings of a run |
//! | `run/` | a run: answers all rows, and writes the output |
//! | `prompt/` | the request of a row, its key, and the identity of a run |
//! | `order` | [`OutputOrder`]: the order of the rows of an output |
//! | `output/` | the columns of an answer and their values |
//! | `journal/` | the append-only file with the answers |
//! | `concurrency/` | the number of calls in flight |
//! | `estimate`, `sample` | [`BatchEstimate`] and [`SampleRow`], before a run |
//! | `gauges`, `metrics` | [`QueueGauge`]: the queue of a server, and `MetricsGauge`, which reads it over HTTP |
//! | `progress`, `report`, `stop` | [`BatchProgress`], [`BatchReport`], [`StopHandle`] |
//! | `shard`, `merge` | [`Shard`]: a part of a table, for one of several machines, and one output from all |
//! | `table/` | [`Table`]: reads rows, one file per format |
//! | `sink/` | [`Sink`]: writes rows with their answers, one file per format |
//! | `row` | [`Row`], the data between both |
//! | `answer` | the columns of an answer |
//! | `json`, `csv_record`, `arrow/` | rows in each format |
//! | `openai/` | requests and answers of OpenAI's batch files |
//!
//! The providers' own batch endpoints are not supported. They could become a second folder next to `run/`, which answers the rows in
//! another way, and shares the journal and the second pass.

mod answer;
#[cfg(feature = "parquet")]
mod arrow;
mod batch;
mod concurrency;
#[cfg(feature = "csv")]
mod csv_record;
mod estimate;
mod format;
mod gauges;
mod journal;
mod json;
mod merge;
#[cfg(feature = "metrics")]
mod metrics;
mod openai;
mod order;
mod output;
mod progress;
mod prompt;
mod report;
mod row;
mod run;
mod sample;
mod shard;
mod sink;
mod stop;
mod table;

pub use answer::{AnswerColumn, ColumnType};
pub use batch::Batch;
pub use estimate::BatchEstimate;
pub use format::Format;
pub use gauges::{QueueGauge, QueueState};
pub use merge::MergeReport;
#[cfg(feature = "metrics")]
pub use metrics::MetricsGauge;
pub use order::OutputOrder;
pub use output::Extra;
pub use progress::BatchProgress;
pub use report::{BatchReport, StopReason};
pub use row::Row;
pub use sample::SampleRow;
pub use shard::Shard;
pub use sink::Sink;
pub use stop::StopHandle;
pub use table::{Rows, Table};
