//! The meaning of unsuccessful responses of the Hub.

use crate::hub::repository::Repository;
use crate::huggingface::credentials::Credentials;
use crate::transport::HttpResponse;
use botticelli_core::redact;
use botticelli_error::{BotticelliError, HubErrorKind};
use serde_json::Value;
use std::time::SystemTime;

/// Maximum number of characters of a message that is quoted.
const LONGEST: usize = 300;

/// The request that was answered.
#[derive(Clone, Copy, Debug)]
pub(in crate::hub) struct Asked<'a> {
    pub(in crate::hub) repository: &'a Repository,
    pub(in crate::hub) file: Option<&'a str>,
    pub(in crate::hub) credentials: &'a Credentials,
    /// Page of the repository, on which access is requested.
    pub(in crate::hub) page: &'a str,
}

/// Returns the error that an unsuccessful response means. Reads the message in its body.
pub(in crate::hub) async fn refusal(
    response: HttpResponse,
    asked: Asked<'_>,
    now: SystemTime,
) -> BotticelliError {
    let status = response.status();
    let host = response.host().to_string();
    let request_id = response.request_id().map(str::to_owned);
    let retry_after = response.wait_hint(now);
    let code = response.header("x-error-code").unwrap_or_default().to_owned();
    let stated = response.header("x-error-message").map(str::to_owned);
    let body = response.read_refusal().await;
    let token = asked.credentials.token.as_deref();
    let clean = |text: String| token.map_or(text.clone(), |token| token.redact(text));
    let message = stated.or_else(|| message_of(&body)).map(|text| shortened(&redact::tokens(&clean(text))));
    let kind = kind(status, &code, message.as_deref().unwrap_or_default(), asked);
    let mut error = asked
        .repository
        .error(kind)
        .with_status(host, status)
        .with_message(message)
        .with_request_id(request_id.map(|id| redact::tokens(&clean(id))))
        .with_retry_after(retry_after);
    if let Some(file) = asked.file {
        error = error.with_file(file);
    }
    error.into()
}

/// Returns the kind of error. The header `X-Error-Code` decides, then the status.
fn kind(status: u16, code: &str, message: &str, asked: Asked<'_>) -> HubErrorKind {
    let (has_token, withheld) = (asked.credentials.token.is_some(), asked.credentials.withheld.clone());
    let revision = asked.repository.revision.clone();
    let not_found = || HubErrorKind::RepositoryNotFound { has_token, withheld: withheld.clone() };
    match (status, code) {
        (_, "GatedRepo") => {
            HubErrorKind::Gated { has_token, withheld: withheld.clone(), page: asked.page.to_owned() }
        }
        (_, "RepoNotFound") => not_found(),
        (_, "RevisionNotFound") => HubErrorKind::RevisionNotFound { revision },
        (_, "EntryNotFound") => HubErrorKind::FileNotFound { revision },
        // Without a token, the Hub does not reveal whether a repository is private or missing.
        (401, _) if !has_token => not_found(),
        (401, _) if message.contains("Invalid") => HubErrorKind::TokenRejected,
        (403 | 451, _) | (_, "DisabledRepo") => HubErrorKind::PermissionDenied,
        (404, _) if asked.file.is_some() => HubErrorKind::FileNotFound { revision },
        (401 | 404, _) => not_found(),
        (429, _) => HubErrorKind::RateLimited,
        (408 | 425 | 500.., _) => HubErrorKind::Server,
        _ => HubErrorKind::Rejected,
    }
}

fn message_of(body: &str) -> Option<String> {
    let parsed: Option<Value> = serde_json::from_str(body).ok();
    let text = match parsed {
        Some(value) => value.get("error").and_then(Value::as_str)?.to_owned(),
        // A web page says nothing that helps.
        None if body.trim_start().starts_with('<') => return None,
        None => body.trim().to_owned(),
    };
    (!text.is_empty()).then_some(text)
}

fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}
