//! Tables of tasks: `[embedding]`, `[rerank]` and `[tasks.NAME]`. Every key has an effect, or is refused.

use botticelli::huggingface::{HuggingFaceTasks, TaskApi};
use botticelli::tasks::{
    EmbeddingDriver, EmbeddingRequest, MediaGenerationDriver, RerankDriver, RerankRequest, TaskDriver,
};
use botticelli::{
    BotticelliError, BotticelliErrorKind, Environment, HttpErrorKind, TimeoutKind, config_from_toml,
    embedder_from_config, embedder_from_toml, reranker_from_config, tasks_from_config, tasks_from_toml,
};
use botticelli_sandbox::{ReceivedRequest, Sandbox, Script};
use std::time::Duration;

const MODEL: &str = "BAAI/bge-small-en-v1.5";

fn environment() -> Environment {
    Environment::empty().with("HF_TOKEN", Sandbox::TOKEN)
}

/// A table with the base URL of a server, and more lines. `{table}` is its name.
fn file(table: &str, base_url: &str, more: &str) -> String {
    format!(
        "[{table}]\nprovider = \"huggingface\"\nmodel = \"{MODEL}\"\n\
         [{table}.huggingface]\nbase_url = \"{base_url}\"\n{}",
        more.replace("{table}", table)
    )
}

fn refusal(text: &str, table: &str) -> String {
    let error = tasks_from_toml(text, table, environment()).unwrap_err();
    assert!(matches!(error.kind(), BotticelliErrorKind::Config(_)), "{error:?}");
    error.to_string()
}

/// The driver of a table without layers, which has more settings.
fn plain(more: &str) -> HuggingFaceTasks {
    let config = config_from_toml(&file("llm", "http://127.0.0.1:1", more)).unwrap();
    HuggingFaceTasks::from_config(&config, environment()).unwrap()
}

/// The requests of a call with `texts` texts, with these lines in the table.
async fn embedded(more: &str, texts: usize) -> (Vec<ReceivedRequest>, Result<(), BotticelliError>) {
    let sandbox = Sandbox::start().await.unwrap();
    let driver =
        tasks_from_toml(&file("embedding", sandbox.base_url(), more), "embedding", environment()).unwrap();
    let texts: Vec<String> = (0..texts).map(|number| format!("text {number}")).collect();
    let outcome = driver.embed(EmbeddingRequest::from(texts)).await.map(drop);
    (sandbox.requests(), outcome)
}

#[tokio::test]
async fn one_file_describes_chat_and_every_task() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("botticelli.toml");
    let auth = "[{table}.auth]\napi_key_env = \"PATH\"\n";
    let text: String = ["llm", "embedding", "rerank", "tasks.pictures"]
        .map(|table| file(table, sandbox.base_url(), &auth.replace("{table}", table)))
        .concat();
    std::fs::write(&path, &text).unwrap();
    assert_eq!(config_from_toml(&text).unwrap().model(), MODEL);
    // The process has the variable PATH, whose value is no token of the sandbox.
    let Err(error) = embedder_from_config(&path).unwrap().embed("text".into()).await else { panic!() };
    assert_eq!(error.status(), Some(401), "{error}");
    assert_eq!(reranker_from_config(&path).unwrap().model_name(), MODEL);
    assert_eq!(tasks_from_config(&path, "tasks.pictures").unwrap().model_name(), MODEL);

    for table in ["embedding", "rerank", "tasks.pictures"] {
        let text = file(table, sandbox.base_url(), "");
        let driver = tasks_from_toml(&text, table, environment()).unwrap();
        driver.embed("text".into()).await.unwrap();
        driver.rerank(RerankRequest::new("query", ["a", "b"])).await.unwrap();
    }
}

#[tokio::test]
async fn the_settings_of_tasks_have_an_effect() {
    let (requests, _) = embedded("", 40).await;
    assert_eq!(requests.len(), 2, "a request has 32 texts by default");
    let (requests, outcome) = embedded("batch_size = 10\n", 40).await;
    outcome.unwrap();
    assert_eq!(requests.len(), 4);
    let (requests, _) = embedded("api = \"tei\"\n", 1).await;
    assert_eq!(requests[0].path(), "/embed");
    for (word, api) in
        [("router", TaskApi::Router), ("endpoint", TaskApi::Endpoint), ("openai", TaskApi::OpenAi)]
    {
        assert_eq!(plain(&format!("api = \"{word}\"\n")).api(), api);
    }
    let driver = plain("job_timeout = 7\nconcurrency = 2\n");
    assert_eq!((driver.job_timeout(), driver.concurrency()), (Duration::from_secs(7), 2));
}

