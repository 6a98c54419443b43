//! HTTP, clocks, limits and server-sent events. Knows no provider and no dto.
//!
//! | file | step |
//! | --- | --- |
//! | [`client`](HttpClient) | sends a [`HttpRequest`], once; follows no redirect |
//! | [`retry`](Retrier), [`retry_after`](wait_hint), [`budget`](RetryBudget), [`loading`](LoadingModels) | when it is sent again |
//! | `scheme` | TLS or plain http, if the base URL seems to say the wrong one |
//! | `one_shot_body` | a body that no redirect takes along |
//! | `runtime` | the tokio runtime that a call runs on |
//! | [`response`](HttpResponse) | status, headers and body of what came |
//! | [`body`](ByteStream) | the bytes as they arrive |
//! | [`sse`](EventDecoder) | bytes to events |
//! | [`events`](EventStream) | the events as they arrive |
//! | [`timeouts`](TimeoutTracker), [`clock`](SystemClock), [`random`](SystemRandom) | how long we wait |
//! | [`limits`](Limits) | how much we take |

mod body;
mod budget;
mod client;
mod clock;
mod events;
#[cfg(fuzzing)]
pub mod fuzzing;
mod limits;
mod loading;
mod one_shot_body;
mod random;
mod response;
mod retry;
mod retry_after;
pub(crate) mod runtime;
mod scheme;
mod sse;
mod timeouts;

pub use body::ByteStream;
pub use budget::RetryBudget;
pub use client::{HttpClient, HttpClientBuilder, HttpRequest};
pub use clock::SystemClock;
pub use events::EventStream;
pub use limits::Limits;
pub use loading::{LoadingModels, LoadingWait, PollGuard, Poller};
use one_shot_body::OneShotBody;
pub use random::SystemRandom;
pub(crate) use response::BrokenBody;
pub use response::HttpResponse;
pub(crate) use retry::{CallLimits, TimeSpent};
pub use retry::{Observer, Retrier, Wait};
pub use retry_after::wait_hint;
pub use sse::{DecodeError, Event, EventDecoder};
pub use timeouts::{AttemptTimeouts, TimeoutTracker};
