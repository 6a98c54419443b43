//! Direct provider routes: the address, the model name, the key, and the rejected settings.

use crate::common::service::Service;
use crate::common::{failure, folded, kind, stream_failure};
use botticelli_core::{GenerateRequest, Message, OutputSchema, ResponseFormat, RetryConfig};
use botticelli_error::{BotticelliError, ErrorCategory, HuggingFaceErrorKind};
use botticelli_interface::{BotticelliDriver, ManualClock};
use botticelli_models::Environment;
use botticelli_models::huggingface::{Dialect, HuggingFaceDriver, HuggingFaceDriverBuilder};
use futures::future::join_all;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const MODEL: &str = "org/model";
const HF: &str = "hf_mine";
const KEY: &str = "gsk_mine";

/// Returns the Hub's entry of the model, with `mapping` as its providers.
#[allow(clippy::needless_pass_by_value, reason = "it is made for the call")]
fn entry(mapping: Value) -> Value {
    json!({"_id": "1", "id": MODEL, "inferenceProviderMapping": mapping})
}

fn serving(name: &str, id: &str) -> (String, Value) {
    (name.to_owned(), json!({"status": "live", "providerId": id, "task": "conversational"}))
}

/// Starts a service for chat, whose Hub lists groq and together as providers of the model.
async fn service() -> Service {
    let service = Service::start().await;
    let mapping: Value = [serving("together", "its/own"), serving("groq", "own-name")].into_iter().collect();
    service.chatting().on("GET /api/models/", 200, entry(mapping));
    service
}

fn settings(service: &Service, provider: &str, token: &str) -> HuggingFaceDriverBuilder {
    HuggingFaceDriver::builder(MODEL)
        .provider(provider)
        .base_url(service.origin())
        .token(token)
        .environment(Environment::empty().with("HF_ENDPOINT", service.origin()))
        .retry(RetryConfig::never())
}

/// Returns the builder of a driver for the real addresses, which no test calls.
fn far(provider: &str, token: &str) -> Result<HuggingFaceDriver, BotticelliError> {
    HuggingFaceDriver::builder(MODEL)
        .provider(provider)
        .token(token)
        .environment(Environment::empty())
        .build()
}

#[tokio::test]
async fn every_provider_receives_its_own_path_and_model_name() {
    // Protocol 1.3, and an unknown one.
    let cases = [
        ("baseten", "/v1/chat/completions"),
        ("cerebras", "/v1/chat/completions"),
        ("cohere", "/compatibility/v1/chat/completions"),
        ("deepinfra", "/v1/openai/chat/completions"),
        ("featherless-ai", "/v1/chat/completions"),
        ("fireworks-ai", "/inference/v1/chat/completions"),
        ("groq", "/openai/v1/chat/completions"),
        ("novita", "/v3/openai/chat/completions"),
        ("nscale", "/v1/chat/completions"),
        ("ovhcloud", "/v1/chat/completions"),
        ("publicai", "/v1/chat/completions"),
        ("scaleway", "/v1/chat/completions"),
        ("together", "/v1/chat/completions"),
        ("zai-org", "/api/paas/v4/chat/completions"),
        ("one-to-come", "/v1/chat/completions"),
    ];
    let service = service().await;
    for (provider, path) in cases {
        let mapping: Value =
            [serving("other", "x"), serving(provider, "accounts/its/own")].into_iter().collect();
        service.on("GET /api/models/", 200, entry(mapping));
        for (token, line) in [(HF, format!("POST /{provider}{path}")), (KEY, format!("POST {path}"))] {
            let driver = settings(&service, provider, token).build().unwrap();
            let answer = driver.generate("Hi".into()).await.unwrap();
            let sent = service.last();
            assert_eq!(sent.line, line);
            assert_eq!(sent.body["model"], "accounts/its/own");
            assert_eq!(sent.token(), Some(token));
            assert_eq!(answer.provider(), Some(provider));
            assert_eq!(answer.requested_model(), Some(MODEL));
            assert!(answer.warnings().is_empty(), "{:?}", answer.warnings());
            // Two headers, for one provider alone.
            let is_zai = provider == "zai-org";
            assert_eq!(sent.header("accept-language"), is_zai.then_some("en-US,en"));
            assert_eq!(sent.header("x-source-channel"), is_zai.then_some("hugging_face"));
        }
    }
}

