//! Describes an image. Its format is detected from its bytes.
//!
//! ```text
//! cargo run --example vision                     an image of one pixel, and the sandbox
//! cargo run --example vision -- duck.jpg
//! ```

use botticelli::sandbox::Sandbox;
use botticelli::{BotticelliDriver, HuggingFaceDriver, Input, Message};

/// A GIF of one pixel.
const PIXEL: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    // For a real response: HuggingFaceDriver::from_env("Qwen/Qwen3-VL-8B-Instruct")?
    let driver = HuggingFaceDriver::builder("sandbox/omni")
        .base_url(sandbox.base_url())
        .token(Sandbox::TOKEN)
        .build()?;

    let picture = match std::env::args().nth(1) {
        Some(path) => std::fs::read(path)?,
        None => PIXEL.to_vec(),
    };
    let question = Message::user("What is on this picture?").with(Input::image(picture)?);
    println!("{}", driver.generate(question.into()).await?.text());
    Ok(())
}
