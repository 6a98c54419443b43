//! Replays recorded responses of real servers. They are not part of the repository: `BOTTICELLI_RECORDINGS` names the file.
//!
//! The file is a JSON object of recordings, each `{note, url, init: {body}, response: {status, headers, body}}`. Those of
//! chats and of texts must be read as what they are: an answer with text, or a refusal.

use crate::common::settings;
use crate::common::text;
use botticelli_core::{CompletionRequest, GenerateResponse};
use botticelli_error::BotticelliError;
use botticelli_interface::{BotticelliDriver, CompletionDriver};
use botticelli_models::huggingface::Dialect;
use botticelli_sandbox::{Sandbox, Script};
use serde_json::Value;

/// The subject of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    Chat,
    /// `/completions`.
    Text,
    /// text-generation-inference's own API.
    Generate,
    Other,
}

impl Task {
    fn of(url: &str, body: &Value, answer: &str) -> Self {
        let is_generated =
            answer.contains("generated_text") || body["parameters"].get("max_new_tokens").is_some();
        match () {
            () if url.ends_with("/chat/completions") => Self::Chat,
            () if url.ends_with("/completions") => Self::Text,
            () if body["inputs"].is_string() && is_generated => Self::Generate,
            () => Self::Other,
        }
    }
}

async fn replayed(task: Task, body: &Value, script: Script) -> Result<GenerateResponse, BotticelliError> {
    let server = Sandbox::builder().with_dialect(botticelli_sandbox::Dialect::Tgi3);
    let sandbox = server.with_turn(script).start().await.unwrap();
    let dialect = if task == Task::Generate { Dialect::Tgi } else { Dialect::OpenAi };
    let driver = settings(&sandbox).dialect(dialect).build().unwrap();
    let prompt = body["prompt"].as_str().or(body["inputs"].as_str()).unwrap_or("Hi");
    let (is_streamed, request) = (body["stream"] == true, CompletionRequest::from(prompt));
    let (chunks, error) = match (task, is_streamed) {
        (Task::Chat | Task::Other, false) => return driver.generate("Hi".into()).await,
        (Task::Text | Task::Generate, false) => return driver.complete(request).await,
        (Task::Chat | Task::Other, true) => crate::common::collect(&driver, "Hi".into()).await,
        (Task::Text | Task::Generate, true) => text::collect(&driver, request).await,
    };
    error.map_or_else(|| Ok(chunks.last().unwrap().response().unwrap().clone()), Err)
}

#[tokio::test]
#[ignore = "replays the file named in BOTTICELLI_RECORDINGS"]
async fn every_recorded_response_is_read() {
    let path =
        std::env::var("BOTTICELLI_RECORDINGS").expect("set BOTTICELLI_RECORDINGS to a file of recordings");
    let recordings: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut wrong = Vec::new();
    let mut seen = Vec::new();
    for recording in recordings.as_object().unwrap().values() {
        let (note, url) = (recording["note"].as_str().unwrap(), recording["url"].as_str().unwrap());
        let response = &recording["response"];
        let status = u16::try_from(response["status"].as_u64().unwrap()).unwrap();
        let answer = response["body"].as_str().unwrap();
        let recorded_request =
            recording["init"]["body"].as_str().and_then(|body| serde_json::from_str(body).ok());
        let recorded_request: Value = recorded_request.unwrap_or_default();
        let task = Task::of(url, &recorded_request, answer);
        let content_type = response["headers"]["content-type"].as_str().unwrap_or_default();
        let outcome = replayed(task, &recorded_request, Script::text(status, content_type, answer)).await;
        // A stream that contains only an error is an error response with the status of the error.
        let is_refused = status != 200 || answer.starts_with("data: {\"error\"");
        let (is_right, shown) = match &outcome {
            Ok(answer) => {
                let text = answer.text();
                let clean = !text.is_empty() && !text.contains("</s>") && !text.contains("data:");
                let usage = answer.usage().map(botticelli_core::Usage::total_tokens);
                (
                    !is_refused && clean,
                    format!("{} [{}] {usage:?} {text:?}", answer.text().len(), answer.finish_reason()),
                )
            }
            Err(error) => (is_refused, format!("{:?}: {error}", error.category())),
        };
        let verdict = match task {
            Task::Other => "looked at",
            _ if is_right => "right",
            _ => "WRONG",
        };
        println!("{task:?} {verdict}: {note}\n    {shown}");
        seen.push(task);
        if verdict == "WRONG" {
            wrong.push(note);
        }
    }
    let count = |task: Task| seen.iter().filter(|seen| **seen == task).count();
    let of = [Task::Chat, Task::Text, Task::Generate].map(|task| format!("{} {task:?}", count(task)));
    println!(
        "{} recordings, and {} wrong; {} of other tasks",
        of.join(", "),
        wrong.len(),
        count(Task::Other)
    );
    assert_eq!(wrong, Vec::<&str>::new());
}
