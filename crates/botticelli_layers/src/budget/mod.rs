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
//! | a response with an unknown cost | the reservation is kept |
//! | an error that may be billed, a dropped call, a crash | the reservation is kept |
//! | any other error | the reservation is released |
//! | an account without credits (status 402) | recorded; later calls are refused until the month ends |
//!
//! A failed attempt that the driver sends again may have been billed too. Its reservation is kept in addition.

mod amount;
mod budgeted;
mod config;
mod ledger;
mod limit;
mod limits;
mod memory;
mod period;
mod policy;
#[cfg(feature = "redis")]
mod redis;
mod report;
mod reservation;
mod rules;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;
mod stream;

pub use budgeted::Budgeted;
pub use config::BudgetConfig;
pub use ledger::Ledger;
pub use limits::Budget;
pub use policy::{OnCreditsExhausted, OnUnknownPrice};
pub use report::{LedgerLine, LedgerReport};
