//! Every key of a configuration has an observable effect on requests or on time.
//!
//! The library lists the keys that a table accepts. A key without a row here fails the test.

use botticelli::{
    BotticelliDriver, BotticelliError, BotticelliErrorKind, Environment, GenerateRequest, HttpErrorKind,
    OutputSchema, ResponseFormat, StreamExt, ToolDefinition, config_from_toml, driver_from,
};
use botticelli_sandbox::{ReceivedRequest, Sandbox, SandboxBuilder, Script};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A configuration, key by key.
#[derive(Clone, Default)]
struct Settings(BTreeMap<&'static str, BTreeMap<&'static str, String>>);

impl Settings {
    fn at(base_url: &str) -> Self {
        let settings = Self::default().with("llm", "provider", "\"huggingface\"");
        let settings = settings.with("llm", "model", "\"openai/gpt-oss-20b\"");
        settings.with("llm.huggingface", "base_url", format!("\"{base_url}\""))
    }

    fn with(mut self, table: &'static str, key: &'static str, value: impl Into<String>) -> Self {
        self.0.entry(table).or_default().insert(key, value.into());
        self
    }

    fn toml(&self) -> String {
        let line = |(key, value): (&&str, &String)| format!("{key} = {value}\n");
        let table = |(table, keys): (&&str, &BTreeMap<_, _>)| {
            format!("[{table}]\n{}", keys.iter().map(line).collect::<String>())
        };
        self.0.iter().map(table).collect()
    }

    fn build(&self, environment: Environment) -> Result<Arc<dyn BotticelliDriver>, BotticelliError> {
        driver_from(&config_from_toml(&self.toml())?, environment)
    }

    /// Requests a plain response.
    async fn ask(&self, request: GenerateRequest) -> Result<(), BotticelliError> {
        let driver = self.build(Environment::empty().with("HF_TOKEN", Sandbox::TOKEN)).unwrap();
        soon(driver.generate(request)).await.map(drop)
    }

    /// Requests a stream, and reads it to its end.
    async fn stream(&self) -> Result<(), BotticelliError> {
        let driver = self.build(Environment::empty().with("HF_TOKEN", Sandbox::TOKEN)).unwrap();
        let all = async {
            let mut stream = driver.generate_stream("Hi".into()).await?;
            while let Some(chunk) = stream.next().await {
                chunk?;
            }
            Ok(())
        };
        soon(all).await
    }
}

/// A setting that is ignored makes a call hang; then the test fails.
async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(20), future).await.unwrap()
}

async fn scripted(scripts: impl IntoIterator<Item = Script>) -> Sandbox {
    scripts.into_iter().fold(Sandbox::builder(), SandboxBuilder::with_turn).start().await.unwrap()
}

/// Returns the keys that a table accepts, from the error about an unknown key.
fn accepted(table: &str) -> Option<Vec<String>> {
    let settings = Settings::at("http://127.0.0.1:1/v1").toml();
    // Tables may have any order, but each table may occur only once.
    let header = format!("[{table}]\n");
    let text = match settings.split_once(&header) {
        Some((before, after)) => format!("{before}{header}zzzzzzzz = 1\n{after}"),
        None => format!("{settings}{header}zzzzzzzz = 1\n"),
    };
    let message = config_from_toml(&text).unwrap_err().to_string();
    let (_, list) = message.split_once("Accepted are `")?;
    Some(list.trim_end_matches(['.', '`']).split("`, `").map(str::to_owned).collect())
}

/// All keys, with their tables.
fn keys() -> Vec<String> {
    let mut keys = Vec::new();
    for key in accepted("llm").unwrap() {
        let table = format!("llm.{key}");
        match accepted(&table) {
            Some(inner) => keys.extend(inner.into_iter().map(|key| format!("{table}.{key}"))),
            None => keys.push(table),
        }
    }
    keys
}

/// Returns the request that the sandbox receives from a call with this setting.
async fn received(table: &'static str, key: &'static str, value: &str) -> ReceivedRequest {
    let sandbox = scripted([good()]).await;
    Settings::at(sandbox.base_url()).with(table, key, value).ask("Hi".into()).await.unwrap();
    sandbox.requests().pop().unwrap()
}

/// Returns whether a generation setting is sent.
async fn is_sent(key: &'static str, value: Value) -> bool {
    received("llm.generation", key, &value.to_string()).await.body()[key] == value
}

