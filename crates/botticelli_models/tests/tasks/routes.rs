//! The server and the provider of a call.

use crate::common::settings;
use crate::support::{at, hosted, last_body, last_path, routed};
use botticelli_core::LlmConfig;
use botticelli_core::tasks::{EmbeddingRequest, RerankRequest};
use botticelli_interface::tasks::{EmbeddingDriver, RerankDriver};
use botticelli_models::Environment;
use botticelli_models::huggingface::{HuggingFaceDriver, HuggingFaceTasks, TaskApi};
use botticelli_sandbox::Sandbox;
use std::collections::BTreeSet;

const MODEL: &str = "BAAI/bge-small-en-v1.5";

#[tokio::test]
async fn every_provider_gets_its_own_path_and_model_name() {
    let sandbox = Sandbox::start().await.unwrap();
    let expected = [
        ("together", "/v1/embeddings", "togethercomputer/bge-small"),
        ("scaleway", "/v1/embeddings", "bge-small-scaleway"),
        ("deepinfra", "/v1/openai/embeddings", "BAAI/bge-small-deep"),
        // A provider that the driver does not know.
        ("sandbox-vectors", "/v1/embeddings", "bge-small"),
    ];
    for (provider, path, name) in expected {
        let environment = Environment::empty().with("HF_ENDPOINT", sandbox.hub_url());
        let builder = || settings(&sandbox).model(MODEL).provider(provider).environment(environment.clone());
        let response = builder().build_tasks().unwrap().embed("text".into()).await.unwrap();
        assert_eq!(last_path(&sandbox), format!("/{provider}{path}"));
        assert_eq!(last_body(&sandbox)["model"], name);
        assert_eq!(response.provider(), Some(provider));
        let requests = sandbox.requests();
        assert!(requests.last().unwrap().has_token(Sandbox::TOKEN));
        // With the provider's own key, the call goes to the provider.
        let url = sandbox.provider_url(provider);
        let direct = builder().base_url(url).token(Sandbox::PROVIDER_KEY).build_tasks().unwrap();
        direct.embed("text".into()).await.unwrap();
        assert_eq!(last_path(&sandbox), format!("/direct/{provider}{path}"));
    }
}

#[tokio::test]
async fn the_first_provider_that_the_driver_can_call_is_used() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = routed(&sandbox, MODEL);
    let response = driver.embed("text".into()).await.unwrap();
    assert_eq!(response.provider(), Some("hf-inference"), "sandbox-vectors is first, but is not known");
    let request = EmbeddingRequest::from("text").with_model(format!("{MODEL}:together"));
    let response = driver.embed(request).await.unwrap();
    assert_eq!(response.provider(), Some("together"));
    let request = EmbeddingRequest::from("text").with_model(format!("{MODEL}:hf-inference"));
    driver.embed(request).await.unwrap();
    assert_eq!(last_path(&sandbox), format!("/hf-inference/models/{MODEL}/pipeline/feature-extraction"));
    // The Hub's entry is fetched once, and not at all for hf-inference.
    let lookups = sandbox.requests().iter().filter(|request| request.method() == "GET").count();
    assert_eq!(lookups, 1);
}

#[tokio::test]
async fn a_model_without_the_task_names_its_tasks() {
    let sandbox = Sandbox::start().await.unwrap();
    let error = routed(&sandbox, "openai/gpt-oss-20b").embed("text".into()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "huggingface: no provider of this driver serves 'openai/gpt-oss-20b' for feature-extraction; its tasks are \
         conversational. Use a model for the task. They are listed at \
         https://huggingface.co/models?inference_provider=all&pipeline_tag=feature-extraction."
    );
    let request = RerankRequest::new("query", ["document"]).with_model(MODEL);
    let error = routed(&sandbox, MODEL).rerank(request).await.unwrap_err();
    assert!(error.to_string().contains("its tasks are feature-extraction"), "{error}");
    let request = EmbeddingRequest::from("text").with_model(format!("{MODEL}:groq"));
    let error = routed(&sandbox, MODEL).embed(request).await.unwrap_err();
    assert!(error.to_string().contains("groq does not serve"), "{error}");
    assert!(error.to_string().contains("Use another provider: hf-inference, together"), "{error}");
}

#[tokio::test]
async fn the_message_of_hf_inference_names_the_task_of_the_model() {
    let sandbox = Sandbox::start().await.unwrap();
    let error = hosted(&sandbox, "BAAI/bge-reranker-v2-m3").embed("text".into()).await.unwrap_err();
    assert!(error.to_string().contains("Supported task: text-ranking."), "{error}");
}

#[tokio::test]
async fn openai_itself_is_called_without_the_hub() {
    let sandbox = Sandbox::start().await.unwrap();
    let builder = settings(&sandbox).model("openai/text-embedding-3-small").provider("openai");
    let builder = builder.base_url(sandbox.origin()).token(Sandbox::PROVIDER_KEY);
    let driver = builder.build_tasks().unwrap();
    driver.embed("text".into()).await.unwrap_err();
    let sent = sandbox.requests().pop().unwrap();
    assert_eq!((sent.path(), &sent.body()["model"]), ("/v1/embeddings", &"text-embedding-3-small".into()));
    assert_eq!(sandbox.requests().len(), 1);
}