#[tokio::test]
async fn hf_inference_has_the_model_in_its_path_and_needs_no_mapping() {
    let service = service().await;
    let driver = settings(&service, "hf-inference", HF).build().unwrap();
    let answer = folded(&driver, "Hi".into()).await;
    assert_eq!(answer.provider(), Some("hf-inference"));
    assert_eq!(service.lines(), ["POST /hf-inference/models/org/model/v1/chat/completions"]);
    assert_eq!(service.last().body["model"], MODEL);
}

#[tokio::test]
async fn openai_receives_the_model_name_without_a_prefix() {
    let service = service().await;
    let driver = settings(&service, "openai", "sk-mine").model("openai/gpt-4o").build().unwrap();
    driver.generate("Hi".into()).await.unwrap();
    assert_eq!(service.lines(), ["POST /v1/chat/completions"]);
    assert_eq!(service.last().body["model"], "gpt-4o");
}

#[tokio::test]
async fn only_the_mapping_is_requested_from_the_hub() {
    let service = service().await;
    settings(&service, "groq", HF).build().unwrap().generate("Hi".into()).await.unwrap();
    let lookup = service.received().remove(0);
    assert_eq!(lookup.line, "GET /api/models/org/model?expand%5B%5D=inferenceProviderMapping");
    assert_eq!(lookup.token(), Some(HF));
}

#[tokio::test]
async fn both_formats_of_the_mapping_are_read() {
    let service = service().await;
    let list = json!([
        {"provider": "together", "status": "live", "providerId": "x", "task": "conversational"},
        "nonsense",
        {"provider": "groq", "status": "live", "providerId": "in-a-list", "task": "conversational"},
    ]);
    service.on("GET /api/models/", 200, entry(list));
    settings(&service, "groq", HF).build().unwrap().generate("Hi".into()).await.unwrap();
    assert_eq!(service.last().body["model"], "in-a-list");
}

#[tokio::test]
async fn an_error_lists_the_other_providers_of_the_model_in_order() {
    let service = service().await;
    let mapping: Value = [
        serving("together", "x"),
        ("nscale".to_owned(), json!({"status": "live", "providerId": "x", "task": "text-generation"})),
        serving("cerebras", "y"),
    ]
    .into_iter()
    .collect();
    service.on("GET /api/models/", 200, entry(mapping));
    let driver = settings(&service, "groq", HF).build().unwrap();
    for error in [failure(&driver, "Hi".into()).await, stream_failure(&driver, "Hi".into()).await] {
        assert_eq!(error.category(), ErrorCategory::NotServed);
        let others = vec!["together".to_owned(), "cerebras".to_owned()];
        assert_eq!(
            kind(&error),
            &HuggingFaceErrorKind::NotServedBy { provider: "groq".into(), task: None, others }
        );
        assert!(error.to_string().contains("groq does not serve 'org/model'"), "{error}");
        assert!(error.advice().contains("together, cerebras"), "{error}");
    }
    // Served, but not for chat.
    let error = failure(&settings(&service, "nscale", HF).build().unwrap(), "Hi".into()).await;
    assert!(error.to_string().contains("for text-generation, but not for chat"), "{error}");
    // No chat request was sent.
    assert!(service.lines().iter().all(|line| line.starts_with("GET /api/models/")));
}

