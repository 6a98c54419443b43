//! Provider selection by the abilities that a request needs: selected, checked or rejected before anything is sent.

use crate::common::service::{HANG, Service};
use crate::common::{failure, folded, kind, stream_failure};
use botticelli_core::{
    GenerateRequest, GenerateRequestBuilder, Input, Message, OutputSchema, ResponseFormat, RetryConfig,
    Timeouts, ToolDefinition,
};
use botticelli_error::{ErrorCategory, HuggingFaceErrorKind};
use botticelli_interface::{BotticelliDriver, ManualClock};
use botticelli_models::Environment;
use botticelli_models::huggingface::{HuggingFaceDriver, HuggingFaceDriverBuilder};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const MODEL: &str = "org/model";

fn list() -> Value {
    let provider = |name: &str, more: Value| {
        let mut entry = json!({"provider": name, "status": "live", "is_model_author": false});
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        entry
    };
    let text = json!({"input_modalities": ["text"], "output_modalities": ["text"]});
    json!({"object": "list", "data": [
        {"id": "org/model", "architecture": text, "providers": [
            provider("quick", json!({"supports_tools": false, "supports_structured_output": true, "throughput": 900.0,
                "pricing": {"input": 1, "output": 1}, "context_length": 8_192})),
            provider("able", json!({"supports_tools": true, "supports_structured_output": false, "throughput": 100.5,
                "pricing": {"input": 1, "output": 3}, "context_length": 131_072})),
            provider("cheap", json!({"supports_tools": true, "supports_structured_output": false, "throughput": 20.25,
                "pricing": {"input": 0.5, "output": 0.2}, "context_length": 32_768})),
            provider("broken", json!({"status": "error", "supports_tools": true, "supports_structured_output": true,
                "throughput": 9_000, "pricing": {"input": 0, "output": 0}})),
            provider("silent", json!({})),
        ]},
        {"id": "org/quiet", "architecture": text, "providers": [
            provider("slow", json!({"throughput": 1})),
            provider("fast", json!({"throughput": 2})),
            provider("never", json!({"supports_tools": false, "throughput": 3})),
        ]},
        {"id": "org/poor", "architecture": text, "providers": [
            provider("quick", json!({"supports_tools": false, "supports_structured_output": false})),
        ]},
        {"id": "org/dead", "architecture": text, "providers": [provider("x", json!({"status": "error"}))]},
        {"id": "org/eyes", "architecture": {"input_modalities": ["text", "image"]}, "providers": [
            provider("seeing", json!({"pricing": {"input": 1, "output": 2}})),
            provider("watching", json!({"pricing": {"input": 1, "output": 1}})),
        ]},
    ]})
}

async fn service() -> Service {
    let service = Service::start().await;
    service.chatting().on("GET /v1/models", 200, list());
    service
}

fn settings(service: &Service) -> HuggingFaceDriverBuilder {
    HuggingFaceDriver::builder(MODEL)
        .base_url(service.origin())
        .token("hf_x")
        .environment(Environment::empty())
        .retry(RetryConfig::never())
}

fn choosing(service: &Service) -> HuggingFaceDriver {
    settings(service).choose_provider(true).build().unwrap()
}

fn hello() -> GenerateRequestBuilder {
    GenerateRequest::builder().messages(vec![Message::user("Hello")])
}

fn tools() -> GenerateRequestBuilder {
    hello().tools(vec![ToolDefinition::without_arguments("clock").unwrap()])
}

fn form() -> ResponseFormat {
    ResponseFormat::JsonSchema(
        OutputSchema::new("form", json!({"type": "object", "properties": {}})).unwrap(),
    )
}

fn image() -> GenerateRequestBuilder {
    let duck = Message::user("What is on it?").with(Input::image_url("https://example.org/duck.png"));
    GenerateRequest::builder().messages(vec![duck])
}

