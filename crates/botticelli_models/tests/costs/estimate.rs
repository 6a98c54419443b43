//! Estimates are upper bounds, and unknown if there is no bound.

use crate::common::service::Service;
use crate::common::{catalog, settings};
use botticelli_core::{
    CompletionRequest, Cost, CostEstimate, GenerateRequest, Input, Message, OutputSchema, Price,
    ResponseFormat, ToolCall, ToolDefinition, Usage, Usd,
};
use botticelli_interface::{BotticelliDriver, CompletionDriver};
use botticelli_models::Environment;
use botticelli_models::huggingface::{Dialect, HuggingFaceDriver, HuggingFaceDriverBuilder};
use botticelli_sandbox::{ReceivedRequest, Sandbox};
use serde_json::{Value, json};

/// Every case of the chat models of the sandbox.
const MODELS: [&str; 9] = [
    "openai/gpt-oss-20b:together",
    "openai/gpt-oss-20b:groq",
    "openai/gpt-oss-120b:cerebras",
    "openai/gpt-oss-120b:novita",
    "meta-llama/Llama-3.1-8B-Instruct:cerebras",
    "Qwen/Qwen3-32B",
    "sandbox/forgetful",
    "sandbox/thinks-in-reasoning-content",
    "sandbox/thinks-in-reasoning",
];

fn priced(sandbox: &Sandbox) -> HuggingFaceDriverBuilder {
    settings(sandbox).catalog_prices(true)
}

fn tool() -> ToolDefinition {
    let parameters = json!({"type": "object", "properties": {"city": {"type": "string", "description": "Größe & \"Ort\""}}});
    ToolDefinition::new("get_weather", parameters)
        .unwrap()
        .with_description("Returns the weather <of a city>")
}

