//! Keeps calls within a budget, and prints the ledger. The sandbox is the service, with the prices of its catalog.
//!
//! ```text
//! cargo run --example budget
//! ```

use botticelli::sandbox::Sandbox;
use botticelli::{
    BotticelliDriver, Budget, GenerateRequest, HuggingFaceDriver, LayerExt, Ledger, ModelsResult, Usd,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let driver = HuggingFaceDriver::builder("openai/gpt-oss-20b:fireworks-ai")
        .base_url(sandbox.base_url())
        .token(Sandbox::TOKEN)
        // At Hugging Face's router, prices are on by default.
        .catalog_prices(true)
        .build()?;
    let folder = std::env::temp_dir().join(format!("botticelli-budget-{}", std::process::id()));
    // `Ledger::user()` is the file that all your programs share.
    let ledger = Ledger::file(folder.join("ledger.sqlite"))?;
    let budget = Budget::per_month(Usd::parse("0.10")?).with_per_call(Usd::parse("0.001")?);
    let driver = driver.with_budget(budget.with_ledger(ledger.clone()));
    ask(&driver, &ledger).await?;
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

async fn ask(driver: &dyn BotticelliDriver, ledger: &Ledger) -> ModelsResult<()> {
    let request = GenerateRequest::from("Name three painters").with_max_tokens(100);
    let estimate = driver.estimate(&request).await?.nano_dollars();
    println!("at most   {}", Usd::from_nano_dollars(estimate.unwrap_or_default()));
    let response = driver.generate(request.clone()).await?;
    println!("cost      {} ({:?})", response.cost(), response.cost().source());

    // A response of a million tokens could cost more than a tenth of a cent, so the call is not sent.
    if let Err(refusal) = driver.generate(request.with_max_tokens(1_000_000)).await {
        println!("refused   {refusal}");
    }
    let total = ledger.report().await?.total();
    println!("ledger    {} calls, {} spent, {} held", total.calls, total.spent, total.held);
    Ok(())
}
