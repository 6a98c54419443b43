//! The URLs of text completions, derived from the URL of chat completions.

use reqwest::Url;

const CHAT: &str = "/chat/completions";

/// Returns the URL of `/completions` for this URL of chat completions.
pub(in crate::huggingface) fn completions(chat: &Url) -> Url {
    let path = chat.path().strip_suffix(CHAT).unwrap_or_default();
    at(chat, &format!("{path}/completions"))
}

/// Returns the URL of text-generation-inference's own API. The URL is the root of the server, or the model's path if Hugging Face
/// runs the server for one model.
pub(in crate::huggingface) fn generate(chat: &Url, is_streamed: bool) -> Url {
    let path = chat.path().strip_suffix(CHAT).unwrap_or_default();
    let root = path.strip_suffix("/v1").unwrap_or(path);
    match (root.contains("/hf-inference/models/"), is_streamed) {
        (true, _) => at(chat, root),
        (false, true) => at(chat, &format!("{root}/generate_stream")),
        (false, false) => at(chat, &format!("{root}/generate")),
    }
}

fn at(chat: &Url, path: &str) -> Url {
    let mut url = chat.clone();
    url.set_path(path);
    url
}
