//! A run: answers all rows, and writes the output.
//!
//! | file | responsibility |
//! | --- | --- |
//! | `plan` | everything that a run needs, fixed at its start |
//! | `rows` | the rows of the table with their requests, the same in both passes |
//! | `source` | the rows of the first pass, read ahead in chunks |
//! | `check` | the columns, before anything is sent |
//! | `call` | one call, and its record |
//! | `failure` | the consequence of an error |
//! | `queue` | rows that wait for another attempt |
//! | `queue_watch` | reads the queue of the server |
//! | `health` | pauses after sustained failures |
//! | `answering` | the first pass: calls the driver and appends to the journal |
//! | `live`, `rest` | the output in the order of completion, and its rows after an early stop |
//! | `ended_calls` | records the calls that ended, or queues their rows again |
//! | `assembly` | the second pass: writes the output in the order of the rows |
//! | `ahead` | the output of the first rows, while the others are answered |
//! | `waiting` | the rows that wait for their place in that output |
//! | `blocking` | work that blocks on files |
//! | `tally`, `timer` | counts and reports, and the next wakeup |
//! | `start` | a run from its start to its report |
//!
//! The first pass answers the rows in any order and appends the answers to the journal. The second pass reads the table again and writes
//! each row with its record. So the output does not depend on interruptions, a slow row delays no other, and memory is bounded.
//!
//! While the first pass runs, another thread writes the rows before the first one without an answer. Rows that wait for it stay in
//! memory. Those that would need too much are read a second time.
//!
//! An output in the order of completion has no second pass: the first one reads all columns, and writes each row with its answer.

mod ahead;
mod answering;
mod assembly;
mod blocking;
mod call;
mod check;
mod ended_calls;
mod failure;
mod health;
mod live;
mod plan;
mod queue;
mod queue_watch;
mod rest;
mod rows;
mod source;
mod start;
mod tally;
mod timer;
mod waiting;

pub(crate) use assembly::{Assembled, Extent, assemble};
pub(crate) use blocking::blocking;
pub(crate) use call::answer;
pub(crate) use check::check_columns;
pub(crate) use plan::SharedPlan;
pub(crate) use queue::QueuedRow;
pub(crate) use rows::PlannedRows;
pub(crate) use waiting::MAX_WAITING;