#[tokio::test]
async fn an_error_states_that_no_provider_serves_the_model() {
    let service = service().await;
    for mapping in [json!({}), json!([]), Value::Null] {
        service.on("GET /api/models/", 200, entry(mapping));
        let error = failure(&settings(&service, "groq", HF).build().unwrap(), "Hi".into()).await;
        assert_eq!(error.category(), ErrorCategory::NotServed);
        assert!(error.advice().contains("use another model"), "{error}");
    }
    service.on("GET /api/models/", 200, json!({"id": MODEL}));
    let error = failure(&settings(&service, "groq", HF).build().unwrap(), "Hi".into()).await;
    assert_eq!(error.category(), ErrorCategory::NotServed);
}

#[tokio::test]
async fn an_error_of_the_hub_with_a_success_status_is_an_error() {
    let service = service().await;
    for (body, words) in [
        (json!({"error": "boom"}), "boom"),
        (json!({"id": MODEL, "error": {"message": "boom"}}), "boom"),
        (json!({"message": "boom"}), "boom"),
        (json!({}), "cannot be parsed"),
        (json!([]), "cannot be parsed"),
    ] {
        service.on("GET /api/models/", 200, body.clone());
        let error = failure(&settings(&service, "groq", HF).build().unwrap(), "Hi".into()).await;
        assert_ne!(error.category(), ErrorCategory::NotServed, "{body}: {error}");
        assert!(error.to_string().contains(words), "{body}: {error}");
    }
    assert!(service.lines().iter().all(|line| line.starts_with("GET /api/models/")));
}

#[tokio::test]
async fn a_provider_without_a_model_id_is_an_error() {
    let service = service().await;
    for name in [Value::Null, json!(""), json!(" ")] {
        let unnamed = |provider: &str| {
            let entry = json!({"status": "live", "providerId": name, "task": "conversational"});
            (provider.to_owned(), entry)
        };
        let mapping: Value =
            [unnamed("groq"), serving("together", "x"), unnamed("nscale")].into_iter().collect();
        service.on("GET /api/models/", 200, entry(mapping));
        let error = failure(&settings(&service, "groq", HF).build().unwrap(), "Hi".into()).await;
        assert_eq!(error.category(), ErrorCategory::NotServed);
        let others = vec!["together".to_owned()];
        assert_eq!(
            kind(&error),
            &HuggingFaceErrorKind::ProviderIdMissing { provider: "groq".into(), others }
        );
        assert!(error.to_string().contains("not the provider's name of the model"), "{error}");
        assert!(error.advice().contains("together"), "{error}");
        // The error of another provider does not suggest it.
        let error = failure(&settings(&service, "cerebras", HF).build().unwrap(), "Hi".into()).await;
        assert!(!error.to_string().contains("groq"), "{error}");
    }
}

#[tokio::test]
async fn a_model_unknown_to_the_hub_is_not_found() {
    let service = service().await;
    service.on("GET /api/models/", 404, json!({"error": "Not Found"}));
    let error = failure(&settings(&service, "groq", HF).build().unwrap(), "Hi".into()).await;
    assert_eq!(kind(&error), &HuggingFaceErrorKind::ModelNotFound, "{error}");
    // Without a token, the Hub only responds that a token is required.
    service.on("GET /api/models/", 401, json!({"error": "Invalid username or password."}));
    let error = failure(&settings(&service, "groq", KEY).build().unwrap(), "Hi".into()).await;
    assert_eq!(error.category(), ErrorCategory::NotFound, "{error}");
    assert!(error.to_string().contains("org/model"), "{error}");
}

#[tokio::test]
async fn a_mapping_that_is_not_live_causes_a_warning() {
    let service = service().await;
    for (status, words) in [("staging", Some("for tests only")), ("error", Some("`error`")), ("live", None)] {
        let mapping = json!({"groq": {"status": status, "providerId": "x", "task": "conversational"}});
        service.on("GET /api/models/", 200, entry(mapping));
        let driver = settings(&service, "groq", HF).build().unwrap();
        for answer in [driver.generate("Hi".into()).await.unwrap(), folded(&driver, "Hi".into()).await] {
            let warned = answer.warnings().iter().any(|warning| words.is_some_and(|w| warning.contains(w)));
            assert_eq!(warned, words.is_some(), "{:?}", answer.warnings());
            assert_eq!(answer.warnings().len(), usize::from(words.is_some()));
        }
    }
}

