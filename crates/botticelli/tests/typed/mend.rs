//! Corrections of responses: nulls for missing properties, `3.0` for 3, and JSON in the reasoning.

use crate::common::{answer, driver, ended, json_kind, never_repaired, sandbox_with, text_response};
use botticelli::schemars::{self, JsonSchema};
use botticelli::{
    BotticelliError, DriverExt, JsonErrorKind, OutputSchema as Form, StreamExt, TypedMode, TypedOptions,
    TypedResponse,
};
use botticelli_sandbox::Script;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;

async fn generated<T>(script: Script, options: &TypedOptions) -> Result<T, BotticelliError>
where
    T: DeserializeOwned + JsonSchema + Send,
{
    let sandbox = sandbox_with([script]).await;
    let read = driver(&sandbox).generate_as_with("Go".into(), options).await;
    assert_eq!(sandbox.requests().len(), 1, "a matching response needs one request");
    read.map(TypedResponse::into_value)
}

async fn read<T: DeserializeOwned + JsonSchema + Send>(value: &Value) -> Result<T, BotticelliError> {
    generated(text_response(&value.to_string()), &never_repaired()).await
}

async fn read_loosely<T: DeserializeOwned + JsonSchema + Send>(value: &Value) -> Result<T, BotticelliError> {
    generated(text_response(&value.to_string()), &never_repaired().with_strict(false)).await
}

