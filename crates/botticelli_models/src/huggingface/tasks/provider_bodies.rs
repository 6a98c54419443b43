//! The JSON of requests for media at each provider.

use super::job_kind::{FAL_QUEUE, JobKind};
use botticelli_core::tasks::Media;
use serde_json::{Map, Value, json};

/// A request of a provider: path, body, and its kind of job, if it is one.
#[derive(Debug)]
pub(super) struct ProviderRequest {
    pub(super) path: String,
    pub(super) body: Value,
    pub(super) job: Option<JobKind>,
}

/// The parts of a request that providers name differently.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    pub(super) model: &'a str,
    pub(super) prompt: Option<&'a str>,
    pub(super) text: Option<&'a str>,
    pub(super) image: Option<&'a Media>,
    pub(super) audio: Option<String>,
    pub(super) voice: Option<&'a str>,
    pub(super) size: Option<(u32, u32)>,
    /// The other parameters, under their names at Hugging Face.
    pub(super) parameters: Map<String, Value>,
    /// The Hub's name of an adapter, and the file with its weights.
    pub(super) adapter: Option<(&'a str, &'a str)>,
}

/// Returns the request for an image from a description, or for a changed image.
pub(super) fn image(provider: &str, parts: Parts<'_>) -> Option<ProviderRequest> {
    let Parts { model, prompt, image, size, mut parameters, adapter, .. } = parts;
    let url = image.map(Media::to_data_url);
    let mut body = Map::new();
    if let Some(prompt) = prompt {
        body.insert("prompt".into(), prompt.into());
    }
    let is_edit = url.is_some();
    match provider {
        "together" | OPENAI => {
            rename(&mut parameters, "num_inference_steps", "steps");
            body.entry("prompt").or_insert_with(|| "".into());
            let format = if provider == OPENAI { "b64_json" } else { "base64" };
            body.insert("response_format".into(), format.into());
            if let Some(url) = url {
                let lower = model.to_lowercase();
                if lower.contains("flux.1") && lower.contains("kontext") {
                    body.insert("image_url".into(), url.into());
                } else {
                    body.insert("reference_images".into(), json!([url]));
                }
            }
            match size {
                Some((width, height)) if provider == OPENAI => {
                    body.insert("size".into(), format!("{width}x{height}").into());
                }
                Some((width, height)) => {
                    body.insert("width".into(), width.into());
                    body.insert("height".into(), height.into());
                }
                None => {}
            }
            body.extend(parameters);
            body.insert("model".into(), model.into());
            let path = if provider == OPENAI { "/images/generations" } else { "/v1/images/generations" };
            Some(request(path, body, None))
        }
        "nscale" if !is_edit => {
            parameters.remove("num_inference_steps");
            parameters.remove("cfg_scale");
            body.insert("response_format".into(), "b64_json".into());
            insert_size(&mut body, size);
            body.extend(parameters);
            body.insert("model".into(), model.into());
            Some(request("/v1/images/generations", body, None))
        }
        "fal-ai" => {
            if let Some((width, height)) = size {
                body.insert("image_size".into(), json!({ "width": width, "height": height }));
            }
            body.extend(parameters);
            if let Some((id, weights)) = adapter {
                let path = format!("https://huggingface.co/{id}/resolve/main/{weights}");
                body.insert("loras".into(), json!([{ "path": path, "scale": 1 }]));
                if model == "fal-ai/lora" {
                    let base = "stabilityai/stable-diffusion-xl-base-1.0";
                    body.insert("model_name".into(), base.into());
                }
            }
            match url {
                Some(url) => {
                    body.insert("image_url".into(), url.clone().into());
                    body.insert("image_urls".into(), json!([url]));
                    Some(fal_queue(model, body))
                }
                None => Some(request(format!("/{model}"), body, None)),
            }
        }
        "replicate" => {
            if let Some((width, height)) = size {
                body.insert("width".into(), width.into());
                body.insert("height".into(), height.into());
            }
            body.extend(parameters);
            if let Some((id, _)) = adapter {
                body.insert("lora_weights".into(), format!("https://huggingface.co/{id}").into());
            }
            if let Some(url) = url {
                // Models differ in the name.
                body.insert("image".into(), url.clone().into());
                body.insert("images".into(), json!([url]));
                body.insert("input_image".into(), url.clone().into());
                body.insert("input_images".into(), json!([url]));
            }
            Some(replicate(model, body))
        }
        "wavespeed" => {
            insert_size(&mut body, size);
            body.extend(parameters);
            if let Some(url) = url {
                body.insert("image".into(), url.into());
            }
            Some(request(format!("/api/v3/{model}"), body, Some(JobKind::WaveSpeed)))
        }
        "zai-org" if !is_edit => {
            body.insert("model".into(), model.into());
            insert_size(&mut body, size);
            body.extend(parameters);
            Some(request("/api/paas/v4/async/images/generations", body, Some(JobKind::Zai)))
        }
        _ => None,
    }
}

