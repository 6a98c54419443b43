//! HTTP, clocks, limits and server-sent events. Knows no provider and no dto.
//!
//! | file | step |
//! | --- | --- |
//! | [`client`](HttpClient) | sends a [`Call`], once; follows no redirect |
//! | [`answer`](Answer) | status, headers and body of what came |
//! | [`body`](ByteStream) | the bytes as they arrive |
//! | [`sse`](EventDecoder) | bytes to events |
//! | [`events`](EventStream) | the events as they arrive |
//! | [`timer`](Timer), [`clock`](SystemClock), [`timeouts`](Timeouts) | how long we wait |
//! | [`limits`](Limits) | how much we take |

mod answer;
mod body;
mod client;
mod clock;
mod events;
mod limits;
mod sse;
mod timeouts;
mod timer;

pub use answer::Answer;
pub use body::ByteStream;
pub use client::{Call, HttpClient, HttpClientBuilder};
pub use clock::SystemClock;
pub use events::EventStream;
pub use limits::Limits;
pub use sse::{DecodeError, Event, EventDecoder};
pub use timeouts::Timeouts;
pub use timer::Timer;
