//! Recordings of calls, and drivers that replay them, so that tests cost nothing.
//!
//! ```no_run
//! use botticelli_interface::BotticelliDriver;
//! use botticelli_layers::LayerExt;
//! use botticelli_layers::cassette::Player;
//!
//! # async fn example(driver: impl BotticelliDriver) -> Result<(), botticelli_error::BotticelliError> {
//! // Once, with a real driver:
//! let driver = driver.with_recording("tests/cassettes/greeting.json")?;
//! driver.generate("Hello".into()).await?;
//!
//! // In the test, without a network and a token:
//! let driver = Player::open("tests/cassettes/greeting.json")?;
//! let response = driver.generate("Hello".into()).await?;
//! # Ok(())
//! # }
//! ```
//!
//! In a configuration file, `[llm.cassette]` names the cassette, and `mode` is `record`, `replay` or `auto`. It is the outermost
//! layer, unless `layers` says otherwise. A replay needs neither a token nor the layers inside. Calls are replayed in order. A program
//! that makes calls at the same time sets `match = "any_order"`.
//!
//! # Format
//!
//! A cassette is a text file of JSON documents, one after the other, as `jq` reads them. Keys have a fixed order, each chunk has
//! a line, and measured times are omitted. Two recordings of the same responses are therefore equal.
//!
//! ```json
//! {
//!   "format": "botticelli cassette",
//!   "version": 1
//! }
//! {
//!   "call": "chat",
//!   "provider": "huggingface",
//!   "model": "openai/gpt-oss-20b",
//!   "stream": true,
//!   "request": {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]},
//!   "chunks": [
//!     {"delta":{"text":"Hel"}},
//!     {"delta":{"text":"lo"}}
//!   ],
//!   "response": {"outputs": [{"text": "Hello"}], "finish_reason": "stop"}
//! }
//! ```
//!
//! | key | value |
//! | --- | --- |
//! | `call` | `chat`, `text` for a text completion, or the method of a task, such as `embed` |
//! | `provider`, `model` | those of the driver, if it has them; not compared |
//! | `stream` | `true` for a streamed call |
//! | `request` | the request, without timeouts |
//! | `chunks` | the chunks of a stream before the final one |
//! | `response` | the whole response, without times; media are `data:` URLs |
//! | `error` | instead of a response: category, message, advice, status, request id, wait, attempts, and the partial response |
//!
//! Calls are in the order in which they began. A call that was dropped is not recorded. A call is written when it and all calls
//! before it have ended.
//!
//! # Secrets
//!
//! A recording never sees headers. In all texts, words that are tokens of known services and passwords in addresses
//! (`https://user:password@host`) are replaced with `[redacted]`. If a streamed response contains one, its chunks are replaced with
//! chunks of the redacted response, because a token may span several chunks. Prompts and responses are in the file: read it before you publish it.
//!
//! # Differences between a call and its replay
//!
//! A replay takes no time and costs 0. The times of a response are missing. A replayed error is a
//! [`RecordedError`](botticelli_error::RecordedError): its kind, its source and its provider are lost. A log probability of minus
//! infinity, which JSON lacks, is -9999.

mod config;
mod difference;
mod player;
mod recorded;
mod recorder;
mod secrets;
mod stored_error;
mod tape;

pub use config::{CassetteConfig, CassetteMode};
pub use player::{Match, Player};
pub use recorded::Recorded;