#[tokio::test]
async fn the_route_decides_among_capable_providers() {
    let service = service().await;
    let driver = choosing(&service);
    let cases = [
        (tools().model("org/model"), "org/model:able", "the fastest of 2 that offer tools"),
        (tools().model("org/model:fastest"), "org/model:able", "the fastest of 2 that offer tools"),
        (tools().model("org/model:cheapest"), "org/model:cheap", "the cheapest of 2 that offer tools"),
        (hello().response_format(form()), "org/model:quick", "the fastest of 1 that offer a JSON schema"),
        (
            hello().max_tokens(40_000),
            "org/model:able",
            "the fastest of 1 that offer a context of 40000 tokens",
        ),
        (
            tools().max_tokens(20_000).model("org/model:cheapest"),
            "org/model:cheap",
            "the cheapest of 2 that offer tools, a context of 20000 tokens",
        ),
        (image().model("org/eyes:cheapest"), "org/eyes:watching", "the cheapest of 2 that offer images"),
    ];
    for (request, sent, reason) in cases {
        let request = request.build().unwrap();
        let lookups = request.model().unwrap_or(MODEL).to_owned();
        for answer in
            [driver.generate(request.clone()).await.unwrap(), folded(&driver, request.clone()).await]
        {
            assert_eq!(service.last().body["model"], sent);
            // The requested model stays unchanged, and the routing decision is reported.
            assert_eq!(answer.requested_model(), Some(&*lookups));
            assert_eq!(answer.provider(), sent.split_once(':').map(|(_, name)| name));
            let routing = answer.routing().unwrap();
            assert_eq!((routing.model(), routing.reason()), (sent, reason));
            assert!(answer.warnings().is_empty(), "{:?}", answer.warnings());
        }
    }
    let lookups = service.lines().iter().filter(|line| line.starts_with("GET")).count();
    assert_eq!(lookups, 1);
}

#[tokio::test]
async fn a_plain_request_needs_no_catalog_and_is_sent_unchanged() {
    let service = service().await;
    let driver = choosing(&service);
    let json = hello().response_format(ResponseFormat::JsonObject);
    let long = Message::user("word ".repeat(10_000));
    for request in [
        hello().model("org/model:cheapest"),
        hello().max_tokens(8_192),
        json,
        // 50,000 characters may be 8,192 tokens, or less.
        GenerateRequest::builder().messages(vec![long]),
    ] {
        let request = request.build().unwrap();
        let model = request.model().unwrap_or(MODEL).to_owned();
        let answer = driver.generate(request).await.unwrap();
        assert_eq!(service.last().body["model"], *model);
        assert_eq!(answer.routing(), None);
    }
    assert!(service.lines().iter().all(|line| line.starts_with("POST")), "{:?}", service.lines());
    // What is certainly long is not.
    let longer = Message::user("x".repeat(90_000));
    let request = GenerateRequest::builder().messages(vec![longer]).build().unwrap();
    let answer = driver.generate(request).await.unwrap();
    assert_eq!(answer.routing().unwrap().model(), "org/model:able");
}

#[tokio::test]
async fn the_router_chooses_the_preferred_provider_if_one_is_capable() {
    let service = service().await;
    let driver = choosing(&service);
    let answer = driver.generate(tools().model("org/model:preferred").build().unwrap()).await.unwrap();
    assert_eq!(service.last().body["model"], "org/model:preferred");
    assert_eq!(answer.routing(), None);
    let error = failure(&driver, tools().model("org/poor:preferred").build().unwrap()).await;
    assert_eq!(error.category(), ErrorCategory::Unsupported);
}

#[tokio::test]
async fn a_provider_with_unknown_abilities_is_selected_only_without_a_capable_one() {
    let service = service().await;
    let driver = choosing(&service);
    let answer = driver.generate(tools().model("org/quiet").build().unwrap()).await.unwrap();
    assert_eq!(service.last().body["model"], "org/quiet:fast");
    assert!(
        answer.routing().unwrap().reason().contains("of 2 providers, none of which is known"),
        "{:?}",
        answer.routing()
    );
    assert!(
        answer.warnings()[0].contains("does not say whether fast offers tools"),
        "{:?}",
        answer.warnings()
    );
}

