//! The router's ways to say no. It has several shapes for that, on the same host.

use serde::Serialize;

use crate::faults::UnknownFault;
use crate::http::RequestError;
use crate::json::encode;
use crate::script::Script;

/// `{"error":"text"}`: the router itself, and gateways.
#[derive(Serialize)]
struct Plain<'a> {
    error: &'a str,
}

/// `{"error":"text","error_type":"word"}`: text-generation-inference.
#[derive(Serialize)]
struct Typed<'a> {
    error: &'a str,
    error_type: &'a str,
}

/// `{"error":{…}}`: the chat route, in the manner of `OpenAI`. Nulls are part of it.
#[derive(Serialize)]
struct Object<'a> {
    error: Details<'a>,
}

#[derive(Serialize)]
struct Details<'a> {
    message: &'a str,
    r#type: &'a str,
    param: Option<&'a str>,
    code: Option<&'a str>,
}

/// `{"message":"text"}`: the gateway in front.
#[derive(Serialize)]
struct Message<'a> {
    message: &'a str,
}

const BODY_TOO_LARGE: &str = "Failed to buffer the request body: length limit exceeded";

/// The error as a text, in whatever status.
pub(crate) fn plain(status: u16, error: &str) -> Script {
    Script::json(status, encode(&Plain { error }))
}

/// A 400 of the chat route.
pub(crate) fn invalid_request(message: &str, param: Option<&str>, code: Option<&str>) -> Script {
    let error = Details { message, r#type: "invalid_request_error", param, code };
    Script::json(400, encode(&Object { error }))
}

/// A 422 of a field whose type is right and whose value is not.
pub(crate) fn validation(reason: &str) -> Script {
    let error = format!("Input validation error: {reason}");
    typed(&error, "validation")
}

/// A 422 with one of text-generation-inference's words for what went wrong.
pub(crate) fn typed(error: &str, error_type: &str) -> Script {
    Script::json(422, encode(&Typed { error, error_type }))
}

/// A 422 of a body that is not what a chat request looks like. It is text, not JSON.
pub(crate) fn undeserializable(reason: &dyn std::fmt::Display) -> Script {
    Script::text(
        422,
        "text/plain; charset=utf-8",
        format!("Failed to deserialize the JSON body into the target type: {reason}"),
    )
}

/// A body under another name than JSON. Text as well.
pub(crate) fn unsupported_media_type() -> Script {
    Script::text(415, "text/plain; charset=utf-8", "Expected request with `Content-Type: application/json`")
}

pub(crate) fn unauthorized() -> Script {
    plain(401, "Invalid username or password.")
}

pub(crate) fn credits_exhausted() -> Script {
    plain(
        402,
        "You have depleted your monthly included credits. Purchase pre-paid credits to continue \
         using Inference Providers. Alternatively, subscribe to PRO to get 20x more included \
         credits.",
    )
}

pub(crate) fn permission_denied() -> Script {
    plain(
        403,
        "This authentication method does not have sufficient permissions to call Inference \
         Providers on behalf of user sandbox",
    )
}

pub(crate) fn model_missing() -> Script {
    invalid_request("you must provide a model parameter", None, None)
}

/// A base model, or one for embeddings. Shares its code with [`served_by_nobody`]: a client can
/// tell the two apart by their text only.
pub(crate) fn not_a_chat_model(model: &str) -> Script {
    model_error(&format!("The requested model '{model}' is not a chat model."), "model_not_supported")
}

pub(crate) fn no_provider(model: &str) -> Script {
    model_error(
        &format!("The requested model '{model}' is not supported by any provider you have enabled."),
        "model_not_supported",
    )
}

pub(crate) fn unknown_model(model: &str) -> Script {
    model_error(&format!("The requested model '{model}' does not exist."), "model_not_found")
}

fn model_error(message: &str, code: &str) -> Script {
    invalid_request(message, Some("model"), Some(code))
}

/// A model that orders a fault which nobody knows.
pub(crate) fn unknown_fault(unknown: &UnknownFault) -> Script {
    model_error(&unknown.to_string(), "model_not_found")
}

pub(crate) fn not_by_provider(provider: &str) -> Script {
    plain(400, &format!("Model not supported by provider {provider}"))
}

/// A provider that is called without the router, with a key that is none of its own.
pub(crate) fn invalid_provider_key() -> Script {
    let (message, code) = ("Incorrect API key provided.", Some("invalid_api_key"));
    let error = Details { message, r#type: "invalid_request_error", param: None, code };
    Script::json(401, encode(&Object { error }))
}

/// A header that zai-org cannot do without.
pub(crate) fn header_missing(name: &str) -> Script {
    invalid_request(&format!("The header '{name}' is missing or wrong."), Some(name), None)
}

/// The Hub does not show such a model to this caller.
pub(crate) fn repository_not_found(status: u16) -> Script {
    let error = if status == 401 { "Invalid username or password." } else { "Repository not found" };
    plain(status, error).header("x-error-code", "RepoNotFound").header("x-error-message", error)
}

/// The Hub does not know the token.
pub(crate) fn invalid_hub_token() -> Script {
    let error = "Invalid credentials in Authorization header";
    plain(401, error).header("x-error-message", error)
}

/// A prompt that does not fit into what the serving provider can read at once.
pub(crate) fn context_exceeded(limit: u64, given: u64) -> Script {
    invalid_request(
        &format!(
            "This model's maximum context length is {limit} tokens. However, your messages \
             resulted in {given} tokens. Please reduce the length of the messages."
        ),
        Some("messages"),
        Some("context_length_exceeded"),
    )
}

/// The entry of a model that is not in the list.
pub(crate) fn no_such_model(model: &str) -> Script {
    plain(404, &format!("Model {model} does not exist"))
}

pub(crate) fn no_route() -> Script {
    let message = "no Route matched with those values";
    Script::json(404, encode(&Message { message }))
}

pub(crate) fn method_not_allowed(allowed: &str) -> Script {
    plain(405, "Method Not Allowed").header("allow", allowed)
}

/// A body that text-generation-inference does not want to read.
pub(crate) fn body_too_large() -> Script {
    Script::text(413, "text/plain; charset=utf-8", BODY_TOO_LARGE)
}

/// What is said about a request that could not be read, if anybody is left to hear it.
pub(crate) fn for_request_error(error: &RequestError) -> Option<Script> {
    let (status, text) = match error {
        RequestError::Gone => return None,
        RequestError::Malformed(what) => (400, format!("Bad Request: {what}")),
        RequestError::HeadTooLarge => (431, "Request Header Fields Too Large".to_owned()),
        RequestError::BodyTooLarge => (413, BODY_TOO_LARGE.to_owned()),
        RequestError::UnknownCoding => (501, "only the transfer coding `chunked`".to_owned()),
    };
    Some(Script::text(status, "text/plain; charset=utf-8", text))
}
