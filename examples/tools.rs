//! Lets the model call functions, runs them, and sends their results back.
//!
//! ```text
//! cargo run --example tools
//! ```
//!
//! The sandbox calls each tool that the prompt names, with arguments from the prompt.

use botticelli::sandbox::Sandbox;
use botticelli::{
    Approval, DriverExt, HuggingFaceDriver, JsonSchema, StreamExt, ToolEvent, ToolLimits, Tools, schemars,
};
use serde::{Deserialize, Serialize};

/// The weather in a city
#[derive(Deserialize, JsonSchema)]
struct Weather {
    /// Name of the city
    city: String,
}

/// Books a train, which costs money
#[derive(Deserialize, JsonSchema)]
struct Train {
    /// Destination
    city: String,
}

#[derive(Serialize)]
struct Report {
    sky: &'static str,
    degrees: f32,
}

/// Returns any type that serde can write, or an error message for the model.
fn report(city: &str) -> Result<Report, String> {
    match city {
        "Florence" => Ok(Report { sky: "rain", degrees: 11.5 }),
        other => Err(format!("there is no weather station in {other}")),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let driver = HuggingFaceDriver::builder("openai/gpt-oss-20b:groq")
        .base_url(sandbox.base_url())
        .token(Sandbox::TOKEN)
        .build()?;

    let tools = Tools::new()
        .with("weather", |w: Weather| async move { report(&w.city) })
        .with("train", |t: Train| async move { format!("a seat to {} is yours", t.city) })
        .with_approval(|call| async move {
            if call.name() == "train" { Approval::refuse("there is no budget for it") } else { Approval::Run }
        });
    // At most five turns. After one cent, no further turn is sent.
    let limits = ToolLimits::turns(5).with_cost(10_000_000);

    let run = driver.run_tools("The weather in city=Florence?".into(), &tools, limits).await?;
    println!("{}\n({} steps, {})\n", run.text(), run.steps().len(), run.cost());

    let question = "The weather in city=Atlantis, and a train there?";
    let mut stream = driver.stream_tools(question.into(), tools, limits);
    while let Some(event) = stream.next().await {
        match event? {
            ToolEvent::Chunk(chunk) => print!("{}", chunk.text()),
            ToolEvent::Called(call) => println!("-> {call}"),
            ToolEvent::Returned(result) => println!("<- {:?}: {}", result.outcome(), result.content()),
            ToolEvent::Finished(run) => println!("\n({} steps, {})", run.steps().len(), run.cost()),
            _ => {}
        }
    }
    Ok(())
}