#[tokio::test]
async fn a_request_that_no_provider_supports_is_rejected_with_the_capable_routes() {
    let service = service().await;
    let driver = choosing(&service);
    let missing = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let cases = [
        // Others can, each by its cheapest.
        (tools().model("org/poor"), missing(&["tools"]), missing(&["org/model:cheap"])),
        (image().model("org/model:cheapest"), missing(&["images"]), missing(&["org/eyes:watching"])),
        // Only a part of it is missing.
        (
            image().tools(vec![ToolDefinition::without_arguments("clock").unwrap()]),
            missing(&["images"]),
            missing(&[]),
        ),
    ];
    for (request, missing, able) in cases {
        let request = request.build().unwrap();
        for error in [failure(&driver, request.clone()).await, stream_failure(&driver, request.clone()).await]
        {
            assert_eq!(
                kind(&error),
                &HuggingFaceErrorKind::CapabilityMissing {
                    provider: None,
                    missing: missing.clone(),
                    capable: able.clone()
                }
            );
            assert_eq!(error.category(), ErrorCategory::Unsupported);
            assert!(!error.is_retryable() && !error.may_be_billed());
            assert!(error.to_string().contains(&missing[0]), "{error}");
            assert!(able.iter().all(|route| error.advice().contains(route)), "{error}");
            assert!(error.advice().contains("`choose_provider`"), "{error}");
        }
    }
    assert_eq!(service.lines(), ["GET /v1/models"]);
    // A provider that lists no abilities may be capable.
    let answer = driver.generate(tools().max_tokens(200_000).build().unwrap()).await.unwrap();
    assert_eq!(answer.provider(), Some("silent"));
}

#[tokio::test]
async fn an_error_names_a_combination_that_no_provider_supports() {
    let service = service().await;
    let driver = choosing(&service);
    // `quick` supports a schema, `able` and `cheap` support tools, and `silent` lists no abilities, so `silent` is selected.
    let both = || tools().response_format(form());
    assert_eq!(driver.generate(both().build().unwrap()).await.unwrap().provider(), Some("silent"));
    let without_silent = list().to_string().replace("\"silent\"", "\"gone\",\"supports_tools\":false");
    service.on("GET /v1/models", 200, &*without_silent);
    driver.catalog().refresh().await.unwrap();
    let error = failure(&driver, both().build().unwrap()).await;
    let HuggingFaceErrorKind::CapabilityMissing { missing, .. } = kind(&error) else { panic!("{error}") };
    assert_eq!(missing, &["tools", "a JSON schema"]);
}

#[tokio::test]
async fn a_named_provider_is_checked_and_never_replaced() {
    let service = service().await;
    let driver = choosing(&service);
    for (route, is_able) in [
        ("org/model:able", true),
        ("org/model:cheap", true),
        // Its health is for the router to judge.
        ("org/model:broken", true),
        ("org/model:silent", true),
        ("org/model:quick", false),
    ] {
        let request = tools().model(route).build().unwrap();
        if is_able {
            let answer = driver.generate(request).await.unwrap();
            assert_eq!(service.last().body["model"], route);
            assert_eq!(answer.routing(), None);
            continue;
        }
        let error = failure(&driver, request).await;
        assert_eq!(
            kind(&error),
            &HuggingFaceErrorKind::CapabilityMissing {
                provider: Some("quick".into()),
                missing: vec!["tools".into()],
                capable: vec!["org/model:cheap".into(), "org/model:able".into()],
            }
        );
        assert!(error.to_string().contains("quick serves 'org/model' without tools"), "{error}");
    }
    // A provider's own route is one that is named, too.
    let own = settings(&service).provider("quick").choose_provider(true).build().unwrap();
    let error = failure(&own, tools().build().unwrap()).await;
    assert_eq!(error.category(), ErrorCategory::Unsupported, "{error}");
    assert!(service.lines().iter().all(|line| !line.contains("/api/models")));
}

#[tokio::test]
async fn an_unlisted_model_is_sent_with_a_warning() {
    let service = service().await;
    let driver = choosing(&service);
    for (model, words) in [
        ("org/unheard-of", "no model org/unheard-of"),
        ("org/model:newcomer", "no newcomer for org/model"),
        ("org/dead", "no live provider of org/dead"),
    ] {
        let answer = driver.generate(tools().model(model).build().unwrap()).await.unwrap();
        assert_eq!(service.last().body["model"], model);
        assert!(answer.warnings()[0].contains(words), "{:?}", answer.warnings());
    }
}