#[tokio::test]
async fn the_mapping_is_fetched_once_for_waiting_calls_and_again_after_five_minutes() {
    let service = service().await;
    let clock = ManualClock::default();
    let driver = settings(&service, "groq", HF).clock(Arc::new(clock.clone())).build().unwrap();
    let count = || service.lines().iter().filter(|line| line.starts_with("GET")).count();
    let copies = vec![driver.clone(); 8];
    for answer in join_all(copies.iter().map(|driver| driver.generate("Hi".into()))).await {
        answer.unwrap();
    }
    assert_eq!(count(), 1);
    clock.advance(Duration::from_secs(299));
    driver.generate("Hi".into()).await.unwrap();
    assert_eq!(count(), 1);
    clock.advance(Duration::from_secs(2));
    driver.generate("Hi".into()).await.unwrap();
    assert_eq!(count(), 2);
    // Another model is another question, and a failure is not kept.
    service.on("GET /api/models/org/other", 500, json!({"error": "x"}));
    let other =
        || GenerateRequest::builder().messages(vec![Message::user("Hi")]).model("org/other").build().unwrap();
    for error in join_all([driver.generate(other()), driver.generate(other())]).await {
        assert_eq!(error.unwrap_err().category(), ErrorCategory::Server);
    }
    assert_eq!(count(), 3);
    service.on(
        "GET /api/models/org/other",
        200,
        entry(json!({"groq": {"providerId": "x", "task": "conversational"}})),
    );
    driver.generate(other()).await.unwrap();
    assert_eq!(count(), 4);
}

#[tokio::test]
async fn a_failed_mapping_request_is_retried() {
    let service = service().await;
    let retry = RetryConfig::default().with_base_delay(Duration::from_millis(1));
    let driver = settings(&service, "groq", HF).retry(retry).build().unwrap();
    service.on("GET /api/models/", 503, json!({"error": "x", "estimated_time": 0.0}));
    let call = driver.generate("Hi".into());
    let heal = async {
        while service.lines().is_empty() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let mapping: Value = [serving("groq", "own-name")].into_iter().collect();
        service.on("GET /api/models/", 200, entry(mapping));
    };
    let (answer, ()) = futures::future::join(call, heal).await;
    assert_eq!(answer.unwrap().provider(), Some("groq"));
}

#[test]
fn an_invalid_provider_route_is_rejected_with_an_alternative() {
    let cases = [
        (far("openai", HF), "an OpenAI key"),
        (far("fal-ai", HF), "groq"),
        (far("replicate", "r8_x"), "groq"),
        (far("wavespeed", KEY), "groq"),
        (far("one-to-come", KEY), "`base_url`"),
        (far("gr/oq", HF), "Write the provider's id"),
        (far("..", HF), "Write the provider's id"),
        (far("", HF), "Write the provider's id"),
        (far("hf_abcdef", HF), "Write the provider's id"),
    ];
    for (built, words) in cases {
        let error = built.unwrap_err();
        assert_eq!(error.category(), ErrorCategory::Configuration, "{error}");
        assert!(error.advice().contains(words), "{error}");
        assert!(!error.to_string().contains("hf_abcdef"), "{error}");
    }
    assert!(far("one-to-come", HF).is_ok());
    assert!(far("grok", HF).is_ok(), "an explicit provider is not treated as a typo");
}

#[tokio::test]
async fn a_model_route_together_with_a_provider_is_rejected() {
    let built = HuggingFaceDriver::builder("org/model:fastest").provider("groq").token(HF);
    let error = built.environment(Environment::empty()).build().unwrap_err();
    assert_eq!(error.category(), ErrorCategory::InvalidRequest, "{error}");
    assert!(error.to_string().contains("already has a route after its colon"), "{error}");
    let request = GenerateRequest::builder().messages(vec![Message::user("Hi")]).model("org/model:groq");
    let error = failure(&far("groq", HF).unwrap(), request.build().unwrap()).await;
    assert_eq!(error.category(), ErrorCategory::InvalidRequest, "{error}");
}

