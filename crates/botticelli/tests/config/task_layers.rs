//! Layers in tables of tasks: each of them reaches every method.

use botticelli::tasks::{
    DocumentQuestionRequest, EveryTaskDriver, ImageToImageRequest, Media, QuestionAnsweringRequest,
    RerankRequest, SimilarityRequest, SummarizationRequest, Table, TableQuestionRequest, TabularRequest,
    TextToImageRequest, VideoRequest, VisualQuestionRequest, ZeroShotImageRequest, ZeroShotRequest,
};
use botticelli::{BotticelliError, Environment, ErrorCategory, tasks_from_toml};
use botticelli_sandbox::Sandbox;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use std::sync::Arc;

type Driver = Arc<dyn EveryTaskDriver>;
type Call = fn(Driver) -> BoxFuture<'static, Result<Value, BotticelliError>>;

/// A call of each task with a model that has it, and whether a cache keeps its response.
type Case = (&'static str, &'static str, bool, Call);

macro_rules! call {
    ($driver:ident, $call:expr) => {
        |$driver| async move { $call.await.map(|response| serde_json::to_value(response).unwrap()) }.boxed()
    };
}

fn png() -> Media {
    Media::new(&b"\x89PNG\r\n\x1a\n"[..])
}

fn flac() -> Media {
    Media::new(&b"fLaC"[..])
}

fn table() -> Table {
    Table::new().with_column("a", ["1", "2"])
}

fn calls() -> Vec<Case> {
    let mut calls = text_calls();
    calls.extend(media_calls());
    calls
}

fn text_calls() -> Vec<Case> {
    vec![
        ("embed", "BAAI/bge-small-en-v1.5", true, call!(driver, driver.embed(["a", "b"].into()))),
        (
            "similarity",
            "sentence-transformers/all-MiniLM-L6-v2",
            true,
            call!(driver, driver.similarity(SimilarityRequest::new("a", ["b", "c"]))),
        ),
        (
            "rerank",
            "BAAI/bge-reranker-v2-m3",
            true,
            call!(driver, driver.rerank(RerankRequest::new("a", ["b", "c"]))),
        ),
        (
            "classify",
            "distilbert/distilbert-base-uncased-finetuned-sst-2-english",
            true,
            call!(driver, driver.classify("a".into())),
        ),
        (
            "classify_zero_shot",
            "facebook/bart-large-mnli",
            true,
            call!(driver, driver.classify_zero_shot(ZeroShotRequest::new(["a"], ["x", "y"]))),
        ),
        (
            "classify_tokens",
            "dslim/bert-base-NER",
            true,
            call!(driver, driver.classify_tokens("Anna".into())),
        ),
        (
            "answer",
            "deepset/roberta-base-squad2",
            true,
            call!(driver, driver.answer(QuestionAnsweringRequest::new("a?", "b"))),
        ),
        (
            "answer_from_table",
            "google/tapas-base-finetuned-wtq",
            true,
            call!(driver, driver.answer_from_table(TableQuestionRequest::new("a?", table()))),
        ),
        (
            "fill_mask",
            "google-bert/bert-base-uncased",
            true,
            call!(driver, driver.fill_mask("[MASK] world!".into())),
        ),
        ("summarize", "facebook/bart-large-cnn", true, call!(driver, driver.summarize("a".into()))),
        ("translate", "google-t5/t5-small", true, call!(driver, driver.translate("Hello".into()))),
        (
            "classify_rows",
            "scikit-learn/tabular-playground",
            true,
            call!(driver, driver.classify_rows(TabularRequest::new(table()))),
        ),
        (
            "predict_rows",
            "scikit-learn/Fish-Weight",
            true,
            call!(driver, driver.predict_rows(TabularRequest::new(table()))),
        ),
    ]
}

