//! Values of a type: read out of what a model wrote, and held against the type.

use crate::common::{
    Event, bodies, dinner, dinner_json, driver, ended, event_schema, json_kind, never_repaired, sandbox_with,
    text_response,
};
use botticelli::schemars::{self, JsonSchema};
use botticelli::{BotticelliError, DriverExt, JsonErrorKind, TypedMode, TypedResponse};
use botticelli_sandbox::{Sandbox, Script};
use serde::Deserialize;
use serde_json::json;

/// Reads a value from the text of a model, without repairs.
async fn read<T>(text: &str) -> Result<T, BotticelliError>
where
    T: serde::de::DeserializeOwned + JsonSchema + Send,
{
    let sandbox = sandbox_with([text_response(text)]).await;
    driver(&sandbox).generate_as_with("Go".into(), &never_repaired()).await.map(TypedResponse::into_value)
}

#[tokio::test]
async fn json_is_found_in_surrounding_text() {
    let json = dinner_json();
    let pretty = serde_json::to_string_pretty(&dinner()).unwrap();
    for text in [
        format!("  {json}\n"),
        format!("```\n{json}\n```"),
        format!("```json\n{pretty}\n```"),
        format!("Sure! {json} Enjoy."),
        format!("First I thought of {{\"title\": 1}} and [2], but: {json}"),
        format!("Was it {}? No: {json}", json.replace("Dinner", "Lunch")),
        format!("A set {{a, b}} first. {json} [note]"),
        serde_json::to_string(&json).unwrap(),
        json.replace("\"place\":null,", ""),
    ] {
        assert_eq!(read::<Event>(&text).await.unwrap(), dinner(), "{text}");
    }
    for text in ["", "no", "{", "{{{{", "[[[[[[", &"{\"a\":[".repeat(10_000), &json.replace("}]", "}")] {
        let error = read::<Event>(text).await.unwrap_err();
        assert!(matches!(json_kind(&error), JsonErrorKind::SchemaMismatch { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_non_object_value_is_wrapped_in_an_object() {
    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    enum Size {
        Small,
        Large,
    }
    let sandbox = Sandbox::start().await.unwrap();
    let driver = driver(&sandbox);
    let events: TypedResponse<Vec<Event>> = driver.generate_as("title=Dinner seats=7".into()).await.unwrap();
    assert_eq!((events.len(), events[0].seats), (1, 7));
    let size: TypedResponse<Size> = driver.generate_as("value=Large".into()).await.unwrap();
    assert_eq!(*size, Size::Large);
    let number: TypedResponse<u8> = driver.generate_as("value=42".into()).await.unwrap();
    assert_eq!(*number, 42);
    let none: TypedResponse<Option<Event>> = driver.generate_as("Nothing".into()).await.unwrap();
    assert!(none.is_some());
    let formats: Vec<_> =
        bodies(&sandbox).iter().map(|body| body["response_format"]["json_schema"].clone()).collect();
    let list = json!({
        "type": "object",
        "properties": {"value": {"type": "array", "items": event_schema()}},
        "required": ["value"],
        "additionalProperties": false,
    });
    assert_eq!((&formats[0]["schema"], &formats[0]["name"]), (&list, &json!("Array_of_Event")));
    assert_eq!(
        formats[1]["schema"]["properties"]["value"],
        json!({"type": "string", "enum": ["Small", "Large"]})
    );

    // The model omits the wrapping object, as many models do if the schema is in the prompt.
    assert_eq!(read::<Vec<u8>>("[1, 2]").await.unwrap(), [1, 2]);
    assert_eq!(read::<Vec<u8>>("{\"value\": [1, 2]}").await.unwrap(), [1, 2]);
    assert_eq!(read::<String>("{\"value\": \"{}\"}").await.unwrap(), "{}");
    let error = read::<Vec<u8>>("{\"value\": [1, 256]}").await.unwrap_err();
    assert!(error.to_string().contains("/value/1: 256"), "{error}");
    let error = read::<Vec<u8>>("{\"values\": [1]}").await.unwrap_err();
    assert!(error.to_string().contains("(\"value\" is a required property; "), "{error}");
}

#[tokio::test]
async fn keywords_that_are_not_sent_are_checked_locally() {
    #[derive(Debug, Deserialize, JsonSchema)]
    struct Visit {
        #[schemars(extend("format" = "date"))]
        day: String,
    }
    let error = read::<Event>(&dinner_json().replace("\"seats\":4", "\"seats\":51")).await.unwrap_err();
    assert!(error.to_string().contains("/seats: 51 is greater than the maximum of 50"), "{error}");

    assert_eq!(read::<Visit>("{\"day\":\"2025-02-28\"}").await.unwrap().day, "2025-02-28");
    let error = read::<Visit>("{\"day\":\"2025-02-30\"}").await.unwrap_err();
    assert!(error.to_string().contains("/day: \"2025-02-30\" is not a \"date\""), "{error}");
}

#[tokio::test]
async fn an_error_of_the_type_itself_is_a_violation() {
    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(try_from = "String")]
    #[schemars(with = "String")]
    struct Even(#[allow(dead_code, reason = "only read")] String);
    impl TryFrom<String> for Even {
        type Error = String;
        fn try_from(text: String) -> Result<Self, String> {
            if text.len().is_multiple_of(2) { Ok(Self(text)) } else { Err("an odd length".into()) }
        }
    }
    let error = read::<Even>("{\"value\": \"abc\"}").await.unwrap_err();
    assert!(error.to_string().contains("/value: an odd length"), "{error}");
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Settings {
    name: Option<String>,
    address: Option<Address>,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Address {
    street: Option<String>,
}

#[tokio::test]
async fn a_part_of_a_value_is_not_the_value() {
    for text in [
        "{\"name\":\"Ada\",\"address\":{\"street\":\"Main\"},}",
        "{name: \"Ada\", \"address\": {\"street\": \"Main\"}}",
        "Here: {\"name\":\"A}a\",\"address\":{\"street\":\"Main\"},} I left {} out.",
        "{\"name\":\"Ada\",} of {\"street\":\"Main\"}",
        "{\"name\":\"Ada\",\"tags\":[\"a\"]],\"address\":{\"street\":\"Main\"}}",
        "{\"name\":\"Ada\",\"address\":{\"street\":\"Main\"}",
        "\"name\":\"Ada\",\"address\":{\"street\":\"Main\"}}",
        "{\"name\":\"Ada\"},\"address\":{\"street\":\"Main\"}}",
    ] {
        let result = read::<Settings>(text).await;
        let Err(error) = result else { panic!("{text}: {result:?}") };
        assert!(matches!(json_kind(&error), JsonErrorKind::SchemaMismatch { .. }), "{error}");
    }
    let ada = Settings { name: Some("Ada".into()), address: None };
    for text in [
        "{\"name\":\"Ada\",\"address\":null}  I left {} out.",
        "{} or {\"name\":\"Ada\"} of {\"street\":\"Main\"}",
        "{\"name\":\"Eve\",\"address\":null}, no: {\"name\":\"Ada\",\"address\":null}",
        "{\"name\":\"Eve\",} no: {\"name\":\"Ada\"}",
        "{\"name\":\"Ada\"}}",
    ] {
        assert_eq!(read::<Settings>(text).await.unwrap(), ada, "{text}");
    }
    for text in ["{}", "```json\n{}\n```"] {
        assert_eq!(read::<Settings>(text).await.unwrap(), Settings { name: None, address: None });
    }
    assert_eq!(read::<Vec<u8>>("[1, 2] and no [] at all").await.unwrap(), [1, 2]);
    assert_eq!(read::<Vec<u8>>("{\"value\": []} without [1]").await.unwrap(), [0_u8; 0]);
    assert!(read::<Vec<u8>>("[1, 2,] and no []").await.is_err());
}

#[tokio::test]
async fn a_number_out_of_the_range_of_its_type_is_a_violation() {
    #[derive(Debug, Deserialize, JsonSchema)]
    struct Sky {
        #[schemars(range(min = 0.0))]
        brightness: f32,
        stars: Vec<Option<f32>>,
        size: f64,
    }
    let error = read::<Sky>("{\"brightness\": 1e300, \"stars\": [], \"size\": 1}").await.unwrap_err();
    assert!(error.to_string().contains("(/brightness: "), "{error}");
    let error = read::<Sky>("{\"brightness\": 1, \"stars\": [null, -1e39], \"size\": 1}").await.unwrap_err();
    assert!(error.to_string().contains("(/stars/1: "), "{error}");
    let sky = read::<Sky>("{\"brightness\": 1e38, \"stars\": [-2.5], \"size\": 1e300}").await.unwrap();
    assert_eq!((sky.stars[0], sky.size), (Some(-2.5), 1e300));
    assert!(sky.brightness.is_finite());
    assert!(read::<f32>("{\"value\": 1e300}").await.is_err());
}

#[tokio::test]
async fn plain_text_is_a_string_value_without_json_mode() {
    #[derive(Debug, Deserialize, JsonSchema)]
    struct Short(
        #[schemars(length(max = 3))]
        #[allow(dead_code, reason = "only read")]
        String,
    );
    let options = never_repaired().with_modes([TypedMode::Prompt]);
    let typed_value = |turn: Script| async {
        let sandbox = sandbox_with([turn]).await;
        driver(&sandbox).generate_as_with::<String>("Where?".into(), &options).await
    };
    for (text, city) in [
        ("Florence", "Florence"),
        (" Florence [1]\n", "Florence [1]"),
        ("1478", "1478"),
        ("\"Florence\"", "Florence"),
        ("{\"value\": \"Florence\"}", "Florence"),
    ] {
        assert_eq!(*typed_value(text_response(text)).await.unwrap(), city, "{text}");
    }
    for text in
        ["", "null", "{\"value\": \"Flore", "{\"city\": \"Florence\"}", "\"Flore", "```\nFlorence\n```"]
    {
        assert!(typed_value(text_response(text)).await.is_err(), "{text}");
    }
    assert!(typed_value(ended("Flore", "error")).await.is_err());
    assert!(read::<String>("Florence").await.is_err(), "JSON was forced");
    let sandbox = sandbox_with([text_response("Flo")]).await;
    assert!(driver(&sandbox).generate_as_with::<Short>("Where?".into(), &options).await.is_err());
}

#[tokio::test]
async fn many_brackets_in_prose_do_not_hide_the_json() {
    let json = dinner_json();
    let citations = (0..500).map(|number| format!("[{number}]")).collect::<Vec<_>>().join(" ");
    for text in [
        format!("[[[[[ see {json}"),
        format!("{} see {json}", "{ ".repeat(200)),
        format!("{} see {json}", "[".repeat(5_000)),
        format!("{citations}{json}"),
        format!("{json}{citations}"),
        format!("I would open with [ and close with nothing. {json}"),
        format!("It is 5\" wide [note: see below. {json}"),
        format!("{}{json}", "{a} ".repeat(300)),
        format!("```json {json}```"),
        format!("```{json}```"),
        format!("Here: ```json {json} ``` as asked"),
        format!("~~~json\n{json}\n~~~"),
    ] {
        assert_eq!(read::<Event>(&text).await.unwrap(), dinner(), "{text}");
    }
}

#[tokio::test]
async fn a_part_of_an_incomplete_value_is_not_the_value() {
    for text in [
        "[{\"name\":\"Ada\"}",
        "[1, 2, {\"name\":\"Ada\"}",
        "{\"people\": [{\"name\":\"Ada\"}",
        "{name: \"Ada\", address: {\"name\":\"Main\"}",
        "{'name': 'Ada', 'address': {\"name\":\"Main\"}",
        "{ \"a\": x, {\"name\":\"Ada\"}",
        "[see {\"name\":\"Ada\"}]",
        "{note {\"name\":\"Ada\"} }",
        "[[{\"name\":\"Ada\"}, see",
    ] {
        let result = read::<Settings>(text).await;
        let Err(error) = result else { panic!("{text}: {result:?}") };
        assert!(matches!(json_kind(&error), JsonErrorKind::SchemaMismatch { .. }), "{error}");
    }
}

/// A hundred thousand brackets of every kind. A search with quadratic time would not end.
#[tokio::test]
async fn a_text_of_brackets_is_read_in_one_pass() {
    for unit in ["[ see ", "{ a ", "{\"a\":[", "[1,", "{a: ", "[}", "\"[\\\"\" ", "[ \" ", "]", "[[[1 2 "] {
        let text = format!("{} {}", unit.repeat(200_000 / unit.len()), dinner_json());
        // Whatever comes of it, it comes.
        let _ = read::<Event>(&text).await;
    }
}
