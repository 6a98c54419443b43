//! Tests code that calls a model: scripted responses, errors and streams, without a server.
//!
//! ```text
//! cargo run --example mock
//! ```

use botticelli::{BotticelliDriver, ErrorCategory, MockDriver, MockReply};

/// The code under test, which sends the request again after a failure of the service.
async fn painters(driver: &dyn BotticelliDriver) -> botticelli::Result<String> {
    match driver.generate("Name three painters".into()).await {
        Err(error) if error.category() == ErrorCategory::Server => {
            Ok(driver.generate("Name three painters".into()).await?.into_text())
        }
        outcome => Ok(outcome?.into_text()),
    }
}

#[tokio::main]
async fn main() -> botticelli::Result<()> {
    let driver =
        MockDriver::answering([MockReply::failure(ErrorCategory::Server), "Giotto, Raphael, Titian".into()]);
    println!("{}", painters(&driver).await?);
    println!("{} requests were made", driver.requests().len());
    Ok(())
}
