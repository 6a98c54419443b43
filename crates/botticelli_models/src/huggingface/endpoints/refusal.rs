//! The meaning of unsuccessful responses of the management API.

use super::call::{Call, CallKind, clean};
use crate::huggingface::credentials::Credentials;
use crate::transport::HttpResponse;
use botticelli_core::redact;
use botticelli_error::{BotticelliError, EndpointError, EndpointErrorKind};
use serde_json::Value;
use std::time::SystemTime;

/// Maximum number of characters of a message that is quoted.
const LONGEST: usize = 300;

/// Permission of a fine-grained token to list, create and change endpoints.
const MANAGE: &str = "inference.endpoints.write";

/// Returns the error that an unsuccessful response means. Reads the message in its body.
pub(super) async fn refusal(
    response: HttpResponse,
    call: &Call<'_>,
    credentials: &Credentials,
    now: SystemTime,
) -> BotticelliError {
    let (status, host) = (response.status(), response.host().to_string());
    let request_id = response.request_id().map(str::to_owned);
    let retry_after = response.wait_hint(now);
    let clean = |text: String| redact::tokens(&clean(text, credentials, &call.hidden));
    let message = message_of(&response.read_refusal().await).map(clean);
    let kind = meaning(status, message.as_deref().unwrap_or_default(), call, credentials);
    EndpointError::new(kind, redact::tokens(call.subject))
        .with_status(host, status)
        .with_message(message.map(|message| message.chars().take(LONGEST).collect()))
        .with_request_id(request_id.map(clean))
        .with_retry_after(retry_after)
        .into()
}

fn meaning(status: u16, message: &str, call: &Call<'_>, credentials: &Credentials) -> EndpointErrorKind {
    use EndpointErrorKind as Kind;
    let message = message.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    let is_about_money = says(&["payment", "billing", "quota", "credit"]);
    match status {
        401 | 403 if credentials.token.is_none() => {
            Kind::TokenMissing { withheld: credentials.withheld.clone() }
        }
        401 => Kind::TokenRejected,
        402 => Kind::PaymentRequired,
        400 | 403 | 409 | 422 if is_about_money => Kind::PaymentRequired,
        403 => Kind::PermissionDenied { permission: MANAGE },
        404 if call.kind == CallKind::Endpoint => Kind::NotFound { nearest: Vec::new() },
        409 if call.kind == CallKind::Create => Kind::NameTaken,
        400 | 422
            if call.kind == CallKind::Create
                && says(&["already exist", "already taken", "already in use"]) =>
        {
            Kind::NameTaken
        }
        429 => Kind::RateLimited,
        408 | 500..=599 => Kind::Server,
        _ => Kind::Rejected,
    }
}

/// Returns the message in a body: the text of `error`, `message` or `detail`, or a short plain text.
fn message_of(body: &str) -> Option<String> {
    let text = body.trim();
    match serde_json::from_str::<Value>(text) {
        Ok(value) => {
            let found = ["/error/message", "/error", "/message", "/detail"];
            found.iter().find_map(|field| value.pointer(field)?.as_str().map(str::to_owned))
        }
        Err(_) => (!text.is_empty() && !text.starts_with('<')).then(|| text.to_owned()),
    }
}
