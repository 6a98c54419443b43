//! Maps the status and body of an error response to an error. No other module decides what an error response means.

use super::ErrorContext;
use super::error_text::ErrorText;
use crate::huggingface::PROVIDER;
use crate::huggingface::dto::{HuggingFaceChoice, HuggingFaceResponse, HuggingFaceVendorFields};
use botticelli_core::redact;
use botticelli_error::{
    BotticelliError, ErrorCategory, ErrorDetails, HttpError, HttpErrorKind, HuggingFaceErrorKind, JsonError,
    JsonErrorKind, ModelsError, ModelsErrorKind,
};
use serde_json::{Value, json};
use std::time::Duration;

/// Returns the error of a response with an error status.
#[track_caller]
pub(in crate::huggingface) fn refusal(status: u16, body: &str, context: &ErrorContext) -> BotticelliError {
    let text = ErrorText::of_text(body);
    if text.is_tls_expected() {
        let host = context.host();
        return HttpError::new(HttpErrorKind::WrongScheme { expected: "https" }, host).into();
    }
    let kind = meaning(status, &text, context);
    build_error(kind, Some(status), &text, context)
}

/// Returns the error in the body of a response, whatever its status is; `None` if the body has no error.
#[track_caller]
pub(in crate::huggingface) fn refusal_in_response(
    response: &HuggingFaceResponse,
    context: &ErrorContext,
) -> Option<BotticelliError> {
    // Some gateways put the error into a choice.
    let top = [response.error(), response.errors(), response.error_message()];
    let vendor = response.vendor().iter().map(HuggingFaceVendorFields::error);
    let mut errors =
        top.into_iter().chain(response.choices().iter().map(HuggingFaceChoice::error)).chain(vendor);
    let error = errors.find_map(|error| error.as_ref().filter(|error| is_filled(error)));
    if error.is_none() && (!response.choices().is_empty() || !is_error_without_field(response)) {
        return None;
    }
    let fields = json!({
        "error": error,
        "error_message": response.error_message(),
        "message": response.message(),
        "msg": response.msg(),
        "detail": response.detail(),
        "text": response.text(),
        "base_resp": response.base_resp(),
        "error_type": response.error_type(),
        "type": response.kind(),
        "code": response.code(),
        "status_code": response.status_code(),
        "error_code": response.error_code(),
        "status": response.status(),
    });
    let text = ErrorText::of_value(&fields);
    let result = error_in_success(&text, context);
    let is_list_alone = error.is_some() && error == response.errors().as_ref();
    if is_list_alone && text.status.is_none() && result.category() == ErrorCategory::Server {
        // A list of errors of unknown meaning. A retry would not help.
        let beginning = text.message.as_deref().map(|text| cut(&context.redact(text))).unwrap_or_default();
        let kind = JsonErrorKind::Unreadable { what: "response", beginning };
        return Some(JsonError::new(kind, context.host()).into());
    }
    Some(result)
}

/// Returns whether a response without choices and without `error` is an error.
fn is_error_without_field(response: &HuggingFaceResponse) -> bool {
    let is_named = response.object().as_deref() == Some("error")
        || response.error_type().as_ref().is_some_and(|kind| !kind.is_empty());
    // Some gateways add `"code": 0, "message": "Success"` to every event.
    let is_success = response.code().as_deref().is_some_and(says_success);
    let has_message =
        !is_success && [response.message(), response.detail()].into_iter().flatten().any(is_filled);
    // `msg` alone is not known as an error.
    let is_coded = !is_success && response.code().as_deref().is_some_and(|code| !code.trim().is_empty());
    let is_message = |msg: &Value| is_filled(msg) && !msg.as_str().is_some_and(says_success);
    let has_msg = is_coded && response.msg().as_ref().is_some_and(is_message);
    let is_failure = |status: &str| status.parse().is_ok_and(|status: u16| (400..600).contains(&status));
    let mut statuses =
        [response.status_code(), response.error_code(), response.status()].into_iter().flatten();
    let has_status = statuses.any(|status| is_failure(status));
    let base = response.base_resp().as_ref().and_then(|base| base.get("status_code"));
    // A text alone may be a response, but not next to an error code.
    let has_code = response.error_code().as_deref().is_some_and(|code| !["", "0"].contains(&code.trim()));
    let has_text = has_code && response.text().as_ref().is_some_and(is_filled);
    is_named || has_message || has_msg || has_status || has_text || base.is_some_and(is_filled)
}

