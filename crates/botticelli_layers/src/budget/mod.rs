//! Budgets: limits for the cost and the tokens of calls.
//!
//! A budget reserves the upper bound of a call before it is sent, and settles the actual cost afterwards. The sum of what is spent
//! and what is reserved never exceeds a limit, however many calls run at the same time.
//!
//! | event | effect on the ledger |
//! | --- | --- |
//! | before a call | the estimate is reserved, or the call is refused |
//! | before a retry after an attempt that may be billed | the estimate is reserved once more, or the retry is refused |
//! | a response with a known cost | the cost is settled, and the rest of the reservation is released |
//! | a response with an unknown cost | the reservation is kept; without a bound, the call is [counted](LedgerLine::unpriced) |
//! | an error that may be billed, a dropped call, a crash | the reservation is kept, unless the driver [reports] that nothing was sent |
//! | any other error | the reservation is released |
//! | an account without credits (status 402, unless a smaller request would be accepted) | recorded; later calls are refused until the month ends, unless a free route can answer |
//!
//! A failed attempt that the driver sends again may have been billed too. Its reservation is kept in addition.
//!
//! A call that is dropped in a queue of a rate limit, or while the driver looks up a route, was not sent. A `SQLite` file or a Redis
//! server that cannot be written at that moment is written before the next operation of the ledger. If the process ends before that, the
//! reservation is kept.
//!
//! The `total` timeout of a request includes the time for the estimate and the ledger, `stream_total` that of a stream. A cost that cannot
//! be settled in this time is settled before the next operation of the ledger, and the response has a warning.
//!
//! If only the reservations of calls in flight leave too little room, a call is refused, and the error [says so]. With
//! [`with_max_wait`](Budget::with_max_wait), the call waits for them instead.
//!
//! With the feature `tasks`, a budget also wraps drivers of tasks. The bound of a call consists of its texts. A call with media, or with
//! a generated text, has no bound in tokens, so its cost is unknown unless the server is free.
//!
//! [reports]: botticelli_interface::BotticelliDriver::reports_sends
//! [says so]: botticelli_error::BudgetError::is_temporary

mod amount;
mod budgeted;
mod config;
#[cfg(any(feature = "redis", feature = "sqlite"))]
mod deferred;
mod latest_name;
mod ledger;
mod limit;
mod limits;
mod memory;
mod period;
mod policy;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "redis")]
mod redis_lines;
#[cfg(feature = "redis")]
mod redis_scripts;
mod report;
mod reservation;
mod rules;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;
mod stream;
mod wait;

pub use budgeted::Budgeted;
pub use config::BudgetConfig;
pub use ledger::Ledger;
pub use limits::Budget;
pub use policy::{OnCreditsExhausted, OnUnknownPrice};
pub use report::{LedgerLine, LedgerReport};