/// Reads `text` with a custom schema, strict or unchanged.
async fn by_form(schema: Value, text: &str, is_strict: bool) -> Result<Value, BotticelliError> {
    let sandbox = sandbox_with([text_response(text)]).await;
    let form = Form::new("mine", schema).unwrap().with_strict(is_strict);
    let read = driver(&sandbox).generate_json_with("Go".into(), form, &never_repaired()).await;
    read.map(TypedResponse::into_value)
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Scores {
    #[serde(default)]
    rounds: u32,
    by_name: BTreeMap<String, Option<u32>>,
}

#[tokio::test]
async fn a_map_keeps_its_null_entries() {
    let expected = BTreeMap::from([("ada".to_owned(), None), ("grace".to_owned(), Some(3))]);
    for rounds in [json!(0), Value::Null] {
        let written = json!({"rounds": rounds, "by_name": {"ada": null, "grace": 3}});
        let scores: Scores = read_loosely(&written).await.unwrap();
        assert_eq!(scores, Scores { rounds: 0, by_name: expected.clone() }, "{written}");
    }
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Reading(Option<f64>);

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Sample {
    // Null is one of its values, and it has to be there.
    reading: Reading,
    #[serde(default)]
    count: u32,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(tag = "kind")]
enum Step {
    Take {
        sample: Sample,
    },
    Wait {
        seconds: Option<u32>,
        #[serde(default)]
        note: String,
    },
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Plan {
    first: Option<Sample>,
    steps: Vec<Step>,
    readings: Vec<Option<u8>>,
    #[serde(default)]
    title: String,
}

#[tokio::test]
async fn a_response_that_matches_the_strict_schema_keeps_its_nulls() {
    let sample = json!({"reading": null, "count": null});
    let written = json!({
        "first": sample,
        "steps": [
            {"kind": "Take", "sample": sample},
            {"kind": "Wait", "seconds": null, "note": null},
        ],
        "readings": [1, null],
        "title": null,
    });
    let plan: Plan = read(&written).await.unwrap();
    let sample = || Sample { reading: Reading(None), count: 0 };
    let steps = vec![Step::Take { sample: sample() }, Step::Wait { seconds: None, note: String::new() }];
    assert_eq!(
        plan,
        Plan { first: Some(sample()), steps, readings: vec![Some(1), None], title: String::new() }
    );
}

#[tokio::test]
async fn a_null_that_does_not_mean_missing_is_a_violation() {
    let error = read::<Sample>(&json!({"count": 1})).await.unwrap_err();
    assert!(error.to_string().contains("\"reading\" is a required property"), "{error}");
    // The items of a list have no name to be left out by.
    let schema =
        json!({"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}}}});
    let error = by_form(schema, r#"{"a": ["x", null]}"#, false).await.unwrap_err();
    assert!(error.to_string().contains("/a/1: null is not of type \"string\""), "{error}");
}

#[tokio::test]
async fn valid_nulls_stay_and_invalid_nulls_are_removed() {
    let schema = json!({
        "type": "object",
        "properties": {
            "kept": {"type": ["string", "null"]},
            "a/b": {"type": "string"},
            "one": {"oneOf": [{"type": "string"}, {"type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": ["integer", "null"]}}}]},
        },
        "required": ["kept"],
        "additionalProperties": false,
    });
    let text = r#"{"kept": null, "a/b": null, "one": {"x": null, "y": null}, "surplus": null}"#;
    let value = by_form(schema.clone(), text, false).await.unwrap();
    assert_eq!(value, json!({"kept": null, "one": {"y": null}}));
    let error = by_form(schema, r#"{"kept": null, "surplus": 1}"#, false).await.unwrap_err();
    assert!(error.to_string().contains("'surplus' was unexpected"), "{error}");
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Counts {
    small: u8,
    signed: i32,
    maybe: Option<i64>,
    many: Vec<u16>,
    ratio: f64,
}

#[tokio::test]
async fn an_integer_may_have_a_decimal_point() {
    let text = r#"{"small": 3.0, "signed": -2e1, "maybe": 7.0, "many": [1.0, 2], "ratio": 4.0}"#;
    let counts: Counts = generated(text_response(text), &never_repaired()).await.unwrap();
    let expected = Counts { small: 3, signed: -20, maybe: Some(7), many: vec![1, 2], ratio: 4.0 };
    assert_eq!(counts, expected);

    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}, "x": {"type": "number"}}});
    let value = by_form(schema, r#"{"n": 3.0, "x": 3.0}"#, false).await.unwrap();
    assert_eq!(value.to_string(), r#"{"n":3,"x":3.0}"#);
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Large {
    #[allow(dead_code, reason = "only read")]
    n: u128,
}

#[tokio::test]
async fn an_integer_beyond_64_bits_is_never_rounded() {
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}});
    for text in ["18446744073709551616", "-9223372036854775809", "9007199254740993.0", "1e300"] {
        let error = by_form(schema.clone(), &format!("{{\"n\": {text}}}"), false).await.unwrap_err();
        assert!(error.to_string().contains("(/n: ") && error.to_string().contains("64 bits"), "{error}");
    }
    for text in ["18446744073709551615", "-9223372036854775808"] {
        let value = by_form(schema.clone(), &format!("{{\"n\": {text}}}"), false).await.unwrap();
        assert_eq!(value["n"].to_string(), text);
    }
    let error = generated::<Large>(text_response("{\"n\": 18446744073709551617}"), &never_repaired())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("64 bits"), "{error}");
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only read")]
struct Outer {
    inner: Option<Inner>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only read")]
struct Inner {
    level: i8,
    #[schemars(with = "i64")]
    narrow: u8,
}

#[tokio::test]
async fn a_value_out_of_range_names_its_field() {
    let right = json!({"small": 1, "signed": 1, "maybe": null, "many": [1], "ratio": 1});
    for (place, value, words) in [
        ("/small", json!(256), "/small: 256 is greater than the maximum of 255"),
        (
            "/signed",
            json!(3_000_000_000_u64),
            "/signed: 3000000000 is greater than the maximum of 2147483647",
        ),
        (
            "/signed",
            json!(-3_000_000_000_i64),
            "/signed: -3000000000 is less than the minimum of -2147483648",
        ),
        ("/maybe", json!(u64::MAX), "/maybe: 18446744073709551615 is greater than the maximum of"),
        ("/many", json!([1, 70_000]), "/many/1: 70000 is greater than the maximum of 65535"),
    ] {
        let mut wrong = right.clone();
        *wrong.pointer_mut(place).unwrap() = value;
        let error = read::<Counts>(&wrong).await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
    // Also inside optional values, and if the type is narrower than its schema.
    let error = read::<Outer>(&json!({"inner": {"level": 200, "narrow": 1}})).await.unwrap_err();
    assert!(error.to_string().contains("/inner/level: 200 is greater than the maximum of 127"), "{error}");
    let error = read::<Outer>(&json!({"inner": {"level": 1, "narrow": 300}})).await.unwrap_err();
    assert!(
        error.to_string().contains("(/inner/narrow: invalid value: integer `300`, expected u8"),
        "{error}"
    );
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Painting {
    painter: String,
    year: u16,
}

fn primavera() -> Painting {
    Painting { painter: "Botticelli".into(), year: 1482 }
}

const PRIMAVERA: &str = r#"{"painter":"Botticelli","year":1482}"#;

fn thought(reasoning: &str, content: &Value, reason: &str) -> Script {
    answer(&json!({"content": content, "reasoning_content": reasoning}), reason)
}

#[tokio::test]
async fn the_value_of_a_response_without_text_may_be_in_the_reasoning() {
    let fenced = format!("It is in the Uffizi.\n```json\n{PRIMAVERA}\n```\n");
    for reasoning in [PRIMAVERA, &format!("The Primavera. {PRIMAVERA}"), &fenced] {
        for content in [Value::Null, json!(""), json!("\n")] {
            let script = thought(reasoning, &content, "stop");
            let painting: Painting = generated(script, &TypedOptions::default()).await.unwrap();
            assert_eq!(painting, primavera(), "{reasoning}");
        }
    }
    let script = thought(PRIMAVERA, &Value::Null, "stop");
    let options = TypedOptions::default().with_modes([TypedMode::ToolCall]);
    assert_eq!(generated::<Painting>(script, &options).await.unwrap(), primavera());
}

#[tokio::test]
async fn values_of_a_stream_are_corrected_too() {
    let delta = |delta: Value, reason: Option<&str>| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": reason});
        format!("data: {}\n\n", json!({"choices": [choice]}))
    };
    let (first, second) = PRIMAVERA.split_at(11);
    let body = [
        delta(json!({"reasoning_content": first}), None),
        delta(json!({"reasoning_content": second}), None),
        delta(json!({}), Some("stop")),
        "data: [DONE]\n\n".to_owned(),
    ];
    let sandbox = sandbox_with([Script::sse(body.concat())]).await;
    let mut stream = driver(&sandbox).stream_as::<Painting>("Go".into()).await.unwrap();
    let last = stream.next().await.unwrap().unwrap().into_complete().unwrap();
    assert_eq!(last.into_value(), primavera());
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn json_in_a_think_block_is_not_the_value() {
    for script in [
        // A draft, after which the model thought on.
        thought(&format!("{PRIMAVERA} or another"), &Value::Null, "stop"),
        thought(&format!("Was it {PRIMAVERA}? I do not know."), &Value::Null, "stop"),
        // A text counts, even one that does not fit.
        thought(PRIMAVERA, &json!("I do not know"), "stop"),
        thought(r#"{"painter":"Botticelli"}"#, &Value::Null, "stop"),
        thought("Florence", &Value::Null, "stop"),
    ] {
        let error = generated::<Painting>(script, &never_repaired()).await.unwrap_err();
        assert!(matches!(json_kind(&error), JsonErrorKind::SchemaMismatch { .. }), "{error}");
    }
    let error = generated::<Painting>(thought(PRIMAVERA, &Value::Null, "length"), &never_repaired()).await;
    assert!(matches!(json_kind(&error.unwrap_err()), JsonErrorKind::Truncated { .. }));
    let error = generated::<String>(thought("\"Botticelli\"", &Value::Null, "stop"), &never_repaired()).await;
    assert!(error.is_err());
    assert!(generated::<Painting>(ended("", "stop"), &never_repaired()).await.is_err());
}
