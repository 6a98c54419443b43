//! An offline Hugging Face router on loopback: for tests, examples and for trying things out.
//!
//! It answers `POST /v1/chat/completions` (whole or streamed) and `GET /v1/models` the way the
//! Inference Providers router does, refusals included, without a network, a token that is worth
//! anything, or a model: its text says that it comes from the sandbox.
//!
//! ```
//! use botticelli_sandbox::{Dialect, Sandbox, Script};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! // A router that answers by itself: point a client at this address.
//! let sandbox = Sandbox::start().await?;
//! assert!(sandbox.base_url().starts_with("http://127.0.0.1:"));
//! println!("base URL {}, token {}", sandbox.base_url(), Sandbox::TOKEN);
//!
//! // One that speaks like a text-generation-inference server of the second generation.
//! let old = Sandbox::builder().dialect(Dialect::Tgi2).start().await?;
//!
//! // One that says exactly what a test wants: two events, then nothing more.
//! let stalling = Sandbox::builder()
//!     .on_chat(Script::stream(200, "text/event-stream").piece("data: {}\n\n").silence())
//!     .start()
//!     .await?;
//! assert!(stalling.requests().is_empty());
//! # drop(old);
//! # Ok(())
//! # }
//! ```
//!
//! # Vocabulary
//!
//! - a **dialect** ([`Dialect`]): the shape in which one kind of server answers the same call;
//! - a **script** ([`Script`]): what goes onto the wire, byte for byte, and how it ends;
//! - a **received request** ([`ReceivedRequest`]): what a client sent, its secrets masked;
//! - **silent**: a connection that is kept open on purpose while nothing is sent;
//! - **quiet**: no connection is open any more.
//!
//! # Promises
//!
//! The same request is answered by the same bytes: ids and times are derived from the request,
//! never from a clock or from chance. Tokens are counted from what was really sent. Only
//! `127.0.0.1` is listened on. Dropping the [`Sandbox`] closes everything.
//!
//! # Map
//!
//! `sandbox` and `builder` start it; `server` accepts; `http` reads requests and plays scripts;
//! `router` finds the answer with the help of `access` (tokens), `catalog` (models, providers,
//! prices), `chat` (what was asked, what is said) and `dialects` (how it is spelled);
//! `refusal` holds the ways to say no.
//!
//! # What it is not
//!
//! Not a model, and no judge of prompts. Not a copy of every provider: five dialects that differ
//! where clients break. It shares no type with the client crates, so that a wrong idea of the
//! wire in the client cannot be confirmed by its own mirror. Its prices are made up.

mod access;
mod activity;
mod builder;
mod catalog;
mod chat;
mod dialects;
mod fingerprint;
mod http;
mod json;
mod received;
mod refusal;
mod router;
mod sandbox;
mod script;
mod server;

pub use builder::SandboxBuilder;
pub use dialects::{Dialect, UnknownDialect};
pub use received::ReceivedRequest;
pub use sandbox::Sandbox;
pub use script::{JsonText, Script};
