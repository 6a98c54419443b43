//! The cost of a response, and its source.

use crate::common::catalog::{self, list};
use crate::common::service::{HANG, Service};
use crate::common::{folded, scripted, settings, text};
use botticelli_core::{CompletionRequest, Cost, CostSource, GenerateRequest, Price, Usage, Usd};
use botticelli_interface::{BotticelliDriver, CompletionDriver, ManualClock};
use botticelli_models::Environment;
use botticelli_models::huggingface::{HuggingFaceDriver, HuggingFaceDriverBuilder};
use botticelli_sandbox::{BillEntry, Dialect, Sandbox, Script};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

fn price(prompt: &str, completion: &str) -> Price {
    Price::new(Usd::parse(prompt).unwrap(), Usd::parse(completion).unwrap())
}

fn answer() -> String {
    let usage = json!({"prompt_tokens": 1_000, "completion_tokens": 100, "total_tokens": 1_100,
        "prompt_tokens_details": {"cached_tokens": 900}, "completion_tokens_details": {"reasoning_tokens": 90}});
    json!({"choices": [{"message": {"content": "ok"}, "finish_reason": "stop"}], "usage": usage}).to_string()
}

/// A service with a catalog and a response to every chat request.
async fn service() -> Service {
    let service = catalog::service().await;
    service.on("POST /", 200, serde_json::from_str::<serde_json::Value>(&answer()).unwrap());
    service
}

fn priced(service: &Service) -> HuggingFaceDriverBuilder {
    catalog::settings(service).catalog_prices(true)
}

async fn cost(driver: &HuggingFaceDriver, model: &str) -> Cost {
    let request = GenerateRequest::from("Hi").with_model(model);
    let plain = driver.generate(request.clone()).await.unwrap().cost();
    assert_eq!(folded(driver, request).await.cost(), plain);
    plain
}

fn fetches(service: &Service) -> usize {
    service.received().iter().filter(|received| received.line == "GET /v1/models").count()
}

#[tokio::test]
async fn the_cost_equals_the_bill_of_the_sandbox() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = settings(&sandbox).catalog_prices(true).build().unwrap();
    driver.catalog().models().await.unwrap();
    let mut total = Cost::reported(0);
    let models = [
        "openai/gpt-oss-20b",
        "openai/gpt-oss-20b:cheapest",
        "openai/gpt-oss-20b:together",
        "openai/gpt-oss-120b:cerebras",
        "openai/gpt-oss-120b:novita",
        "Qwen/Qwen3-32B:nscale",
        "sandbox/thinks-in-reasoning-content",
    ];
    for model in models {
        for request in [
            GenerateRequest::from("Hi"),
            GenerateRequest::from("Ein längerer Text 🦆 ".repeat(40)).with_max_tokens(7),
            GenerateRequest::from("Hi").with_n(3),
        ] {
            let request = request.with_model(model);
            for response in [driver.generate(request.clone()).await.unwrap(), folded(&driver, request).await]
            {
                let billed = sandbox.bill().entries().last().unwrap().clone();
                assert_eq!(response.cost(), Cost::priced(billed.nano_dollars.unwrap()), "{model}");
                assert_eq!(response.provider(), Some(billed.provider));
                let usage = response.usage().unwrap();
                assert_eq!(usage.total_tokens(), Some(billed.prompt_tokens + billed.completion_tokens));
                total += response.cost();
            }
        }
    }
    assert_eq!(total, Cost::priced(sandbox.bill().nano_dollars()));
    assert_eq!(sandbox.bill().responses(), models.len() * 6);
    // A free model, and one without a price.
    let free =
        driver.generate(GenerateRequest::from("Hi").with_model("microsoft/DialoGPT-small")).await.unwrap();
    assert_eq!((free.cost(), sandbox.bill().entries().last().unwrap().nano_dollars), (Cost::free(), Some(0)));
    let request = GenerateRequest::from("Hi").with_model("openai/gpt-oss-20b:hf-inference");
    assert_eq!(driver.generate(request).await.unwrap().cost(), Cost::unknown());
    assert_eq!(sandbox.bill().entries().last().unwrap().nano_dollars, None);
}

#[tokio::test]
async fn a_completion_has_a_cost_too() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = settings(&sandbox).price(price("0.25", "0.69")).model("google/gemma-2b").build().unwrap();
    let request = CompletionRequest::from("Once upon a time").with_max_tokens(5);
    for response in [driver.complete(request.clone()).await.unwrap(), text::folded(&driver, request).await] {
        let usage = *response.usage().unwrap();
        assert_eq!(response.cost(), price("0.25", "0.69").cost(&usage));
        assert_eq!(response.cost().source(), CostSource::Priced);
    }
}