fn schema() -> ResponseFormat {
    let schema =
        json!({"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]});
    ResponseFormat::JsonSchema(OutputSchema::new("answer", schema).unwrap())
}

fn requests() -> Vec<GenerateRequest> {
    let hi = GenerateRequest::from("Hi");
    vec![
        hi.clone(),
        hi.clone().with_n(3),
        GenerateRequest::from("get weather of Paris").with_tools(vec![tool()]),
        hi.clone().with_response_format(schema()),
        GenerateRequest::from("日本語のテキスト 🦆🦆 ".repeat(50)),
        GenerateRequest::from("a ".repeat(2_000)),
        GenerateRequest::from("\n\t\"\\".repeat(500)),
        GenerateRequest::from((0..40).map(|n| Message::user(format!("{n}"))).collect::<Vec<_>>()),
        GenerateRequest::from(vec![
            Message::system("Be brief."),
            Message::user("Hi"),
            Message::assistant("Ho"),
            Message::user("Hi"),
        ]),
    ]
}

#[tokio::test]
async fn an_estimate_is_never_below_what_the_response_costs() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = priced(&sandbox).build().unwrap();
    let mut count = 0;
    for model in MODELS {
        for request in requests() {
            for max_tokens in [Some(3), Some(2_000), None] {
                let request = request.clone().with_model(model).with_max_tokens(max_tokens);
                let estimate = driver.estimate(&request).await.unwrap();
                // The provider lacks a feature, or the context is too short.
                let Ok(response) = driver.generate(request).await else { continue };
                let usage = response.usage().unwrap();
                let info = driver.catalog().model(model).await.unwrap().unwrap();
                let cost = info.cost(usage, response.provider()).nano_dollars();
                let cost = cost.unwrap_or_else(|| panic!("{model}: {:?}", response.provider()));
                assert!(estimate.nano_dollars().unwrap() >= cost, "{model}: {estimate:?} < {cost}");
                assert!(estimate.tokens() >= usage.total_tokens(), "{model}: {estimate:?} < {usage:?}");
                count += 1;
            }
        }
    }
    assert!(count > 200, "{count}");
}

/// Prompts of recorded calls, with the tokens that the services counted: prompt and completion.
const RECORDED: [(&str, u64, u64); 11] = [
    ("Complete the this sentence with words one plus one is equal ", 21, 12),
    ("Complete this sentence with words, one plus one is equal ", 46, 9),
    ("Complete the equation 1 + 1 = , just the answer", 48, 2),
    ("Complete this sentence with words, one plus one is equal ", 46, 2),
    ("Complete this sentence with words, one plus one is equal ", 46, 3),
    ("Say 'this is a test'", 7, 5),
    ("Complete this sentence with words, one plus one is equal ", 21, 2),
    ("Complete the equation 1 + 1 = , just the answer", 48, 3),
    ("Complete this sentence with words, one plus one is equal ", 19, 4),
    ("Complete the equation one + one = , just the answer", 14, 9),
    // The system prompt of the template of gpt-oss.
    ("Hi", 68, 20),
];

#[tokio::test]
async fn an_estimate_is_never_below_what_a_recorded_response_costs() {
    let price = Price::new(Usd::parse("0.25").unwrap(), Usd::parse("0.69").unwrap());
    let driver = HuggingFaceDriver::builder("org/model")
        .token("hf_token")
        .environment(Environment::empty())
        .price(price)
        .build()
        .unwrap();
    for (text, prompt, completion) in RECORDED {
        let request = GenerateRequest::from(text).with_max_tokens(u32::try_from(completion).unwrap());
        let estimate = driver.estimate(&request).await.unwrap();
        let usage = Usage::new(Some(prompt), Some(completion), None);
        assert!(estimate.nano_dollars() >= price.cost(&usage).nano_dollars(), "{text}: {estimate:?}");
        // It is a bound, but not an absurd one.
        assert!(estimate.tokens().unwrap() < 1_500, "{text}: {estimate:?}");
    }
    let text = CompletionRequest::from("Paris is").with_max_tokens(10);
    let estimate = driver.estimate_completion(&text).await.unwrap();
    assert!((13..50).contains(&estimate.tokens().unwrap()), "{estimate:?}");
}

#[tokio::test]
async fn a_text_that_grows_when_a_tokenizer_normalizes_it_is_still_bounded() {
    let driver = HuggingFaceDriver::builder("org/model")
        .token("hf_token")
        .environment(Environment::empty())
        .price(Price::default())
        .build()
        .unwrap();
    let tokens = async |text: String| {
        let request = GenerateRequest::from(text).with_max_tokens(1);
        driver.estimate(&request).await.unwrap().tokens().unwrap()
    };
    let empty = tokens(String::new()).await;
    // Each character, and its bytes in the normalization form C.
    for (character, normalized) in [
        ('\u{344}', "\u{308}\u{301}"),
        ('\u{958}', "\u{915}\u{93c}"),
        ('\u{f43}', "\u{f42}\u{fb7}"),
        ('\u{fb2c}', "\u{5e9}\u{5bc}\u{5c1}"),
        ('\u{1d160}', "\u{1d158}\u{1d165}\u{1d16e}"),
    ] {
        let bound = tokens(character.to_string().repeat(100)).await - empty;
        assert!(bound >= u64::try_from(normalized.len() * 100).unwrap(), "{character:?}: {bound}");
    }
    // Other characters are counted as before.
    for text in ["plain", "é", "क", "日本語", "🦆"] {
        assert_eq!(tokens(text.to_owned()).await - empty, u64::try_from(text.len()).unwrap(), "{text}");
    }
}

#[tokio::test]
async fn the_estimate_uses_the_most_expensive_eligible_provider() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = priced(&sandbox).build().unwrap();
    let hi = GenerateRequest::from("Hi").with_max_tokens(100);
    let cost = async |request: &GenerateRequest, model: &str| {
        driver.estimate(&request.clone().with_model(model)).await.unwrap().nano_dollars()
    };
    let groq = cost(&hi, "Qwen/Qwen3-32B:groq").await.unwrap();
    let nscale = cost(&hi, "Qwen/Qwen3-32B:nscale").await.unwrap();
    assert!(groq > nscale);
    for route in
        ["Qwen/Qwen3-32B", "Qwen/Qwen3-32B:cheapest", "Qwen/Qwen3-32B:fastest", "Qwen/Qwen3-32B:preferred"]
    {
        assert_eq!(cost(&hi, route).await, Some(groq), "{route}");
    }
    // One of the live providers has no price.
    assert_eq!(cost(&hi, "openai/gpt-oss-20b").await, None);
    assert_eq!(cost(&hi, "openai/gpt-oss-20b:hf-inference").await, None);
    assert_eq!(cost(&hi, "example/unlisted").await, None);
    assert_eq!(cost(&hi, "openai/gpt-oss-20b:nscale").await, None, "no such provider of the model");
    assert_eq!(cost(&hi, "microsoft/DialoGPT-small").await, Some(0), "it is free");
    // The tokens are known without a price.
    assert!(driver.estimate(&hi).await.unwrap().tokens().unwrap() > 100);
    // Nothing was sent but one request for the catalog.
    assert_eq!(sandbox.requests().iter().map(ReceivedRequest::path).collect::<Vec<_>>(), ["/v1/models"]);
}