#[tokio::test]
async fn without_a_catalog_a_request_is_sent_unchanged_with_a_warning() {
    let service = service().await;
    let clock = ManualClock::default();
    let driver = settings(&service).choose_provider(true).clock(Arc::new(clock.clone())).build().unwrap();
    service.on("GET /v1/models", 500, json!({"error": "x"}));
    for answer in [
        driver.generate(tools().build().unwrap()).await.unwrap(),
        folded(&driver, tools().build().unwrap()).await,
    ] {
        assert_eq!(service.last().body["model"], MODEL);
        assert!(answer.warnings()[0].contains("the catalog could not be fetched"), "{:?}", answer.warnings());
    }
    // The second call did not wait for what the first one had not got.
    let lookups = || service.lines().iter().filter(|line| line.starts_with("GET")).count();
    assert_eq!(lookups(), 1);
    clock.advance(Duration::from_secs(61));
    service.on("GET /v1/models", 200, list());
    let answer = driver.generate(tools().build().unwrap()).await.unwrap();
    assert_eq!(answer.provider(), Some("able"));
    // A warning reports an outdated catalog.
    clock.advance(Duration::from_secs(3_600));
    service.on("GET /v1/models", 500, json!({"error": "x"}));
    let answer = driver.generate(tools().build().unwrap()).await.unwrap();
    assert_eq!(answer.provider(), Some("able"));
    assert!(answer.warnings()[0].contains("is 1 h old"), "{:?}", answer.warnings());
}

#[tokio::test]
async fn a_catalog_lookup_counts_for_the_deadline_of_the_call() {
    let service = service().await;
    service.on("GET /v1/models", HANG, "");
    let timeouts =
        Timeouts::default().with_total(Duration::from_millis(50)).with_first_token(Duration::from_millis(50));
    let driver = choosing(&service);
    let request = || tools().timeouts(timeouts).build().unwrap();
    for error in [failure(&driver, request()).await, stream_failure(&driver, request()).await] {
        assert_eq!(error.category(), ErrorCategory::Timeout, "{error}");
    }
    assert!(service.lines().iter().all(|line| line.starts_with("GET")));
}

#[tokio::test]
async fn a_failed_write_of_the_catalog_causes_no_warning_on_the_response() {
    let service = service().await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("taken"), "").unwrap();
    let path = folder.path().join("taken/catalog.json");
    let driver = settings(&service).choose_provider(true).catalog_file(path).build().unwrap();
    let answer = driver.generate(tools().build().unwrap()).await.unwrap();
    assert!(driver.catalog().warning().is_some());
    assert!(answer.warnings().is_empty(), "{:?}", answer.warnings());
}

#[tokio::test]
async fn on_other_servers_no_provider_is_selected_by_default() {
    let service = service().await;
    for driver in
        [settings(&service).build().unwrap(), settings(&service).choose_provider(false).build().unwrap()]
    {
        let answer = driver.generate(tools().build().unwrap()).await.unwrap();
        assert_eq!(service.last().body["model"], MODEL);
        assert_eq!(answer.routing(), None);
    }
    assert!(service.lines().iter().all(|line| line.starts_with("POST")));
    // A name that is not a router model is sent unchanged.
    let answer = choosing(&service)
        .generate(tools().model("hf.co/org/model:Q4_K_M:x").build().unwrap())
        .await
        .unwrap();
    assert_eq!(service.last().body["model"], "hf.co/org/model:Q4_K_M:x");
    assert_eq!(answer.routing(), None);
}

#[test]
fn at_the_router_selection_is_on_for_models_without_a_provider() {
    let shown = |builder: HuggingFaceDriverBuilder| {
        format!("{:?}", builder.token("hf_x").environment(Environment::empty()).build().unwrap())
    };
    let router = || HuggingFaceDriver::builder(MODEL);
    assert!(shown(router()).contains("selection_mode: Unpinned"));
    assert!(shown(router().choose_provider(true)).contains("selection_mode: Checked"));
    assert!(shown(router().choose_provider(false)).contains("selection_mode: Off"));
    assert!(shown(router().base_url("https://example.org/v1")).contains("selection_mode: Off"));
}
