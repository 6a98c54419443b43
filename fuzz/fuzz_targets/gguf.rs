//! Model files: no panic, a typed error that names the file, bounded memory, and at most the tokens that were requested.
//!
//! The input is the beginning of a file: the metadata and the table of tensors. Zeros follow it, so that small inputs contain whole
//! models.
#![no_main]

use botticelli_core::{CompletionRequest, GenerateRequest, GenerateResponse};
use botticelli_error::{BotticelliError, ErrorCategory};
use botticelli_gguf::{GgufConfig, GgufDriver};
use botticelli_interface::{BotticelliDriver, CompletionDriver};
use libfuzzer_sys::fuzz_target;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::sync::LazyLock;
use tokio::runtime::{Builder, Runtime};

/// Zeros after the input, in bytes.
const ZEROS: u64 = 64 * 1024;
/// Maximum memory for weights, keys and values, in bytes.
const MEMORY: u64 = 32 << 20;
/// Maximum length of an error message, in bytes.
const LONGEST_MESSAGE: usize = 4_000;
const MAX_TOKENS: u32 = 3;

fuzz_target!(|input: &[u8]| {
    write(input);
    let config = GgufConfig::default().with_memory_limit(MEMORY).with_max_concurrent(1);
    let driver = match GgufDriver::open_with(&*PATH, config) {
        Ok(driver) => driver,
        Err(error) => return check(&error),
    };
    assert!(driver.memory() <= MEMORY, "{} bytes", driver.memory());
    RUNTIME.block_on(async {
        let chat = GenerateRequest::from("Hi <|im_end|>").with_max_tokens(MAX_TOKENS);
        check_response(&driver.generate(chat).await);
        let text = CompletionRequest::from("Hi").with_max_tokens(MAX_TOKENS);
        check_response(&driver.complete(text).await);
    });
});

/// The file, in memory if the system has such a folder.
static PATH: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = PathBuf::from("/dev/shm");
    let folder = if memory.is_dir() { memory } else { std::env::temp_dir() };
    folder.join(format!("botticelli-fuzz-{}.gguf", std::process::id()))
});

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().unwrap());

fn write(input: &[u8]) {
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).open(&*PATH).unwrap();
    file.write_all(input).unwrap();
    file.set_len(u64::try_from(input.len()).unwrap() + ZEROS).unwrap();
}

fn check_response(response: &Result<GenerateResponse, BotticelliError>) {
    match response {
        Ok(response) => {
            let tokens = response.usage().and_then(|usage| usage.completion_tokens());
            assert!(tokens.is_some_and(|tokens| tokens <= u64::from(MAX_TOKENS)), "{response:?}");
        }
        Err(error) => check(error),
    }
}

fn check(error: &BotticelliError) {
    let message = error.to_string();
    assert!(message.len() <= LONGEST_MESSAGE, "{} bytes: {message}", message.len());
    let expected = matches!(
        error.category(),
        ErrorCategory::Configuration
            | ErrorCategory::InvalidRequest
            | ErrorCategory::NotChatModel
            | ErrorCategory::ContextExceeded
            | ErrorCategory::Generation
    );
    assert!(expected, "{:?}: {message}", error.category());
}
