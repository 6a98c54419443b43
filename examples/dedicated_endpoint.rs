//! A server of your own, or a dedicated endpoint: its address, the name of its model, and no token unless it wants one.
//!
//! ```text
//! cargo run --example dedicated_endpoint                                       the sandbox, as it were your endpoint
//! cargo run --example dedicated_endpoint -- http://127.0.0.1:8080/v1 tgi       your own
//! ```
//!
//! | server | the model's name |
//! | --- | --- |
//! | a dedicated endpoint with TGI | `tgi` |
//! | vLLM, `transformers serve` | the name it serves under |
//! | llama.cpp | any, where it has one model |
//! | ollama | with its colon, as `llama3:8b`: routes belong to the router alone |

use botticelli::huggingface::Dialect;
use botticelli::sandbox::{self, Sandbox};
use botticelli::{BotticelliDriver, HuggingFaceDriver};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    // Held until the end: the sandbox stops when it is dropped.
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

    // No token is passed. One that lies around goes to Hugging Face and to this machine only.
    let driver = HuggingFaceDriver::builder(model)
        .base_url(base_url)
        // How this server spells what servers spell differently: forms of an answer, and tool calls.
        .dialect(Dialect::Tgi)
        .build()?;
    let answer = driver.generate("Who painted The Birth of Venus?".into()).await?;
    println!("{}", answer.text());
    println!("\nserved as {}", answer.model().unwrap_or("it was asked for"));
    Ok(())
}