#[tokio::test]
async fn the_estimate_ignores_providers_that_the_driver_would_not_select() {
    let sandbox = Sandbox::start().await.unwrap();
    let request = GenerateRequest::from("Hi").with_max_tokens(5).with_tools(vec![tool()]);
    let model = "meta-llama/Llama-3.1-8B-Instruct:cerebras";
    let pinned =
        priced(&sandbox).build().unwrap().estimate(&request.clone().with_model(model)).await.unwrap();
    // featherless-ai may support tools, and has no price.
    let request = request.with_model("meta-llama/Llama-3.1-8B-Instruct");
    let driver = priced(&sandbox).choose_provider(true).build().unwrap();
    assert_eq!(driver.estimate(&request).await.unwrap().nano_dollars(), None);
    let images = GenerateRequest::from("Hi").with_max_tokens(5).with_tools(vec![tool()]);
    let images = images.with_model("openai/gpt-oss-120b").with_response_format(schema());
    assert_eq!(driver.estimate(&images).await.unwrap().nano_dollars(), None);
    assert!(pinned.nano_dollars().is_some());
}

#[tokio::test]
async fn the_preferred_order_may_select_any_provider() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = priced(&sandbox).choose_provider(true).build().unwrap();
    let request = GenerateRequest::from("Hi").with_max_tokens(5).with_tools(vec![tool()]);
    let cost =
        async |model: &str| driver.estimate(&request.clone().with_model(model)).await.unwrap().nano_dollars();
    let info = driver.catalog().model("Qwen/Qwen3-32B").await.unwrap().unwrap();
    let mut dearest = Some(0);
    for provider in &info.providers {
        let pinned = cost(&format!("Qwen/Qwen3-32B:{}", provider.name)).await;
        dearest = dearest.zip(pinned).map(|(most, pinned)| most.max(pinned));
    }
    assert_eq!(cost("Qwen/Qwen3-32B:preferred").await, dearest);
}

#[tokio::test]
async fn the_arguments_of_an_earlier_call_may_be_written_with_blanks() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = priced(&sandbox).build().unwrap();
    let numbers = vec!["1"; 3_000].join(",");
    let call = ToolCall::new("call00001", "get_weather", format!("{{\"ids\":[{numbers}]}}"));
    let conversation = vec![Message::user("Hi"), Message::assistant("").with_tool_calls(vec![call])];
    let request = GenerateRequest::from(conversation).with_model("Qwen/Qwen3-32B:groq").with_max_tokens(1);
    // `1, ` may be three tokens.
    assert!(driver.estimate(&request).await.unwrap().tokens().unwrap() > 9_000);
}

#[tokio::test]
async fn without_max_tokens_the_context_length_is_the_bound() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = priced(&sandbox).build().unwrap();
    let tokens = async |model: &str| {
        driver.estimate(&GenerateRequest::from("Hi").with_model(model)).await.unwrap().tokens()
    };
    assert!(tokens("Qwen/Qwen3-32B").await.unwrap() > 131_072);
    assert!((32_768..40_000).contains(&tokens("Qwen/Qwen3-32B:nscale").await.unwrap()));
    // The context length of featherless-ai is unknown.
    assert_eq!(tokens("meta-llama/Llama-3.1-8B-Instruct").await, None);
    assert_eq!(tokens("example/unlisted").await, None);
}

