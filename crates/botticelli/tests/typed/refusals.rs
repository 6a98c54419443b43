//! Typed values from servers that do not support a mode: the driver tries the next mode.

use crate::common::{Event, called, dinner, dinner_json, driver, sandbox_with};
use botticelli::{DriverExt, ErrorCategory, StreamExt, TypedMode, TypedResponse};
use botticelli_sandbox::Script;

const GRAMMAR: &str = r#"{"error":{"message":"Grammar error: Unimplemented keys: [\"additionalProperties\"]","type":"InternalServerError","code":500}}"#;
const NOT_VALID: &str = r#"{"error":{"message":"The JSON that was generated does not fit.","type":"invalid_request_error","code":"json_validate_failed","failed_generation":"{"}}"#;

#[tokio::test]
async fn an_unsupported_schema_is_requested_as_a_tool() {
    for body in [GRAMMAR, r#"{"error":{"code":501,"message":"response_format is not supported"}}"#] {
        let sandbox = sandbox_with([Script::json(500, body), called("Event", &dinner_json())]).await;
        let event: TypedResponse<Event> = driver(&sandbox).generate_as("Dinner".into()).await.unwrap();
        assert_eq!((event.mode(), event.fallbacks().len()), (TypedMode::ToolCall, 1));
        assert_eq!(sandbox.requests().len(), 2);
        assert_eq!(event.into_value(), dinner());
    }
}

#[tokio::test]
async fn a_mode_that_failed_twice_is_replaced_by_a_tool() {
    let turns = [Script::json(400, NOT_VALID), Script::json(400, NOT_VALID), called("Event", &dinner_json())];
    let sandbox = sandbox_with(turns).await;
    let event: TypedResponse<Event> = driver(&sandbox).generate_as("Dinner".into()).await.unwrap();
    assert_eq!((event.mode(), event.fallbacks().len()), (TypedMode::ToolCall, 1));
    assert_eq!(sandbox.requests().len(), 3, "once more in the same mode before the next one");
    let requests = sandbox.requests();
    assert_eq!(requests.iter().filter(|request| request.body().get("response_format").is_some()).count(), 2);
    assert_eq!(event.into_value(), dinner());
}

#[tokio::test]
async fn a_failure_in_every_mode_is_a_generation_error() {
    let sandbox = sandbox_with([Script::json(400, NOT_VALID)]).await;
    let error = driver(&sandbox).generate_as::<Event>("Dinner".into()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Generation, "{error}");
}

#[tokio::test]
async fn a_stream_tries_the_next_mode_too() {
    for turns in
        [vec![Script::json(500, GRAMMAR)], vec![Script::json(400, NOT_VALID), Script::json(400, NOT_VALID)]]
    {
        let calls = turns.len() + 1;
        let sandbox = sandbox_with(turns.into_iter().chain([called("Event", &dinner_json())])).await;
        let driver = driver(&sandbox);
        let mut stream = driver.stream_as::<Event>("Dinner".into()).await.unwrap();
        let mut whole = None;
        while let Some(next) = stream.next().await {
            whole = next.unwrap().into_complete().map(TypedResponse::into_value).or(whole);
        }
        assert_eq!(whole, Some(dinner()));
        assert_eq!(sandbox.requests().len(), calls);
    }
}
