//! Calls your own server or a dedicated endpoint, with a token only if the server requires one.
//!
//! ```text
//! cargo run --example dedicated_endpoint                                       the sandbox in place of your endpoint
//! cargo run --example dedicated_endpoint -- http://127.0.0.1:8080/v1 tgi       your own
//! ```
//!
//! | server | model name |
//! | --- | --- |
//! | a dedicated endpoint with TGI | `tgi` |
//! | vLLM, `transformers serve` | the name that the server lists |
//! | llama.cpp | any, if the server has one model |
//! | ollama | with its colon, for example `llama3:8b` (only the router reads routes) |

use botticelli::huggingface::Dialect;
use botticelli::sandbox::{self, Sandbox};
use botticelli::{BotticelliDriver, HuggingFaceDriver};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    // The sandbox stops when it is dropped.
    let (base_url, model, _sandbox) = if let Some(base_url) = arguments.next() {
        (base_url, arguments.next().unwrap_or("tgi".into()), None)
    } else {
        let endpoint = Sandbox::builder()
            .with_dialect(sandbox::Dialect::Tgi3)
            .with_token_required(false)
            .start()
            .await?;
        (endpoint.base_url().to_owned(), "openai/gpt-oss-20b".to_owned(), Some(endpoint))
    };

    // No token is set. A token from the environment is sent to Hugging Face and to this machine only.
    let driver = HuggingFaceDriver::builder(model)
        .base_url(base_url)
        // Servers differ in response formats and tool calls.
        .dialect(Dialect::Tgi)
        .build()?;
    let response = driver.generate("Who painted The Birth of Venus?".into()).await?;
    println!("{}", response.text());
    println!("\nserved as {}", response.model().unwrap_or("requested"));
    Ok(())
}