#[tokio::test]
async fn the_estimate_includes_every_choice_and_every_limit() {
    let driver = HuggingFaceDriver::builder("org/model")
        .base_url("http://127.0.0.1:1/v1")
        .environment(Environment::empty())
        .price(Price::new(Usd::ZERO, Usd::parse("1").unwrap()))
        .build()
        .unwrap();
    let cost = async |request: &GenerateRequest| driver.estimate(request).await.unwrap().nano_dollars();
    let extra = |value: Value| value.as_object().unwrap().clone();
    let hi = GenerateRequest::from("Hi");
    let limited = hi.clone().with_max_tokens(100);
    assert_eq!(cost(&limited).await, Some(100_000));
    assert_eq!(cost(&limited.clone().with_n(4)).await, Some(400_000));
    assert_eq!(cost(&limited.clone().with_extra(extra(json!({"best_of": 5})))).await, Some(500_000));
    assert_eq!(cost(&hi.clone().with_extra(extra(json!({"max_completion_tokens": 7})))).await, Some(7_000));
    assert_eq!(
        cost(&limited.clone().with_extra(extra(json!({"max_completion_tokens": 700})))).await,
        Some(700_000)
    );
    assert_eq!(
        cost(&limited.clone().with_extra(extra(json!({"max_completion_tokens": 7})))).await,
        Some(7_000)
    );
    assert_eq!(cost(&hi.clone().with_extra(extra(json!({"max_completion_tokens": "many"})))).await, None);
    // A server may accept a number that is not whole, or written as text. The provider has no context length, so there is no bound.
    for unusual in
        [json!({"max_completion_tokens": 5000.0}), json!({"max_new_tokens": "5000"}), json!({"best_of": 4.0})]
    {
        assert_eq!(cost(&limited.clone().with_extra(extra(unusual.clone()))).await, None, "{unusual}");
    }
    assert_eq!(cost(&limited.clone().with_extra(extra(json!({"best_of": null})))).await, Some(100_000));
    assert_eq!(
        cost(&limited.clone().with_n(u32::MAX).with_max_tokens(u32::MAX)).await,
        None,
        "it is too large"
    );
    // The prompt is repeated, and counts as completion.
    let text = CompletionRequest::from("Hi").with_max_tokens(100);
    let cost =
        async |request: &CompletionRequest| driver.estimate_completion(request).await.unwrap().nano_dollars();
    assert_eq!(cost(&text).await, Some(100_000));
    assert!(cost(&text.clone().with_extra(extra(json!({"echo": true})))).await > Some(101_000));
    assert_eq!(cost(&text.clone().with_extra(extra(json!({"n": 2})))).await, Some(200_000));
    assert_eq!(cost(&CompletionRequest::from("Hi")).await, None);
}

#[tokio::test]
async fn text_generation_inference_has_the_limit_that_the_driver_sends() {
    let driver = HuggingFaceDriver::builder("org/model")
        .base_url("http://127.0.0.1:1")
        .environment(Environment::empty())
        .dialect(Dialect::Tgi)
        .price(Price::new(Usd::ZERO, Usd::parse("1").unwrap()))
        .build()
        .unwrap();
    let estimate = driver.estimate_completion(&CompletionRequest::from("Hi")).await.unwrap();
    assert_eq!(estimate.nano_dollars(), Some(256_000));
}

