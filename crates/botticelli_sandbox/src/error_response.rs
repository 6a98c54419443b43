//! Error responses of the router, the Hub and inference servers. One host uses several JSON shapes.

use serde::Serialize;

use crate::http::RequestError;
use crate::json::encode;
use crate::script::Script;

/// `{"error":"text"}`, as the router and gateways send.
#[derive(Serialize)]
struct Plain<'a> {
    error: &'a str,
}

/// `{"error":"text","error_type":"word"}`, as text-generation-inference sends.
#[derive(Serialize)]
struct Typed<'a> {
    error: &'a str,
    error_type: &'a str,
}

/// `{"error":{…}}`, as the chat route sends in the `OpenAI` format. Null fields are present.
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

/// `{"message":"text"}`, as the gateway in front of the router sends.
#[derive(Serialize)]
struct Message<'a> {
    message: &'a str,
}

const BODY_TOO_LARGE: &str = "Failed to buffer the request body: length limit exceeded";

/// Returns an error string with any status.
pub(crate) fn plain(status: u16, error: &str) -> Script {
    Script::json(status, encode(&Plain { error }))
}

/// Returns a 400 of the chat route.
pub(crate) fn invalid_request(message: &str, param: Option<&str>, code: Option<&str>) -> Script {
    let error = Details { message, r#type: "invalid_request_error", param, code };
    Script::json(400, encode(&Object { error }))
}

/// Returns a 422 for a field with the right type and an invalid value.
pub(crate) fn validation(reason: &str) -> Script {
    let error = format!("Input validation error: {reason}");
    typed(&error, "validation")
}

/// Returns a 422 with an error type of text-generation-inference.
pub(crate) fn typed(error: &str, error_type: &str) -> Script {
    Script::json(422, encode(&Typed { error, error_type }))
}

/// Returns a 422 in plain text for a body that does not deserialize as a request.
pub(crate) fn undeserializable(reason: &dyn std::fmt::Display) -> Script {
    Script::text(
        422,
        "text/plain; charset=utf-8",
        format!("Failed to deserialize the JSON body into the target type: {reason}"),
    )
}

/// Returns a 415 in plain text for a content type other than JSON.
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

/// Returns a 400 for a base or embedding model. The code is the same as for [`no_provider`]; only
/// the message differs.
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

/// Returns a 400 for a model name that requests an unknown fault.
pub(crate) fn unknown_fault(message: &str) -> Script {
    model_error(message, "model_not_found")
}

pub(crate) fn not_by_provider(provider: &str) -> Script {
    plain(400, &format!("Model not supported by provider {provider}"))
}

/// Returns a 401 for an invalid key in a direct request to a provider.
pub(crate) fn invalid_provider_key() -> Script {
    let (message, code) = ("Incorrect API key provided.", Some("invalid_api_key"));
    let error = Details { message, r#type: "invalid_request_error", param: None, code };
    Script::json(401, encode(&Object { error }))
}

/// Returns a 400 for a missing header that zai-org requires.
pub(crate) fn header_missing(name: &str) -> Script {
    invalid_request(&format!("The header '{name}' is missing or wrong."), Some(name), None)
}

/// Returns the Hub's error for a missing or private model.
pub(crate) fn repository_not_found(status: u16) -> Script {
    let error = if status == 401 { "Invalid username or password." } else { "Repository not found" };
    plain(status, error).header("x-error-code", "RepoNotFound").header("x-error-message", error)
}

/// Returns the Hub's 401 for an invalid token.
pub(crate) fn invalid_hub_token() -> Script {
    let error = "Invalid credentials in Authorization header";
    plain(401, error).header("x-error-message", error)
}

/// Returns a 400 for a prompt longer than the provider's context length.
pub(crate) fn context_exceeded(limit: u64, actual: u64) -> Script {
    invalid_request(
        &format!(
            "This model's maximum context length is {limit} tokens. However, your messages \
             resulted in {actual} tokens. Please reduce the length of the messages."
        ),
        Some("messages"),
        Some("context_length_exceeded"),
    )
}

/// Returns a 404 for a model that is not in the catalog.
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

/// Returns the 413 of text-generation-inference for a large body.
pub(crate) fn body_too_large() -> Script {
    Script::text(413, "text/plain; charset=utf-8", BODY_TOO_LARGE)
}

/// Returns the response to a malformed request, or `None` if the client has disconnected.
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