#[test]
fn a_provider_key_is_never_sent_to_hugging_face() {
    let environment = Environment::empty;
    let at = |base_url: &str| HuggingFaceDriver::builder(MODEL).base_url(base_url).environment(environment());
    let cases = [
        HuggingFaceDriver::builder(MODEL).token(KEY).environment(environment()).build(),
        HuggingFaceDriver::builder(MODEL)
            .api_key_env("GROQ_KEY")
            .environment(environment().with("GROQ_KEY", KEY))
            .build(),
        HuggingFaceDriver::builder(MODEL).environment(environment().with("HF_TOKEN", KEY)).build(),
        // An implicit token is not a provider key.
        HuggingFaceDriver::builder(MODEL)
            .provider("groq")
            .environment(environment().with("HF_TOKEN", KEY))
            .build(),
        at("https://router.huggingface.co").provider("groq").token(KEY).build(),
        at("https://huggingface.co/api").token(KEY).build(),
        at("https://router.huggingface.co.").provider("groq").token(KEY).build(),
        at("https://huggingface.co./api").token(KEY).build(),
        far("hf-inference", KEY),
    ];
    for built in cases {
        let error = built.unwrap_err();
        assert!(matches!(kind(&error), HuggingFaceErrorKind::NotAHuggingFaceToken { .. }), "{error}");
        assert_eq!(error.category(), ErrorCategory::Authentication);
        assert!(error.advice().contains("(`provider`)"), "{error}");
        assert!(!format!("{error:?}").contains(KEY));
    }
    // `HUGGINGFACE_BASE_URL` does not apply to a provider key.
    let elsewhere = environment().with("HUGGINGFACE_BASE_URL", "https://router.huggingface.co");
    let built = HuggingFaceDriver::builder(MODEL).provider("groq").token(KEY).environment(elsewhere).build();
    assert!(format!("{:?}", built.unwrap()).contains("api.groq.com"));
}

#[test]
fn a_hugging_face_token_is_never_sent_to_a_provider() {
    for (base_url, provider) in [
        ("https://api.groq.com/openai/v1", None),
        ("https://API.groq.com", Some("groq")),
        ("https://api.groq.com./openai/v1", None),
        ("https://api.openai.com/v1", None),
        ("https://fal.run", None),
        ("https://api.together.xyz", Some("groq")),
    ] {
        let mut builder = HuggingFaceDriver::builder(MODEL).base_url(base_url).token(HF);
        if let Some(provider) = provider {
            builder = builder.provider(provider);
        }
        let error = builder.environment(Environment::empty()).build().unwrap_err();
        assert!(matches!(kind(&error), HuggingFaceErrorKind::HuggingFaceTokenForOtherHost { .. }), "{error}");
        assert!(!format!("{error:?}").contains(HF));
    }
    // A dot at the end of a host names the same host.
    for (base_url, goes) in [
        ("https://router.huggingface.co./v1", true),
        ("https://mine.endpoints.huggingface.cloud.", true),
        ("http://localhost.:8080", true),
        ("https://router.huggingface.co.example./v1", false),
    ] {
        let environment = Environment::empty().with("HF_TOKEN", HF);
        let driver = HuggingFaceDriver::builder(MODEL).base_url(base_url).environment(environment).build();
        assert_eq!(!format!("{:?}", driver.unwrap()).contains("token: None"), goes, "{base_url}");
    }
    // An implicit token is not sent, and is not an error.
    let environment = Environment::empty().with("HF_TOKEN", HF);
    let builder = HuggingFaceDriver::builder(MODEL).base_url("https://api.groq.com/openai/v1");
    assert!(format!("{:?}", builder.environment(environment).build().unwrap()).contains("token: None"));
    // Without a base URL, the token decides.
    assert!(format!("{:?}", far("groq", HF).unwrap()).contains("router.huggingface.co"));
    assert!(format!("{:?}", far("groq", KEY).unwrap()).contains("api.groq.com"));
}

