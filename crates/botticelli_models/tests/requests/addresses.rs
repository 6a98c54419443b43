//! Base URLs as users copy them: the called path, and the sent headers.

use crate::common::authority::Authority;
use crate::common::folded;
use crate::common::service::Service;
use botticelli_core::{Cost, GenerateRequest, Message, RetryConfig, ToolDefinition};
use botticelli_error::ErrorCategory;
use botticelli_interface::BotticelliDriver;
use botticelli_models::Environment;
use botticelli_models::huggingface::{HuggingFaceDriver, HuggingFaceDriverBuilder};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

const HF: &str = "hf_mine";
const KEY: &str = "gsk_mine";

async fn service() -> Service {
    let service = Service::start().await;
    let serving = |id: &str| json!({"status": "live", "providerId": id, "task": "conversational"});
    let mapping: Value = [
        ("novita", "own/name"),
        ("groq", "own/name"),
        ("zai-org", "own"),
        ("cohere", "own"),
        ("new-one", "own"),
    ]
    .into_iter()
    .map(|(name, id)| (name.to_owned(), serving(id)))
    .collect();
    service.chatting();
    service.on(
        "GET /api/models/",
        200,
        json!({"_id": "1", "id": "org/model", "inferenceProviderMapping": mapping}),
    );
    service
}

fn at(service: &Service, path: &str) -> HuggingFaceDriverBuilder {
    HuggingFaceDriver::builder("org/model")
        .base_url(format!("{}{path}", service.origin()))
        .token(HF)
        .environment(Environment::empty().with("HF_ENDPOINT", service.origin()))
        .retry(RetryConfig::never())
}

/// The hosts that [`Internet`] plays.
const HOSTS: [&str; 5] =
    ["router.huggingface.co", "api.groq.com", "api.novita.ai", "api.deepinfra.com", "vllm"];

/// Leads those hosts to a service, in TLS and in plain http.
struct Internet {
    secure: SocketAddr,
    plain: SocketAddr,
    client: reqwest::Client,
}

impl Internet {
    async fn to(service: &Service) -> Self {
        let authority = Authority::new("known");
        let acceptor = TlsAcceptor::from(Arc::new(authority.server(&HOSTS, |_| ())));
        let plain: SocketAddr = service.origin().trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let secure = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let mut near = acceptor.accept(stream).await.unwrap();
                    let mut far = TcpStream::connect(plain).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                });
            }
        });
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([authority.certificate()]);
        let local = SocketAddr::from(([127, 0, 0, 1], 0));
        let client = HOSTS.iter().fold(client, |client, host| client.resolve(host, local)).build().unwrap();
        Self { secure, plain, client }
    }

    /// Returns a builder without prices, because prices need an additional request.
    fn at(&self, base_url: &str) -> HuggingFaceDriverBuilder {
        self.with_prices_at(base_url).catalog_prices(false)
    }

    fn with_prices_at(&self, base_url: &str) -> HuggingFaceDriverBuilder {
        let (scheme, rest) = base_url.split_once("://").unwrap();
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let port = if scheme == "https" { self.secure.port() } else { self.plain.port() };
        HuggingFaceDriver::builder("own/name")
            .base_url(format!("{scheme}://{host}:{port}/{path}"))
            .environment(Environment::empty())
            .retry(RetryConfig::never())
            .http_client(self.client.clone())
    }
}

/// The path that is called.
fn called(service: &Service) -> String {
    service.last().line.trim_start_matches("POST ").to_owned()
}

