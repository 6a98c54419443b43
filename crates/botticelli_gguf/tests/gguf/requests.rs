//! Requests that the driver refuses.

use crate::support::{TinyModel, open};
use botticelli_core::{GenerateRequest, Input, Message, ToolDefinition};
use botticelli_error::ErrorCategory;
use botticelli_interface::{BotticelliDriver, CompletionDriver};
use serde_json::json;

#[tokio::test]
async fn unsupported_parts_are_refused_by_name() {
    let driver = open(&TinyModel::script(&["one"]));
    let tool = ToolDefinition::without_arguments("now").unwrap();
    let image = Message::user("What is it?").with(Input::image_url("https://example.org/duck.png"));
    let extra = [("top_a".to_owned(), json!(1))].into_iter().collect();
    let cases = [
        (GenerateRequest::from("Hi").with_tools(vec![tool]), ErrorCategory::Unsupported, "`tools`"),
        (GenerateRequest::from(image), ErrorCategory::Unsupported, "an image input"),
        (GenerateRequest::from("Hi").with_extra(extra), ErrorCategory::InvalidRequest, "`extra.top_a`"),
        (GenerateRequest::from("Hi").with_model("other"), ErrorCategory::NotFound, "\"other\""),
        (GenerateRequest::from(Vec::<Message>::new()), ErrorCategory::InvalidRequest, "`messages`"),
        (GenerateRequest::from("Hi").with_top_p(2.0), ErrorCategory::InvalidRequest, "`top_p`"),
    ];
    for (request, category, name) in cases {
        let error = driver.generate(request.clone()).await.unwrap_err();
        assert_eq!(error.category(), category, "{error}");
        assert!(error.to_string().contains(name), "{error}");
        let streamed = driver.generate_stream(request).await.err().map(|error| error.to_string());
        assert_eq!(streamed, Some(error.to_string()));
    }
}

#[cfg(not(feature = "grammar"))]
#[tokio::test]
async fn a_schema_requires_a_feature() {
    use botticelli_core::{OutputSchema, ResponseFormat};
    let driver = open(&TinyModel::script(&["one"]));
    let schema = OutputSchema::new("painter", json!({"type": "object"})).unwrap();
    let request = GenerateRequest::from("Hi").with_response_format(ResponseFormat::JsonSchema(schema));
    let error = driver.generate(request).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Unsupported, "{error}");
    assert!(error.to_string().contains("the feature `grammar`"), "{error}");
}

#[tokio::test]
async fn the_model_may_be_named() {
    let driver = open(&TinyModel::script(&["one"]));
    assert_eq!(driver.model_name(), "tiny");
    let response = driver.generate(GenerateRequest::from("Hi").with_model("tiny")).await.unwrap();
    assert_eq!(response.requested_model(), Some("tiny"));
    let info = driver.model_info("tiny").await.unwrap().unwrap();
    assert_eq!(info.providers[0].context_length, Some(256));
    assert_eq!(driver.model_info("other").await.unwrap(), None);
}

#[tokio::test]
async fn estimates_cost_nothing_and_bound_the_tokens() {
    let driver = open(&TinyModel::script(&["one"]));
    let request = GenerateRequest::from("Hi").with_max_tokens(10);
    let estimate = driver.estimate(&request).await.unwrap();
    assert_eq!((estimate.nano_dollars(), estimate.tokens()), (Some(0), Some(266)));
    let usage = *driver.generate(request).await.unwrap().usage().unwrap();
    assert!(usage.total_tokens() <= estimate.tokens());
    let completion = driver.estimate_completion(&"Once".into()).await.unwrap();
    assert_eq!(completion.tokens(), Some(512));
}

#[test]
fn keys_of_caches_differ_between_models_and_requests() {
    let (first, second) = (open(&TinyModel::script(&["one"])), open(&TinyModel::noise("llama")));
    let key =
        |driver: &dyn BotticelliDriver, text: &str| driver.canonical_request(&text.into()).unwrap().unwrap();
    assert_eq!(key(&first, "Hi"), key(&first.clone(), "Hi"));
    assert_ne!(key(&first, "Hi"), key(&first, "Ho"));
    assert_ne!(key(&first, "Hi"), key(&second, "Hi"));
}
