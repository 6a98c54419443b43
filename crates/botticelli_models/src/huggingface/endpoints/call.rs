//! A request, and the facts that its errors need.

use super::values::check_part;
use crate::huggingface::credentials::Credentials;
use botticelli_core::redact::Secret;
use botticelli_error::BotticelliError;
use bytes::Bytes;
use reqwest::Method;

/// A request, and the facts that its errors need.
#[derive(Clone, Debug)]
pub(super) struct Call<'a> {
    pub(super) method: Method,
    /// Path below the base URL.
    pub(super) path: String,
    pub(super) query: Option<String>,
    pub(super) body: Option<Bytes>,
    /// The endpoint, or the namespace.
    pub(super) subject: &'a str,
    pub(super) kind: CallKind,
    /// Values that no message may repeat.
    pub(super) hidden: Vec<Secret>,
}

/// The subject of a request. The same status has different meanings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallKind {
    /// A list, the price list, or the owner of the token.
    List,
    Create,
    /// One endpoint that exists.
    Endpoint,
}

impl<'a> Call<'a> {
    pub(super) const fn new(method: Method, path: String, subject: &'a str, kind: CallKind) -> Self {
        Self { method, path, query: None, body: None, subject, kind, hidden: Vec::new() }
    }
}

/// Returns a request about one endpoint. `path` follows its name.
pub(super) fn endpoint_call<'a>(
    method: Method,
    name: &str,
    path: &str,
    subject: &'a str,
    namespace: &str,
) -> Result<Call<'a>, BotticelliError> {
    check_part("name", name)?;
    Ok(Call::new(method, format!("endpoint/{namespace}/{name}{path}"), subject, CallKind::Endpoint))
}

/// Returns a text of the server without the token and the secrets that were sent.
pub(super) fn clean(text: String, credentials: &Credentials, hidden: &[Secret]) -> String {
    let secrets = credentials.token.iter().map(|token| &**token).chain(hidden);
    secrets.fold(text, |text, secret| secret.redact(text))
}
