//! Rows in Arrow's record batches.
//!
//! | file | responsibility |
//! | --- | --- |
//! | `batch_row` | a row of a batch as JSON |
//! | `array` | JSON values as an array |
//! | `exact` | values that JSON has no exact form for |
//! | `infer` | the types that fit JSON values |

mod array;
mod batch_row;
mod exact;
mod infer;

pub(crate) use array::{array, field};
pub(crate) use batch_row::{BatchRow, JsonBatch, to_json_lines};
pub(crate) use infer::Inference;
