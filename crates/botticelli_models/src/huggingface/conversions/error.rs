//! Status, code and body of a refusal to its meaning: the one place where that is decided.

use super::Wording;
use super::words::Words;
use crate::huggingface::PROVIDER;
use crate::huggingface::dto::{HuggingFaceChoice, HuggingFaceResponse};
use crate::secret::Secret;
use botticelli_core::AuthConfig;
use botticelli_error::{BotticelliError, HuggingFaceErrorKind, ModelsError, ModelsErrorKind, Refusal};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// What was asked of whom: the facts of a call that a refusal is told with.
#[derive(Clone, Debug, Default)]
pub(in crate::huggingface) struct Asked {
    pub(in crate::huggingface) host: Option<String>,
    pub(in crate::huggingface) path: Option<String>,
    pub(in crate::huggingface) model: Option<String>,
    /// The token that was sent; it is taken out of what the service says.
    pub(in crate::huggingface) token: Option<Arc<Secret>>,
    /// Why a token was not sent although there is one.
    pub(in crate::huggingface) withheld: Option<String>,
    pub(in crate::huggingface) request_id: Option<String>,
    pub(in crate::huggingface) retry_after: Option<Duration>,
    pub(in crate::huggingface) forbids_retry: bool,
    /// How many choices.
    pub(in crate::huggingface) choices: Option<u32>,
    /// The names of the tools that the request offers.
    pub(in crate::huggingface) tools: Arc<[String]>,
    /// In which words the answer is written.
    pub(in crate::huggingface) wording: Wording,
}

impl Asked {
    /// What the service said, without the token that was sent: some servers repeat it.
    pub(in crate::huggingface) fn scrubbed(&self, said: &str) -> String {
        let said = said.to_owned();
        match &self.token {
            Some(token) => token.scrub(said),
            None => said,
        }
    }
}

/// A refusal that came with its own status.
#[track_caller]
pub(in crate::huggingface) fn refusal(status: u16, body: &str, asked: &Asked) -> BotticelliError {
    let words = Words::of_text(body);
    let kind = meaning(status, &words, asked);
    tell(kind, Some(status), &words, asked)
}

/// A refusal inside of an answer, whatever its status was; `None` where there is none.
#[track_caller]
pub(in crate::huggingface) fn refusal_in_answer(
    answer: &HuggingFaceResponse,
    asked: &Asked,
) -> Option<BotticelliError> {
    // A choice may have one of its own, as some gateways write it.
    let mut errors =
        std::iter::once(answer.error()).chain(answer.choices().iter().map(HuggingFaceChoice::error));
    let told = match errors.find_map(|error| error.as_ref().filter(|error| says_something(error))) {
        Some(error) => json!({ "error": error, "error_type": answer.error_type() }),
        None if !answer.choices().is_empty() => return None,
        None => {
            let is_error = answer.object().as_deref() == Some("error");
            let words = [answer.message(), answer.detail()].into_iter().flatten().next();
            if words.is_none() && !is_error {
                return None;
            }
            json!({ "message": words, "type": answer.kind(), "code": answer.code() })
        }
    };
    let words = Words::of_value(&told);
    Some(in_success(&words, asked))
}

/// Whether an `error` is one: some servers send the field always, with nothing in it.
fn says_something(error: &Value) -> bool {
    match error {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(object) => !object.is_empty(),
        Value::Array(list) => !list.is_empty(),
        _ => true,
    }
}

/// A refusal that is an event of a stream, under the name `error`.
#[track_caller]
pub(in crate::huggingface) fn refusal_event(data: &str, asked: &Asked) -> BotticelliError {
    in_success(&Words::of_text(data), asked)
}

#[track_caller]
fn in_success(words: &Words, asked: &Asked) -> BotticelliError {
    let status = words.status.unwrap_or_else(|| status_of_words(words));
    tell(meaning(status, words, asked), None, words, asked)
}

/// The status that a server would have sent, had it not begun with a success.
fn status_of_words(words: &Words) -> u16 {
    match () {
        () if words.mention(&["validation", "invalid_request", "template_error", "tool_error"]) => 422,
        () if words.mention(TOO_LONG) => 400,
        () if words.mention(&["overloaded", "rate_limit", "rate limit", "too many requests"]) => 429,
        () if words.has_code("generation") => 424,
        () if words.mention(&["credits"]) => 402,
        () => 500,
    }
}

