//! Addresses without secrets.

use botticelli_core::redact;
use reqwest::Url;

/// Words in the name of a query parameter that holds a secret.
const SECRET: [&str; 8] = ["key", "token", "secret", "sig", "auth", "pass", "credential", "code"];

/// Returns an address without the parts that can be secrets: parameters with the name of a secret, and tokens anywhere.
pub(in crate::huggingface) fn public_address(url: &Url) -> String {
    let (address, query) = url.as_str().split_once('?').unwrap_or((url.as_str(), ""));
    let is_secret = |part: &str| redact::is_token(part);
    let address = if address.split('/').any(is_secret) {
        let parts: Vec<_> = address.split('/').map(|part| if is_secret(part) { "…" } else { part }).collect();
        parts.join("/")
    } else {
        address.to_owned()
    };
    if query.is_empty() {
        return address;
    }
    let is_public = |parameter: &&str| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let name = name.to_ascii_lowercase();
        !SECRET.iter().any(|word| name.contains(word)) && !redact::is_token(value)
    };
    let query: Vec<_> = query.split('&').filter(is_public).collect();
    match query.join("&") {
        query if query.is_empty() => address,
        query => format!("{address}?{query}"),
    }
}