/// Returns the request for a video from a description or an image.
pub(super) fn video(provider: &str, parts: Parts<'_>) -> Option<ProviderRequest> {
    let Parts { model, prompt, image, mut parameters, .. } = parts;
    let url = image.map(Media::to_data_url);
    let mut body = Map::new();
    if let Some(prompt) = prompt {
        body.insert("prompt".into(), prompt.into());
    }
    match provider {
        "fal-ai" => {
            body.extend(parameters);
            if let Some(url) = url {
                body.insert("image_url".into(), url.into());
            }
            Some(fal_queue(model, body))
        }
        "novita" if url.is_none() => {
            body.extend(parameters);
            Some(request(format!("/v3/async/{model}"), body, Some(JobKind::Novita)))
        }
        "replicate" if url.is_none() => {
            body.extend(parameters);
            Some(replicate(model, body))
        }
        "together" => {
            rename(&mut parameters, "num_inference_steps", "steps");
            body.extend(parameters);
            if let Some(url) = url {
                body.insert("frame_images".into(), json!([{ "input_image": url, "frame": "first" }]));
            }
            body.insert("model".into(), model.into());
            Some(request("/v2/videos", body, Some(JobKind::TogetherVideo)))
        }
        "wavespeed" => {
            body.extend(parameters);
            if let Some(url) = url {
                body.insert("image".into(), url.into());
            }
            Some(request(format!("/api/v3/{model}"), body, Some(JobKind::WaveSpeed)))
        }
        _ => None,
    }
}

/// Returns the request for the speech of a text.
pub(super) fn speech(provider: &str, parts: Parts<'_>) -> Option<ProviderRequest> {
    let Parts { model, text, voice, parameters, .. } = parts;
    let text = text.unwrap_or_default();
    let mut body = Map::new();
    let insert_voice = |body: &mut Map<String, Value>, default: Option<&str>| {
        if let Some(voice) = voice.or(default) {
            body.insert("voice".into(), voice.into());
        }
    };
    match provider {
        "fal-ai" => {
            body.insert("text".into(), text.into());
            insert_voice(&mut body, None);
            body.extend(parameters);
            Some(request(format!("/{model}"), body, None))
        }
        "replicate" => {
            body.insert("text".into(), text.into());
            insert_voice(&mut body, None);
            body.extend(parameters);
            Some(replicate(model, body))
        }
        "deepinfra" | "together" | OPENAI => {
            body.insert("input".into(), text.into());
            // together requires a voice.
            insert_voice(&mut body, (provider == "together").then_some("af_alloy"));
            body.extend(parameters);
            body.insert("model".into(), model.into());
            let path = match provider {
                "deepinfra" => "/v1/openai/audio/speech",
                OPENAI => "/audio/speech",
                _ => "/v1/audio/speech",
            };
            Some(request(path, body, None))
        }
        _ => None,
    }
}

/// Returns the request for music or a sound.
pub(super) fn audio(provider: &str, parts: Parts<'_>) -> Option<ProviderRequest> {
    let mut body = Map::new();
    if provider != "fal-ai" {
        return None;
    }
    body.insert("prompt".into(), parts.prompt.into());
    body.extend(parts.parameters);
    Some(fal_queue(parts.model, body))
}

/// Returns the request for the transcript of speech, at providers that accept JSON.
pub(super) fn transcription(provider: &str, parts: Parts<'_>) -> Option<ProviderRequest> {
    let Parts { model, audio, parameters, .. } = parts;
    let audio = audio.unwrap_or_default();
    let mut body = Map::new();
    match provider {
        "fal-ai" => {
            body.insert("audio_url".into(), audio.into());
            body.extend(parameters);
            Some(request(format!("/{model}"), body, None))
        }
        "replicate" => {
            body.insert("audio".into(), audio.into());
            body.extend(parameters);
            Some(replicate(model, body))
        }
        _ => None,
    }
}

/// Returns the request for one mask of an image.
pub(super) fn segmentation(provider: &str, parts: Parts<'_>) -> Option<ProviderRequest> {
    let mut body = parts.parameters;
    if provider != "fal-ai" {
        return None;
    }
    body.insert("image_url".into(), parts.image.map(Media::to_data_url).into());
    body.insert("sync_mode".into(), true.into());
    Some(fal_queue(parts.model, body))
}

/// Returns the request for the text of an image.
pub(super) fn text_of_image(provider: &str, parts: &Parts<'_>) -> Option<ProviderRequest> {
    let body = json!({ "model": parts.model, "file": parts.image.map(Media::to_data_url) });
    let path = "/api/paas/v4/layout_parsing".to_owned();
    (provider == "zai-org").then_some(ProviderRequest { path, body, job: None })
}

/// Returns the request for changed audio.
pub(super) fn audio_to_audio(provider: &str, parts: Parts<'_>) -> Option<ProviderRequest> {
    let mut body = parts.parameters;
    if provider != "fal-ai" {
        return None;
    }
    body.insert("audio_url".into(), parts.audio.into());
    Some(fal_queue(parts.model, body))
}

/// The name that replaces the provider's for a server with OpenAI's API.
pub(super) const OPENAI: &str = "";

fn request(path: impl Into<String>, body: Map<String, Value>, job: Option<JobKind>) -> ProviderRequest {
    ProviderRequest { path: path.into(), body: body.into(), job }
}

fn fal_queue(model: &str, body: Map<String, Value>) -> ProviderRequest {
    request(format!("/{model}?{FAL_QUEUE}"), body, Some(JobKind::FalQueue))
}

/// Returns a request of replicate, which rejects fields next to `input` and `version`.
fn replicate(model: &str, input: Map<String, Value>) -> ProviderRequest {
    let mut body = Map::new();
    body.insert("input".into(), input.into());
    let path = match model.split_once(':') {
        Some((_, version)) => {
            body.insert("version".into(), version.into());
            "/v1/predictions".to_owned()
        }
        None => format!("/v1/models/{model}/predictions"),
    };
    request(path, body, Some(JobKind::Replicate))
}

fn rename(parameters: &mut Map<String, Value>, from: &str, to: &str) {
    if let Some(value) = parameters.remove(from) {
        parameters.insert(to.to_owned(), value);
    }
}

fn insert_size(body: &mut Map<String, Value>, size: Option<(u32, u32)>) {
    if let Some((width, height)) = size {
        body.insert("size".into(), format!("{width}x{height}").into());
    }
}
