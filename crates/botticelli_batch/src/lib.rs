//! Batch inference: a table in, typed columns out.
//!
//! | folder or file | responsibility |
//! | --- | --- |
//! | `table/` | [`Table`]: reads rows, one file per format |
//! | `sink/` | [`Sink`]: writes rows with their answers, one file per format |
//! | `row` | [`Row`], the data between both |
//! | `answer` | the columns of an answer |

mod answer;
mod format;
mod row;
mod sink;
mod table;

pub use answer::{AnswerColumn, ColumnType};
pub use format::Format;
pub use row::Row;
pub use sink::Sink;
pub use table::Table;
