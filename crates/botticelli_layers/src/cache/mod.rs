//! Caches: equal requests are sent once.
//!
//! Two requests are equal if both go to the same server in the same form. The key is a hash of the request as it is sent
//! (`canonical_request`), with the address and the route, and without the token. For a chat driver without this form, the key is
//! the request itself with the names of the provider and the model. A text completion driver without it is not cached, because it
//! has no names.
//!
//! | request or response | cached |
//! | --- | --- |
//! | temperature 0 | yes |
//! | temperature above 0, or unset | only with [`with_sampled(true)`](Cache::with_sampled) |
//! | finish reason `stop` or `tool_calls` | yes |
//! | finish reason `length` | only if the request itself sets the token limit |
//! | finish reason `content_filter`, unknown or missing | no |
//! | a refusal, or a response without content | no: the next attempt may succeed |
//! | the response of a fallback inside the cache | no: the key is that of the first route |
//! | a response from a cache inside the cache | only without a time to live: its age is unknown |
//! | an error, even with a partial response | no |
//!
//! A response from the cache [says so](botticelli_core::GenerateResponse::is_cached). It costs 0, and has the usage, the id and the
//! provider of the original. Its times are those of the lookup. Streams and plain calls share entries: a stream from the cache has
//! one chunk for each part of the response.
//!
//! [`with_mode`](Cache::with_mode) changes the use of a cache: [`CacheMode::Only`] sends nothing, and [`CacheMode::Refresh`] sends every
//! request and replaces its entry.
//!
//! # Equal requests at the same time
//!
//! Cached requests that are equal and in flight share one call, plain calls with plain calls and streams with streams. A stream that
//! joins late gets all chunks from the beginning. No background task runs: every caller that is polled drives the call, and
//! dropping the last of them ends it. One of the callers gets the original response with its cost. The others get it as a response
//! from the cache, because only one call is billed. All of them get the error if the call fails.
//!
//! Calls join only if they go through the same driver or its clones, because an error such as a wrong token belongs to one driver.
//! Different drivers with one cache share its entries. Calls join only on the same tokio runtime and with the same
//! [timeouts](botticelli_core::Timeouts), which run from the beginning of the shared call.
//!
//! # Tasks
//!
//! With the feature `tasks`, [`Cached`] also wraps drivers of tasks. Each request has an entry, whose key has the task, the server, the
//! model and the request. For embeddings, each text has its own entry. Only texts without an entry are sent, each once, in one call.
//! `TaskMetadata::cached_inputs` has the number of texts that were not sent, and `is_cached` is true if nothing was sent. Calls in flight
//! are not joined.
//!
//! | response | cached |
//! | --- | --- |
//! | vectors, scores, labels, spans, boxes, masks, transcripts, captions, answers | yes |
//! | a summary or a translation | unless the request has `do_sample`, or a temperature above 0 |
//! | an image or a video | if the request has a seed |
//! | speech, edited images, converted audio | only with [`with_sampled(true)`](Cache::with_sampled) |
//! | more than an eighth of [`max_bytes`](Cache::with_max_bytes), or more than 64 MiB | no |
//!
//! # Places, and their failures
//!
//! | cache | shared by |
//! | --- | --- |
//! | [`memory`](Cache::memory) | the clones of one cache |
//! | `file`, `user` (feature `sqlite`) | all processes on a machine |
//! | `redis` (feature `redis`) | all machines |
//!
//! A cache that fails never fails a call. If a lookup fails, the request is sent, and the failure is logged. If a response cannot be
//! stored, it has a warning. The `total` timeout of a request includes the time of the cache: a lookup gets at most half of it.
//!
//! A damaged file is moved aside (to a name that ends in `.damaged`), and replaced. A file of a newer version of this library stays
//! as it is and is not used. An entry with a wrong checksum is deleted. A path that cannot be a cache at all is an error when the
//! cache is opened.

mod cached;
mod config;
#[cfg(feature = "tasks")]
mod embedding;
mod entry;
#[cfg(feature = "sqlite")]
mod file;
mod flight;
mod key;
mod key_hash;
mod listing;
mod log;
mod memory;
mod mode;
mod packed;
mod recency;
#[cfg(any(feature = "sqlite", feature = "redis"))]
mod record;
#[cfg(feature = "redis")]
mod redis;
mod responses;
mod settings;
mod source;
mod store;
#[cfg(feature = "tasks")]
mod task;

pub use cached::Cached;
pub use config::CacheConfig;
pub use listing::CacheEntry;
pub use mode::CacheMode;
pub use settings::Cache;
