//! Providers of media, each with its own routes and JSON.

use serde_json::{Value, json};

use super::bytes::{FLAC, JPEG, encoded, file};
use super::fault::{Effect, Target};
use super::jobs::{Jobs, State};
use super::models::TaskModel;
use crate::error_response::{self, plain};
use crate::http::Request;
use crate::script::Script;

/// A request to a provider: the path and the query after the provider's name.
struct Call<'a> {
    request: &'a Request,
    jobs: &'a Jobs,
    path: &'a str,
    query: &'a str,
    body: Value,
}

const PROVIDERS: [&str; 8] =
    ["together", "nscale", "fal-ai", "replicate", "wavespeed", "novita", "zai-org", "deepinfra"];

/// Returns the provider of a path, whether it is called directly, and the rest of the path. An empty name is a server with `OpenAI`'s
/// API.
pub(crate) fn media_provider(path: &str) -> Option<(&str, bool, &str)> {
    const OPENAI: [&str; 3] = ["/v1/images/generations", "/v1/audio/speech", "/v1/audio/transcriptions"];
    if OPENAI.contains(&path) {
        return Some(("", false, path));
    }
    let (rest, is_direct) = match path.strip_prefix("/direct/") {
        Some(rest) => (rest, true),
        None => (path.strip_prefix('/')?, false),
    };
    let (name, rest) = rest.split_at_checked(rest.find('/')?)?;
    let is_media = match name {
        "fal-ai" | "replicate" | "wavespeed" => true,
        "novita" => rest.starts_with("/v3/async/"),
        "zai-org" => rest.starts_with("/api/paas/v4/async") || rest.ends_with("/layout_parsing"),
        "together" | "nscale" => {
            rest.contains("/images/") || rest.contains("/videos") || rest.contains("/audio/")
        }
        "deepinfra" => rest.contains("/audio/"),
        _ => false,
    };
    (is_media && PROVIDERS.contains(&name)).then_some((name, is_direct, rest))
}

/// Returns the response of a provider.
pub(crate) fn respond_as_provider(name: &str, path: &str, request: &Request, jobs: &Jobs) -> Script {
    match jobs.take_fault(Target::Any).map(|fault| (fault.effect(), fault.number())) {
        Some((Effect::NotJson, _)) => {
            return Script::text(200, "text/html", "<html><body>Hello</body></html>");
        }
        Some((Effect::Unrelated, _)) => return Script::json(200, json!({ "hello": "world" })),
        Some((_, status)) => return plain(status, "Injected fault"),
        None => {}
    }
    let query = request.target.split_once('?').map_or("", |(_, query)| query);
    let body = serde_json::from_slice(&request.body).unwrap_or_default();
    let call = Call { request, jobs, path, query, body };
    let response = match name {
        "fal-ai" => call.fal(),
        "replicate" => call.replicate(),
        "wavespeed" => call.wavespeed(),
        "novita" => call.novita(),
        "zai-org" => call.zai(),
        _ => call.openai(name),
    };
    let script = response.unwrap_or_else(|error| error);
    if name.is_empty() { script } else { script.header("x-inference-provider", name) }
}

fn unknown_path() -> Script {
    Script::text(404, "text/plain", "404: Not Found")
}

/// Rejects a model that the provider does not serve.
fn check_model(provider: &str, name: &str) -> Result<(), Script> {
    let is_known = TaskModel::at_provider(provider, name).is_some();
    if is_known { Ok(()) } else { Err(error_response::not_by_provider(provider)) }
}