/// Returns whether the code or the message of a gateway reports a success.
fn says_success(word: &str) -> bool {
    ["0", "200", "20000", "ok", "success"].iter().any(|known| word.trim().eq_ignore_ascii_case(known))
}

/// Returns an error if the body is plain text instead of JSON, and the text says that the path is wrong.
#[track_caller]
pub(in crate::huggingface) fn refusal_in_text(text: &str, context: &ErrorContext) -> Option<BotticelliError> {
    let text = ErrorText::of_text(text);
    let is_wrong_path = text.is_wrong_path() || text.say(&["404 not found", "not found (404)"]);
    is_wrong_path.then(|| build_error(HuggingFaceErrorKind::RouteNotFound, None, &text, context))
}

/// Returns whether an error field has content. Some servers send the field in every response, without content.
fn is_filled(error: &Value) -> bool {
    match error {
        Value::Null | Value::Bool(false) => false,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.trim().is_empty(),
        Value::Object(object) => object.values().any(is_filled),
        Value::Array(list) => list.iter().any(is_filled),
        Value::Bool(true) => true,
    }
}

/// Returns the error of a stream event with the name `error`.
#[track_caller]
pub(in crate::huggingface) fn refusal_event(data: &str, context: &ErrorContext) -> BotticelliError {
    error_in_success(&ErrorText::of_text(data), context)
}

#[track_caller]
fn error_in_success(text: &ErrorText, context: &ErrorContext) -> BotticelliError {
    let status = text.status.unwrap_or_else(|| status_of_text(text));
    build_error(meaning(status, text, context), None, text, context)
}

/// Returns the status that fits an error in a response with a success status.
fn status_of_text(text: &ErrorText) -> u16 {
    match () {
        () if text.mention(&[
            "invalid_api_key",
            "invalid api key",
            "authentication_error",
            "unauthenticated",
        ]) =>
        {
            401
        }
        () if text.has_code_with(&["permission_denied", "permission_error"]) => 403,
        () if text.has_code_with(&["model_not_found", "not_found_error"]) => 404,
        () if text.has_code_with(&["rate_limit"]) => 429,
        () if text.mention(&["validation", "invalid_request", "template_error", "tool_error"]) => 422,
        () if text.mention(&["invalid_argument", "badrequest", "bad_request"]) => 400,
        () if text.is_too_long() => 400,
        () if text.mention(&["overloaded", "rate_limit", "rate limit", "too many requests"]) => 429,
        () if text.has_code("generation") => 424,
        () if text.is_out_of_credits() => 402,
        () if text.is_suspended() => 403,
        () => 500,
    }
}

/// Returns the meaning of a status and the text of the body.
fn meaning(status: u16, text: &ErrorText, context: &ErrorContext) -> HuggingFaceErrorKind {
    use HuggingFaceErrorKind as Kind;
    let mention = |parts: &[&str]| text.mention(parts);
    if let Some(kind) = meaning_of_text(status, text) {
        return kind;
    }
    match status {
        401 | 403 if context.token.is_none() => Kind::TokenNotSent { reason: context.withheld.clone() },
        401 => Kind::TokenRejected,
        // The wording of most messages changes over time, so the status decides.
        402 if text.is_too_expensive() => Kind::NotEnoughCredits,
        402 => Kind::CreditsExhausted,
        403 if mention(&["not supported by provider"]) => Kind::NotServedByProvider,
        403 if mention(&["gated"]) => Kind::GatedModel,
        403 | 451 => Kind::PermissionDenied,
        // Groq's flex tier and other services use statuses other than 429 if they have no capacity.
        420 | 429 | 498 => Kind::RateLimited,
        408 => Kind::ServiceTimeout,
        410 => Kind::Gone,
        413 => Kind::RequestTooLarge,
        424 => Kind::GenerationFailed,
        // 425 is "too early". 499 is from a proxy that assumes that the client has disconnected.
        425 | 499 => Kind::Server,
        // The router has the code `model_not_supported` for both errors, so only the text tells the two apart.
        400..=499 if mention(&["not supported by any provider"]) => Kind::NotServed,
        400..=499 if mention(&["not supported by provider"]) => Kind::NotServedByProvider,
        400..=499 if mention(&["model_not_found"]) => Kind::ModelNotFound,
        400..=499 if text.has_code("model_not_supported") => Kind::NotServed,
        400..=499 if mention(&["model"]) && mention(&["does not exist", "not found"]) => Kind::ModelNotFound,
        400 if mention(&["invalid state"]) => Kind::EndpointPaused,
        404 | 405 => Kind::RouteNotFound,
        400..=499 => Kind::InvalidRequest,
        501 => Kind::NotSupported { what: None },
        503 if is_loading(text) => Kind::Loading {
            estimated: text.estimated_seconds.and_then(|time| Duration::try_from_secs_f64(time).ok()),
        },
        _ => Kind::Server,
    }
}