/// Returns whether this timeout of a fifth of a second expires if the server responds with `script`.
async fn runs_out(key: &'static str, streamed: bool, script: Script) -> bool {
    let sandbox = scripted([script]).await;
    let settings = Settings::at(sandbox.base_url()).with("llm.timeout", key, "0.2");
    let outcome = if streamed { settings.stream().await } else { settings.ask("Hi".into()).await };
    names(key, &outcome.unwrap_err())
}

fn names(key: &str, error: &BotticelliError) -> bool {
    let BotticelliErrorKind::Http(http) = error.kind() else { panic!("{error:?}") };
    matches!(http.kind(), HttpErrorKind::Timeout { kind, .. } if kind.as_str() == key)
}

/// Returns the number of requests to a server that first responds with the error `script` and then succeeds.
async fn calls(script: Script, settings: &[(&'static str, &'static str)]) -> usize {
    let sandbox = scripted([script, good()]).await;
    let base = Settings::at(sandbox.base_url());
    let settings =
        settings.iter().fold(base, |settings, (key, value)| settings.with("llm.retry", key, *value));
    // Whether it is answered is seen by the calls.
    let _ = settings.ask("Hi".into()).await;
    sandbox.requests().len()
}

fn good() -> Script {
    Script::json(200, r#"{"choices":[{"message":{"content":"Well"},"finish_reason":"stop"}]}"#)
}

fn open_stream() -> Script {
    Script::stream(200, "text/event-stream").piece(piece())
}

fn piece() -> &'static str {
    "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\n"
}

fn with_tools() -> GenerateRequest {
    let tool = ToolDefinition::without_arguments("look").unwrap();
    GenerateRequest::from("Hi").with_tools(vec![tool])
}

/// Returns how often two calls that need the catalog fetch it.
async fn fetches(settings: impl Fn(Settings) -> Settings) -> usize {
    let sandbox = Sandbox::start().await.unwrap();
    let settings = settings(Settings::at(sandbox.base_url()));
    let driver = settings.build(Environment::empty().with("HF_TOKEN", Sandbox::TOKEN)).unwrap();
    for _ in 0..2 {
        soon(driver.generate(with_tools())).await.unwrap();
    }
    sandbox.requests().iter().filter(|request| request.path() == "/v1/models").count()
}