impl Call<'_> {
    fn text(&self, place: &str) -> Option<&str> {
        self.body.pointer(place).and_then(Value::as_str)
    }

    /// Returns a text that the provider requires.
    fn required(&self, place: &str) -> Result<&str, Script> {
        let missing = || {
            let name = place.trim_start_matches('/').to_owned();
            json!({ "detail": [{ "type": "missing", "loc": ["body", name], "msg": "Field required" }] })
        };
        self.text(place).ok_or_else(|| Script::json(422, missing()))
    }

    /// Returns the address of a result on the sandbox.
    fn result(&self, name: &str) -> String {
        let host = self.request.header("host").unwrap_or("localhost");
        match self.jobs.take_fault(Target::Address).map(|fault| fault.effect()) {
            // The same server under another name.
            Some(Effect::ForeignAddress) => {
                format!("http://{}/results/{name}", host.replace("127.0.0.1", "localhost"))
            }
            Some(Effect::PlainAddress) => format!("http://results.example.org/{name}"),
            Some(Effect::FileAddress) => format!("file:///etc/{name}"),
            _ => format!("http://{host}/results/{name}"),
        }
    }

    fn poll(&self, id: &str) -> Result<State, Script> {
        self.jobs.poll(id).ok_or_else(|| plain(404, "no such job"))
    }

    fn fal(&self) -> Result<Script, Script> {
        let is_queue = self.query == "_subdomain=queue";
        if let Some((model, rest)) = self.path.split_once("/requests/") {
            if !is_queue {
                return Err(unknown_path());
            }
            return match (self.request.method.as_str(), rest.split_once('/')) {
                ("GET", Some((id, "status"))) => {
                    let status = match self.poll(id)? {
                        State::Queued => "IN_QUEUE",
                        State::Running => "IN_PROGRESS",
                        State::Done => "COMPLETED",
                        State::Failed | State::Cancelled => "FAILED",
                    };
                    Ok(Script::json(200, json!({ "status": status, "error": "NSFW content" })))
                }
                ("PUT", Some((id, "cancel"))) => {
                    let status = if self.jobs.cancel(id) { 202 } else { 404 };
                    Ok(Script::json(status, json!({ "status": "CANCELLATION_REQUESTED" })))
                }
                ("GET", None) => Ok(Script::json(200, self.fal_result(model))),
                _ => Err(unknown_path()),
            };
        }
        let model = self.path.trim_start_matches('/');
        // fal has no list of models: an unknown one is an unknown path.
        check_model("fal-ai", model).map_err(|_| unknown_path())?;
        if model.contains("lora") && self.text("/loras/0/path").is_none() {
            return Err(Script::json(422, json!({ "detail": "loras required" })));
        }
        if let Some(audio) = self.text("/audio_url") {
            let is_known = ["audio/mpeg", "audio/x-wav", "video/webm"]
                .iter()
                .any(|kind| audio.starts_with(&format!("data:{kind};base64,")));
            if !is_known {
                return Err(Script::json(400, json!({ "detail": "Unsupported data URL" })));
            }
        }
        if is_queue {
            let prompt = self.text("/prompt").unwrap_or_default();
            let id = self.jobs.start(prompt, &self.request.body);
            // The path can name another model than the request.
            let address = format!("https://queue.fal.run/{model}/requests/{id}");
            return Ok(Script::json(
                200,
                json!({ "request_id": id, "status": "IN_QUEUE", "response_url": address }),
            ));
        }
        Ok(Script::json(200, self.fal_result(model)))
    }

    fn fal_result(&self, model: &str) -> Value {
        match model {
            _ if model.contains("video") => json!({ "video": { "url": self.result("video.mp4") } }),
            _ if model.contains("whisper") => {
                json!({ "text": " hello", "chunks": [{ "text": " hello", "timestamp": [0, 1] }] })
            }
            _ if model.contains("kokoro") || model.contains("denoise") => {
                json!({ "audio": { "url": self.result("audio.flac"), "content_type": "audio/wav" } })
            }
            _ if model.contains("musicgen") => {
                json!({ "audio_file": { "url": self.result("audio.flac"), "content_type": "audio/wav" } })
            }
            _ if model.contains("rmbg") => {
                let mask = format!("data:image/png;base64,{}", encoded(&file(JPEG, "mask")));
                json!({ "image": { "url": mask } })
            }
            _ => json!({
                "images": [{ "url": self.result("image.png"), "content_type": "image/jpeg" }],
                "seed": 2_463_045_738_u64,
                "has_nsfw_concepts": [false],
            }),
        }
    }

    fn replicate(&self) -> Result<Script, Script> {
        if let Some(rest) = self.path.strip_prefix("/v1/predictions/") {
            return match (self.request.method.as_str(), rest.split_once('/')) {
                ("GET", None) => {
                    let state = self.poll(rest)?;
                    Ok(Script::json(200, self.prediction(rest, state)))
                }
                ("POST", Some((id, "cancel"))) if self.jobs.cancel(id) => {
                    Ok(Script::json(200, json!({ "status": "canceled" })))
                }
                _ => Err(unknown_path()),
            };
        }
        let name =
            match self.path.strip_prefix("/v1/models/").and_then(|rest| rest.strip_suffix("/predictions")) {
                Some(model) => model.to_owned(),
                None if self.path == "/v1/predictions" => {
                    format!("owner/model:{}", self.required("/version")?)
                }
                None => return Err(unknown_path()),
            };
        if !name.starts_with("owner/") {
            check_model("replicate", &name)?;
        }
        let fields = self.body.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        if let Some(name) = fields.into_iter().find(|name| !["input", "version"].contains(name)) {
            let invalid = json!([{ "type": "additional_property_not_allowed", "field": name }]);
            let detail = format!("- Additional property {name} is not allowed\n");
            return Err(Script::json(
                422,
                json!({ "detail": detail, "status": 422, "title": "Input validation failed", "invalid_fields": invalid }),
            ));
        }
        let input = self.body.get("input").cloned().unwrap_or_default();
        let prompt = input.get("prompt").and_then(Value::as_str).unwrap_or_default();
        let id = self.jobs.start(prompt, &self.request.body);
        let prompt = self.jobs.prompt(&id);
        let is_waiting = self.request.header("prefer") == Some("wait");
        // A slow model does not end while the connection is held.
        let is_slow = ["slow", "fail", "forever"].iter().any(|word| prompt.contains(word)) || !is_waiting;
        let mut prediction = self.prediction(&id, if is_slow { State::Queued } else { State::Done });
        if let (false, Some(prediction)) = (is_slow, prediction.as_object_mut()) {
            prediction.insert("status".into(), "processing".into());
            if input.get("audio").is_some() {
                prediction.insert("output".into(), json!({ "transcription": " hello" }));
            }
        }
        Ok(Script::json(201, prediction))
    }

    fn prediction(&self, id: &str, state: State) -> Value {
        let status = match state {
            State::Queued => "starting",
            State::Running => "processing",
            State::Done => "succeeded",
            State::Failed => "failed",
            State::Cancelled => "canceled",
        };
        let output = (state == State::Done).then(|| json!([self.result("image.png")]));
        let error = (state == State::Failed).then_some("NSFW content");
        let address = format!("https://api.replicate.com/v1/predictions/{id}");
        let urls = json!({ "get": address, "cancel": format!("{address}/cancel") });
        json!({ "id": id, "status": status, "output": output, "error": error, "urls": urls })
    }

    fn wavespeed(&self) -> Result<Script, Script> {
        let path = self.path.strip_prefix("/api/v3/").ok_or_else(unknown_path)?;
        if let Some(id) = path.strip_prefix("predictions/").and_then(|rest| rest.strip_suffix("/result")) {
            let (status, outputs, error) = match self.poll(id)? {
                State::Queued => ("created", json!([]), ""),
                State::Running => ("processing", json!([]), ""),
                State::Done => ("completed", json!([self.result("image.png")]), ""),
                State::Failed | State::Cancelled => ("failed", json!([]), "NSFW content"),
            };
            return Ok(Script::json(
                200,
                json!({ "data": { "id": id, "status": status, "outputs": outputs, "error": error } }),
            ));
        }
        check_model("wavespeed", path)?;
        let id = self.jobs.start(self.text("/prompt").unwrap_or_default(), &self.request.body);
        let address = format!("https://api.wavespeed.ai/api/v3/predictions/{id}/result");
        Ok(Script::json(
            200,
            json!({ "code": 200, "data": { "id": id, "status": "created", "urls": { "get": address } } }),
        ))
    }

    fn novita(&self) -> Result<Script, Script> {
        let path = self.path.strip_prefix("/v3/async/").ok_or_else(unknown_path)?;
        if path == "task-result" {
            let id = self.query.strip_prefix("task_id=").unwrap_or_default();
            let (status, reason) = match self.poll(id)? {
                State::Queued => ("TASK_STATUS_QUEUED", ""),
                State::Running => ("TASK_STATUS_PROCESSING", ""),
                State::Done => ("TASK_STATUS_SUCCEED", ""),
                State::Failed | State::Cancelled => ("TASK_STATUS_FAILED", "NSFW content"),
            };
            let videos = json!([{ "video_url": self.result("video.mp4"), "video_type": "mp4" }]);
            let task = json!({ "task_id": id, "status": status, "reason": reason });
            return Ok(Script::json(200, json!({ "task": task, "videos": videos })));
        }
        check_model("novita", path)?;
        let id = self.jobs.start(self.required("/prompt")?, &self.request.body);
        Ok(Script::json(200, json!({ "task_id": id })))
    }

    fn zai(&self) -> Result<Script, Script> {
        for (name, value) in [("accept-language", "en-US,en"), ("x-source-channel", "hugging_face")] {
            if self.request.header(name) != Some(value) {
                return Err(error_response::header_missing(name));
            }
        }
        if let Some(id) = self.path.strip_prefix("/api/paas/v4/async-result/") {
            let state = self.poll(id)?;
            let status = match state {
                State::Queued | State::Running => "PROCESSING",
                State::Done => "SUCCESS",
                State::Failed | State::Cancelled => "FAIL",
            };
            let images = json!([{ "url": self.result("image.png") }]);
            return Ok(Script::json(200, json!({ "id": id, "task_status": status, "image_result": images })));
        }
        check_model("zai-org", self.required("/model")?)?;
        if self.path.ends_with("/layout_parsing") {
            let size = self.required("/file")?.len();
            return Ok(Script::json(200, json!({ "md_results": format!("# Page of {size} characters") })));
        }
        let id = self.jobs.start(self.required("/prompt")?, &self.request.body);
        Ok(Script::json(200, json!({ "id": id, "task_status": "PROCESSING", "request_id": "r" })))
    }

    fn openai(&self, name: &str) -> Result<Script, Script> {
        if let Some(id) = self.path.strip_prefix("/v2/videos/") {
            let (status, error) = match self.poll(id)? {
                State::Queued => ("queued", Value::Null),
                State::Running => ("in_progress", Value::Null),
                State::Done => ("completed", Value::Null),
                State::Failed | State::Cancelled => ("failed", json!({ "message": "NSFW content" })),
            };
            let outputs = json!({ "video_url": self.result("video.mp4") });
            return Ok(Script::json(
                200,
                json!({ "id": id, "status": status, "error": error, "outputs": outputs }),
            ));
        }
        if self.path.ends_with("/audio/transcriptions") {
            return self.transcription();
        }
        let model = self.required("/model")?;
        if !name.is_empty() {
            check_model(name, model)?;
        }
        if self.path.ends_with("/audio/speech") {
            if name == "together" {
                self.required("/voice")?;
            }
            return Ok(Script::text(200, "audio/flac", file(FLAC, self.required("/input")?)));
        }
        let prompt = self.required("/prompt")?;
        if self.path == "/v2/videos" {
            let id = self.jobs.start(prompt, &self.request.body);
            return Ok(Script::json(200, json!({ "id": id })));
        }
        let format = if name == "together" { "base64" } else { "b64_json" };
        if self.text("/response_format") != Some(format) {
            return Err(error_response::invalid_request(
                "unknown response_format",
                Some("response_format"),
                None,
            ));
        }
        Ok(Script::json(200, json!({ "data": [{ "index": 0, "b64_json": encoded(&file(JPEG, prompt)) }] })))
    }

    /// Reads a form with a file. Its name must have the extension of an audio file, which servers look at.
    fn transcription(&self) -> Result<Script, Script> {
        let is_form = self
            .request
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("multipart/form-data; boundary="));
        let form = String::from_utf8_lossy(&self.request.body);
        let has_file = ["flac", "wav", "mp3", "ogg"]
            .iter()
            .any(|extension| form.contains(&format!("name=\"file\"; filename=\"audio.{extension}\"")));
        if !is_form || !has_file || !form.contains("name=\"model\"") {
            return Err(error_response::invalid_request(
                "a form with file and model is required",
                None,
                None,
            ));
        }
        let segments = json!([{ "id": 0, "text": " hello", "start": 0.0, "end": 1.0 }]);
        let has_segments = form.contains("verbose_json");
        let response = if has_segments {
            json!({ "text": " hello", "segments": segments })
        } else {
            json!({ "text": " hello" })
        };
        Ok(Script::json(200, response))
    }
}
