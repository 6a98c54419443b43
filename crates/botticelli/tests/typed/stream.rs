//! Values that are shown while they are written.

use crate::common::{Event, dinner, dinner_json, driver, driver_of, refusing, sandbox_with};
use botticelli::schemars::{self, JsonSchema};
use botticelli::{
    BotticelliDriver, BotticelliError, DriverExt, ErrorCategory, Partial, PartialStream, StreamExt,
    TypedMode, TypedOptions, TypedResponse,
};
use botticelli_sandbox::{Sandbox, Script};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;

/// A stream of these deltas, that ends for `reason`.
fn streaming(deltas: &[Value], reason: Option<&str>) -> Script {
    let event = |delta: &Value, reason: Option<&str>| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": reason});
        format!("data: {}\n\n", json!({"choices": [choice]}))
    };
    let mut body: String = deltas.iter().map(|delta| event(delta, None)).collect();
    if let Some(reason) = reason {
        body.push_str(&event(&json!({}), Some(reason)));
        body.push_str("data: [DONE]\n\n");
    }
    Script::sse(body)
}

/// Returns each character as a separate event.
fn letters(text: &str) -> Vec<Value> {
    text.chars().map(|letter| json!({"content": letter})).collect()
}

/// The letters of a tool's arguments.
fn arguments(name: &str, text: &str) -> Vec<Value> {
    let call = |function: Value| json!({"tool_calls": [{"index": 0, "id": "c", "function": function}]});
    let first = call(json!({"name": name, "arguments": ""}));
    std::iter::once(first).chain(text.chars().map(|letter| call(json!({"arguments": letter})))).collect()
}

/// Returns the partial values of a stream, and its final item.
async fn collected<T>(
    mut stream: PartialStream<T>,
) -> (Vec<Value>, Result<TypedResponse<T>, BotticelliError>) {
    let mut values = Vec::new();
    let end = loop {
        match stream.next().await.unwrap() {
            Ok(Partial::Value(value)) => values.push(value),
            Ok(Partial::Complete(whole)) => break Ok(*whole),
            Ok(other) => panic!("{:?}", other.value()),
            Err(error) => break Err(error),
        }
    };
    assert!(stream.next().await.is_none(), "an item followed the end");
    (values, end)
}

async fn streamed<T>(
    script: Script,
    mode: TypedMode,
) -> (Vec<Value>, Result<TypedResponse<T>, BotticelliError>)
where
    T: DeserializeOwned + JsonSchema + Send + 'static,
{
    let sandbox = sandbox_with([script]).await;
    let options = TypedOptions::default().with_modes([mode]);
    let stream = driver(&sandbox).stream_as_with("Go".into(), &options).await.unwrap();
    let all = collected(stream).await;
    assert_eq!(sandbox.requests().len(), 1);
    all
}

#[tokio::test]
async fn a_streamed_value_grows_by_letters_and_ends_complete() {
    let text = dinner_json();
    for (script, mode) in [
        (streaming(&letters(&text), Some("stop")), TypedMode::JsonSchema),
        (streaming(&letters(&format!("Of course:\n```json\n{text}\n```")), Some("stop")), TypedMode::Prompt),
        (streaming(&arguments("Event", &text), Some("tool_calls")), TypedMode::ToolCall),
    ] {
        let (values, whole) = streamed::<Event>(script, mode).await;
        let whole = whole.unwrap();
        assert_eq!((*whole).clone(), dinner());
        assert_eq!((whole.mode(), whole.calls()), (mode, 1));
        assert_eq!(values[0], json!({}));
        assert_eq!(values[1], json!({"title": ""}));
        assert_eq!(values[7], json!({"title": "Dinner"}));
        assert_eq!(values[8], json!({"title": "Dinner", "guests": []}));
        assert_eq!(values.last(), Some(&serde_json::to_value(dinner()).unwrap()));
        assert!(values.windows(2).all(|pair| pair[0] != pair[1]), "a stream yields only changed values");
    }
}

#[tokio::test]
async fn a_streamed_list_is_unwrapped_from_its_object() {
    for text in [r#"{"value":[1,22]}"#, "[1,22]"] {
        let script = streaming(&letters(text), Some("stop"));
        let (values, whole) = streamed::<Vec<u8>>(script, TypedMode::JsonSchema).await;
        assert_eq!(values, [json!([]), json!([1]), json!([1, 22])], "{text}");
        assert_eq!(*whole.unwrap(), [1, 22]);
    }
}

/// Wherever a stream breaks off, what was shown is a part of the value, and the end is one error with what had arrived.
#[tokio::test]
async fn a_stream_that_is_cut_anywhere_ends_in_one_error() {
    let text = dinner_json();
    let letters = letters(&text);
    for cut in 1..letters.len() {
        let (values, end) = streamed::<Event>(streaming(&letters[..cut], None), TypedMode::JsonSchema).await;
        let error = end.unwrap_err();
        assert_eq!(error.category(), ErrorCategory::Interrupted, "{cut}");
        assert_eq!(error.partial().unwrap().text(), text.chars().take(cut).collect::<String>());
        assert!(!values.is_empty());
    }
}