fn media_calls() -> Vec<Case> {
    vec![
        (
            "classify_image",
            "google/vit-base-patch16-224",
            true,
            call!(driver, driver.classify_image(png().into())),
        ),
        (
            "classify_image_zero_shot",
            "openai/clip-vit-base-patch32",
            true,
            call!(driver, driver.classify_image_zero_shot(ZeroShotImageRequest::new(png(), ["x", "y"]))),
        ),
        (
            "detect_objects",
            "facebook/detr-resnet-50",
            true,
            call!(driver, driver.detect_objects(png().into())),
        ),
        (
            "segment_image",
            "nvidia/segformer-b0-finetuned-ade-512-512",
            true,
            call!(driver, driver.segment_image(png().into())),
        ),
        (
            "describe_image",
            "Salesforce/blip-image-captioning-base",
            true,
            call!(driver, driver.describe_image(png().into())),
        ),
        (
            "answer_about_image",
            "dandelin/vilt-b32-finetuned-vqa",
            true,
            call!(driver, driver.answer_about_image(VisualQuestionRequest::new("a?", png()))),
        ),
        (
            "answer_about_document",
            "impira/layoutlm-document-qa",
            true,
            call!(driver, driver.answer_about_document(DocumentQuestionRequest::new("a?", png()))),
        ),
        ("transcribe", "openai/whisper-large-v3", true, call!(driver, driver.transcribe(flac().into()))),
        (
            "classify_audio",
            "superb/hubert-large-superb-er",
            true,
            call!(driver, driver.classify_audio(flac().into())),
        ),
        (
            "convert_audio",
            "speechbrain/sepformer-wham",
            false,
            call!(driver, driver.convert_audio(flac().into())),
        ),
        (
            "generate_image",
            "stabilityai/stable-diffusion-3-medium-diffusers",
            true,
            call!(driver, driver.generate_image(TextToImageRequest::from("Venus").with_seed(7))),
        ),
        (
            "edit_image",
            "timbrooks/instruct-pix2pix",
            false,
            call!(driver, driver.edit_image(ImageToImageRequest::new(png(), "as a drawing"))),
        ),
        (
            "generate_audio",
            "facebook/musicgen-small",
            false,
            call!(driver, driver.generate_audio("A lute".into())),
        ),
        (
            "generate_speech",
            "facebook/mms-tts-eng",
            false,
            call!(driver, driver.generate_speech("Hello".into())),
        ),
    ]
}

fn file(sandbox: &Sandbox, model: &str, provider: &str, layers: &str) -> String {
    format!(
        "[tasks.all]\nprovider = \"huggingface\"\nmodel = \"{model}\"\n\
         [tasks.all.huggingface]\nbase_url = \"{}\"\nprovider = \"{provider}\"\n{layers}",
        sandbox.origin()
    )
}

fn environment(sandbox: &Sandbox) -> Environment {
    Environment::empty().with("HF_TOKEN", Sandbox::TOKEN).with("HF_ENDPOINT", sandbox.hub_url())
}

fn driver(sandbox: &Sandbox, model: &str, layers: &str) -> Driver {
    tasks_from_toml(&file(sandbox, model, "hf-inference", layers), "tasks.all", environment(sandbox)).unwrap()
}

const BGE: &str = "BAAI/bge-small-en-v1.5";

/// The response without the facts that differ between two calls.
fn result_of(response: &Value) -> Value {
    let mut response = response.clone();
    response.as_object_mut().unwrap().remove("metadata");
    response
}

#[tokio::test]
async fn every_task_is_recorded_and_replayed_without_a_token() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (name, model, _, call) in calls() {
        let path = folder.path().join(name);
        let layers = format!("[tasks.all.cassette]\npath = '{}'\n", path.display());
        let recording = driver(&sandbox, model, &layers);
        let recorded = call(recording).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        let sent = sandbox.requests().len();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(&format!("\"call\": \"{name}\"")), "{text}");
        assert!(!text.contains(Sandbox::TOKEN) && !text.contains("timings"), "{text}");
        let file = file(&sandbox, model, "hf-inference", &layers);
        let replay = tasks_from_toml(&file, "tasks.all", Environment::empty()).unwrap();
        let replayed = call(replay.clone()).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(result_of(&replayed), result_of(&recorded), "{name}");
        assert_eq!(replayed["metadata"]["request_id"], recorded["metadata"]["request_id"], "{name}");
        assert_eq!(sandbox.requests().len(), sent, "a replay sends nothing");
        // The cassette has no more calls.
        let error = call(replay).await.unwrap_err();
        assert_eq!(error.category(), ErrorCategory::NotFound, "{error}");
    }
}