/// Returns whether the setting has an observable effect. A new setting needs a row here.
async fn has_effect(key: &str) -> bool {
    let choosing = |settings: Settings| settings.with("llm.huggingface", "choose_provider", "true");
    match key {
        "llm.provider" => {
            let settings = Settings::at("http://127.0.0.1:1/v1");
            let driver = settings.build(Environment::empty()).unwrap();
            let unknown = settings.with("llm", "provider", "\"nobody\"").build(Environment::empty());
            driver.provider_name() == "huggingface" && unknown.is_err()
        }
        "llm.model" => received("llm", "model", "\"org/other\"").await.body()["model"] == "org/other",
        "llm.auth.api_key_env" => {
            let sandbox = Sandbox::start().await.unwrap();
            let settings = Settings::at(sandbox.base_url()).with("llm.auth", "api_key_env", "\"MINE\"");
            let driver = settings.build(Environment::empty().with("MINE", Sandbox::TOKEN)).unwrap();
            soon(driver.generate("Hi".into())).await.unwrap();
            sandbox.requests()[0].has_token(Sandbox::TOKEN)
        }
        // The base URL has an effect if the sandbox receives a request.
        "llm.huggingface.base_url" => received("llm", "model", "\"org/m\"").await.status() == Some(200),
        "llm.huggingface.bill_to" => {
            let received = received("llm.huggingface", "bill_to", "\"my-org\"").await;
            received.header("x-hf-bill-to") == Some("my-org")
        }
        "llm.huggingface.provider" => {
            let sandbox = Sandbox::start().await.unwrap();
            let settings = Settings::at(sandbox.origin())
                .with("llm.huggingface", "provider", "\"groq\"")
                .with("llm", "model", "\"sandbox/everywhere\"");
            let environment =
                Environment::empty().with("HF_TOKEN", Sandbox::TOKEN).with("HF_ENDPOINT", sandbox.hub_url());
            soon(settings.build(environment).unwrap().generate("Hi".into())).await.unwrap();
            sandbox.requests().pop().unwrap().path().contains("/groq/")
        }
        "llm.huggingface.dialect" => {
            let sandbox = scripted([good()]).await;
            let settings = Settings::at(sandbox.base_url());
            let schema = OutputSchema::new("verdict", json!({"type": "object"})).unwrap();
            let form = Some(ResponseFormat::JsonSchema(schema));
            let request = GenerateRequest::from("Hi").with_response_format(form);
            settings.ask(request.clone()).await.unwrap();
            settings.with("llm.huggingface", "dialect", "\"tgi\"").ask(request).await.unwrap();
            let sent: Vec<_> = sandbox.requests().iter().map(|sent| sent.body().clone()).collect();
            sent[0]["response_format"] != sent[1]["response_format"]
        }
        "llm.huggingface.allow_plain_http" => {
            // No server listens at this address. The test only checks whether the driver would send the key.
            let is_built = |settings: Settings| {
                let settings = settings.with("llm.auth", "api_key_env", "\"MINE\"");
                settings.build(Environment::empty().with("MINE", Sandbox::TOKEN)).is_ok()
            };
            let far = || Settings::at("http://vllm.internal:8000/v1");
            !is_built(far()) && is_built(far().with("llm.huggingface", "allow_plain_http", "true"))
        }
        "llm.huggingface.choose_provider" => {
            fetches(|settings| settings).await == 0 && fetches(choosing).await == 1
        }
        "llm.huggingface.catalog_prices" => {
            let fetches = async |value: &str| {
                let sandbox = Sandbox::start().await.unwrap();
                let settings =
                    Settings::at(sandbox.base_url()).with("llm.huggingface", "catalog_prices", value);
                soon(settings.build(Environment::empty()).unwrap().estimate(&"Hi".into())).await.unwrap();
                sandbox.requests().len()
            };
            (fetches("false").await, fetches("true").await) == (0, 1)
        }
        "llm.huggingface.price" => {
            let settings = Settings::at("http://127.0.0.1:1/v1");
            let price = r#"{ prompt = "0.25", completion = 1 }"#;
            let driver =
                settings.with("llm.huggingface", "price", price).build(Environment::empty()).unwrap();
            let request = GenerateRequest::from("Hi").with_max_tokens(1_000_000);
            let cost = driver.estimate(&request).await.unwrap().nano_dollars().unwrap();
            (1_000_000_000..1_100_000_000).contains(&cost)
        }
        "llm.huggingface.catalog_file" => {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("models.json");
            let value = format!("'{}'", path.display());
            fetches(|settings| choosing(settings).with("llm.huggingface", "catalog_file", &value)).await;
            path.exists()
        }
        "llm.huggingface.catalog_max_age" => {
            let at_once = |settings| choosing(settings).with("llm.huggingface", "catalog_max_age", "0");
            fetches(at_once).await == 2
        }
        // `tasks.rs` shows their effect in tables of tasks. Here they are refused.
        "llm.huggingface.api"
        | "llm.huggingface.batch_size"
        | "llm.huggingface.concurrency"
        | "llm.huggingface.job_timeout" => {
            let (name, value) = match key {
                "llm.huggingface.api" => ("api", "\"tei\""),
                "llm.huggingface.batch_size" => ("batch_size", "1"),
                "llm.huggingface.concurrency" => ("concurrency", "1"),
                _ => ("job_timeout", "1"),
            };
            let settings = Settings::at("http://127.0.0.1:1/v1").with("llm.huggingface", name, value);
            settings.build(Environment::empty()).unwrap_err().to_string().contains("no effect on chat")
        }
        key => has_effect_on_calls(key).await,
    }
}

