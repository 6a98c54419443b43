//! Every setting of the driver's builder has an effect that can be seen.
//!
//! The settings are read from the sources. One without a row here fails.

use crate::common::{MODEL, failure, settings, stream_failure, while_time_passes};
use botticelli_core::{
    DriverKind, GenerateRequest, GenerationConfig, LlmConfig, OutputSchema, Price, ResponseFormat,
    RetryConfig, Timeouts, ToolDefinition, Usd,
};
use botticelli_error::ErrorCategory;
use botticelli_interface::{BotticelliDriver, FixedRandom, ManualClock};
use botticelli_models::Environment;
use botticelli_models::huggingface::{Dialect, HuggingFaceDriver, HuggingFaceDriverBuilder};
use botticelli_models::transport::{Limits, Wait};
use botticelli_sandbox::{ReceivedRequest, Sandbox, SandboxBuilder, Script};
use serde_json::json;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use syn::{Fields, ImplItem, Item, Type, Visibility};

const GOOD: &str = r#"{"choices":[{"message":{"content":"Well"},"finish_reason":"stop"}]}"#;

fn items(path: &str) -> Vec<Item> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(path);
    syn::parse_file(&std::fs::read_to_string(path).unwrap()).unwrap().items
}

fn fields(path: &str, name: &str) -> Vec<String> {
    let of = items(path).into_iter().find_map(|item| match item {
        Item::Struct(item) if item.ident == name => Some(item.fields),
        _ => None,
    });
    let Some(Fields::Named(fields)) = of else { panic!("{name} has no fields in {path}") };
    fields.named.into_iter().map(|field| field.ident.unwrap().to_string()).collect()
}

/// The methods that are written by hand.
fn methods(path: &str, name: &str) -> Vec<String> {
    let mut methods = Vec::new();
    for item in items(path) {
        let Item::Impl(item) = item else { continue };
        let Type::Path(of) = &*item.self_ty else { continue };
        if item.trait_.is_some() || !of.path.is_ident(name) {
            continue;
        }
        for item in item.items {
            if let ImplItem::Fn(method) = item
                && matches!(method.vis, Visibility::Public(_))
            {
                methods.push(method.sig.ident.to_string());
            }
        }
    }
    methods
}

/// All settings: derived setters, hand-written setters, and the limits.
fn all() -> Vec<String> {
    let mut all = fields("huggingface/builder.rs", "Settings");
    let by_hand = methods("huggingface/builder.rs", "HuggingFaceDriverBuilder");
    all.extend(by_hand.into_iter().filter(|name| name != "build"));
    let limits = fields("transport/limits.rs", "Limits");
    all.extend(limits.into_iter().map(|name| format!("limits.{name}")));
    all
}

async fn scripted(scripts: impl IntoIterator<Item = Script>) -> Sandbox {
    scripts.into_iter().fold(Sandbox::builder(), SandboxBuilder::with_turn).start().await.unwrap()
}

fn good() -> Script {
    Script::json(200, GOOD)
}

