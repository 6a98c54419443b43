//! Status, code and body of a refusal to its meaning: the one place where that is decided.

use super::ErrorContext;
use super::error_text::ErrorText;
use crate::huggingface::PROVIDER;
use crate::huggingface::dto::{HuggingFaceChoice, HuggingFaceResponse, HuggingFaceVendorFields};
use botticelli_core::AuthConfig;
use botticelli_error::{
    BotticelliError, ErrorCategory, ErrorDetails, HttpError, HttpErrorKind, HuggingFaceErrorKind, JsonError,
    JsonErrorKind, ModelsError, ModelsErrorKind,
};
use serde_json::{Value, json};
use std::time::Duration;

/// A refusal that came with its own status.
#[track_caller]
pub(in crate::huggingface) fn refusal(status: u16, body: &str, context: &ErrorContext) -> BotticelliError {
    let words = ErrorText::of_text(body);
    if words.is_tls_expected() {
        let host = context.host();
        return HttpError::new(HttpErrorKind::WrongScheme { expected: "https" }, host).into();
    }
    let kind = meaning(status, &words, context);
    tell(kind, Some(status), &words, context)
}

/// A refusal inside of an answer, whatever its status was; `None` where there is none.
#[track_caller]
pub(in crate::huggingface) fn refusal_in_answer(
    answer: &HuggingFaceResponse,
    context: &ErrorContext,
) -> Option<BotticelliError> {
    // A choice may have one of its own, as some gateways write it.
    let own = [answer.error(), answer.errors(), answer.error_message()];
    let vendor = answer.vendor().iter().map(HuggingFaceVendorFields::error);
    let mut errors =
        own.into_iter().chain(answer.choices().iter().map(HuggingFaceChoice::error)).chain(vendor);
    let error = errors.find_map(|error| error.as_ref().filter(|error| says_something(error)));
    if error.is_none() && (!answer.choices().is_empty() || !is_refusal_without_error(answer)) {
        return None;
    }
    let told = json!({
        "error": error,
        "error_message": answer.error_message(),
        "message": answer.message(),
        "detail": answer.detail(),
        "base_resp": answer.base_resp(),
        "error_type": answer.error_type(),
        "type": answer.kind(),
        "code": answer.code(),
        "status_code": answer.status_code(),
        "error_code": answer.error_code(),
        "status": answer.status(),
    });
    let words = ErrorText::of_value(&told);
    let refusal = in_success(&words, context);
    let is_list_alone = error.is_some() && error == answer.errors().as_ref();
    if is_list_alone && words.status.is_none() && refusal.category() == ErrorCategory::Server {
        // A list of complaints that mean nothing to anybody: no reason to ask again.
        let beginning = words.message.as_deref().map(|words| cut(&context.redact(words))).unwrap_or_default();
        let kind = JsonErrorKind::Unreadable { what: "answer", beginning };
        return Some(JsonError::new(kind, context.host()).into());
    }
    Some(refusal)
}

/// Whether an answer without choices and without `error` is one all the same.
fn is_refusal_without_error(answer: &HuggingFaceResponse) -> bool {
    let is_named = answer.object().as_deref() == Some("error")
        || answer.error_type().as_ref().is_some_and(|kind| !kind.is_empty());
    let has_words = [answer.message(), answer.detail()].into_iter().flatten().any(says_something);
    let is_failure = |status: &str| status.parse().is_ok_and(|status: u16| (400..600).contains(&status));
    let mut statuses = [answer.status_code(), answer.error_code(), answer.status()].into_iter().flatten();
    let has_status = statuses.any(|status| is_failure(status));
    let base = answer.base_resp().as_ref().and_then(|base| base.get("status_code"));
    is_named || has_words || has_status || base.is_some_and(says_something)
}

/// A plain text in the place of an answer: a refusal where it says that the path is wrong.
#[track_caller]
pub(in crate::huggingface) fn refusal_in_text(text: &str, context: &ErrorContext) -> Option<BotticelliError> {
    let words = ErrorText::of_text(text);
    let is_wrong_path = words.is_wrong_path() || words.say(&["404 not found", "not found (404)"]);
    is_wrong_path.then(|| tell(HuggingFaceErrorKind::RouteNotFound, None, &words, context))
}