#[tokio::test]
async fn media_has_no_bound() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = priced(&sandbox).build().unwrap();
    let png = b"\x89PNG\r\n\x1a\n".to_vec();
    for input in [Input::image_url("https://example.org/a.png"), Input::image(png).unwrap()] {
        let message = Message::builder()
            .role(botticelli_core::Role::User)
            .content(vec![Input::Text("Hi".into()), input]);
        let request = GenerateRequest::from(message.build().unwrap()).with_max_tokens(5);
        let request = request.with_model("Qwen/Qwen2.5-VL-7B-Instruct:ovhcloud");
        assert_eq!(driver.estimate(&request).await.unwrap(), CostEstimate::unknown());
        assert_eq!(driver.cheaper_routes(&request, u64::MAX).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_free_server_costs_nothing_and_receives_no_request_for_prices() {
    let hi = GenerateRequest::from("Hi");
    for address in [
        "http://localhost:8080",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
        "http://0.0.0.0:8080",
        "http://10.1.2.3",
        "http://172.16.0.1",
        "http://172.31.255.255",
        "http://192.168.1.1",
        "http://169.254.1.1",
        "http://vllm:8000",
        "http://mac.local",
        "http://host.docker.internal",
        "http://app.localhost",
        "http://[fd00::1]",
        "http://[fe80::1]",
        "http://[::ffff:10.0.0.1]",
        "https://x.us-east-1.aws.endpoints.huggingface.cloud",
    ] {
        let driver =
            HuggingFaceDriver::builder("org/model").base_url(address).environment(Environment::empty());
        let driver = driver.token("key").allow_plain_http(true).build();
        // A dedicated endpoint accepts only Hugging Face's tokens.
        let Ok(driver) = driver else {
            assert!(address.contains("huggingface"), "{address}: {driver:?}");
            continue;
        };
        assert_eq!(driver.estimate(&hi).await.unwrap(), CostEstimate::at_most(0), "{address}");
        let limited = driver.estimate(&hi.clone().with_max_tokens(5)).await.unwrap();
        assert_eq!((limited.nano_dollars(), limited.tokens().is_some()), (Some(0), true), "{address}");
    }
    for address in [
        "https://api.example.org",
        "http://8.8.8.8",
        "http://172.32.0.1",
        "http://[2001:db8::1]",
        "http://[::ffff:8.8.8.8]",
        "https://endpoints.huggingface.cloud.example.org",
        "https://local.example.org",
        "http://11.0.0.1",
    ] {
        let driver =
            HuggingFaceDriver::builder("org/model").base_url(address).environment(Environment::empty());
        let driver = driver.build().unwrap();
        assert_eq!(driver.estimate(&hi).await.unwrap(), CostEstimate::unknown(), "{address}");
    }
}

#[tokio::test]
async fn a_catalog_that_cannot_be_fetched_is_an_error_and_is_not_fetched_again_at_once() {
    let service = Service::start().await;
    let driver = catalog::settings(&service).catalog_prices(true).build().unwrap();
    for _ in 0..2 {
        assert!(driver.estimate(&GenerateRequest::from("Hi").with_max_tokens(5)).await.is_err());
    }
    assert_eq!(service.received().len(), 1);
    let invalid = GenerateRequest::from("Hi").with_max_tokens(0);
    assert!(driver.estimate(&invalid).await.is_err());
}

#[tokio::test]
async fn cheaper_routes_are_other_providers_then_other_models() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = priced(&sandbox).build().unwrap();
    let request = GenerateRequest::from("Hi").with_max_tokens(100).with_model("openai/gpt-oss-20b:groq");
    let routes = driver.cheaper_routes(&request, u64::MAX).await.unwrap();
    let names: Vec<_> = routes.iter().map(|route| &*route.route).collect();
    assert_eq!(names.len(), 5);
    assert_eq!(&names[..2], ["openai/gpt-oss-20b:fireworks-ai", "openai/gpt-oss-20b:together"]);
    assert!(names[2..].iter().all(|name| !name.starts_with("openai/gpt-oss-20b:")), "{names:?}");
    assert!(routes[2..].is_sorted_by_key(|route| route.nano_dollars));
    for route in &routes {
        let pinned = driver.estimate(&request.clone().with_model(&*route.route)).await.unwrap();
        assert_eq!(pinned, CostEstimate::at_most(route.nano_dollars).with_tokens(pinned.tokens()));
    }
    // The limit counts, the dearer ones are left out.
    let limit = routes[0].nano_dollars;
    let cheap = driver.cheaper_routes(&request, limit).await.unwrap();
    assert_eq!(cheap[0].route, "openai/gpt-oss-20b:fireworks-ai");
    assert!(cheap.iter().all(|route| route.nano_dollars <= limit), "{cheap:?}");
    // A route that lacks a feature is left out.
    let tools = request.with_tools(vec![tool()]).with_response_format(schema());
    let routes = driver.cheaper_routes(&tools, u64::MAX).await.unwrap();
    assert!(!routes.is_empty());
    let lacks = ["novita", "cerebras", "featherless", "nscale", "hf-inference"];
    let of_llama = |name: &str| name.starts_with("meta-llama") && name.ends_with("cerebras");
    for route in &routes {
        assert!(
            !lacks.iter().any(|name| route.route.ends_with(name))
                || of_llama(&route.route)
                || route.route.starts_with("sandbox"),
            "{route:?}"
        );
    }
}

#[tokio::test]
async fn a_driver_without_a_catalog_has_no_cheaper_routes() {
    let sandbox = Sandbox::start().await.unwrap();
    let price = Price::new(Usd::ZERO, Usd::ZERO);
    for driver in [settings(&sandbox), priced(&sandbox).price(price), priced(&sandbox).catalog_prices(false)]
    {
        let driver = driver.build().unwrap();
        assert_eq!(driver.cheaper_routes(&"Hi".into(), u64::MAX).await.unwrap(), []);
    }
    assert!(sandbox.requests().is_empty());
    assert_eq!(price.cost(&Usage::new(Some(1), Some(1), None)), Cost::priced(0));
}