#[tokio::test]
async fn the_hub_receives_no_provider_key_and_a_mirror_receives_no_token() {
    let service = service().await;
    // A provider's key stays with the provider.
    settings(&service, "groq", KEY).build().unwrap().generate("Hi".into()).await.unwrap();
    let received = service.received();
    assert_eq!(received[0].token(), None, "{:?}", received[0].line);
    assert_eq!(received[1].token(), Some(KEY));
    // A mirror that is neither Hugging Face nor this machine receives no token. No server listens there.
    let mirror = Environment::empty().with("HF_ENDPOINT", "http://mirror.invalid");
    let driver = settings(&service, "groq", HF).environment(mirror).build().unwrap();
    let shown = format!("{driver:?}");
    let hub = shown.split("mirror.invalid").nth(1).unwrap();
    assert!(hub.split("retrier").next().unwrap().contains("token: None"), "{shown}");
}

#[tokio::test]
async fn bill_to_is_sent_only_to_hugging_face() {
    let service = service().await;
    let routed = settings(&service, "groq", HF).bill_to("my-org").build().unwrap();
    let answer = routed.generate("Hi".into()).await.unwrap();
    let received = service.received();
    assert_eq!(received[0].header("x-hf-bill-to"), None, "the Hub receives no payer");
    assert_eq!(received[1].header("x-hf-bill-to"), Some("my-org"));
    assert!(answer.warnings().is_empty(), "{:?}", answer.warnings());
    let direct = settings(&service, "groq", KEY).bill_to("my-org").build().unwrap();
    let answer = direct.generate("Hi".into()).await.unwrap();
    assert_eq!(service.last().header("x-hf-bill-to"), None);
    assert!(answer.warnings()[0].contains("`bill_to` was not sent"), "{:?}", answer.warnings());
}

#[tokio::test]
async fn a_schema_has_the_format_of_the_provider() {
    let schema = json!({"type": "object", "properties": {}});
    let asking = || {
        let form = ResponseFormat::JsonSchema(OutputSchema::new("form", schema.clone()).unwrap());
        GenerateRequest::builder().messages(vec![Message::user("Hi")]).response_format(form).build().unwrap()
    };
    let service = service().await;
    let all = ["hf-inference", "cohere", "fireworks-ai", "together", "groq"];
    let mapping: Value = all.into_iter().map(|name| serving(name, "x")).collect();
    service.on("GET /api/models/", 200, entry(mapping));
    for (provider, place) in [
        ("hf-inference", "/value"),
        ("cohere", "/schema"),
        ("fireworks-ai", "/schema"),
        ("together", "/schema"),
        ("groq", "/json_schema/schema"),
    ] {
        settings(&service, provider, HF).build().unwrap().generate(asking()).await.unwrap();
        let sent = service.last().body["response_format"].clone();
        assert_eq!(sent.pointer(place), Some(&schema), "{provider}: {sent}");
    }
    // The setting of the caller takes precedence.
    let tgi = settings(&service, "groq", HF).dialect(Dialect::Tgi).build().unwrap();
    tgi.generate(asking()).await.unwrap();
    assert!(service.last().body["response_format"]["value"].is_object());
}

#[tokio::test]
async fn prices_are_requested_from_the_router_and_never_from_a_provider() {
    let service = service().await;
    service.on("GET /v1/models/org/model", 200, json!({"id": MODEL, "providers": []}));
    let routed = settings(&service, "groq", HF).build().unwrap();
    assert!(routed.model_info(MODEL).await.unwrap().is_some());
    let direct = settings(&service, "groq", KEY).build().unwrap();
    assert_eq!(direct.model_info(MODEL).await.unwrap(), None);
    assert_eq!(service.lines(), ["GET /v1/models/org/model"]);
}
