//! Counts calls, tokens and costs in Prometheus histograms. The calls go to the sandbox.

use botticelli::sandbox::Sandbox;
use botticelli::{BotticelliDriver, CallOutcome, CallRecord, HuggingFaceDriver, LayerExt, Trace};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use std::error::Error;

/// Model and outcome of a call.
type Labels = Vec<(&'static str, String)>;

/// The metrics of all calls.
#[derive(Clone)]
struct Metrics {
    duration: Family<Labels, Histogram>,
    tokens: Family<Labels, Histogram>,
    cost: Family<Labels, Counter>,
}

impl Metrics {
    fn new(registry: &mut Registry) -> Self {
        let metrics = Self {
            duration: Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.01, 2.0, 14))),
            tokens: Family::new_with_constructor(|| Histogram::new(exponential_buckets(1.0, 4.0, 14))),
            cost: Family::default(),
        };
        let (duration, tokens) = (metrics.duration.clone(), metrics.tokens.clone());
        registry.register_with_unit("call_duration", "Time of a call", Unit::Seconds, duration);
        registry.register("call_output_tokens", "Tokens of a response", tokens);
        registry.register("call_cost_nano_dollars", "Cost of all calls", metrics.cost.clone());
        metrics
    }

    fn record(&self, call: &CallRecord) {
        let outcome = match call.outcome() {
            CallOutcome::Completed(reason) => reason.as_str(),
            CallOutcome::Failed(category) => category.as_str(),
            _ => "dropped",
        };
        let labels = vec![("model", call.requested_model().to_owned()), ("outcome", outcome.to_owned())];
        self.duration.get_or_create(&labels).observe(call.duration().as_secs_f64());
        if let Some(tokens) = call.usage().and_then(|usage| usage.completion_tokens()) {
            // A histogram has floating-point numbers.
            self.tokens.get_or_create(&labels).observe(f64::from(u32::try_from(tokens).unwrap_or(u32::MAX)));
        }
        if let Some(cost) = call.cost().nano_dollars() {
            self.cost.get_or_create(&labels).inc_by(cost);
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut registry = Registry::with_prefix("botticelli");
    let metrics = Metrics::new(&mut registry);
    let sandbox = Sandbox::start().await?;
    let driver = HuggingFaceDriver::builder("openai/gpt-oss-20b:fireworks-ai")
        .base_url(sandbox.base_url())
        .token(Sandbox::TOKEN)
        .build()?
        .with_trace(Trace::default().with_observer(move |call: &CallRecord| metrics.record(call)));

    driver.generate("Name three painters".into()).await?;
    driver.generate("Name three poets".into()).await?;
    let unknown = botticelli::GenerateRequest::from("Hi").with_model("org/unknown");
    if let Err(error) = driver.generate(unknown).await {
        println!("{error}\n");
    }

    // A web server returns this text at /metrics.
    let mut text = String::new();
    encode(&mut text, &registry)?;
    print!("{text}");
    Ok(())
}
