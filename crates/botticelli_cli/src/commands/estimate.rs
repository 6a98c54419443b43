//! `estimate`: an upper bound of the cost.

use crate::Exit;
use crate::cli::EstimateArgs;
use crate::connect::{Connected, connect_for_lookups};
use crate::failure::Outcome;
use crate::output::Console;
use crate::prompt::{PromptSource, text_or_file};
use crate::settings::Settings;
use botticelli::{BotticelliDriver, Environment, GenerateRequest, Message, Usd};
use serde_json::json;

/// The highest price of a route that is listed as cheaper, in nano-dollars.
const ANY_PRICE: u64 = u64::MAX;

/// Prints an upper bound of the cost of a prompt.
pub(crate) async fn estimate(
    arguments: &EstimateArgs,
    settings: Settings,
    environment: &Environment,
    console: &mut Console,
) -> Outcome<Exit> {
    let source = PromptSource {
        words: &arguments.prompt,
        files: &arguments.files,
        ignores_stdin: arguments.no_stdin,
        check: None,
    };
    let prompt = source.read(console).await?;
    let connected = connect_for_lookups(
        settings,
        &arguments.connection,
        &arguments.request.options,
        environment,
        console,
    )
    .await?;
    let mut messages = Vec::new();
    if let Some(system) = &arguments.system {
        messages.push(Message::system(text_or_file(system)?));
    }
    messages.push(Message::user(prompt));
    let request = connected.apply(GenerateRequest::default().with_messages(messages));
    if arguments.json {
        let estimate = connected.driver.estimate(&request).await?;
        let usd = estimate.nano_dollars().map(amount);
        let object = json!({
            "model": connected.config.model(),
            "at_most_usd": usd,
            "at_most_tokens": estimate.tokens(),
        });
        console.print_line(&object.to_string())?;
        return Ok(Exit::Complete);
    }
    print_estimate(&connected, &request, console).await?;
    for route in connected.driver.cheaper_routes(&request, ANY_PRICE).await? {
        console.print_line(&format!("  {}  at most ${}", route.route, amount(route.nano_dollars)))?;
    }
    Ok(Exit::Complete)
}

/// Prints the estimate of a request.
pub(crate) async fn print_estimate(
    connected: &Connected,
    request: &GenerateRequest,
    console: &mut Console,
) -> Outcome<()> {
    let estimate = connected.driver.estimate(request).await?;
    let model = connected.config.model();
    let tokens = estimate.tokens().map(|tokens| format!(", at most {tokens} tokens")).unwrap_or_default();
    console.print_line(&match estimate.nano_dollars() {
        Some(0) => format!("{model}: free{tokens}"),
        Some(nanos) => format!("{model}: at most ${}{tokens}", amount(nanos)),
        None => format!(
            "{model}: no bound is known{tokens}. Name a provider with a price (MODEL:PROVIDER), and set -o max_tokens=N."
        ),
    })
}

/// Returns an amount without its sign.
fn amount(nano_dollars: u64) -> String {
    Usd::from_nano_dollars(nano_dollars).to_string().trim_start_matches('$').to_owned()
}