/// The same for what is sent, how long a call waits, and how often it is made.
async fn has_effect_on_calls(key: &str) -> bool {
    const HUGE: &str = "1e9";
    let refused = || Script::json(500, r#"{"error":"no"}"#);
    match key {
        "llm.generation.max_tokens" => is_sent("max_tokens", json!(7)).await,
        "llm.generation.temperature" => is_sent("temperature", json!(0.7)).await,
        "llm.generation.top_p" => is_sent("top_p", json!(0.9)).await,
        "llm.generation.stop" => is_sent("stop", json!(["END"])).await,
        "llm.generation.seed" => is_sent("seed", json!(7)).await,
        "llm.generation.frequency_penalty" => is_sent("frequency_penalty", json!(0.5)).await,
        "llm.generation.presence_penalty" => is_sent("presence_penalty", json!(0.5)).await,
        "llm.timeout.connect" => {
            // The server accepts the connection, but sends no TLS handshake.
            let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let base_url = format!("https://{}/v1", silent.local_addr().unwrap());
            let settings = Settings::at(&base_url).with("llm.timeout", "connect", "0.2");
            let never = settings.with("llm.retry", "max_retries", "0");
            names("connect", &never.ask("Hi".into()).await.unwrap_err())
        }
        "llm.timeout.first_token" => runs_out("first_token", true, Script::hang()).await,
        "llm.timeout.idle" => runs_out("idle", true, open_stream().silence()).await,
        "llm.timeout.keep_alive" => {
            let comments = (0..300).fold(open_stream(), |script, _| {
                script.pause(Duration::from_millis(50)).piece(": still here\n\n")
            });
            runs_out("keep_alive", true, comments).await
        }
        "llm.timeout.total" => runs_out("total", false, Script::hang()).await,
        "llm.timeout.stream_total" => {
            let words = (0..300)
                .fold(open_stream(), |script, _| script.pause(Duration::from_millis(50)).piece(piece()));
            runs_out("stream_total", true, words).await
        }
        "llm.timeout.loading" => {
            let loading = || Script::json(503, r#"{"error":"Model is currently loading"}"#);
            runs_out("loading", false, loading()).await && runs_out("loading", true, loading()).await
        }
        "llm.retry.max_retries" => calls(refused(), &[("max_retries", "0")]).await == 1,
        // A random part of a wait of 30 years is longer than the ten minutes of a call: it is not begun.
        "llm.retry.base_delay" => {
            calls(refused(), &[("max_delay", HUGE)]).await == 2
                && calls(refused(), &[("base_delay", HUGE), ("max_delay", HUGE)]).await == 1
        }
        "llm.retry.max_delay" => calls(refused(), &[("base_delay", HUGE), ("max_delay", "0.1")]).await == 2,
        "llm.retry.max_hint" => {
            let hinting = || Script::json(429, r#"{"error":"slow"}"#).header("retry-after", "0.2");
            calls(hinting(), &[]).await == 2 && calls(hinting(), &[("max_hint", "0.1")]).await == 1
        }
        key => crate::layers::has_effect(key).await,
    }
}

#[tokio::test]
async fn every_key_of_a_configuration_has_an_effect() {
    let keys = keys();
    assert!(keys.len() >= 28, "{keys:?}");
    let mut idle = Vec::new();
    for key in keys {
        if !has_effect(&key).await {
            idle.push(key);
        }
    }
    assert!(idle.is_empty(), "without an effect: {idle:?}");
}

#[tokio::test]
async fn the_configured_retries_apply_to_streams() {
    let sandbox = scripted([Script::json(500, r#"{"error":"no"}"#)]).await;
    let settings = Settings::at(sandbox.base_url()).with("llm.retry", "max_retries", "0");
    assert!(settings.stream().await.is_err());
    assert_eq!(sandbox.requests().len(), 1);
}

#[tokio::test]
async fn a_request_overrides_the_configuration() {
    let sandbox = Sandbox::start().await.unwrap();
    let settings = Settings::at(sandbox.base_url())
        .with("llm.generation", "stop", "[\"END\"]")
        .with("llm.generation", "temperature", "0.7")
        .with("llm.generation", "seed", "7");
    let greeting = || GenerateRequest::builder().messages(vec![botticelli::Message::user("Hi")]);
    settings.ask(greeting().stop(vec!["STOP".into()]).temperature(0.1).build().unwrap()).await.unwrap();
    settings.ask(greeting().stop(vec![]).build().unwrap()).await.unwrap();
    settings.ask(greeting().without_defaults(true).seed(8).build().unwrap()).await.unwrap();
    let sent: Vec<_> = sandbox.requests().iter().map(|sent| sent.body().clone()).collect();
    assert_eq!((&sent[0]["stop"], &sent[0]["temperature"]), (&json!(["STOP"]), &json!(0.1)));
    // An empty list of stop texts overrides the configuration.
    assert_eq!((sent[1].get("stop"), &sent[1]["temperature"]), (None, &json!(0.7)));
    assert_eq!((sent[2].get("stop"), sent[2].get("temperature"), &sent[2]["seed"]), (None, None, &json!(8)));
}