/// How servers say that a conversation is too long.
const TOO_LONG: &[&str] =
    &["context_length", "context length", "context size", "maximum context", "`inputs` tokens"];

/// What a status and the words beside it mean.
fn meaning(status: u16, words: &Words, asked: &Asked) -> HuggingFaceErrorKind {
    use HuggingFaceErrorKind as Kind;
    let mention = |parts: &[&str]| words.mention(parts);
    match status {
        401 | 403 if asked.token.is_none() => Kind::TokenNotSent { withheld: asked.withheld.clone() },
        401 => Kind::TokenRefused,
        // The wording changes from year to year: the status alone decides.
        402 => Kind::CreditsExhausted,
        403 if mention(&["not supported by provider"]) => Kind::NotServedByProvider,
        403 if mention(&["gated"]) => Kind::GatedModel,
        403 => Kind::PermissionDenied,
        408 => Kind::ServiceTimeout,
        410 => Kind::Gone,
        413 => Kind::RequestTooLarge,
        424 => Kind::GenerationFailed,
        // A month's quota does not come back in a minute.
        429 if words.has_code("insufficient_quota") => Kind::CreditsExhausted,
        429 => Kind::RateLimited,
        // The router writes both mistakes with the code `model_not_supported`: only the text tells them apart.
        400..500 if mention(&["not a chat model", "template_error", "template not found"]) => {
            Kind::NotAChatModel
        }
        400..500 if mention(&["not supported by any provider"]) => Kind::NotServed,
        400..500 if mention(&["not supported by provider"]) => Kind::NotServedByProvider,
        400..500 if mention(&["model_not_found"]) => Kind::ModelNotFound,
        400..500 if words.has_code("model_not_supported") => Kind::NotServed,
        400..500 if mention(&["model"]) && mention(&["does not exist", "not found"]) => Kind::ModelNotFound,
        400 if mention(&["invalid state"]) => Kind::EndpointPaused,
        400 if words.has_code("tool_use_failed") => Kind::GenerationFailed,
        404 | 405 => Kind::RouteNotFound,
        400..500 if mention(TOO_LONG) => Kind::ContextExceeded,
        400..500 => Kind::InvalidRequest,
        503 if is_loading(words) => Kind::Loading {
            estimated: words.estimated_seconds.and_then(|time| Duration::try_from_secs_f64(time).ok()),
        },
        _ => Kind::Server,
    }
}

/// A dedicated endpoint that wakes up says no more than the status does.
fn is_loading(words: &Words) -> bool {
    words.message.is_none()
        || words.estimated_seconds.is_some()
        || words.mention(&["loading", "service unavailable", "healthcheck"])
}

/// The longest that the service's own words may be in a message, in characters.
const LONGEST: usize = 300;

#[track_caller]
fn tell(kind: HuggingFaceErrorKind, status: Option<u16>, words: &Words, asked: &Asked) -> BotticelliError {
    let mut refusal = Refusal::by(PROVIDER);
    refusal.host.clone_from(&asked.host);
    // A base URL may have a token in its path.
    refusal.path = asked.path.as_ref().map(|path| AuthConfig::hide_tokens(&asked.scrubbed(path)));
    refusal.model.clone_from(&asked.model);
    refusal.status = status;
    refusal.request_id = asked.request_id.as_ref().map(|id| asked.scrubbed(id));
    refusal.retry_after = match kind {
        HuggingFaceErrorKind::Loading { estimated } => asked.retry_after.or(estimated),
        // It comes beside anything, a success included, and means something only here.
        HuggingFaceErrorKind::RateLimited
        | HuggingFaceErrorKind::ServiceTimeout
        | HuggingFaceErrorKind::Server => asked.retry_after,
        _ => None,
    };
    refusal.forbids_retry = asked.forbids_retry;
    refusal.message = words.message.as_ref().map(|message| cut(&asked.scrubbed(message)));
    BotticelliError::new(ModelsError::new(ModelsErrorKind::HuggingFace(kind), refusal))
}

fn cut(message: &str) -> String {
    let mut kept: String = message.chars().take(LONGEST).collect();
    if kept.len() < message.len() {
        kept.push('…');
    }
    kept
}