#[tokio::test]
async fn a_version_in_a_base_url_is_kept() {
    let service = service().await;
    for (path, chat) in [
        ("", "/v1/chat/completions"),
        ("/", "/v1/chat/completions"),
        ("/v1", "/v1/chat/completions"),
        ("/v1/", "/v1/chat/completions"),
        ("/v1/chat/completions", "/v1/chat/completions"),
        ("/v1/chat/completions/", "/v1/chat/completions"),
        ("/api/paas/v4", "/api/paas/v4/chat/completions"),
        ("/api/paas/v4/", "/api/paas/v4/chat/completions"),
        ("/v1beta/openai", "/v1beta/openai/chat/completions"),
        ("/v1beta/openai/", "/v1beta/openai/chat/completions"),
        ("/v2/ai/openai", "/v2/ai/openai/chat/completions"),
        ("/api/v3", "/api/v3/chat/completions"),
        ("/v1alpha1", "/v1alpha1/chat/completions"),
        ("/v1.1/llm", "/v1.1/llm/chat/completions"),
        ("/api/v0", "/api/v0/chat/completions"),
        ("/v1/account/gateway/openai", "/v1/account/gateway/openai/chat/completions"),
        ("/openai", "/openai/v1/chat/completions"),
        ("/vision", "/vision/v1/chat/completions"),
        ("/v", "/v/v1/chat/completions"),
        ("/v2ray", "/v2ray/v1/chat/completions"),
        ("/tenant-v2", "/tenant-v2/v1/chat/completions"),
        ("/api/v3?api-version=2", "/api/v3/chat/completions?api-version=2"),
    ] {
        let driver = at(&service, path).build().unwrap();
        driver.generate("Hi".into()).await.unwrap();
        assert_eq!(called(&service), chat, "{path}");
    }
    // The catalog stands next to it.
    let _ = at(&service, "/api/paas/v4").build().unwrap().model_info("org/model").await;
    assert_eq!(service.last().line, "GET /api/paas/v4/models/org/model");
}

#[tokio::test]
async fn the_path_of_a_provider_is_not_doubled() {
    let service = service().await;
    for (provider, token, path, chat) in [
        ("novita", HF, "", "/novita/v3/openai/chat/completions"),
        ("novita", HF, "/v1", "/novita/v3/openai/chat/completions"),
        ("novita", HF, "/novita", "/novita/v3/openai/chat/completions"),
        ("novita", HF, "/novita/v3", "/novita/v3/openai/chat/completions"),
        ("novita", HF, "/novita/v3/openai", "/novita/v3/openai/chat/completions"),
        ("novita", HF, "/novita/v3/openai/chat/completions", "/novita/v3/openai/chat/completions"),
        ("novita", HF, "/proxy/novita/v3/openai/", "/proxy/novita/v3/openai/chat/completions"),
        ("cohere", HF, "/cohere/compatibility/v1", "/cohere/compatibility/v1/chat/completions"),
        ("groq", HF, "/proxy/v1", "/proxy/groq/openai/v1/chat/completions"),
        ("new-one", HF, "/new-one/v1", "/new-one/v1/chat/completions"),
        ("groq", KEY, "", "/openai/v1/chat/completions"),
        ("groq", KEY, "/openai", "/openai/v1/chat/completions"),
        ("groq", KEY, "/openai/v1", "/openai/v1/chat/completions"),
        ("groq", KEY, "/openai/v1/", "/openai/v1/chat/completions"),
        ("groq", KEY, "/openai/v1/chat/completions", "/openai/v1/chat/completions"),
        ("groq", KEY, "/proxy", "/proxy/openai/v1/chat/completions"),
        ("novita", KEY, "/v3/openai", "/v3/openai/chat/completions"),
        ("zai-org", KEY, "/api/paas/v4", "/api/paas/v4/chat/completions"),
        ("zai-org", KEY, "/api", "/api/paas/v4/chat/completions"),
        ("new-one", KEY, "/v1", "/v1/chat/completions"),
        ("new-one", KEY, "/api/v3", "/api/v3/chat/completions"),
    ] {
        let driver = at(&service, path).provider(provider).token(token).build().unwrap();
        driver.generate("Hi".into()).await.unwrap();
        assert_eq!(called(&service), chat, "{provider} {path}");
        folded(&driver, "Hi".into()).await;
        assert_eq!(called(&service), chat, "{provider} {path}");
    }
    for path in ["", "/v1", "/hf-inference", "/hf-inference/models", "/hf-inference/models/org/model/v1"] {
        let driver = at(&service, path).provider("hf-inference").build().unwrap();
        driver.generate("Hi".into()).await.unwrap();
        assert_eq!(called(&service), "/hf-inference/models/org/model/v1/chat/completions", "{path}");
    }
}

