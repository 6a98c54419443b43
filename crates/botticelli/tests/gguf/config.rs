//! Every key of a configuration with a local model has an effect.

use super::{ModelFile, TinyModel, driver};
use botticelli::{
    BotticelliErrorKind, CacheType, CompletionRequest, Environment, ErrorCategory, FinishReason,
    GenerateRequest, GgufConfig, GgufDriver, ModelFileErrorKind, config_from_toml, driver_from_config,
    embedder_from_toml,
};
use std::time::Duration;

#[tokio::test]
async fn a_file_answers() {
    let file = ModelFile::new(&TinyModel::script(&["Hello", " there"]));
    let driver = driver(&file.toml("")).unwrap();
    let response = driver.generate("Hi".into()).await.unwrap();
    assert_eq!(response.text(), "Hello there");
    assert_eq!(*response.finish_reason(), FinishReason::Stop);
    assert_eq!(response.cost().nano_dollars(), Some(0));
    assert_eq!((driver.provider_name(), driver.model_name()), ("gguf", "tiny"));
}

#[tokio::test]
async fn a_length_of_the_context_is_a_limit_of_the_prompt() {
    let file = ModelFile::new(&TinyModel::noise("llama"));
    let long = || GenerateRequest::from("word ".repeat(30)).with_max_tokens(1);
    driver(&file.toml("")).unwrap().generate(long()).await.unwrap();
    let small = driver(&file.toml("[llm.gguf]\ncontext_length = 64")).unwrap();
    let error = small.generate(long()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::ContextExceeded, "{error}");
}

#[test]
fn a_limit_of_the_memory_rejects_a_larger_model() {
    let file = ModelFile::new(&TinyModel::noise("llama"));
    let error = driver(&file.toml("[llm.gguf]\nmemory_limit = 1000")).unwrap_err();
    let BotticelliErrorKind::ModelFile(error) = error.kind() else { panic!("{error:?}") };
    assert!(matches!(error.kind(), ModelFileErrorKind::TooLarge { available: 1000, .. }), "{error}");
}

#[tokio::test]
async fn a_full_queue_rejects_a_request() {
    let file = ModelFile::new(&TinyModel::noise("llama"));
    let driver = driver(&file.toml("[llm.gguf]\nmax_concurrent = 1\nqueue_length = 1")).unwrap();
    let open = || driver.generate_stream(GenerateRequest::from("Hi").with_max_tokens(200));
    let _first = open().await.unwrap();
    let _second = open().await.unwrap();
    let error = open().await.err().unwrap();
    assert_eq!(error.category(), ErrorCategory::RateLimited, "{error}");
}

#[test]
fn every_number_is_read() {
    let file = ModelFile::new(&TinyModel::noise("llama"));
    let table = "[llm.gguf]\ncontext_length = 128\nmax_concurrent = 3\nqueue_length = 5\nmemory_limit = 7000000\nthreads = 1\ncache_type = \"f32\"";
    let config = GgufConfig::from_config(&config_from_toml(&file.toml(table)).unwrap()).unwrap();
    assert_eq!(config.context_length(), Some(128));
    assert_eq!((config.max_concurrent(), config.queue_length()), (Some(3), 5));
    assert_eq!(config.memory_limit(), Some(7_000_000));
    assert_eq!((config.threads(), config.cache_type()), (Some(1), CacheType::F32));
}

#[tokio::test]
async fn parameters_and_timeouts_of_the_file_apply() {
    let file = ModelFile::new(&TinyModel::script(&["one", " two", " three"]));
    let short = driver(&file.toml("[llm.generation]\nmax_tokens = 2")).unwrap();
    assert_eq!(short.generate("Hi".into()).await.unwrap().text(), "one two");

    let config =
        |table: &str| GgufConfig::from_config(&config_from_toml(&file.toml(table)).unwrap()).unwrap();
    // A local model has no limit unless one is set.
    assert_eq!(config("").timeouts(), GgufConfig::default().timeouts());
    let limited = config("[llm.timeout]\ntotal = 2\nfirst_token = 1").timeouts();
    assert_eq!(limited.total(), Some(Duration::from_secs(2)));
    assert_eq!(limited.first_token(), Some(Duration::from_secs(1)));
    let none = driver(&file.toml("[llm.timeout]\ntotal = 0.000001")).unwrap();
    let error = none.generate("Hi".into()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Timeout, "{error}");
}