#[tokio::test]
async fn an_error_of_a_task_is_replayed() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let layers = format!("[tasks.all.cassette]\npath = '{}'\n", folder.path().join("a.json").display());
    let text = file(&sandbox, "this/does-not-exist", "hf-inference", &layers);
    let recording = tasks_from_toml(&text, "tasks.all", environment(&sandbox)).unwrap();
    let recorded = recording.classify("a".into()).await.unwrap_err();
    let replayed = tasks_from_toml(&text, "tasks.all", Environment::empty()).unwrap();
    let error = replayed.classify("a".into()).await.unwrap_err();
    assert_eq!((error.category(), error.to_string()), (recorded.category(), recorded.to_string()));
}

#[tokio::test]
async fn a_damaged_recording_of_a_task_names_its_file() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    let layers = format!("[tasks.all.cassette]\npath = '{}'\n", path.display());
    driver(&sandbox, BGE, &layers).embed("a".into()).await.unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\"embeddings\": [", "\"embeddings\": [7,")).unwrap();
    let error = driver(&sandbox, BGE, &layers).embed("a".into()).await.unwrap_err().to_string();
    assert!(error.contains("a.json") && error.contains("the call `embed` is damaged"), "{error}");
}

#[tokio::test]
async fn a_cache_keeps_every_response_that_does_not_vary() {
    let sandbox = Sandbox::start().await.unwrap();
    for (name, model, is_kept, call) in calls() {
        let cached = driver(&sandbox, model, "[tasks.all.cache]\n");
        let first = call(cached.clone()).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        let sent = sandbox.requests().len();
        let second = call(cached).await.unwrap();
        assert_eq!(sandbox.requests().len() == sent, is_kept, "{name}");
        assert_eq!(second["metadata"]["cached"] == true, is_kept, "{name}");
        assert_eq!(result_of(&first), result_of(&second), "{name}");
        assert_eq!(first["metadata"]["model"], second["metadata"]["model"], "{name}");
        // With `sampled`, all are kept.
        let sampled = driver(&sandbox, model, "[tasks.all.cache]\nsampled = true\n");
        call(sampled.clone()).await.unwrap();
        let sent = sandbox.requests().len();
        call(sampled).await.unwrap();
        assert_eq!(sandbox.requests().len(), sent, "{name}");
    }
}

#[tokio::test]
async fn the_mode_of_a_cache_concerns_every_task() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (name, model, is_kept, call) in calls() {
        let store = folder.path().join(name);
        let of_mode = |mode: &str| {
            let layers = format!("[tasks.all.cache]\nstore = '{}'\nmode = \"{mode}\"\n", store.display());
            driver(&sandbox, model, &layers)
        };
        let sent = sandbox.requests().len();
        let error = call(of_mode("only")).await.unwrap_err();
        assert_eq!((error.category(), sandbox.requests().len()), (ErrorCategory::Store, sent), "{name}");
        call(of_mode("on")).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        let sent = sandbox.requests().len();
        match call(of_mode("only")).await {
            Ok(response) => assert!(is_kept && response["metadata"]["cached"] == true, "{name}"),
            Err(error) => assert!(!is_kept && error.category() == ErrorCategory::Store, "{name}: {error}"),
        }
        assert_eq!(sandbox.requests().len(), sent, "{name}");
        let refreshed = call(of_mode("refresh")).await.unwrap();
        assert!(sandbox.requests().len() > sent && refreshed["metadata"]["cached"] != true, "{name}");
    }
}

#[tokio::test]
async fn a_large_response_is_not_cached() {
    let sandbox = Sandbox::start().await.unwrap();
    for (max_bytes, is_kept) in [(100_000, true), (400, false)] {
        let cached = driver(&sandbox, BGE, &format!("[tasks.all.cache]\nmax_bytes = {max_bytes}\n"));
        let request = || ZeroShotRequest::new(["a"], ["x", "y"]).with_model("facebook/bart-large-mnli");
        cached.classify_zero_shot(request()).await.unwrap();
        let second = cached.classify_zero_shot(request()).await.unwrap();
        assert_eq!(second.metadata().is_cached(), is_kept, "{max_bytes}");
    }
}

