//! The canonical form of a request, which caches and recordings use as a key.

use crate::huggingface::settings::DriverSettings;
use reqwest::header::HeaderValue;

/// Returns the canonical form of a request: its address, its body, and the organization that pays, if it is set. Each is one line.
///
/// Secrets in the address are left out: they do not change the response, and must not be stored.
pub(in crate::huggingface) fn canonical(
    settings: &DriverSettings,
    public_address: &str,
    body: &[u8],
) -> Vec<u8> {
    let bill_to = settings.client.bill_to().map(HeaderValue::as_bytes);
    let label: &[u8] = if bill_to.is_some() { b"\nbill_to: " } else { b"" };
    [public_address.as_bytes(), b"\n", body, label, bill_to.unwrap_or_default()].concat()
}
