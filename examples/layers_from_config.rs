//! Builds a driver with all layers from a file. Without a token, the sandbox is the service.
//!
//! ```text
//! cargo run --example layers_from_config                  examples/layers.toml
//! cargo run --example layers_from_config -- my-layers.toml
//! ```

use botticelli::sandbox::Sandbox;
use botticelli::{Environment, ErrorCategory, config_from_file, driver_from};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).unwrap_or(concat!(env!("CARGO_MANIFEST_DIR"), "/layers.toml").into());
    let config = config_from_file(path)?;
    let sandbox = Sandbox::start().await?;
    let driver = match driver_from(&config, Environment::process()) {
        Err(error) if error.category() == ErrorCategory::Authentication => {
            eprintln!("{error}\nThe sandbox responds instead.");
            let environment = Environment::process()
                .with("HUGGINGFACE_BASE_URL", sandbox.base_url())
                .with("HF_TOKEN", Sandbox::TOKEN);
            driver_from(&config, environment)?
        }
        outcome => outcome?,
    };
    for _ in 0..2 {
        let response = driver.generate("Name three painters".into()).await?;
        let source = if response.is_cached() { "from the cache" } else { "from the service" };
        println!("{} ({source}, {})", response.text(), response.cost());
    }
    Ok(())
}
