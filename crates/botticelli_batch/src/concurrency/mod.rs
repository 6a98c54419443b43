//! The number of calls in flight.
//!
//! | file | responsibility |
//! | --- | --- |
//! | `setting` | the user's choice: a fixed number, or a maximum |
//! | `window` | counts calls, and judges a window of them |
//! | `search` | decides on the next limit from these judgements |
//!
//! Nothing here does I/O or reads a clock.

mod search;
mod setting;
mod window;

pub(crate) use setting::Concurrency;
pub(crate) use window::{Signal, Ticket, Window};