/// Whether an `error` is one: some servers send the field always, with nothing in it.
fn says_something(error: &Value) -> bool {
    match error {
        Value::Null | Value::Bool(false) => false,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.trim().is_empty(),
        Value::Object(object) => object.values().any(says_something),
        Value::Array(list) => list.iter().any(says_something),
        Value::Bool(true) => true,
    }
}

/// A refusal that is an event of a stream, under the name `error`.
#[track_caller]
pub(in crate::huggingface) fn refusal_event(data: &str, context: &ErrorContext) -> BotticelliError {
    in_success(&ErrorText::of_text(data), context)
}

#[track_caller]
fn in_success(words: &ErrorText, context: &ErrorContext) -> BotticelliError {
    let status = words.status.unwrap_or_else(|| status_of_words(words));
    tell(meaning(status, words, context), None, words, context)
}

/// The status that a server would have sent, had it not begun with a success.
fn status_of_words(words: &ErrorText) -> u16 {
    match () {
        () if words.mention(&[
            "invalid_api_key",
            "invalid api key",
            "authentication_error",
            "unauthenticated",
        ]) =>
        {
            401
        }
        () if words.has_code_with(&["permission_denied", "permission_error"]) => 403,
        () if words.has_code_with(&["model_not_found", "not_found_error"]) => 404,
        () if words.has_code_with(&["rate_limit"]) => 429,
        () if words.mention(&["validation", "invalid_request", "template_error", "tool_error"]) => 422,
        () if words.mention(&["invalid_argument", "badrequest", "bad_request"]) => 400,
        () if words.is_too_long() => 400,
        () if words.mention(&["overloaded", "rate_limit", "rate limit", "too many requests"]) => 429,
        () if words.has_code("generation") => 424,
        () if words.is_out_of_credits() => 402,
        () if words.is_suspended() => 403,
        () => 500,
    }
}

/// What a status and the words beside it mean.
fn meaning(status: u16, words: &ErrorText, context: &ErrorContext) -> HuggingFaceErrorKind {
    use HuggingFaceErrorKind as Kind;
    let mention = |parts: &[&str]| words.mention(parts);
    if let Some(kind) = meaning_of_words(status, words) {
        return kind;
    }
    match status {
        401 | 403 if context.token.is_none() => Kind::TokenNotSent { withheld: context.withheld.clone() },
        401 => Kind::TokenRejected,
        // The wording changes from year to year: the status alone decides.
        402 => Kind::CreditsExhausted,
        403 if mention(&["not supported by provider"]) => Kind::NotServedByProvider,
        403 if mention(&["gated"]) => Kind::GatedModel,
        403 | 451 => Kind::PermissionDenied,
        // Groq's flex tier, and others, have no capacity.
        420 | 429 | 498 => Kind::RateLimited,
        408 => Kind::ServiceTimeout,
        410 => Kind::Gone,
        413 => Kind::RequestTooLarge,
        424 => Kind::GenerationFailed,
        // "Too early", and a proxy that believes that the client is gone.
        425 | 499 => Kind::Server,
        // The router writes both mistakes with the code `model_not_supported`: only the text tells them apart.
        400..=499 if mention(&["not supported by any provider"]) => Kind::NotServed,
        400..=499 if mention(&["not supported by provider"]) => Kind::NotServedByProvider,
        400..=499 if mention(&["model_not_found"]) => Kind::ModelNotFound,
        400..=499 if words.has_code("model_not_supported") => Kind::NotServed,
        400..=499 if mention(&["model"]) && mention(&["does not exist", "not found"]) => Kind::ModelNotFound,
        400 if mention(&["invalid state"]) => Kind::EndpointPaused,
        404 | 405 => Kind::RouteNotFound,
        400..=499 => Kind::InvalidRequest,
        501 => Kind::NotSupported { what: None },
        503 if is_loading(words) => Kind::Loading {
            estimated: words.estimated_seconds.and_then(|time| Duration::try_from_secs_f64(time).ok()),
        },
        _ => Kind::Server,
    }
}