#[tokio::test]
async fn a_stream_with_invalid_json_yields_no_final_value() {
    let broken = "{\"title\":\"Dinner\",\"guests\":[{\"name\":\"Ada\"}],}";
    for (reason, is_broken_off) in [("stop", false), ("half_time", true)] {
        let script = streaming(&letters(broken), Some(reason));
        let (_, end) = streamed::<Loose>(script, TypedMode::JsonSchema).await;
        let error = end.unwrap_err();
        assert_eq!(error.to_string().contains("stopped early (\"half_time\")"), is_broken_off, "{error}");
        assert_eq!(error.partial().unwrap().text(), broken);
    }
}

/// Of which everything may be missing.
#[derive(Debug, serde::Deserialize, JsonSchema)]
struct Loose {
    #[allow(dead_code, reason = "only read")]
    name: Option<String>,
}

#[tokio::test]
async fn the_error_of_a_stream_names_the_reason_for_its_end() {
    let cut = streaming(&letters("{\"title\":\"Din"), Some("length"));
    let (values, end) = streamed::<Event>(cut, TypedMode::JsonSchema).await;
    assert_eq!(values.last(), Some(&json!({"title": "Din"})));
    let error = end.unwrap_err();
    assert!(error.to_string().contains("Raise `max_tokens`"), "{error}");
    assert_eq!(error.partial().unwrap().text(), "{\"title\":\"Din");

    let (_, end) =
        streamed::<Event>(streaming(&letters("{\"title\":7}"), Some("stop")), TypedMode::JsonSchema).await;
    let error = end.unwrap_err();
    assert!(
        error.to_string().contains("in 1 attempt with mode `json_schema` (\"guests\" is a required"),
        "{error}"
    );

    let (values, end) =
        streamed::<Event>(streaming(&letters("I will not."), Some("stop")), TypedMode::Prompt).await;
    assert!(values.is_empty());
    assert_eq!(end.unwrap_err().partial().unwrap().text(), "I will not.");
}

#[tokio::test]
async fn a_rejected_mode_is_replaced_before_any_value_is_yielded() {
    let sandbox =
        sandbox_with([refusing(), streaming(&arguments("Event", &dinner_json()), Some("stop"))]).await;
    let (_, whole) = collected(driver(&sandbox).stream_as::<Event>("Go".into()).await.unwrap()).await;
    let whole = whole.unwrap();
    assert_eq!((whole.mode(), whole.calls()), (TypedMode::ToolCall, 2));

    let sandbox = sandbox_with([refusing()]).await;
    let Err(error) = driver(&sandbox).stream_as::<Event>("Go".into()).await else { panic!("it began") };
    assert_eq!((error.status(), sandbox.requests().len()), (Some(400), 4));
}

#[tokio::test]
async fn a_stream_of_values_outlives_its_driver() {
    let sandbox = Sandbox::start().await.unwrap();
    let shared: Arc<dyn BotticelliDriver> = Arc::new(driver(&sandbox));
    let stream = shared.stream_as::<Event>("title=Feast seats=3".into()).await.unwrap();
    drop(shared);
    let (values, whole) = tokio::spawn(collected(stream)).await.unwrap();
    let whole = whole.unwrap();
    assert_eq!((whole.title.as_str(), whole.seats), ("Feast", 3));
    assert!(values.len() > 3, "{values:?}");
    assert_eq!(whole.usage(), whole.response().usage().copied());

    let stubborn = driver_of(&sandbox, "sandbox/stubborn");
    let (_, end) = collected(stubborn.stream_as::<Event>("Go".into()).await.unwrap()).await;
    assert_eq!(end.unwrap_err().category(), ErrorCategory::InvalidResponse);
    assert_eq!(sandbox.requests().len(), 2, "a response with yielded values is not requested again");
}

/// Returns the total bytes of all partial values of a list of `numbers` numbers, and the bytes of the response.
async fn shown(numbers: usize) -> (usize, usize) {
    let text = serde_json::to_string(&json!({"value": vec![12_345; numbers]})).unwrap();
    let pieces: Vec<_> = text
        .as_bytes()
        .chunks(6)
        .map(|piece| json!({"content": std::str::from_utf8(piece).unwrap()}))
        .collect();
    let script = streaming(&pieces, Some("stop"));
    let (values, whole) = streamed::<Vec<u16>>(script, TypedMode::JsonSchema).await;
    assert_eq!(whole.unwrap().len(), numbers);
    assert_eq!(values.last().unwrap().as_array().unwrap().len(), numbers, "the last value is complete");
    let grows =
        values.windows(2).all(|pair| pair[0].as_array().unwrap().len() < pair[1].as_array().unwrap().len());
    assert!(grows);
    (values.iter().map(|value| value.to_string().len()).sum(), text.len())
}

#[tokio::test]
async fn copied_bytes_grow_linearly_with_the_response() {
    let (small, _) = shown(500).await;
    assert!(small > 500 * 500 * 5 / 2, "of a short answer every value is given: {small}");
    let (large, length) = shown(20_000).await;
    assert!(large < (4 << 20) + 66 * length, "{large} bytes of an answer of {length}");
}
