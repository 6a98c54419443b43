//! HTTP, timeouts, retries, size limits and server-sent events. Knows no provider and no dto.
//!
//! | file | purpose |
//! | --- | --- |
//! | `client` | sends a `HttpRequest` once, without following redirects |
//! | `retry`, `retry_after`, `budget`, `loading` | decide when a request is sent again |
//! | `rate_limit`, `reset_time` | read the rest of a rate limit from headers |
//! | `scheme` | detects TLS or plain http if the base URL may have the wrong scheme |
//! | `one_shot_body` | a body that no redirect resends |
//! | `runtime` | the tokio runtime of a call |
//! | `response` | status, headers and body of a response |
//! | `body` | the bytes of a body |
//! | `pieces` | the bytes of a body without a size limit |
//! | `sse` | decodes bytes into events |
//! | `events` | the events of a response |
//! | `deadline` | the timeouts of a call, over all its attempts |
//! | `timeouts`, `clock` | the timeouts of an attempt, and time |
//! | [`limits`](Limits) | size limits |

mod body;
mod budget;
mod client;
mod clock;
mod deadline;
mod events;
#[cfg(fuzzing)]
pub mod fuzzing;
mod gate;
mod limits;
mod loading;
mod one_shot_body;
#[cfg(feature = "hub")]
mod pieces;
mod rate_limit;
mod reset_time;
mod response;
mod retry;
mod retry_after;
pub(crate) mod runtime;
mod scheme;
mod sse;
mod target;
mod timeouts;

pub(crate) use body::ByteStream;
pub(crate) use budget::RetryBudget;
pub(crate) use client::{HttpClient, HttpRequest};
pub(crate) use clock::SystemClock;
pub(crate) use deadline::{AttemptTimeouts, Deadline, Stopwatch, TimeSpent};
pub(crate) use events::EventStream;
pub(crate) use gate::CallGuard;
pub use limits::Limits;
pub(crate) use loading::{LoadingModels, LoadingWait, PollGuard, Poller};
use one_shot_body::OneShotBody;
#[cfg(feature = "hub")]
pub(crate) use pieces::Pieces;
pub(crate) use rate_limit::rate_limit;
pub(crate) use response::BrokenBody;
pub(crate) use response::HttpResponse;
pub(crate) use retry::Retrier;
pub use retry::{Observer, Wait};
pub(crate) use retry_after::wait_hint;
#[doc(hidden)]
pub use sse::{DecodeError, Event, EventDecoder};
pub(crate) use target::Target;
pub(crate) use timeouts::TimeoutTracker;