#[tokio::test]
async fn a_job_ends_at_the_limit_of_its_table() {
    let sandbox = Sandbox::start().await.unwrap();
    let more = "provider = \"wavespeed\"\njob_timeout = 1\n";
    let text = file("tasks.video", sandbox.origin(), more).replace(MODEL, "Wan-AI/Wan2.2-T2V-A14B");
    let environment = environment().with("HF_ENDPOINT", sandbox.hub_url());
    let driver = tasks_from_toml(&text, "tasks.video", environment).unwrap();
    let error = driver.generate_video("forever".into()).await.unwrap_err();
    assert_eq!(error.category(), botticelli::ErrorCategory::Timeout, "{error}");
}

#[tokio::test]
async fn the_settings_of_llm_have_the_same_effect_in_a_table_of_tasks() {
    // The organization that pays.
    let (requests, _) = embedded("bill_to = \"my-org\"\n", 1).await;
    assert_eq!(requests[0].header("x-hf-bill-to"), Some("my-org"));
    // The provider.
    let sandbox = Sandbox::start().await.unwrap();
    let text = file("embedding", sandbox.origin(), "provider = \"together\"\n");
    let hub = environment().with("HF_ENDPOINT", sandbox.hub_url());
    tasks_from_toml(&text, "embedding", hub).unwrap().embed("text".into()).await.unwrap();
    assert!(sandbox.requests().pop().unwrap().path().starts_with("/together/"));
    // The variable of the token.
    let text = file("embedding", sandbox.base_url(), "[{table}.auth]\napi_key_env = \"MINE\"\n");
    let mine = Environment::empty().with("MINE", Sandbox::TOKEN);
    tasks_from_toml(&text, "embedding", mine).unwrap().embed("text".into()).await.unwrap();
    // Plain http.
    let far = |more: &str| {
        let more = format!("{more}[{{table}}.auth]\napi_key_env = \"MINE\"\n");
        let mine = Environment::empty().with("MINE", Sandbox::TOKEN);
        tasks_from_toml(&file("embedding", "http://vllm.internal:8000", &more), "embedding", mine).is_ok()
    };
    assert!(!far("") && far("allow_plain_http = true\n"));
    // A price.
    let (sandbox, price) = (Sandbox::start().await.unwrap(), "price = { prompt = 1, completion = 1 }\n");
    let text = file("embedding", sandbox.base_url(), price);
    let response =
        tasks_from_toml(&text, "embedding", environment()).unwrap().embed("text".into()).await.unwrap();
    assert!(response.cost().nano_dollars().is_some_and(|cost| cost > 0), "{response:?}");
    // Timeouts and retries.
    let silent = Sandbox::builder().with_turn(Script::hang()).start().await.unwrap();
    let text = file("embedding", silent.base_url(), "[{table}.timeout]\ntotal = 0.2\n");
    let driver = tasks_from_toml(&text, "embedding", environment()).unwrap();
    let error = driver.embed("text".into()).await.unwrap_err();
    let BotticelliErrorKind::Http(http) = error.kind() else { panic!("{error:?}") };
    let limit = Duration::from_millis(200);
    assert_eq!(http.kind(), &HttpErrorKind::Timeout { kind: TimeoutKind::Total, limit });
    let failing = Sandbox::builder().with_turn(Script::json(500, "{}")).start().await.unwrap();
    let text = file("embedding", failing.base_url(), "[{table}.retry]\nmax_retries = 0\n");
    let driver = tasks_from_toml(&text, "embedding", environment()).unwrap();
    driver.embed("text".into()).await.unwrap_err();
    assert_eq!(failing.requests().len(), 1);
}

#[tokio::test]
async fn embeddings_have_a_cache_that_knows_the_server() {
    let (first, second) = (Sandbox::start().await.unwrap(), Sandbox::start().await.unwrap());
    let folder = tempfile::tempdir().unwrap();
    let store = format!("[{{table}}.cache]\nstore = '{}'\n", folder.path().join("cache.sqlite").display());
    for (sandbox, calls) in [(&first, 1), (&first, 1), (&second, 1), (&first, 1)] {
        let text = file("embedding", sandbox.base_url(), &store);
        let driver = embedder_from_toml(&text, environment()).unwrap();
        let response = driver.embed(["a painter", "a baker"].into()).await.unwrap();
        assert_eq!(response.embeddings().len(), 2);
        assert_eq!(sandbox.requests().len(), calls);
    }
    let text = file("embedding", first.base_url(), &store);
    let response = embedder_from_toml(&text, environment()).unwrap().embed("a baker".into()).await.unwrap();
    assert_eq!((response.metadata().cached_inputs(), response.cost().nano_dollars()), (1, Some(0)));
}

