//! Builds a driver from a file, so that the program does not depend on the provider.
//!
//! ```text
//! cargo run --example from_config                        examples/botticelli.toml
//! cargo run --example from_config -- my-botticelli.toml
//! ```

use botticelli::sandbox::Sandbox;
use botticelli::{BotticelliDriver, Environment, ErrorCategory, ModelsResult, config_from_file, driver_from};
use std::sync::Arc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path =
        std::env::args().nth(1).unwrap_or(concat!(env!("CARGO_MANIFEST_DIR"), "/botticelli.toml").into());
    let config = config_from_file(path)?;
    match driver_from(&config, Environment::process()) {
        Ok(driver) => ask(driver).await?,
        Err(error) if error.category() == ErrorCategory::Authentication => {
            eprintln!("{error}\nThe sandbox responds instead.");
            let sandbox = Sandbox::start().await?;
            let environment = Environment::process()
                .with("HUGGINGFACE_BASE_URL", sandbox.base_url())
                .with("HF_TOKEN", Sandbox::TOKEN);
            ask(driver_from(&config, environment)?).await?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

async fn ask(driver: Arc<dyn BotticelliDriver>) -> ModelsResult<()> {
    let response = driver.generate("Name three painters".into()).await?;
    println!("{} through {}:", driver.model_name(), driver.provider_name());
    println!("{}", response.text());
    Ok(())
}