/// What the words mean where they say more than the status: the same refusal comes with many.
fn meaning_of_words(status: u16, words: &ErrorText) -> Option<HuggingFaceErrorKind> {
    use HuggingFaceErrorKind as Kind;
    // A refusal for which a status of 4xx or a plain 500 stands; the others of 5xx are those of proxies.
    let is_broad = matches!(status, 400 | 405..=407 | 409 | 411..=423 | 426..=428 | 431 | 500);
    let may_be_an_account = matches!(status, 400 | 403 | 406 | 409 | 412 | 418 | 422 | 423 | 429 | 500);
    let has_failed = ["tool_use_failed", "json_validate_failed"].iter().any(|code| words.has_code(code));
    Some(match () {
        () if has_failed && is_broad => Kind::GenerationFailed,
        () if (is_broad || status == 403) && words.is_filtered() => Kind::PromptFiltered,
        () if matches!(status, 400 | 403 | 422) && words.is_about_wrong_key() => Kind::TokenRejected,
        () if (is_broad || status == 404) && words.is_without_tools() => {
            Kind::NotSupported { what: Some("tools") }
        }
        () if status == 498 && words.is_about_token() => Kind::TokenRejected,
        () if may_be_an_account && words.is_out_of_credits() => Kind::CreditsExhausted,
        () if (matches!(status, 400 | 401 | 403 | 412 | 423 | 429)) && words.is_suspended() => {
            Kind::AccountSuspended
        }
        () if (is_broad || status == 404) && words.is_without_chat() => Kind::NotAChatModel,
        () if is_broad && words.is_template_refusal() => Kind::InvalidRequest,
        () if is_broad && words.is_too_long() => Kind::ContextExceeded,
        () if is_broad || matches!(status, 404 | 501) => match words.unsupported_input() {
            Some(what) => Kind::NotSupported { what: Some(what) },
            None if words.is_wrong_path() => Kind::RouteNotFound,
            None if status == 500 && words.is_grammar_refusal() => Kind::InvalidRequest,
            None if status == 500 && words.is_unsupported() => Kind::NotSupported { what: None },
            None => return None,
        },
        () => return None,
    })
}

/// A dedicated endpoint that wakes up says no more than the status does.
fn is_loading(words: &ErrorText) -> bool {
    // The page of a proxy in front of a server that is down says nothing of a model.
    if words.page.is_some() {
        return false;
    }
    words.message.is_none()
        || words.estimated_seconds.is_some()
        || words.mention(&["loading", "service unavailable", "healthcheck"])
}

/// The longest that the service's own words may be in a message, in characters.
const LONGEST: usize = 300;

#[track_caller]
fn tell(
    kind: HuggingFaceErrorKind,
    status: Option<u16>,
    words: &ErrorText,
    context: &ErrorContext,
) -> BotticelliError {
    let mut refusal = ErrorDetails::by(PROVIDER);
    refusal.host.clone_from(&context.host);
    // A base URL may have a token in its path.
    refusal.path = context.path.as_ref().map(|path| AuthConfig::hide_tokens(&context.redact(path)));
    refusal.model.clone_from(&context.model);
    refusal.status = status;
    refusal.request_id = context.request_id.as_ref().map(|id| context.redact(id));
    refusal.retry_after = match kind {
        HuggingFaceErrorKind::Loading { estimated } => context.retry_after.or(estimated),
        // It comes beside anything, a success included, and means something only here.
        HuggingFaceErrorKind::RateLimited
        | HuggingFaceErrorKind::ServiceTimeout
        | HuggingFaceErrorKind::Server => context.retry_after.or(words.retry_delay),
        _ => None,
    };
    refusal.forbids_retry = context.forbids_retry;
    refusal.has_media = context.has_media;
    refusal.message = words.message.as_ref().map(|message| cut(&context.redact(message)));
    BotticelliError::new(ModelsError::new(ModelsErrorKind::HuggingFace(kind), refusal))
}

fn cut(message: &str) -> String {
    let mut kept: String = message.chars().take(LONGEST).collect();
    if kept.len() < message.len() {
        kept.push('…');
    }
    kept
}