#[tokio::test]
async fn the_route_of_a_provider_behind_the_router_is_a_base_url() {
    // On a host that is not the router's, the path alone decides.
    let service = service().await;
    for (path, chat) in [
        ("/novita/v3/openai", "/novita/v3/openai/chat/completions"),
        ("/cohere/compatibility/v1", "/cohere/compatibility/v1/chat/completions"),
        ("/fireworks-ai/inference/v1", "/fireworks-ai/inference/v1/chat/completions"),
        ("/zai-org/api/paas/v4", "/zai-org/api/paas/v4/chat/completions"),
        ("/hf-inference/models/org/model/v1", "/hf-inference/models/org/model/v1/chat/completions"),
    ] {
        at(&service, path).build().unwrap().generate("Hi".into()).await.unwrap();
        assert_eq!(called(&service), chat, "{path}");
    }
    // At the router, and at a known provider, the beginning of the path is enough.
    let internet = Internet::to(&service).await;
    for (base_url, chat) in [
        ("https://router.huggingface.co/novita/v3/openai", "/novita/v3/openai/chat/completions"),
        ("https://router.huggingface.co/novita", "/novita/v3/openai/chat/completions"),
        ("https://router.huggingface.co/groq", "/groq/openai/v1/chat/completions"),
        ("https://router.huggingface.co/hf-inference", "/hf-inference/models/own/name/v1/chat/completions"),
        ("https://router.huggingface.co", "/v1/chat/completions"),
        ("https://router.huggingface.co/v1", "/v1/chat/completions"),
        ("https://api.groq.com", "/openai/v1/chat/completions"),
        ("https://api.groq.com/openai", "/openai/v1/chat/completions"),
        ("https://api.groq.com/openai/v1", "/openai/v1/chat/completions"),
        ("https://api.deepinfra.com/v1/openai", "/v1/openai/chat/completions"),
        ("https://api.novita.ai", "/v3/openai/chat/completions"),
    ] {
        let token = if base_url.contains("router") { HF } else { KEY };
        let driver = internet.at(base_url).token(token).build().unwrap();
        driver.generate("Hi".into()).await.unwrap();
        assert_eq!(called(&service), chat, "{base_url}");
    }
    // The catalog belongs to the router. On a provider route, no provider is selected.
    let driver = internet.at("https://router.huggingface.co/novita/v3/openai").token(HF).build().unwrap();
    let tool = ToolDefinition::without_arguments("clock").unwrap();
    let request = GenerateRequest::builder().messages(vec![Message::user("Hi")]).tools(vec![tool]);
    let before = service.received().len();
    let answer = driver.generate(request.build().unwrap()).await.unwrap();
    assert_eq!(service.received().len(), before + 1);
    assert!(answer.warnings().is_empty(), "{:?}", answer.warnings());
    let _ = driver.model_info("own/name").await;
    assert_eq!(service.last().line, "GET /v1/models/own/name");
}

