//! Every provider on its own route, by the reckoning of the sandbox, which knows none of our addresses and names.

use crate::common::folded;
use botticelli_core::{GenerateRequest, OutputSchema, ResponseFormat, RetryConfig};
use botticelli_interface::BotticelliDriver;
use botticelli_models::Environment;
use botticelli_models::huggingface::HuggingFaceDriver;
use botticelli_sandbox::Sandbox;
use serde_json::json;

/// Every provider that chats, as the sandbox knows them: each on its own path, under its own name for the model.
const CHATTING: [&str; 15] = [
    "baseten",
    "cerebras",
    "cohere",
    "deepinfra",
    "featherless-ai",
    "fireworks-ai",
    "groq",
    "hf-inference",
    "novita",
    "nscale",
    "ovhcloud",
    "publicai",
    "scaleway",
    "together",
    "zai-org",
];

#[tokio::test]
async fn every_provider_of_the_sandbox_responds_on_its_own_route() {
    let sandbox = Sandbox::start().await.unwrap();
    let settings = |provider: &str, base_url: &str, token: &str| {
        HuggingFaceDriver::builder("sandbox/everywhere")
            .provider(provider)
            .base_url(base_url)
            .token(token)
            .environment(Environment::empty().with("HF_ENDPOINT", sandbox.hub_url()))
            .retry(RetryConfig::never())
    };
    let schema = json!({"type": "object", "properties": {"painter": {"type": "string"}},
                        "required": ["painter"], "additionalProperties": false});
    let form = || ResponseFormat::JsonSchema(OutputSchema::new("verdict", schema.clone()).unwrap());
    for provider in CHATTING {
        let routed = settings(provider, sandbox.origin(), Sandbox::TOKEN).build().unwrap();
        let answer =
            routed.generate("Hello".into()).await.unwrap_or_else(|error| panic!("{provider}: {error}"));
        assert!(!answer.text().is_empty(), "{provider}");
        assert_eq!(answer.text(), folded(&routed, "Hello".into()).await.text(), "{provider}");
        // The sandbox rejects a schema that is not in the dialect of the provider.
        let request = GenerateRequest::from("painter=Botticelli").with_response_format(Some(form()));
        if let Err(error) = routed.generate(request).await {
            panic!("{provider}: {error}");
        }
        if provider == "hf-inference" {
            continue;
        }
        let base_url = sandbox.provider_url(provider);
        let direct = settings(provider, &base_url, Sandbox::PROVIDER_KEY).build().unwrap();
        let answer =
            direct.generate("Hello".into()).await.unwrap_or_else(|error| panic!("{provider}: {error}"));
        assert!(!answer.text().is_empty(), "{provider}, direct");
    }
}