#[tokio::test]
async fn a_driver_in_code_reads_the_same_configuration() {
    use botticelli::CompletionDriver;
    let file = ModelFile::new(&TinyModel::noise("qwen2"));
    let config = config_from_toml(&file.toml("[llm.generation]\nmax_tokens = 3")).unwrap();
    let driver = GgufDriver::from_config(&config).unwrap();
    let response = driver.complete(CompletionRequest::from("Once")).await.unwrap();
    assert_eq!(response.usage().unwrap().completion_tokens(), Some(3));
}

#[test]
fn mistakes_have_a_line_and_a_remedy() {
    let file = ModelFile::new(&TinyModel::noise("llama"));
    for (table, expected) in [
        ("[llm.gguf]\ncontext = 4", "`llm.gguf.context`: unknown key. Did you mean `context_length`?"),
        ("[llm.gguf]\ncontext_length = \"4k\"", "a whole number"),
        ("[llm.gguf]\ncache_type = \"q8\"", "f16"),
        ("context_length = 4", "Did you mean `llm.gguf.context_length`?"),
    ] {
        let error = config_from_toml(&file.toml(table)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let missing = "[llm]\nprovider = \"gguf\"\nmodel = \"./nowhere/model.gguf\"";
    let error = driver(missing).unwrap_err();
    assert!(matches!(error.kind(), BotticelliErrorKind::ModelFile(_)), "{error:?}");
    assert!(error.to_string().contains("nowhere"), "{error}");
}

#[test]
fn a_table_of_a_provider_that_is_not_used_is_refused_with_its_line() {
    let file = ModelFile::new(&TinyModel::noise("llama"));
    let local = file.toml("[llm.generation]\nseed = 1\n[llm.huggingface]\nbill_to = \"org\"\n");
    let remote = "[llm]\nprovider = \"huggingface\"\nmodel = \"org/m\"\n[llm.gguf]\nthreads = 1\n";
    // Also next to a route that has its own keys.
    let route = format!("{remote}[[llm.fallback]]\nprovider = \"gguf\"\nmodel = '{}'\n", file.path.display());
    let empty = "[llm]\nprovider = \"huggingface\"\nmodel = \"org/m\"\ngguf = {}\n".to_owned();
    let path = file.folder.path().join("config.toml");
    for (text, line, unused, provider) in [
        (local, 6, "huggingface", "gguf"),
        (remote.to_owned(), 4, "gguf", "huggingface"),
        (route, 4, "gguf", "huggingface"),
        (empty, 4, "gguf", "huggingface"),
    ] {
        std::fs::write(&path, &text).unwrap();
        let error = driver_from_config(&path).unwrap_err();
        let BotticelliErrorKind::Config(config) = error.kind() else { panic!("{error:?}") };
        assert_eq!((config.line(), config.key()), (Some(line), Some(&*format!("llm.{unused}"))), "{text}");
        let reason = format!("it has no effect, because the provider is `{provider}`. Remove the table");
        assert!(error.to_string().contains(&reason), "{error}");
        // A configuration of code has no lines.
        assert!(driver(&text).unwrap_err().to_string().contains(&reason), "{text}");
    }
    let embedding =
        "[embedding]\nprovider = \"huggingface\"\nmodel = \"org/m\"\n[embedding.gguf]\nthreads = 1\n";
    let error = embedder_from_toml(embedding, Environment::empty()).unwrap_err().to_string();
    assert!(error.contains("line 4, `embedding.gguf`: it has no effect"), "{error}");
}