#[tokio::test]
async fn the_route_names_the_provider_if_the_response_does_not() {
    let service = service().await;
    let driver = priced(&service).build().unwrap();
    driver.catalog().models().await.unwrap();
    assert_eq!(cost(&driver, "Qwen/Qwen-VL:together").await, Cost::priced(220_000));
    assert_eq!(cost(&driver, "Qwen/Qwen-VL:nscale").await, Cost::free());
    // Reasoning is a part of the completion, and cached tokens have no discount.
    assert_eq!(cost(&driver, "deepseek-ai/DeepSeek-V4-Pro:novita").await, Cost::priced(2_028_000));
    for unknown in [
        "deepseek-ai/DeepSeek-V4-Pro",
        "deepseek-ai/DeepSeek-V4-Pro:cheapest",
        "deepseek-ai/DeepSeek-V4-Pro:fireworks-ai",
        "deepseek-ai/DeepSeek-V4-Pro:groq",
        "org/unlisted:groq",
        "llama3:8b",
    ] {
        assert_eq!(cost(&driver, unknown).await, Cost::unknown(), "{unknown}");
    }
    assert_eq!(fetches(&service), 1);
}

#[tokio::test]
async fn the_provider_that_served_counts_and_not_the_requested_one() {
    let sandbox = scripted(Script::json(200, answer()).header("x-inference-provider", "together")).await;
    let driver = settings(&sandbox).catalog_prices(true).build().unwrap();
    driver.catalog().models().await.unwrap();
    let response =
        driver.generate(GenerateRequest::from("Hi").with_model("openai/gpt-oss-20b:groq")).await.unwrap();
    assert_eq!(response.cost(), Cost::priced(1_000 * 50 + 100 * 200));
}

#[tokio::test]
async fn a_reported_cost_takes_precedence_over_a_fixed_price() {
    let usage = json!({"prompt_tokens": 10, "completion_tokens": 10, "estimated_cost": 0.000_001_5});
    let reported =
        json!({"choices": [{"message": {"content": "ok"}, "finish_reason": "stop"}], "usage": usage});
    let sandbox = scripted(Script::json(200, reported.to_string())).await;
    for driver in [
        settings(&sandbox),
        settings(&sandbox).price(price("1", "1")),
        settings(&sandbox).catalog_prices(true),
    ] {
        assert_eq!(cost(&driver.build().unwrap(), "org/model").await, Cost::reported(1_500));
    }
    let sandbox = scripted(Script::json(200, answer()).header("x-inference-provider", "groq")).await;
    let driver = settings(&sandbox).price(price("1", "2")).catalog_prices(true).build().unwrap();
    assert_eq!(cost(&driver, "openai/gpt-oss-20b").await, Cost::priced(1_200_000));
    let driver = settings(&sandbox).price(price("0", "0")).build().unwrap();
    assert_eq!(cost(&driver, "openai/gpt-oss-20b").await, Cost::free());
    assert!(sandbox.requests().iter().all(|request| request.path() != "/v1/models"));
}

#[tokio::test]
async fn a_server_on_this_machine_is_free_and_without_usage_a_price_gives_no_cost() {
    let good = r#"{"choices":[{"message":{"content":"ok"},"finish_reason":"stop"}]}"#;
    let sandbox = scripted(Script::json(200, good)).await;
    assert_eq!(cost(&settings(&sandbox).build().unwrap(), "org/model").await, Cost::free());
    let driver = settings(&sandbox).price(price("1", "1")).build().unwrap();
    assert_eq!(cost(&driver, "org/model").await, Cost::unknown());
    // A server elsewhere is not known to be free.
    let (host, port) = ("llm.example.org", sandbox.origin().rsplit(':').next().unwrap().to_owned());
    let address = ([127, 0, 0, 1], port.parse().unwrap()).into();
    let client = reqwest::Client::builder().no_proxy().resolve(host, address).build().unwrap();
    let driver = HuggingFaceDriver::builder("org/model").base_url(format!("http://{host}:{port}/v1"));
    let driver = driver.environment(Environment::empty()).http_client(client).build().unwrap();
    assert_eq!(cost(&driver, "org/model").await, Cost::unknown());
}

