//! Responses as values.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use botticelli_core::GenerateResponse;

#[test]
fn a_response_has_its_own_name_in_debug_output_and_in_errors() {
    let response = GenerateResponse::builder().id("chatcmpl-1").build().unwrap();
    let text = format!("{response:?}");
    assert!(text.starts_with("GenerateResponse {") && text.contains("chatcmpl-1"), "{text}");
    let error = serde_json::from_str::<GenerateResponse>("7").unwrap_err().to_string();
    assert!(error.contains("expected struct GenerateResponse"), "{error}");
}
