//! Images and speech.

use serde::Deserialize;
use serde_json::json;

use super::bytes::{FLAC, Input, JPEG, encoded, file};
use super::fault::{Effect, Target};
use super::input::parse;
use super::jobs::Jobs;
use super::models::{Task, TaskBehavior};
use crate::http::Request;
use crate::script::Script;

#[derive(Deserialize)]
struct TextRequest {
    inputs: String,
}

/// Folder of results on the sandbox.
const RESULTS: &str = "/results/";

/// Returns an image or speech. Images are JPEG, whatever the request accepts.
pub(super) fn respond(task: Task, behavior: TaskBehavior, request: &Request) -> Result<Script, Script> {
    let text = match task {
        Task::ImageToImage => {
            let input = Input::read(request)?.image()?;
            let prompt = input.parameters.get("prompt").and_then(|prompt| prompt.as_str()).unwrap_or("none");
            format!("{} bytes, {prompt}", input.data.len())
        }
        _ => parse::<TextRequest>(&request.body)?.inputs,
    };
    let (mark, media_type) = match task {
        Task::TextToSpeech | Task::TextToAudio => (FLAC, "audio/flac"),
        _ => (JPEG, "image/jpeg"),
    };
    let data = file(mark, &text);
    let host = request.header("host").unwrap_or("localhost");
    Ok(match behavior {
        TaskBehavior::WrongMediaType => Script::text(200, "image/png", data),
        TaskBehavior::AsBase64 => Script::json(200, json!({ "data": [{ "b64_json": encoded(&data) }] })),
        TaskBehavior::AsUrl => Script::json(
            200,
            json!({ "output": [format!("http://{host}{RESULTS}moved/image.png?signature=1")] }),
        ),
        _ => Script::text(200, media_type, data),
    })
}

/// Returns the result at a path: an image, audio, a video, or a redirect to one. A request with a token is rejected, as by storage
/// with signed addresses.
pub(crate) fn result(path: &str, request: &Request, jobs: &Jobs) -> Option<Script> {
    let name = path.strip_prefix(RESULTS)?;
    if request.header("authorization").is_some() {
        let error =
            "<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed</Message></Error>";
        return Some(Script::text(400, "application/xml", error));
    }
    let png = "image/png";
    match jobs.take_fault(Target::Result).map(|fault| fault.effect()) {
        Some(Effect::MissingResult) => return Some(Script::text(403, "application/xml", "<Error/>")),
        Some(Effect::ErrorAsMedia) => {
            return Some(Script::text(200, png, r#"{"error":"CUDA out of memory"}"#));
        }
        Some(Effect::PageAsMedia) => return Some(Script::text(200, png, "<html><body>Hello</body></html>")),
        Some(Effect::EmptyMedia) => return Some(Script::text(200, png, "")),
        Some(Effect::CutMedia) => return Some(Script::stream(200, png).piece(file(JPEG, name)).cut()),
        _ => {}
    }
    if let Some(name) = name.strip_prefix("moved/") {
        return Some(Script::text(302, "text/plain", "").header("location", format!("{RESULTS}{name}")));
    }
    // The name ends in `.png`, and the content is JPEG, as at some providers.
    let (mark, media_type) = match name.rsplit('.').next() {
        Some("flac") => (FLAC, "audio/flac"),
        Some("mp4") => (&b"\0\0\0\x18ftypmp42"[..], "video/mp4"),
        Some("html") => (&b"<html>"[..], "text/html"),
        Some("png" | "jpg") => (JPEG, "image/png"),
        _ => return Some(Script::text(404, "text/plain", "Not found")),
    };
    Some(Script::text(200, media_type, file(mark, name)))
}
