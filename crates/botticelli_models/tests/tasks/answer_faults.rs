//! Every named fault of an answer has one meaning: an error of a category, or the result.
//!
//! `TASK_FAULT_OUTCOMES.md` of the sandbox has the expected table.

use crate::common::settings;
use botticelli_core::tasks::{
    ClassificationRequest, EmbeddingRequest, Media, TextToImageRequest, TranscriptionRequest,
};
use botticelli_error::BotticelliError;
use botticelli_interface::tasks::{
    AudioTaskDriver, ClassificationDriver, EmbeddingDriver, MediaGenerationDriver,
};
use botticelli_models::huggingface::HuggingFaceTasks;
use botticelli_sandbox::{Sandbox, TaskFault};
use serde::Serialize;
use serde_json::Value;

const DOCUMENT: &str = include_str!("../../../botticelli_sandbox/TASK_FAULT_OUTCOMES.md");

fn hosted(sandbox: &Sandbox) -> HuggingFaceTasks {
    settings(sandbox).provider("hf-inference").model("any/model").build_tasks().unwrap()
}

/// The result of a response, without the facts of its call.
fn result_of(response: &impl Serialize) -> Value {
    let mut response = serde_json::to_value(response).unwrap();
    response.as_object_mut().unwrap().remove("metadata");
    response
}

fn outcome<T: Serialize>(result: Result<T, BotticelliError>, expected: &Value) -> String {
    match result {
        Ok(response) if result_of(&response) == *expected => "answer".to_owned(),
        Ok(_) => "another answer".to_owned(),
        Err(error) => {
            let text = error.to_string();
            assert!(!text.contains(Sandbox::TOKEN) && text.len() < 700, "{text}");
            format!("{:?}", error.category())
        }
    }
}

/// The outcome of a call whose answer has a fault.
async fn damaged<T: Serialize, F: Future<Output = Result<T, BotticelliError>>>(
    sandbox: &Sandbox,
    fault: TaskFault,
    call: impl Fn() -> F,
) -> String {
    let expected = result_of(&call().await.unwrap());
    sandbox.inject_task_fault(fault);
    outcome(call().await, &expected)
}

#[tokio::test]
async fn every_fault_of_an_answer_has_its_outcome() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox);
    let vectors = || {
        let request = EmbeddingRequest::from(["a", "b"]);
        driver.embed(request.with_model("BAAI/bge-small-en-v1.5"))
    };
    let labels = || {
        let request = ClassificationRequest::from("good");
        driver.classify(request.with_model("distilbert/distilbert-base-uncased-finetuned-sst-2-english"))
    };
    let text = || {
        let request = TranscriptionRequest::from(Media::new(&b"fLaC"[..]));
        driver.transcribe(request.with_model("openai/whisper-large-v3"))
    };
    let image = || {
        let request = TextToImageRequest::from("Venus");
        driver.generate_image(request.with_model("stabilityai/stable-diffusion-3-medium-diffusers"))
    };
    let mut rows = Vec::new();
    for fault in TaskFault::all().filter(TaskFault::is_of_answer) {
        let cells = [
            damaged(&sandbox, fault, vectors).await,
            damaged(&sandbox, fault, labels).await,
            damaged(&sandbox, fault, text).await,
            damaged(&sandbox, fault, image).await,
        ];
        rows.push(format!("| `{fault}` | {} |", cells.join(" | ")));
    }
    let expected: Vec<&str> = DOCUMENT.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(rows, expected, "the table is\n{}\n", rows.join("\n"));
}
