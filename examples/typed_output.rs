//! An answer of a Rust type: read, checked and, where it does not fit, asked for again; and one that is shown while it is
//! written.
//!
//! ```text
//! cargo run --example typed_output                                     your token, or the sandbox without one
//! cargo run --example typed_output -- openai/gpt-oss-120b:groq
//! ```
//!
//! The sandbox fills a form with what the prompt says as `name=value`; a model understands the sentence.

use botticelli::sandbox::Sandbox;
use botticelli::schemars::{self, JsonSchema};
use botticelli::{DriverExt, GenerateRequest, HuggingFaceDriver, Partial, StreamExt, TypedResponse};
use serde::Deserialize;

const MODEL: &str = "openai/gpt-oss-20b:cheapest";
const PROMPT: &str =
    "Dinner with Ada on Friday, at the Uffizi. (title=Dinner day=friday name=Ada place=Uffizi)";

/// Something to go to.
#[derive(Deserialize, JsonSchema)]
struct Event {
    /// What it is called, in a word or two.
    title: String,
    day: Day,
    guests: Vec<Guest>,
    /// Where it is, if that is said.
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
    // Held until the end: the sandbox stops when it is dropped.
    let (driver, sandbox) = match HuggingFaceDriver::from_env(model.as_deref().unwrap_or(MODEL)) {
        Ok(driver) => (driver, None),
        Err(_) => {
            eprintln!(
                "No token found: the sandbox answers. For a real answer, set HF_TOKEN (see HUGGINGFACE.md)."
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
        // One that forgets a field at first, so that it has to be told.
        request = request.with_model("sandbox/forgetful");
    }
    let event: TypedResponse<Event> = driver.generate_as(request).await?;
    let guests: Vec<&str> = event.guests.iter().map(|guest| guest.name.as_str()).collect();
    let place = event.place.as_deref().unwrap_or("a place that is not said");
    println!("{} on {:?} with {}, at {place}", event.title, event.day, guests.join(", "));
    println!("by {} in {} call(s), cost {}", event.mode(), event.calls(), event.cost());
    for violation in event.repairs().iter().flat_map(|repair| &repair.violations) {
        println!("asked again, because {violation}");
    }

    println!("\nA list, while it is written:");
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