#[tokio::test]
async fn a_request_that_samples_is_not_cached() {
    let sandbox = Sandbox::start().await.unwrap();
    let cached = driver(&sandbox, "facebook/bart-large-cnn", "[tasks.all.cache]\n");
    for (parameters, is_kept) in [
        (json!({ "do_sample": true }), false),
        (json!({ "temperature": 0.7 }), false),
        (json!({ "temperature": 0.0, "do_sample": false, "max_new_tokens": 20 }), true),
    ] {
        let request = || {
            let parameters = parameters.as_object().unwrap().clone();
            SummarizationRequest::from("Botticelli was a painter.").with_generate_parameters(parameters)
        };
        cached.summarize(request()).await.unwrap();
        let second = cached.summarize(request()).await.unwrap();
        assert_eq!(second.metadata().is_cached(), is_kept, "{parameters}");
    }
}

#[tokio::test]
async fn a_budget_without_a_price_refuses_every_task_before_it_is_sent() {
    let environment = || Environment::empty().with("HF_TOKEN", Sandbox::TOKEN);
    for (name, model, _, call) in calls() {
        // The router, to which nothing is sent. A server on loopback is free.
        let text = format!(
            "[tasks.all]\nprovider = \"huggingface\"\nmodel = \"{model}\"\n\
             [tasks.all.budget]\nper_day = \"0.01\"\n"
        );
        let error = call(tasks_from_toml(&text, "tasks.all", environment()).unwrap()).await.unwrap_err();
        assert_eq!(error.category(), ErrorCategory::BudgetExceeded, "{name}: {error}");
        assert!(error.to_string().contains("set a price for the driver"), "{name}: {error}");
    }
    let sandbox = Sandbox::start().await.unwrap();
    for (name, model, _, call) in calls() {
        let free = driver(&sandbox, model, "[tasks.all.budget]\nper_day = \"0\"\n");
        call(free).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[tokio::test]
async fn a_rate_limit_counts_every_task() {
    let sandbox = Sandbox::start().await.unwrap();
    for (name, model, _, call) in calls() {
        let layers = "[tasks.all.rate_limit]\nrequests_per_minute = 1\nmax_wait = \"0 s\"\n";
        let limited = driver(&sandbox, model, layers);
        call(limited.clone()).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        let error = call(limited).await.unwrap_err();
        assert_eq!(error.category(), ErrorCategory::RateLimited, "{name}: {error}");
    }
}

#[tokio::test]
async fn a_long_list_counts_all_of_its_requests() {
    let sandbox = Sandbox::start().await.unwrap();
    let layers = "batch_size = 1\n[tasks.all.rate_limit]\nrequests_per_minute = 4\nmax_wait = \"0 s\"\n";
    let limited = driver(&sandbox, BGE, layers);
    let response = limited.embed(["a", "b", "c"].into()).await.unwrap();
    assert_eq!(response.metadata().requests(), 3);
    limited.embed("d".into()).await.unwrap();
    let error = limited.embed("e".into()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::RateLimited, "{error}");
}

#[tokio::test]
async fn a_price_bounds_the_texts_of_a_budget() {
    let sandbox = Sandbox::start().await.unwrap();
    // 1 USD for a million tokens: a text of 4 bytes has at most 20 tokens, which cost 20 000 nano-dollars.
    let price = "price = { prompt = 1, completion = 1 }\n";
    for (limit, is_allowed) in [("0.00002", true), ("0.000019", false)] {
        let layers = format!("{price}[tasks.all.budget]\nper_call = \"{limit}\"\n");
        let result = driver(&sandbox, BGE, &layers).embed("four".into()).await;
        assert_eq!(result.is_ok(), is_allowed, "{limit}");
    }
    // A job has no tokens, so that a price for tokens does not bound it.
    let layers = format!("{price}[tasks.all.budget]\nper_call = \"1\"\n");
    let text = file(&sandbox, "Wan-AI/Wan2.2-T2V-A14B", "wavespeed", &layers);
    let video = tasks_from_toml(&text, "tasks.all", environment(&sandbox)).unwrap();
    let error = video.generate_video(VideoRequest::from("waves")).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::BudgetExceeded, "{error}");
    assert!(sandbox.requests().iter().all(|request| !request.path().contains("wavespeed")));
}