/// Returns the meaning of a text that is more specific than the status. The same error has different statuses at different servers.
fn meaning_of_text(status: u16, text: &ErrorText) -> Option<HuggingFaceErrorKind> {
    use HuggingFaceErrorKind as Kind;
    // Statuses that servers use for errors of any kind. Other 5xx statuses come from proxies.
    let is_broad = matches!(status, 400 | 405..=407 | 409 | 411..=423 | 426..=428 | 431 | 500);
    let may_be_an_account = matches!(status, 400 | 403 | 406 | 409 | 412 | 418 | 422 | 423 | 429 | 500);
    let has_failed = ["tool_use_failed", "json_validate_failed"].iter().any(|code| text.has_code(code));
    Some(match () {
        () if has_failed && is_broad => Kind::GenerationFailed,
        () if (is_broad || status == 403) && text.is_filtered() => Kind::PromptFiltered,
        () if matches!(status, 400 | 403 | 422) && text.is_about_wrong_key() => Kind::TokenRejected,
        () if (is_broad || status == 404) && text.is_without_tools() => {
            Kind::NotSupported { what: Some("tools") }
        }
        () if status == 498 && text.is_about_token() => Kind::TokenRejected,
        () if may_be_an_account && text.is_out_of_credits() => Kind::CreditsExhausted,
        () if (matches!(status, 400 | 401 | 403 | 412 | 423 | 429)) && text.is_suspended() => {
            Kind::AccountSuspended
        }
        () if (is_broad || status == 404) && text.is_without_chat() => Kind::NotAChatModel,
        () if is_broad && text.is_template_refusal() => Kind::InvalidRequest,
        () if is_broad && text.is_too_long() => Kind::ContextExceeded,
        () if is_broad || matches!(status, 404 | 501) => match text.unsupported_input() {
            Some(what) => Kind::NotSupported { what: Some(what) },
            None if text.is_wrong_path() => Kind::RouteNotFound,
            None if status == 500 && text.is_grammar_refusal() => Kind::InvalidRequest,
            None if status == 500 && text.is_unsupported() => Kind::NotSupported { what: None },
            None => return None,
        },
        () => return None,
    })
}

/// Returns whether a 503 means that the model is loading. A dedicated endpoint that wakes up sends no message.
fn is_loading(text: &ErrorText) -> bool {
    // A web page comes from a proxy in front of a server that is down.
    if text.page.is_some() {
        return false;
    }
    text.message.is_none()
        || text.estimated_seconds.is_some()
        || text.mention(&["loading", "service unavailable", "healthcheck"])
}

/// Maximum length of the service's message in an error, in characters.
const MAX_MESSAGE: usize = 300;

#[track_caller]
fn build_error(
    kind: HuggingFaceErrorKind,
    status: Option<u16>,
    text: &ErrorText,
    context: &ErrorContext,
) -> BotticelliError {
    let mut details = ErrorDetails::new(PROVIDER);
    details.host = context.host.as_deref().map(str::to_owned);
    // The path of a base URL may contain a token.
    details.path = context.path.as_ref().map(|path| redact::tokens(&context.redact(path)));
    details.model = context.model.as_deref().map(str::to_owned);
    details.status = status;
    details.request_id = context.request_id.as_ref().map(|id| context.redact(id));
    details.retry_after = match kind {
        HuggingFaceErrorKind::Loading { estimated } => context.retry_after.or(estimated),
        // Any response can have the header, even a success, but it matters only for these errors.
        HuggingFaceErrorKind::RateLimited
        | HuggingFaceErrorKind::ServiceTimeout
        | HuggingFaceErrorKind::Server => context.retry_after.or(text.retry_delay),
        _ => None,
    };
    details.forbids_retry = context.forbids_retry;
    details.has_media = context.has_media;
    details.message = text.message.as_ref().map(|message| cut(&context.redact(message)));
    BotticelliError::new(ModelsError::new(ModelsErrorKind::HuggingFace(kind), details))
}

fn cut(message: &str) -> String {
    let mut text: String = message.chars().take(MAX_MESSAGE).collect();
    if text.len() < message.len() {
        text.push('…');
    }
    text
}