#[tokio::test]
async fn without_the_setting_no_catalog_is_fetched() {
    let service = service().await;
    for driver in [catalog::settings(&service), priced(&service).catalog_prices(false)] {
        assert_eq!(cost(&driver.build().unwrap(), "Qwen/Qwen-VL:together").await, Cost::free());
    }
    assert_eq!(fetches(&service), 0);
}

#[tokio::test]
async fn an_unanswered_catalog_request_delays_nothing_and_is_sent_once() {
    let service = service().await;
    service.on("GET /v1/models", HANG, json!({}));
    let driver = priced(&service).build().unwrap();
    for _ in 0..3 {
        assert_eq!(cost(&driver, "Qwen/Qwen-VL:together").await, Cost::unknown());
    }
    assert_eq!(fetches(&service), 1);
}

#[tokio::test]
async fn a_failed_fetch_is_repeated_after_a_minute() {
    let service = service().await;
    service.on("GET /v1/models", 500, json!({"error": "no"}));
    let clock = ManualClock::default();
    let driver = priced(&service).clock(Arc::new(clock.clone())).build().unwrap();
    // The first call may end before the catalog fails.
    while fetches(&service) == 0 || driver.estimate(&"Hi".into()).await.is_ok() {
        assert_eq!(cost(&driver, "Qwen/Qwen-VL:together").await, Cost::unknown());
    }
    let fetched = fetches(&service);
    for _ in 0..5 {
        assert_eq!(cost(&driver, "Qwen/Qwen-VL:together").await, Cost::unknown());
    }
    assert_eq!(fetches(&service), fetched);
    service.on("GET /v1/models", 200, list());
    clock.advance(Duration::from_secs(61));
    while cost_of_one(&driver).await == Cost::unknown() {}
    assert_eq!(fetches(&service), fetched + 1);
}

async fn cost_of_one(driver: &HuggingFaceDriver) -> Cost {
    let request = GenerateRequest::from("Hi").with_model("Qwen/Qwen-VL:together");
    driver.generate(request).await.unwrap().cost()
}

#[tokio::test]
async fn an_outdated_catalog_prices_while_a_new_one_is_fetched() {
    let service = service().await;
    let clock = ManualClock::default();
    let driver = priced(&service).clock(Arc::new(clock.clone())).build().unwrap();
    driver.catalog().models().await.unwrap();
    clock.advance(Duration::from_secs(3_600));
    service.on("GET /v1/models", HANG, json!({}));
    for _ in 0..3 {
        assert_eq!(cost_of_one(&driver).await, Cost::priced(220_000));
    }
    assert_eq!(fetches(&service), 2);
    // A fetch that hangs is given up after two minutes.
    clock.advance(Duration::from_secs(121));
    assert_eq!(cost_of_one(&driver).await, Cost::priced(220_000));
    assert_eq!(fetches(&service), 3);
}

#[tokio::test]
async fn a_fixed_provider_has_the_price_of_the_catalog() {
    let sandbox = Sandbox::start().await.unwrap();
    let hub = Environment::empty().with("HF_ENDPOINT", sandbox.hub_url());
    let driver = settings(&sandbox).model("sandbox/everywhere").provider("groq").base_url(sandbox.origin());
    let driver = driver.environment(hub).catalog_prices(true).build().unwrap();
    driver.catalog().models().await.unwrap();
    let response = driver.generate("Hi".into()).await.unwrap();
    let billed = sandbox.bill().entries().last().unwrap().clone();
    assert_eq!(response.cost().nano_dollars(), billed.nano_dollars);
    assert_eq!(billed.provider, "groq");
    let estimate = driver.estimate(&GenerateRequest::from("Hi").with_max_tokens(50)).await.unwrap();
    assert!(estimate.nano_dollars() >= billed.nano_dollars, "{estimate:?} {billed:?}");
}

#[tokio::test]
async fn every_dialect_of_the_sandbox_bills_what_its_usage_says() {
    for dialect in Dialect::ALL {
        let sandbox = Sandbox::builder().with_dialect(*dialect).start().await.unwrap();
        let driver = settings(&sandbox).price(price("1", "1")).build().unwrap();
        for request in [GenerateRequest::from("Hi"), GenerateRequest::from("A longer text, of a few words")] {
            let usage = *driver.generate(request).await.unwrap().usage().unwrap();
            let billed: BillEntry = sandbox.bill().entries().last().unwrap().clone();
            assert_eq!(
                usage,
                Usage::new(Some(billed.prompt_tokens), Some(billed.completion_tokens), usage.total_tokens())
            );
            assert!(billed.completed);
        }
    }
}