fn refused() -> Script {
    Script::json(500, r#"{"error":"no"}"#)
}

/// Returns the request that the sandbox receives from a driver with this setting.
async fn received(set: impl FnOnce(HuggingFaceDriverBuilder) -> HuggingFaceDriverBuilder) -> ReceivedRequest {
    let sandbox = scripted([good()]).await;
    let driver = set(settings(&sandbox)).build().unwrap();
    driver.generate("Hi".into()).await.unwrap();
    sandbox.requests().pop().unwrap()
}

/// Returns how often two calls that need the catalog fetch it.
async fn fetches(set: impl FnOnce(HuggingFaceDriverBuilder) -> HuggingFaceDriverBuilder) -> usize {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = set(settings(&sandbox)).build().unwrap();
    let tool = ToolDefinition::without_arguments("look").unwrap();
    for _ in 0..2 {
        driver.generate(GenerateRequest::from("Hi").with_tools(vec![tool.clone()])).await.unwrap();
    }
    sandbox.requests().iter().filter(|request| request.path() == "/v1/models").count()
}

/// Returns whether a call with these limits fails because the response is too large.
async fn too_large(limits: Limits, script: Script, streamed: bool) -> bool {
    let sandbox = scripted([script]).await;
    let driver = settings(&sandbox).limits(limits).build().unwrap();
    let error = if streamed {
        stream_failure(&driver, "Hi".into()).await
    } else {
        failure(&driver, "Hi".into()).await
    };
    error.category() == ErrorCategory::TooLarge
}

/// Returns the wait of a call before its only retry.
async fn wait(set: impl FnOnce(HuggingFaceDriverBuilder) -> HuggingFaceDriverBuilder) -> Duration {
    let sandbox = scripted([refused(), good()]).await;
    let clock = ManualClock::default();
    let driver = set(settings(&sandbox).retry(RetryConfig::default()).clock(Arc::new(clock.clone())));
    let driver = driver.build().unwrap();
    let call = tokio::spawn(async move { driver.generate("Hi".into()).await });
    let answer = while_time_passes(&sandbox, &clock, call, "a retry").await.unwrap();
    answer.retries()[0].wait()
}

/// Returns whether the setting has an observable effect. A new setting needs a row here.
async fn has_effect(name: &str) -> bool {
    let environment = || Environment::empty().with("MINE", Sandbox::TOKEN);
    let anonymous = |sandbox: &Sandbox| {
        HuggingFaceDriver::builder(MODEL).base_url(sandbox.base_url()).retry(RetryConfig::never())
    };
    match name {
        "model" => received(|driver| driver.model("org/other")).await.body()["model"] == "org/other",
        "token" => received(|driver| driver.token(Sandbox::TOKEN)).await.has_token(Sandbox::TOKEN),
        "api_key_env" => {
            let sandbox = Sandbox::start().await.unwrap();
            let driver = anonymous(&sandbox).environment(environment()).api_key_env("MINE").build().unwrap();
            driver.generate("Hi".into()).await.unwrap();
            sandbox.requests()[0].has_token(Sandbox::TOKEN)
        }
        "provider" => {
            let sandbox = Sandbox::start().await.unwrap();
            let hub = Environment::empty().with("HF_ENDPOINT", sandbox.hub_url());
            let driver = settings(&sandbox).model("sandbox/everywhere").provider("groq");
            let driver = driver.base_url(sandbox.origin()).environment(hub).build().unwrap();
            driver.generate("Hi".into()).await.unwrap();
            sandbox.requests().pop().unwrap().path().contains("/groq/")
        }
        // A private setting, which lookups have.
        "is_token_optional" => {
            let config = LlmConfig::builder().provider(DriverKind::HuggingFace).model("org/model");
            let config = config.build().unwrap();
            HuggingFaceDriver::from_config(&config, Environment::empty()).is_err()
                && HuggingFaceDriver::for_lookups(&config, Environment::empty()).is_ok()
        }
        // The base URL has an effect if the sandbox receives a request.
        "base_url" => received(|driver| driver).await.status() == Some(200),
        "dialect" => {
            let sandbox = scripted([good()]).await;
            let schema = OutputSchema::new("verdict", json!({"type": "object"})).unwrap();
            let form = Some(ResponseFormat::JsonSchema(schema));
            let request = GenerateRequest::from("Hi").with_response_format(form);
            for driver in [settings(&sandbox), settings(&sandbox).dialect(Dialect::Tgi)] {
                driver.build().unwrap().generate(request.clone()).await.unwrap();
            }
            let sent: Vec<_> = sandbox.requests().iter().map(|sent| sent.body().clone()).collect();
            sent[0]["response_format"] != sent[1]["response_format"]
        }
        "bill_to" => {
            received(|driver| driver.bill_to("my-org")).await.header("x-hf-bill-to") == Some("my-org")
        }
        "choose_provider" => {
            fetches(|driver| driver).await == 0 && fetches(|driver| driver.choose_provider(true)).await == 1
        }
        "catalog_prices" => {
            let fetches = async |prices| {
                let sandbox = Sandbox::start().await.unwrap();
                let driver = settings(&sandbox).catalog_prices(prices).build().unwrap();
                driver.estimate(&"Hi".into()).await.unwrap();
                sandbox.requests().len()
            };
            (fetches(false).await, fetches(true).await) == (0, 1)
        }
        "price" => {
            let sandbox = scripted([good()]).await;
            let one = Usd::parse("1").unwrap();
            let driver = settings(&sandbox).price(Price::new(one, one)).build().unwrap();
            let request = GenerateRequest::from("Hi").with_max_tokens(5);
            driver.estimate(&request).await.unwrap().nano_dollars() > Some(5_000)
        }
        "catalog_file" => {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("models.json");
            fetches(|driver| driver.choose_provider(true).catalog_file(&path)).await;
            path.exists()
        }
        "catalog_max_age" => {
            fetches(|driver| driver.choose_provider(true).catalog_max_age(Duration::ZERO)).await == 2
        }
        "generation" => {
            let generation = GenerationConfig::default().with_seed(7);
            received(|driver| driver.generation(generation)).await.body()["seed"] == 7
        }
        "timeouts" => {
            let sandbox = scripted([Script::hang()]).await;
            let timeouts = Timeouts::default().with_total(Duration::from_millis(200));
            let driver = settings(&sandbox).timeouts(timeouts).build().unwrap();
            let started = Instant::now();
            let error = failure(&driver, "Hi".into()).await;
            error.category() == ErrorCategory::Timeout && started.elapsed() < Duration::from_secs(10)
        }
        "retry" => {
            let retry = RetryConfig::default().with_base_delay(Duration::from_secs(4));
            wait(|driver| driver.retry(retry).random_source(Arc::new(FixedRandom(0.5)))).await
                == Duration::from_secs(2)
        }
        "observer" => {
            let observed = Arc::new(Mutex::new(0));
            let observer_count = observed.clone();
            wait(|driver| driver.observer(move |_: &Wait| *observer_count.lock().unwrap() += 1)).await;
            let observed = *observed.lock().unwrap();
            observed == 1
        }
        // A row for each of them stands below.
        "limits" => true,
        "limits.event" => {
            let event = format!("data: {}\n\n", "x".repeat(300));
            too_large(Limits::default().with_event(200), Script::sse(event), true).await
        }
        "limits.response" => too_large(Limits::default().with_response(20), good(), false).await,
        "limits.error_body" => {
            let sandbox = scripted([Script::json(400, r#"{"error":"far too long"}"#)]).await;
            let limits = Limits::default().with_error_body(4);
            let driver = settings(&sandbox).limits(limits).build().unwrap();
            !failure(&driver, "Hi".into()).await.to_string().contains("too long")
        }
        "environment" => {
            let sandbox = Sandbox::start().await.unwrap();
            let environment = Environment::empty().with("HF_TOKEN", Sandbox::TOKEN);
            let driver = anonymous(&sandbox).environment(environment).build().unwrap();
            driver.generate("Hi".into()).await.unwrap();
            sandbox.requests()[0].has_token(Sandbox::TOKEN)
        }
        "clock" => {
            let sandbox = scripted([Script::hang()]).await;
            let clock = ManualClock::default();
            let driver = settings(&sandbox).clock(Arc::new(clock.clone())).build().unwrap();
            let started = Instant::now();
            let call = tokio::spawn(async move { failure(&driver, "Hi".into()).await });
            while_time_passes(&sandbox, &clock, call, "ten minutes").await;
            clock.passed() >= Duration::from_secs(600) && started.elapsed() < Duration::from_secs(60)
        }
        "random_source" => {
            let with = |fraction| wait(move |driver| driver.random_source(Arc::new(FixedRandom(fraction))));
            (with(0.5).await, with(0.8).await) == (Duration::from_millis(250), Duration::from_millis(400))
        }
        "http_client" => {
            let client = reqwest::Client::builder().no_proxy().user_agent("mine").build().unwrap();
            received(|driver| driver.http_client(client)).await.header("user-agent") == Some("mine")
        }
        "allow_plain_http" => {
            let sandbox = scripted([good()]).await;
            let (host, port) = ("vllm.internal", sandbox.base_url().rsplit(':').next().unwrap().to_owned());
            let port: u16 = port.trim_end_matches("/v1").parse().unwrap();
            let client = reqwest::Client::builder().no_proxy().resolve(host, ([127, 0, 0, 1], port).into());
            let client = client.build().unwrap();
            let driver = |is_allowed| {
                let driver = HuggingFaceDriver::builder(MODEL).base_url(format!("http://{host}:{port}/v1"));
                let driver = driver.token(Sandbox::TOKEN).environment(Environment::empty());
                driver.http_client(client.clone()).allow_plain_http(is_allowed).build()
            };
            let refused = driver(false).unwrap_err().to_string().contains("allow_plain_http");
            driver(true).unwrap().generate("Hi".into()).await.unwrap();
            refused && sandbox.requests()[0].header("authorization").is_some()
        }
        unknown => panic!("`{unknown}` has no row here: show what it does"),
    }
}

#[tokio::test]
async fn every_setting_of_the_builder_has_an_effect() {
    let all = all();
    assert!(all.len() >= 22, "{all:?}");
    let mut idle = Vec::new();
    for name in all {
        if !has_effect(&name).await {
            idle.push(name);
        }
    }
    assert!(idle.is_empty(), "without an effect: {idle:?}");
}