#[tokio::test]
async fn a_policy_of_the_router_is_only_for_chat() {
    let sandbox = Sandbox::start().await.unwrap();
    let request = EmbeddingRequest::from("text").with_model(format!("{MODEL}:cheapest"));
    let error = routed(&sandbox, MODEL).embed(request).await.unwrap_err();
    assert!(error.to_string().contains("only for chat"), "{error}");
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn base_urls_are_completed() {
    let sandbox = Sandbox::start().await.unwrap();
    let origin = sandbox.origin();
    let cases = [
        ("", TaskApi::OpenAi, "/v1/embeddings"),
        ("/v1", TaskApi::OpenAi, "/v1/embeddings"),
        ("/v1/", TaskApi::OpenAi, "/v1/embeddings"),
        ("/v1/embeddings", TaskApi::OpenAi, "/v1/embeddings"),
        ("/v1/chat/completions", TaskApi::OpenAi, "/v1/embeddings"),
        ("/embed", TaskApi::Tei, "/embed"),
        ("/rerank", TaskApi::Tei, "/embed"),
    ];
    for (path, api, expected) in cases {
        let driver = settings(&sandbox).base_url(format!("{origin}{path}")).build_tasks().unwrap();
        assert_eq!(driver.api(), api, "{path}");
        driver.embed("text".into()).await.unwrap();
        assert_eq!(last_path(&sandbox), expected, "{path}");
    }
    at(&sandbox, TaskApi::Tei, "any").embed("text".into()).await.unwrap();
    assert_eq!(last_path(&sandbox), "/embed", "the base URL ends in /v1");
}

#[test]
fn the_api_follows_from_the_base_url() {
    let api = |base_url: &str| {
        let builder =
            HuggingFaceDriver::builder("a/b").token("hf_abcdefgh").environment(Environment::empty());
        builder.base_url(base_url).build_tasks().unwrap().api()
    };
    assert_eq!(api("https://router.huggingface.co/v1"), TaskApi::Router);
    assert_eq!(api("https://x1.eu-west-1.aws.endpoints.huggingface.cloud"), TaskApi::Endpoint);
    assert_eq!(api("https://x1.eu-west-1.aws.endpoints.huggingface.cloud/v1"), TaskApi::OpenAi);
    assert_eq!(api("http://127.0.0.1:8080"), TaskApi::OpenAi);
}

#[tokio::test]
async fn a_configuration_describes_a_driver_of_tasks() {
    let sandbox = Sandbox::start().await.unwrap();
    let settings = serde_json::json!({ "provider": "hf-inference", "base_url": sandbox.base_url() });
    let config: LlmConfig = serde_json::from_value(serde_json::json!({
        "provider": "huggingface",
        "model": MODEL,
        "auth": { "api_key_env": "MY_KEY" },
        "huggingface": settings,
    }))
    .unwrap();
    let environment = Environment::empty().with("MY_KEY", Sandbox::TOKEN);
    let driver = HuggingFaceTasks::from_config(&config, environment).unwrap();
    assert_eq!(driver.embed("text".into()).await.unwrap().provider(), Some("hf-inference"));
    let error = HuggingFaceTasks::from_config(&config, Environment::empty()).unwrap_err();
    assert!(error.to_string().contains("MY_KEY"), "{error}");
}

#[tokio::test]
async fn a_dedicated_endpoint_is_called_at_its_base_url() {
    let sandbox = crate::support::answering("[[1, 2]]").await;
    let url = format!("{}/hf-inference/models/{MODEL}", sandbox.origin());
    let driver = settings(&sandbox).base_url(url).build_tasks().unwrap().with_api(TaskApi::Endpoint);
    driver.embed("text".into()).await.unwrap();
    assert_eq!(last_path(&sandbox), format!("/hf-inference/models/{MODEL}"));
}

#[tokio::test]
async fn the_hub_of_the_sandbox_has_a_model_for_every_task_and_provider() {
    let sandbox = Sandbox::start().await.unwrap();
    let url = format!("{}/api/models?expand[]=inferenceProviderMapping", sandbox.hub_url());
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let list = client.get(url).send().await.unwrap().bytes().await.unwrap();
    let models: Vec<serde_json::Value> = serde_json::from_slice(&list).unwrap();
    let served: BTreeSet<(String, String)> = models
        .iter()
        .flat_map(|model| model["inferenceProviderMapping"].as_array().cloned().unwrap_or_default())
        .map(|entry| {
            (entry["task"].as_str().unwrap().to_owned(), entry["provider"].as_str().unwrap().to_owned())
        })
        .collect();
    let mut missing = Vec::new();
    for task in HuggingFaceTasks::supported_tasks() {
        for provider in task.providers() {
            let is_served = served.contains(&(task.name().to_owned(), (*provider).to_owned()));
            if !is_served {
                missing.push((task.name(), *provider));
            }
        }
    }
    // The Hub lists models of sentence similarity under the name of embeddings. The sandbox has no model of each task for both kinds of
    // servers.
    let expected = [("sentence-similarity", "hf-inference"), ("image-to-image", "hf-inference")];
    missing.retain(|pair| !expected.contains(pair));
    assert_eq!(missing, []);
}

#[test]
fn the_guide_lists_every_task_with_its_method_and_providers() {
    let guide = include_str!("../../../botticelli/src/guide/tasks.md");
    let rows: Vec<&str> = guide.lines().filter(|line| line.starts_with("| `")).collect();
    let expected: Vec<String> = HuggingFaceTasks::supported_tasks()
        .map(|task| {
            let providers = match task.providers() {
                [] => "text-embeddings-inference".to_owned(),
                providers => providers.join(", "),
            };
            format!("| `{}` | `{}` | {providers} |", task.name(), task.method())
        })
        .collect();
    assert_eq!(rows, expected);
}
