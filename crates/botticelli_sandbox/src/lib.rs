//! An offline Hugging Face router on loopback: for tests, examples and for trying things out.
//!
//! It answers `POST /v1/chat/completions` and `POST /v1/completions` (whole or streamed) and
//! `GET /v1/models` the way the Inference Providers router does, refusals included, without a
//! network, a token that is worth anything, or a model: its text says that it comes from the
//! sandbox. It also stands in for the Hub, and for every provider behind the router.
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
//! # Which model does what
//!
//! | model | what it does |
//! | --- | --- |
//! | `openai/gpt-oss-20b` and the other real names | repeats what is said, calls tools, answers by a schema |
//! | `Qwen/Qwen2.5-VL-7B-Instruct`, `sandbox/everywhere` | sees images, and names their type and size |
//! | `sandbox/omni` | takes images, audio and files |
//! | `sandbox/everywhere` | is served by every chat provider, under another name each time |
//! | `sandbox/forgetful` | leaves out a required field, until a user turn follows its answer |
//! | `sandbox/stubborn` | leaves out a required field, always |
//! | `sandbox/refusing` | refuses, in `message.refusal` |
//! | `sandbox/filtered` | is cut by a content filter |
//! | `sandbox/thinks-in-reasoning-content` | thinks in `reasoning_content` |
//! | `sandbox/thinks-in-reasoning` | thinks in `reasoning` |
//! | `sandbox/thinks-in-tags` | thinks in `<think>…</think>`, the tags cut over chunk borders |
//! | `gpt2`, `openai-community/gpt2` | base model, run by transformers: no chat, repeats its prompt |
//! | `google/gemma-2b` | base model: no chat, goes on with a text |
//! | `nobody/unserved-model`, `nobody/unmapped-model` | known to the Hub, served by nobody (null, or no mapping) |
//! | `fault/NAME` | has that fault |
//!
//! A **tool** is called when the last user message names it (`get_weather` or "get weather"), or
//! when `tool_choice` forces it; the result of a tool is quoted (`The tool said: …`). Arguments, and
//! answers by a schema, are made from the schema: `key=value` in what the user said gives the value
//! of `key`, everything else has a default of its type ("sandbox", 1, 1.5, true, the first of an
//! enum).
//!
//! # Which route is what
//!
//! | route | what it is |
//! | --- | --- |
//! | `POST /v1/chat/completions`, `POST /v1/completions` | the router, in the chosen dialect |
//! | `GET /v1/models`, `GET /v1/models/{org}/{model}` | the model catalog |
//! | `POST /{provider}{the provider's own path}` | one provider, through the router, by its own model id |
//! | `POST /direct/{provider}{the provider's own path}` | the same without the router, with [`Sandbox::PROVIDER_KEY`] |
//! | `POST /hf-inference/models/{id}` and below it `/v1/chat/completions`, `/v1/completions` | hf-inference, by Hub id |
//! | `POST /generate`, `/generate_stream`, `/` | text-generation-inference, in its two dialects |
//! | `GET /api/models`, `GET /api/models/{id}` | the Hub, with `expand[]=inferenceProviderMapping` |
//!
//! # Faults
//!
//! Everything that goes wrong between a client and a service has a name: [`Fault`] lists them all,
//! from `overloaded-429` to `cut-in-character`. A fault is put into the sandbox's own answer, so
//! that what arrives before the trouble is the usual text. Those that are
//! [harmless](Fault::is_harmless) a client must read; the others it must survive.
//!
//! ```
//! use botticelli_sandbox::{Fault, Sandbox, Turn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The first call is told to come back, all others are answered.
//! let sandbox = Sandbox::builder()
//!     .on_chat(Fault::named("overloaded-429")?)
//!     .on_chat(Turn::Answer)
//!     .start()
//!     .await?;
//! // … let a client call it, wait until nothing is under way, and see what it did.
//! sandbox.settled().await;
//! print!("{}", sandbox.report());
//! # Ok(())
//! # }
//! ```
//!
//! A client in any language orders a fault by the model that it asks for: `fault/cut-after-events=3`,
//! or `fault/overloaded-429*2` for the first two calls. The program does it with `--fault`;
//! `--list-faults` says which there are.
//!
//! # Vocabulary
//!
//! - a **dialect** ([`Dialect`]): the shape in which one kind of server answers the same call;
//! - a **script** ([`Script`]): what goes onto the wire, byte for byte, and how it ends;
//! - a **fault** ([`Fault`]): what goes wrong with an answer, by name;
//! - a **turn** ([`Turn`]): how one call is answered, by a script, with a fault or as usual;
//! - a **received request** ([`ReceivedRequest`]): what a client sent, its secrets masked;
//! - **silent**: a connection that is kept open on purpose while nothing is sent;
//! - **settled**: every connection is closed, idle between two requests, or silent;
//! - **quiet**: no connection is open any more.
//!
//! # Promises
//!
//! The same request is answered by the same bytes: ids and times are derived from the request,
//! never from a clock or from chance (one fault, `retry-date-429`, names a time ahead of now).
//! Tokens are counted from what was really sent. Only `127.0.0.1` is listened on. Dropping the [`Sandbox`] closes everything.
//!
//! # Map
//!
//! `sandbox` and `builder` start it; `server` accepts; `http` reads requests and plays scripts;
//! `route` knows the paths; `router` finds the answer with the help of `access` (tokens), `catalog`
//! (models, providers, prices), `hub` (names at the providers), `chat` and `text` (what was asked,
//! what is said), `schema` (values that fit one) and `dialects` (how it is spelled);
//! `error_response` holds the ways to say no, `faults` those in which things go wrong.
//!
//! # What it is not
//!
//! Not a model, and no judge of prompts. Not a copy of every provider: five dialects that differ
//! where clients break. It shares no type with the client crates, so that a wrong idea of the
//! wire in the client cannot be confirmed by its own mirror. Its prices are made up.

mod access;
mod activity;
mod arrivals;
mod builder;
mod catalog;
mod chat;
mod dialects;
mod error_response;
mod faults;
mod fingerprint;
mod http;
mod hub;
mod json;
mod observer;
mod received;
mod report;
mod route;
mod router;
mod sandbox;
mod schema;
mod script;
mod server;
mod text;
mod turn;

pub use builder::SandboxBuilder;
pub use dialects::{Dialect, UnknownDialect};
pub use faults::{Fault, FaultGroup, UnknownFault};
pub use received::ReceivedRequest;
pub use sandbox::Sandbox;
pub use script::{JsonText, Script};
pub use turn::Turn;
