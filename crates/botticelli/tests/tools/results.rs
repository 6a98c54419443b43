//! What tools take and give back.

use crate::common::{FLORENCE, Weather, calls, driver, result_text, run, says, scripted};
use botticelli::schemars::{self, JsonSchema};
use botticelli::{
    BotticelliError, DriverExt, JsonOutput, ModelsResult, Tool, ToolDefinition, ToolLimits, ToolOutcome,
    ToolResult, ToolStep, Tools,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

async fn result_of(tools: Tools) -> (ToolOutcome, String) {
    let sandbox = scripted([calls(&[("a", "weather", FLORENCE)]), says("Yes")]).await;
    let run = run(&sandbox, &tools).await;
    (run.steps()[0].results()[0].outcome(), result_text(&sandbox))
}

#[tokio::test]
async fn every_failure_of_a_tool_is_returned_to_the_model() {
    type AnyError = Box<dyn std::error::Error + Send + Sync>;
    let none = || std::io::Error::other("no such city");
    for tools in [
        Tools::new().with("weather", move |_: Weather| async move { Err::<String, _>(none()) }),
        Tools::new().with("weather", |_: Weather| async { Err::<u8, _>("no such city") }),
        Tools::new().with("weather", |_: Weather| async { Err::<u8, _>("no such city".to_owned()) }),
        Tools::new().with("weather", move |_: Weather| async move { Err::<u8, AnyError>(none().into()) }),
    ] {
        let (outcome, result_text) = result_of(tools).await;
        assert_eq!(outcome, ToolOutcome::Failed);
        assert!(result_text.contains("failed: no such city. Call it with other"), "{result_text}");
    }
    let keys = std::collections::HashMap::from([(vec![1], 1)]);
    let (outcome, result_text) = result_of(Tools::new().with("weather", move |_: Weather| {
        let keys = keys.clone();
        async move { JsonOutput(keys) }
    }))
    .await;
    assert_eq!(outcome, ToolOutcome::Failed);
    assert!(result_text.contains("cannot be written as JSON"), "{result_text}");
}

#[tokio::test]
async fn a_text_is_sent_unchanged_and_other_values_as_json() {
    #[derive(Serialize, Clone)]
    struct Report {
        rain: bool,
        degrees: f32,
    }
    macro_rules! result_text {
        ($output:expr) => {{
            let tools = Tools::new().with("weather", move |_: Weather| async move { $output });
            let (outcome, result_text) = result_of(tools).await;
            assert_eq!(outcome, ToolOutcome::Returned);
            result_text
        }};
    }
    assert_eq!(result_text!("\"Rain\",\n it said"), "\"Rain\",\n it said");
    assert_eq!(result_text!(Some("Rain".to_owned())), "Rain");
    assert_eq!(result_text!(Ok::<_, String>("Rain")), "Rain");
    assert_eq!(result_text!(Ok::<_, BotticelliError>("Rain")), "Rain");
    assert_eq!(result_text!(Ok::<_, String>(Some('c'))), "c");
    assert_eq!(
        result_text!(JsonOutput(Report { rain: true, degrees: 21.1 })),
        r#"{"rain":true,"degrees":21.1}"#
    );
    assert_eq!(
        result_text!(Ok::<_, String>(Report { rain: true, degrees: 21.1 })),
        r#"{"rain":true,"degrees":21.1}"#
    );
    assert_eq!(result_text!(JsonOutput("Rain")), "Rain");
    assert_eq!(result_text!(Ok::<_, String>(u128::MAX)), u128::MAX.to_string());
    assert_eq!(result_text!(vec![Ok::<u8, String>(1)]), r#"[{"Ok":1}]"#);
    assert_eq!(result_text!(json!({ "Err": "mine" })), r#"{"Err":"mine"}"#);
    assert_eq!(result_text!(None::<u8>), "null");
    assert_eq!(result_text!(7), "7");
}

#[tokio::test]
async fn a_long_result_is_cut_between_characters_with_a_note() {
    let sandbox = scripted([calls(&[("a", "weather", FLORENCE)]), says("Yes")]).await;
    let tools = Tools::new().with("weather", |_: Weather| async { "ää".repeat(5) });
    let limits = ToolLimits::default().with_result_bytes(5);
    driver(&sandbox).run_tools("Rain?".into(), &tools, limits).await.unwrap();
    let result_text = result_text(&sandbox);
    assert!(
        result_text.starts_with("ää\n[The result was cut") && result_text.contains("4 of 20 bytes"),
        "{result_text}"
    );

    let (_, whole) =
        result_of(Tools::new().with("weather", |_: Weather| async { "a".repeat(262_144) })).await;
    assert_eq!(whole.len(), 262_144);
    let (_, cut) = result_of(Tools::new().with("weather", |_: Weather| async { "a".repeat(262_145) })).await;
    assert!(cut.contains("262144 of 262145 bytes"));
}

#[tokio::test]
async fn a_type_with_state_can_be_a_tool() {
    struct Counter(AtomicUsize);
    #[derive(Deserialize, JsonSchema)]
    struct By {
        by: usize,
    }
    impl Tool for Counter {
        type Arguments = By;
        type Output = usize;
        type Error = std::fmt::Error;
        fn definition(&self) -> ModelsResult<ToolDefinition> {
            Ok(botticelli::tool_definition::<By>("count")?.with_description("Counts on"))
        }
        async fn call(&self, By { by }: By) -> Result<usize, std::fmt::Error> {
            if by == 0 { Err(std::fmt::Error) } else { Ok(self.0.fetch_add(by, Ordering::Relaxed) + by) }
        }
    }
    let by = |by| calls(&[("a", "count", by)]);
    let sandbox = scripted([by(r#"{"by":2}"#), by(r#"{"by":3}"#), by(r#"{"by":0}"#), says("Yes")]).await;
    let run = run(&sandbox, &Tools::new().with_tool(Counter(AtomicUsize::new(1)))).await;
    let result_text: Vec<_> =
        run.steps().iter().flat_map(ToolStep::results).map(ToolResult::content).collect();
    assert_eq!(result_text[..2], ["3", "6"]);
    assert!(result_text[2].contains("an error occurred"), "{}", result_text[2]);
    assert_eq!(sandbox.requests()[0].body()["tools"][0]["function"]["description"], "Counts on");
}

#[tokio::test]
async fn a_tool_without_arguments_accepts_every_spelling_of_no_arguments() {
    #[derive(Deserialize, JsonSchema)]
    struct Nothing {}
    for arguments in ["", "{}", "null", " "] {
        let sandbox = scripted([calls(&[("a", "now", arguments)]), says("Yes")]).await;
        run(&sandbox, &Tools::new().with("now", |_: Nothing| async { "noon" })).await;
        assert_eq!(result_text(&sandbox), "noon", "{arguments:?}");
        let parameters = sandbox.requests()[0].body()["tools"][0]["function"]["parameters"].clone();
        assert_eq!(parameters, json!({ "type": "object", "properties": {} }));
    }
}

#[tokio::test]
async fn schemas_are_sent_without_references() {
    #[derive(Deserialize, JsonSchema)]
    struct Trip {
        from: Weather,
        to: Option<Weather>,
    }
    let tools = Tools::new().with("trip", |trip: Trip| async move {
        format!("{} {:?}", trip.from.city, trip.to.map(|to| to.city))
    });
    let schema = tools.definitions().next().unwrap().parameters().clone();
    assert!(!schema.to_string().contains("$ref") && !schema.to_string().contains("$schema"), "{schema}");
    assert_eq!(schema["properties"]["from"]["properties"]["city"]["type"], "string");
    let arguments = r#"{"from":{"city":"Rome"},"to":null}"#;
    let sandbox = scripted([calls(&[("a", "trip", arguments)]), says("Yes")]).await;
    run(&sandbox, &tools).await;
    assert_eq!(result_text(&sandbox), "Rome None");
}

#[tokio::test]
async fn a_call_in_an_incomplete_response_is_not_run() {
    let run_count = Arc::new(AtomicUsize::new(0));
    for reason in ["length", "content_filter", "half_time"] {
        let call = json!({"id": "a", "type": "function", "function": {"name": "weather", "arguments": ""}});
        let cut = json!({"choices": [{"message": {"tool_calls": [call]}, "finish_reason": reason}]});
        let sandbox = scripted([botticelli_sandbox::Script::json(200, cut), says("Yes")]).await;
        let counted = run_count.clone();
        let definition = ToolDefinition::without_arguments("weather").unwrap();
        let tools = Tools::new().with_definition(definition, move |_: serde_json::Value| {
            counted.fetch_add(1, Ordering::Relaxed);
            async { "rain" }
        });
        let run = run(&sandbox, &tools).await;
        assert_eq!(run.steps()[0].results()[0].outcome(), ToolOutcome::Unfinished, "{reason}");
        let result_text = result_text(&sandbox);
        assert!(
            result_text.contains("The tool was not run, because")
                && result_text.contains("make the call again"),
            "{result_text}"
        );
    }
    assert_eq!(run_count.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn an_empty_tool_result_is_not_sent_as_empty_content() {
    for nothing in ["", " ", "\n\t"] {
        let (outcome, result_text) =
            result_of(Tools::new().with("weather", move |_: Weather| async move { nothing })).await;
        assert_eq!((outcome, result_text.as_str()), (ToolOutcome::Returned, "(no output)"));
    }
    let failing = Tools::new().with("weather", |_: Weather| async { Err::<u8, _>("") });
    assert!(!result_of(failing).await.1.trim().is_empty());
}

#[tokio::test]
async fn an_integer_with_a_decimal_point_is_read_as_an_integer() {
    #[derive(Deserialize, JsonSchema)]
    struct Room {
        room: u8,
        ratio: f64,
    }
    let tools = || Tools::new().with("weather", |r: Room| async move { format!("{} {}", r.room, r.ratio) });
    let of = |arguments: &'static str| async move {
        let sandbox = scripted([calls(&[("a", "weather", arguments)]), says("Yes")]).await;
        run(&sandbox, &tools()).await;
        result_text(&sandbox)
    };
    assert_eq!(of(r#"{"room": 10.0, "ratio": 2.5}"#).await, "10 2.5");
    let result_text = of(r#"{"ratio": 1, "room": 300}"#).await;
    assert!(result_text.contains("(/room: invalid value: integer `300`, expected u8)"), "{result_text}");
    let result_text = of(r#"{"room": 1.5, "ratio": 1}"#).await;
    assert!(
        result_text.contains("(/room: invalid type: floating point `1.5`, expected u8)"),
        "{result_text}"
    );
}

#[tokio::test]
async fn the_schema_contains_the_bounds_of_integers() {
    #[derive(Deserialize, JsonSchema)]
    #[allow(dead_code, reason = "only its schema counts")]
    struct Numbers {
        a: i8,
        b: u16,
        c: Option<i32>,
        d: Vec<u32>,
        e: i64,
    }
    let schema = botticelli::tool_definition::<Numbers>("numbers").unwrap().parameters().clone();
    let bounds = |pointer: &str| {
        let part = schema.pointer(&format!("/properties/{pointer}")).unwrap();
        (part["minimum"].as_i64(), part["maximum"].as_i64())
    };
    assert_eq!(bounds("a"), (Some(-128), Some(127)));
    assert_eq!(bounds("b"), (Some(0), Some(65_535)));
    assert_eq!(bounds("c"), (Some(i32::MIN.into()), Some(i32::MAX.into())));
    assert_eq!(bounds("d/items"), (Some(0), Some(u32::MAX.into())));
    assert_eq!(bounds("e"), (None, None), "a model needs no bounds of 64 bits");
}
