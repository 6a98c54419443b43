//! An offline Hugging Face router on loopback, for tests, examples and experiments.
//!
//! The sandbox serves `POST /v1/chat/completions` and `POST /v1/completions` (plain or streamed) and
//! `GET /v1/models` like the Inference Providers router, including its error responses. It needs no
//! network, no real token and no model: the response text states that it comes from the sandbox.
//! The sandbox also replaces the Hub and every provider behind the router.
//!
//! ```
//! use botticelli_sandbox::{Dialect, Sandbox, Script};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! // A router with default responses. Point a client at this base URL.
//! let sandbox = Sandbox::start().await?;
//! assert!(sandbox.base_url().starts_with("http://127.0.0.1:"));
//! println!("base URL {}, token {}", sandbox.base_url(), Sandbox::TOKEN);
//!
//! // A server in the format of text-generation-inference 2.
//! let old = Sandbox::builder().with_dialect(Dialect::Tgi2).start().await?;
//!
//! // A server with a scripted response: one event, then nothing more.
//! let stalling = Sandbox::builder()
//!     .with_turn(Script::stream(200, "text/event-stream").piece("data: {}\n\n").silence())
//!     .start()
//!     .await?;
//! assert!(stalling.requests().is_empty());
//! # drop(old);
//! # Ok(())
//! # }
//! ```
//!
//! # Models
//!
//! | model | behavior |
//! | --- | --- |
//! | `openai/gpt-oss-20b` and the other real names | repeats the user's message, calls tools, follows a schema |
//! | `Qwen/Qwen2.5-VL-7B-Instruct` | also accepts images, and reports their type and size |
//! | `sandbox/omni` | accepts images, audio and files |
//! | `sandbox/everywhere` | accepts images; available at every chat provider, under a different model id at each |
//! | `sandbox/forgetful` | omits a required field until a user message follows its response |
//! | `sandbox/stubborn` | always omits a required field |
//! | `sandbox/refusing` | refuses in `message.refusal` |
//! | `sandbox/filtered` | ends with a content filter |
//! | `sandbox/thinks-in-reasoning-content` | sends reasoning in `reasoning_content` |
//! | `sandbox/thinks-in-reasoning` | sends reasoning in `reasoning` |
//! | `sandbox/thinks-in-tags` | sends reasoning in `<think>…</think>`, with the tags split across chunks |
//! | `gpt2`, `openai-community/gpt2` | base model on transformers: no chat, repeats its prompt |
//! | `google/gemma-2b` | base model: completes text, no chat |
//! | `example/unserved-model`, `example/unmapped-model` | on the Hub without a provider (null mapping, missing mapping) |
//! | `BAAI/bge-small-en-v1.5`, `sentence-transformers/all-MiniLM-L6-v2` | embeddings: texts with common words have similar vectors |
//! | `facebook/bart-base` | embeddings without pooling: one vector for each token |
//! | `BAAI/bge-reranker-v2-m3` | reranking |
//! | `facebook/bart-large-mnli`, `deepset/roberta-base-squad2`, `google-t5/t5-small` and others | one task each: the Hub lists them with their `pipeline_tag` |
//! | `sandbox/incomplete-vectors`, `sandbox/error-in-success` | embeddings: one is missing, or an error with the status 200 |
//! | `sandbox/wrong-media-type`, `sandbox/image-as-base64`, `sandbox/image-as-url`, `sandbox/error-in-image` | images: JPEG as PNG, in JSON, at an address, or an error |
//! | `fault/NAME` | responds with this fault |
//!
//! The sandbox calls a **tool** if the last user message mentions its name (`get_weather` or "get
//! weather"), or if `tool_choice` forces it. It quotes the result of a tool (`The tool said: …`).
//! It generates arguments and structured output from the schema. `key=value` in the user's messages
//! sets the value of `key`. Other values have a default by type: "sandbox", 1, 1.5, true, or the
//! first value of an enum.
//!
//! # Routes
//!
//! | route | purpose |
//! | --- | --- |
//! | `POST /v1/chat/completions`, `POST /v1/completions` | the router, in the selected dialect |
//! | `GET /v1/models`, `GET /v1/models/{org}/{model}` | the model catalog |
//! | `POST /{provider}{the provider's own path}` | one provider through the router, with its own model id |
//! | `POST /direct/{provider}{the provider's own path}` | the same without the router, with [`Sandbox::PROVIDER_KEY`] |
//! | `POST /hf-inference/models/{id}`, optionally with `/v1/chat/completions` or `/v1/completions` | hf-inference, with a Hub id |
//! | `POST /hf-inference/models/{id}/pipeline/{task}` | hf-inference, with the task forced |
//! | `POST /v1/embeddings`, `/v1/rerank`, `/{provider}/v1/embeddings` | embeddings and reranking in the APIs of OpenAI and Cohere |
//! | `POST /embed`, `/embed_all`, `/similarity`, `/rerank`, `/predict` | text-embeddings-inference |
//! | `POST /generate`, `/generate_stream`, `/` | text-generation-inference, in its two dialects |
//! | `POST /{provider}{…}` of together, nscale, fal-ai, replicate, wavespeed, novita, zai-org and deepinfra | images, video and audio; long jobs end at the third poll |
//! | `GET /results/{name}` | an image, audio or a video, without a token |
//! | `GET /bill` | the bill for the responses so far |
//! | `GET /metrics` | the running and the waiting calls, if the [capacity](Capacity) is limited |
//! | `GET /api/models`, `GET /api/models/{id}` | the Hub, with `expand[]=inferenceProviderMapping` |
//! | `GET /api/models/{id}/revision/{revision}`, `…/tree/{revision}` | the commit and the files of a [`Repository`] |
//! | `HEAD` and `GET /{id}/resolve/{revision}/{file}` | a file, or the redirect to the second server |
//! | `GET /api/datasets/{id}/parquet` | the Parquet files of a data set |
//! | `GET`, `POST`, `PUT`, `DELETE /v2/endpoint/{namespace}/{name}`, `GET /v2/provider/{namespace}` | the management of dedicated endpoints, and prices |
//! | `/endpoints/{namespace}/{name}{…}` | an endpoint, which serves the other routes while it runs |
//! | `GET /api/whoami-v2` | the owner of the token: the user `sandbox` |
//! | `GET /storage/{checksum}` on the second server | the content of a large file, with ranges |
//!
//! # Faults
//!
//! Every failure between a client and a service has a name, from `overloaded-429` to
//! `cut-in-character`. [`Fault`] lists them all. A fault alters the default response, so a client
//! receives the usual text until the fault occurs. A client must accept
//! [harmless](Fault::is_harmless) faults and must handle the others without harm.
//!
//! ```
//! use botticelli_sandbox::{Fault, Sandbox, Turn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The first call gets a 429. All later calls get the default response.
//! let sandbox = Sandbox::builder()
//!     .with_turn(Fault::named("overloaded-429")?)
//!     .with_turn(Turn::Default)
//!     .start()
//!     .await?;
//! // … a client calls the sandbox. Wait until nothing is in progress, then print the report.
//! sandbox.wait_until_settled().await;
//! print!("{}", sandbox.report());
//! # Ok(())
//! # }
//! ```
//!
//! A client in any language requests a fault with the model name: `fault/cut-after-events=3`, or
//! `fault/overloaded-429*2` for the first two calls. The program takes `--fault`, and
//! `--list-faults` prints all names.
//!
//! # Vocabulary
//!
//! - **Call**: a request that runs a model (chat or text).
//! - **Plain response**: the JSON response to a call without streaming.
//! - **Default response**: the sandbox's own response to a call, without a script or fault.
//! - **Dialect** ([`Dialect`]): the response format of one kind of server.
//! - **Script** ([`Script`]): the exact bytes of a response and the way it ends.
//! - **Fault** ([`Fault`]): a named failure or oddity of a response.
//! - **Task fault** ([`TaskFault`]): a named failure of a provider of images, audio or video.
//! - **Repository** ([`Repository`]): the files of a model or a data set on the Hub.
//! - **Hub fault** ([`HubFault`]): a named failure of a download.
//! - **Endpoint fault** ([`EndpointFault`]): a named failure of the management of endpoints, or of an endpoint.
//! - **Second server**: the server to which the Hub redirects downloads of large files. It has its own port, and refuses tokens.
//! - **Turn** ([`Turn`]): the response to one call: a script, a fault, or the default response.
//! - **Received request** ([`ReceivedRequest`]): a recorded request, with its secrets masked.
//! - **Capacity** ([`Capacity`]): the number of calls that the sandbox processes at the same time.
//! - **Bill** ([`Bill`]): the cost of the responses that the sandbox generated.
//! - **Silent**: a connection that the sandbox keeps open without sending anything.
//! - **Settled**: every connection is closed, idle between two requests, or silent.
//! - **Quiet**: no connection is open.
//!
//! # Guarantees
//!
//! - The same request gets the same bytes. Ids and times derive from the request, never from a clock
//!   or randomness. One fault is an exception: `retry-date-429` sends a date ahead of now.
//! - Token counts match the pieces that the sandbox sends.
//! - The sandbox listens only on `127.0.0.1`.
//! - Dropping the [`Sandbox`] closes all connections.
//!
//! # Map
//!
//! | file or folder | responsibility |
//! | --- | --- |
//! | `sandbox`, `builder`, `server` | start a sandbox, and accept connections |
//! | `http`, `route` | read requests, send scripts, and parse paths |
//! | `router`, `access` | select the response, and check tokens |
//! | `catalog`, `hub`, `repositories`, `endpoints` | models with providers and prices, the Hub's API, downloads, dedicated endpoints |
//! | `chat`, `text`, `tasks` | calls |
//! | `schema`, `dialects` | values that match a schema, and response formats |
//! | `error_response`, `faults` | error responses, and named faults |
//! | `capacity`, `random_faults` | limit the concurrent calls, and select calls for a fault |
//!
//! # Limits
//!
//! The sandbox is not a model and does not judge prompts. It does not copy every provider: its five dialects differ in the points
//! on which clients fail. It shares no types with the client crates. A client's mistake in the wire format therefore cannot hide
//! behind the same mistake in the sandbox. Its prices are examples.

mod access;
mod activity;
mod arrivals;
mod bill;
mod builder;
mod capacity;
mod catalog;
mod charge;
mod chat;
mod dialects;
mod endpoints;
mod error_response;
mod faults;
mod fingerprint;
mod http;
mod hub;
mod json;
mod keys;
mod named_fault;
mod observer;
mod random_faults;
mod received;
mod report;
mod repositories;
mod route;
mod router;
mod sandbox;
mod schema;
mod script;
mod server;
mod tasks;
mod text;
mod turn;

pub use bill::{Bill, BillEntry};
pub use builder::SandboxBuilder;
pub use capacity::Capacity;
pub use dialects::{Dialect, UnknownDialect};
pub use endpoints::{EndpointFault, UnknownEndpointFault};
pub use faults::{Fault, FaultGroup, UnknownFault};
pub use received::ReceivedRequest;
pub use repositories::{HubFault, Repository, UnknownHubFault};
pub use sandbox::Sandbox;
pub use script::{JsonText, Script};
pub use tasks::{TaskFault, UnknownTaskFault};
pub use turn::Turn;
