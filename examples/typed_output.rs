//! Requests a value of a Rust type, repairs a response that does not match the type, and streams a partial value.
//!
//! ```text
//! cargo run --example typed_output                                     your token, or else the sandbox
//! cargo run --example typed_output -- openai/gpt-oss-120b:groq
//! ```
//!
//! The sandbox fills a schema with each `name=value` of the prompt. A model understands the sentence.

use botticelli::sandbox::Sandbox;
use botticelli::{
    DriverExt, GenerateRequest, HuggingFaceDriver, JsonSchema, Partial, StreamExt, TypedResponse, schemars,
};
use serde::Deserialize;

const MODEL: &str = "openai/gpt-oss-20b:cheapest";
const PROMPT: &str =
    "Dinner with Ada on Friday, at the Uffizi. (title=Dinner day=friday name=Ada place=Uffizi)";

/// An event.
#[derive(Deserialize, JsonSchema)]
struct Event {
    /// Title, in one or two words.
    title: String,
    day: Day,
    guests: Vec<Guest>,
    /// Place, if the text names one.
    place: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Day {
    Thursday,
    Friday,
    Saturday,
}

#[derive(Deserialize, JsonSchema)]
struct Guest {
    name: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let model = std::env::args().nth(1);
    // The sandbox stops when it is dropped.
    let (driver, sandbox) = match HuggingFaceDriver::from_env(model.as_deref().unwrap_or(MODEL)) {
        Ok(driver) => (driver, None),
        Err(_) => {
            eprintln!(
                "No token found, so the sandbox responds. For a real response, set HF_TOKEN (see HUGGINGFACE.md)."
            );
            let sandbox = Sandbox::start().await?;
            let driver = HuggingFaceDriver::builder(model.as_deref().unwrap_or(MODEL))
                .base_url(sandbox.base_url())
                .token(Sandbox::TOKEN)
                .build()?;
            (driver, Some(sandbox))
        }
    };

    let mut request = GenerateRequest::from(PROMPT);
    if sandbox.is_some() && model.is_none() {
        // A model that omits a field at first, so that the driver has to request a repair.
        request = request.with_model("sandbox/forgetful");
    }
    let event: TypedResponse<Event> = driver.generate_as(request).await?;
    let guests: Vec<&str> = event.guests.iter().map(|guest| guest.name.as_str()).collect();
    let place = event.place.as_deref().unwrap_or("an unknown place");
    println!("{} on {:?} with {}, at {place}", event.title, event.day, guests.join(", "));
    println!("by {} in {} call(s), cost {}", event.mode(), event.calls(), event.cost());
    for violation in event.repairs().iter().flat_map(|repair| &repair.violations) {
        println!("asked again, because {violation}");
    }

    println!("\nA list, while it streams:");
    let mut stream = driver.stream_as::<Vec<Guest>>("Who comes? (name=Grace)".into()).await?;
    while let Some(item) = stream.next().await {
        match item? {
            Partial::Value(value) => println!("{value}"),
            Partial::Complete(guests) => println!("complete: {} guest(s)", guests.len()),
            _ => {}
        }
    }
    Ok(())
}