#[test]
fn a_setting_without_an_effect_is_refused_with_its_line() {
    for (more, key) in [
        ("dialect = \"tgi\"\n", "embedding.huggingface.dialect"),
        ("choose_provider = true\n", "embedding.huggingface.choose_provider"),
        ("catalog_file = \"a\"\n", "embedding.huggingface.catalog_file"),
        ("catalog_max_age = 1\n", "embedding.huggingface.catalog_max_age"),
        ("catalog_prices = true\n", "embedding.huggingface.catalog_prices"),
    ] {
        let message = refusal(&file("embedding", "http://127.0.0.1:1", more), "embedding");
        assert!(message.starts_with(&format!("the configuration, line 6, `{key}`: ")), "{message}");
        assert!(message.contains("no effect on tasks"), "{message}");
    }
    let generation = file("embedding", "http://127.0.0.1:1", "[{table}.generation]\nseed = 1\n");
    assert!(
        refusal(&generation, "embedding").contains("line 6, `embedding.generation`: generation parameters")
    );
    for (more, layer) in
        [("[{table}.trace]\n", "trace"), ("[[{table}.fallback]]\nmodel = \"other/model\"\n", "fallback")]
    {
        let message = refusal(&file("embedding", "http://127.0.0.1:1", more), "embedding");
        assert!(message.contains(&format!("the layer `{layer}` has no effect on this driver")), "{message}");
    }
    let gguf = "[embedding]\nprovider = \"gguf\"\nmodel = \"a.gguf\"\n";
    assert!(refusal(gguf, "embedding").contains("the provider `gguf` has no tasks"));
    for key in ["api = \"tei\"", "batch_size = 1", "concurrency = 1", "job_timeout = 1"] {
        let text = file("llm", "http://127.0.0.1:1", key);
        let config = config_from_toml(&text).unwrap();
        let error = botticelli::driver_from(&config, environment()).unwrap_err();
        assert!(error.to_string().contains("no effect on chat"), "{key}: {error}");
    }
}

#[test]
fn a_mistake_names_its_table() {
    let base = |more: &str| file("tasks.mine", "http://127.0.0.1:1", more);
    for (text, table, expected) in [
        (
            base("batchsize = 1\n"),
            "tasks.mine",
            "line 6, `tasks.mine.huggingface.batchsize`: unknown key. Did you",
        ),
        (base("batch_size = -1\n"), "tasks.mine", "line 6, `tasks.mine.huggingface.batch_size`"),
        (base("api = \"grpc\"\n"), "tasks.mine", "line 6, `tasks.mine.huggingface.api`: unknown API `grpc`"),
        (base(""), "tasks.other", "`tasks.other`: it is missing. Add it; the file has `[tasks.mine]`"),
        (base(""), "embedding", "`embedding`: it is missing"),
        (base(""), "other", "`other`: it is missing"),
        (String::new(), "rerank", "`rerank`: it is missing. Add it."),
        (
            "[rerank]\nprovider = \"huggingface\"\nmodel = \"a/b\"\nmax_retries = 1\n".to_owned(),
            "rerank",
            "line 4, `rerank.max_retries`: unknown key. Did you mean `rerank.retry.max_retries`?",
        ),
        ("[rerank]\nprovider = \"huggingface\"\n".to_owned(), "rerank", "`rerank.model`: it is missing"),
        (
            "[rerank]\nprovider = \"openai\"\nmodel = \"a/b\"\n".to_owned(),
            "rerank",
            "unknown provider `openai`",
        ),
        ("[embeddings]\nprovider = \"huggingface\"\n".to_owned(), "embedding", "Did you mean `embedding`?"),
    ] {
        let message = refusal(&text, table);
        assert!(message.contains(expected), "{expected}\n{message}");
    }
    // A mistake of another table with the same key keeps its place.
    let text = file("llm", "http://127.0.0.1:1", "") + &file("embedding", "nowhere", "");
    let message = refusal(&text, "embedding");
    assert!(message.contains("line 10, `embedding.huggingface.base_url`"), "{message}");
}