#[tokio::test]
async fn responses_of_the_router_have_a_price_by_default() {
    let service = service().await;
    let provider = json!({"provider": "groq", "status": "live", "pricing": {"input": 1.0, "output": 2.0}});
    service.on("GET /v1/models", 200, json!({"data": [{"id": "own/name", "providers": [provider]}]}));
    let usage = json!({"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110});
    let answer =
        json!({"choices": [{"message": {"content": "ok"}, "finish_reason": "stop"}], "usage": usage});
    service.on("POST /", 200, answer);
    let internet = Internet::to(&service).await;
    let request = || GenerateRequest::from("Hi").with_model("own/name:groq");
    let driver = internet.with_prices_at("https://router.huggingface.co/v1").token(HF).build().unwrap();
    // The first responses may come before the catalog.
    while driver.generate(request()).await.unwrap().cost() == Cost::unknown() {}
    assert_eq!(driver.generate(request()).await.unwrap().cost(), Cost::priced(120_000));
    let fetches = || service.received().iter().filter(|received| received.line == "GET /v1/models").count();
    assert_eq!(fetches(), 1);
    let driver = internet.at("https://router.huggingface.co/v1").token(HF).build().unwrap();
    assert_eq!(driver.generate(request()).await.unwrap().cost(), Cost::unknown());
    // The list of a provider is not the router's catalog.
    let driver = internet.with_prices_at("https://api.groq.com/openai/v1").token(KEY).build().unwrap();
    assert_eq!(driver.generate("Hi".into()).await.unwrap().cost(), Cost::unknown());
    assert_eq!(fetches(), 1);
}

#[tokio::test]
async fn bill_to_is_sent_for_responses_and_not_for_lists() {
    let service = service().await;
    service.on("GET /v1/models", 200, json!({"object": "list", "data": []}));
    let driver = at(&service, "/v1").bill_to("my-org").build().unwrap();
    let _ = driver.catalog().models().await;
    let _ = driver.model_info("org/model").await;
    driver.generate("Hi".into()).await.unwrap();
    folded(&driver, "Hi".into()).await;
    let received = service.received();
    assert_eq!(received.len(), 4);
    for request in received {
        let paid = request.line.starts_with("POST").then_some("my-org");
        assert_eq!(request.header("x-hf-bill-to"), paid, "{}", request.line);
    }
}

#[tokio::test]
async fn the_hub_address_affects_only_requests_to_the_hub() {
    let service = service().await;
    let environment = Environment::empty().with("HF_ENDPOINT", "hub.example.org");
    let with = |builder: HuggingFaceDriverBuilder| builder.environment(environment.clone()).build();
    let drivers = [
        with(at(&service, "/v1")).unwrap(),
        with(at(&service, "").provider("hf-inference")).unwrap(),
        with(at(&service, "").provider("openai").token(KEY)).unwrap(),
    ];
    for driver in drivers {
        driver.generate("Hi".into()).await.unwrap();
    }
    let error = with(at(&service, "").provider("groq")).unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Configuration);
    assert!(error.to_string().starts_with("`HF_ENDPOINT`: "), "{error}");
}

#[tokio::test]
async fn a_key_is_sent_over_plain_http_only_if_the_caller_allows_it() {
    let service = service().await;
    let internet = Internet::to(&service).await;
    let builder = || internet.at("http://vllm/v1");
    let error = builder().token("sk-of-my-own").build().unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Configuration);
    assert!(error.advice().contains("allow_plain_http(true)"), "{error}");
    assert!(builder().token("sk-of-my-own").allow_plain_http(false).build().is_err());

    let allowed = builder().token("sk-of-my-own").allow_plain_http(true).build().unwrap();
    allowed.generate("Hi".into()).await.unwrap();
    assert_eq!(service.last().token(), Some("sk-of-my-own"));
    let environment = Environment::empty().with("VLLM_KEY", "sk-of-my-own");
    let named = builder().api_key_env("VLLM_KEY").environment(environment).allow_plain_http(true);
    folded(&named.build().unwrap(), "Hi".into()).await;
    assert_eq!(service.last().token(), Some("sk-of-my-own"));

    // One that was only found stays at home all the same.
    let found = builder().environment(Environment::empty().with("HF_TOKEN", HF)).allow_plain_http(true);
    found.build().unwrap().generate("Hi".into()).await.unwrap();
    assert_eq!(service.last().token(), None);
}

#[test]
fn no_setting_sends_a_key_to_a_public_service_in_plain_text() {
    for base_url in
        ["http://router.huggingface.co/v1", "http://x.endpoints.huggingface.cloud", "http://api.groq.com"]
    {
        let key = if base_url.contains("groq") { KEY } else { HF };
        let builder = HuggingFaceDriver::builder("org/model").base_url(base_url).token(key);
        let error = builder.allow_plain_http(true).environment(Environment::empty()).build().unwrap_err();
        assert_eq!(error.category(), ErrorCategory::Configuration, "{base_url}: {error}");
        assert!(error.to_string().contains("in plain text"), "{error}");
        assert!(!error.to_string().contains("allow_plain_http"), "{error}");
    }
    for base_url in ["http://host.docker.internal:11434/v1", "http://192.168.1.7:8080", "http://10.0.0.1/v1"]
    {
        let builder = HuggingFaceDriver::builder("org/model").base_url(base_url).token(HF);
        assert!(
            builder.environment(Environment::empty()).allow_plain_http(true).build().is_ok(),
            "{base_url}"
        );
    }
}
