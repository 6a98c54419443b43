//! Tasks of audio.

use serde_json::json;

use super::bytes::{FLAC, Input, encoded, file};
use super::models::Task;
use crate::http::Request;
use crate::script::Script;

/// Returns a transcript, labels or tracks. They contain the size of the audio.
pub(super) fn respond(task: Task, request: &Request) -> Result<Script, Script> {
    let input = Input::read(request)?.audio()?;
    let size = input.data.len();
    let response = match task {
        Task::AutomaticSpeechRecognition => {
            let text = format!(" The audio has {size} bytes.");
            let has_times = input.parameters.get("return_timestamps") == Some(&json!(true));
            if has_times {
                let chunks = json!([
                    { "text": " The audio", "timestamp": [0.0, 1.5] },
                    { "text": format!(" has {size} bytes."), "timestamp": [1.5, null] },
                ]);
                json!({ "text": text, "chunks": chunks })
            } else {
                json!({ "text": text })
            }
        }
        Task::AudioClassification => {
            let labels = [("neutral", 0.7), ("happy", 0.3)];
            let labels = labels.into_iter().take(input.number("top_k").unwrap_or(5));
            labels.map(|(label, score)| json!({ "score": score, "label": label })).collect()
        }
        _ => {
            let track = |label: &str| json!({ "label": label, "blob": encoded(&file(FLAC, label)), "content-type": "audio/flac" });
            json!([track("label_0"), track("label_1")])
        }
    };
    Ok(Script::json(200, response))
}
