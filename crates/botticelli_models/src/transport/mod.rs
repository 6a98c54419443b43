//! HTTP, clocks, limits and server-sent events. Knows no provider and no dto.
//!
//! | file | step |
//! | --- | --- |
//! | [`client`](HttpClient) | sends a [`Call`], once; follows no redirect |
//! | [`retry`](Retrier), [`hint`](wait_hint), [`budget`](RetryBudget), [`wakeup`](Wakeups) | when it is sent again |
//! | `scheme` | TLS or plain http, if the base URL seems to say the wrong one |
//! | `once` | a body that no redirect takes along |
//! | `runtime` | the tokio runtime that a call runs on |
//! | [`answer`](Answer) | status, headers and body of what came |
//! | [`body`](ByteStream) | the bytes as they arrive |
//! | [`sse`](EventDecoder) | bytes to events |
//! | [`events`](EventStream) | the events as they arrive |
//! | [`clocks`](Clocks), [`clock`](SystemClock), [`chance`](SystemChance) | how long we wait |
//! | [`limits`](Limits) | how much we take |

mod answer;
mod body;
mod budget;
mod chance;
mod client;
mod clock;
mod clocks;
mod events;
#[cfg(fuzzing)]
pub mod fuzzing;
mod hint;
mod limits;
mod once;
mod retry;
pub(crate) mod runtime;
mod scheme;
mod sse;
mod wakeup;

pub use answer::Answer;
pub(crate) use answer::BrokenBody;
pub use body::ByteStream;
pub use budget::RetryBudget;
pub use chance::SystemChance;
pub use client::{Call, HttpClient, HttpClientBuilder};
pub use clock::SystemClock;
pub use clocks::{Clocks, Patience};
pub use events::EventStream;
pub use hint::wait_hint;
pub use limits::Limits;
use once::Once;
pub(crate) use retry::{CallLimits, Spent};
pub use retry::{Observer, Retrier, Wait};
pub use sse::{DecodeError, Event, EventDecoder};
pub use wakeup::{Waiting, WakeupGuard, Wakeups, Watch};
