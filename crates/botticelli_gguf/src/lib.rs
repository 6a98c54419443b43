//! Local inference of GGUF models, in pure Rust and in the process of the caller.
//!
//! [`GgufDriver`] is a driver like every other: plain and streamed responses, text completion, the same errors and the same layers.
//! It needs no server, no token and no network.
//!
//! ```no_run
//! use botticelli_gguf::{GgufConfig, GgufDriver};
//! use botticelli_interface::BotticelliDriver;
//!
//! # async fn example() -> Result<(), botticelli_error::BotticelliError> {
//! let config = GgufConfig::default().with_context_length(2_048);
//! let driver = GgufDriver::open_with("smollm2-135m-instruct-q4_1.gguf", config)?;
//! let response = driver.generate("Name three colors".into()).await?;
//! println!("{}", response.text());
//! # Ok(())
//! # }
//! ```
//!
//! | subject | support |
//! | --- | --- |
//! | architectures | llama, qwen2, qwen3, gemma3 |
//! | quantizations | `F32`, `F16`, `BF16`, `Q4_0`, `Q8_0`, `Q4_1`, `Q5_0`, `Q5_1`, `Q2_K` to `Q6_K` |
//! | tokenizers | byte pair encoding and `SentencePiece`, from the file |
//! | sampling | temperature, `top_p`, penalties, seed, `logit_bias`, log probabilities; `top_k`, `min_p` and `repetition_penalty` in `extra` |
//! | tools | if the chat template has them, in the forms of Hermes and Qwen, Llama 3, and Mistral; a required call is enforced (feature `grammar`) |
//! | JSON schemas | enforced while a response is decoded, also next to tools (feature `grammar`) |
//! | not supported | images |
//!
//! One thread decodes all responses together. A response that is not read pauses, and a response that is dropped ends within one
//! step. A model has a thread for each core, or as many as [`GgufConfig::with_threads`] says.
//!
//! For debug builds, add this to `Cargo.toml`, because unoptimized code needs seconds for a token:
//!
//! ```toml
//! [profile.dev.package.candle-core]
//! opt-level = 3
//! [profile.dev.package.botticelli_gguf]
//! opt-level = 3
//! ```
//!
//! With the feature `grammar`, add `llguidance`, `derivre` and `toktrie` in the same way.
//!
//! The chat template and the tokenizer come from the file. Texts of a user never become control tokens. A model file is untrusted:
//! the driver rejects a damaged file, and limits the work and the memory of the template.

mod config;
mod driver;
mod file;
mod from_config;
mod grammar;
mod half;
mod local_model;
mod model;
mod numbers;
mod output;
mod parallel;
mod requests;
mod sampling;
mod serving;
mod simd;
mod system;
mod template;
mod tokenizer;
mod weights;

pub use config::{CacheType, GgufConfig};
pub use driver::GgufDriver;
pub use simd::InstructionSet;
