//! Checks of the category that an error text gets, plain and streamed.

use crate::common::{driver, failure, scripted, stream_failure};
use botticelli_core::GenerateRequest;
use botticelli_error::{BotticelliError, ErrorCategory};
use botticelli_sandbox::Script;

/// Returns the errors of a plain and of a streamed call to a server that responds with `status` and `body`.
pub(super) async fn errors(status: u16, body: &str) -> [BotticelliError; 2] {
    let kind = match body.chars().next() {
        Some('{' | '[' | '"') => "application/json",
        Some('<') => "text/html",
        _ => "text/plain",
    };
    let sandbox = scripted(Script::text(status, kind, body)).await;
    let request = GenerateRequest::from("Hello").with_model("org/m");
    let driver = driver(&sandbox);
    [failure(&driver, request.clone()).await, stream_failure(&driver, request).await]
}

/// Asserts the category of every case.
pub(super) async fn assert_all(category: ErrorCategory, cases: &[(u16, &str)]) {
    for (status, body) in cases {
        for error in errors(*status, body).await {
            assert_eq!(error.category(), category, "{status} {body}: {error}");
            assert_eq!(error.is_retryable(), category.is_retryable(), "{status} {body}: {error}");
        }
    }
}

/// Returns a message in OpenAI's format.
pub(super) fn openai(message: &str) -> String {
    serde_json::json!({"error": {"message": message, "type": "BadRequestError", "param": null, "code": null}})
        .to_string()
}
