//! Strict schemas: they accept exactly the serialized form of a type, and an error names the place without a strict form.

use crate::common::{Event, Guest, dinner, driver, event_schema, sandbox_with, text_response};
use botticelli::schemars::{self, JsonSchema};
use botticelli::{
    BotticelliErrorKind, DriverExt, OutputSchema as Form, TypedMode, TypedOptions, TypedResponse,
};
use botticelli_sandbox::Sandbox;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Debug;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
enum Shape {
    /// Nothing at all.
    Empty,
    Circle(f64),
    Box {
        width: u32,
        height: Option<u32>,
    },
    Guest(Guest),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Tagged {
    Nothing,
    Box { width: u32 },
    Guest(Guest),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", content = "content")]
enum Adjacent {
    Nothing,
    Box { width: u32 },
    Guest(Guest),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Untagged {
    Number(i64),
    Guest(Guest),
    List(Vec<bool>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Flat {
    id: u8,
    #[serde(flatten)]
    guest: Guest,
    #[serde(flatten)]
    tagged: Tagged,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Many {
    /// A shape, or none.
    shape: Option<Shape>,
    shapes: Vec<Shape>,
    corner: (f64, f64),
    bytes: [u8; 3],
    unit: Option<Untagged>,
    #[serde(default)]
    count: u32,
    #[serde(rename = "type")]
    kind: Option<Adjacent>,
    empty: Empty,
    unique: HashSet<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Empty {}

/// Returns the strict schema that is sent for `T`, and the value that is read from the serialized `value`.
async fn round<T: Serialize + DeserializeOwned + JsonSchema + Send>(value: &Value) -> (Value, T) {
    let sandbox = sandbox_with([text_response(&value.to_string())]).await;
    let options = TypedOptions::default().with_max_repairs(0);
    let read: TypedResponse<T> = driver(&sandbox).generate_as_with("Go".into(), &options).await.unwrap();
    let schema = sandbox.requests()[0].body()["response_format"]["json_schema"]["schema"].clone();
    (schema, read.into_value())
}

/// Returns a part of the schema that services reject in strict mode, at any depth.
fn looseness(part: &Value) -> Option<String> {
    let Value::Object(fields) = part else { return Some(format!("not an object: {part}")) };
    let known =
        ["type", "description", "enum", "anyOf", "items", "properties", "required", "additionalProperties"];
    if let Some(word) = fields.keys().find(|word| !known.contains(&word.as_str())) {
        return Some(format!("the word {word}"));
    }
    if let Some(properties) = fields.get("properties").and_then(Value::as_object) {
        let names: Vec<_> = properties.keys().cloned().map(Value::from).collect();
        if fields["additionalProperties"] != json!(false) || fields["required"] != Value::from(names) {
            return Some(format!("an open object: {part}"));
        }
    } else if part["type"] == "object" || !(fields.contains_key("type") || fields.contains_key("anyOf")) {
        return Some(format!("anything fits: {part}"));
    }
    let inner =
        fields.get("properties").and_then(Value::as_object).into_iter().flat_map(|fields| fields.values());
    let variants = fields.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    inner.chain(variants).chain(fields.get("items")).find_map(looseness)
}

/// Every value with one field more, and every value with one field less, at any depth.
fn damaged(value: &Value) -> Vec<Value> {
    match value {
        Value::Object(fields) => {
            let mut all = Vec::new();
            let mut more = fields.clone();
            more.insert("surplus".into(), json!(1));
            all.push(Value::Object(more));
            for (name, field) in fields {
                let mut less = fields.clone();
                less.shift_remove(name);
                all.push(Value::Object(less));
                for inner in damaged(field) {
                    let mut changed = fields.clone();
                    changed.insert(name.clone(), inner);
                    all.push(Value::Object(changed));
                }
            }
            all
        }
        Value::Array(items) => {
            let at = |at: usize| {
                damaged(&items[at]).into_iter().map(move |inner| {
                    let mut changed = items.clone();
                    changed[at] = inner;
                    Value::Array(changed)
                })
            };
            (0..items.len()).flat_map(at).collect()
        }
        _ => Vec::new(),
    }
}

async fn takes_exactly<T>(values: &[T])
where
    T: Clone + Debug + PartialEq + Serialize + DeserializeOwned + JsonSchema + Send,
{
    for value in values {
        let written = serde_json::to_value(value).unwrap();
        let (schema, read) = round::<T>(&written).await;
        assert_eq!(&read, value);
        assert_eq!(looseness(&schema), None, "{schema:#}");
        let is_wrapped = schema["properties"].get("value").is_some() && written.get("value").is_none();
        let wrap = |value: &Value| if is_wrapped { json!({ "value": value }) } else { value.clone() };
        let validator = jsonschema::validator_for(&schema).unwrap();
        assert!(validator.is_valid(&wrap(&written)), "{written} by {schema:#}");
        for damaged in damaged(&wrap(&written)) {
            assert!(!validator.is_valid(&damaged), "{damaged} by {schema:#}");
        }
    }
}

fn guest() -> Guest {
    Guest { name: "Ada".into() }
}

fn shapes() -> Vec<Shape> {
    let boxes = [None, Some(7)].map(|height| Shape::Box { width: 1, height });
    [Shape::Empty, Shape::Circle(1.5), Shape::Guest(guest())].into_iter().chain(boxes).collect()
}

#[tokio::test]
async fn structs_and_lists_are_read() {
    let placed = Event { place: Some("Uffizi".into()), ..dinner() };
    takes_exactly(&[dinner(), placed]).await;
    takes_exactly(&[vec![], vec![dinner()]]).await;
    takes_exactly(&[Empty {}]).await;
    takes_exactly(&[1.5_f64, -2.0]).await;
    takes_exactly(&[String::new(), "text".to_owned()]).await;
    takes_exactly(&[Some(7_u8), None]).await;
}

#[tokio::test]
async fn enums_of_every_kind_are_read() {
    takes_exactly(&shapes()).await;
    takes_exactly(&[Tagged::Nothing, Tagged::Box { width: 1 }, Tagged::Guest(guest())]).await;
    takes_exactly(&[Adjacent::Nothing, Adjacent::Box { width: 1 }, Adjacent::Guest(guest())]).await;
    takes_exactly(&[Untagged::Number(-7), Untagged::Guest(guest()), Untagged::List(vec![true])]).await;
    let flat = |tagged| Flat { id: 1, guest: guest(), tagged };
    takes_exactly(&[flat(Tagged::Nothing), flat(Tagged::Box { width: 2 })]).await;
}

#[tokio::test]
async fn a_combination_of_all_kinds_is_read() {
    let full = Many {
        shape: Some(Shape::Circle(0.5)),
        shapes: shapes(),
        corner: (1.0, 2.5),
        bytes: [1, 2, 255],
        unit: Some(Untagged::Guest(guest())),
        count: 3,
        kind: Some(Adjacent::Guest(guest())),
        empty: Empty {},
        unique: HashSet::from(["a".to_owned()]),
    };
    let bare = Many { shape: None, shapes: vec![], unit: None, kind: None, ..full.clone() };
    takes_exactly(&[full, bare]).await;
}

#[tokio::test]
async fn an_optional_field_may_be_null_or_missing() {
    #[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
    struct Optional {
        name: Option<String>,
        #[serde(default)]
        count: u32,
    }
    let expected = json!({
        "type": "object",
        "properties": {
            "name": {"type": ["string", "null"]},
            "count": {"type": ["integer", "null"], "description": "(minimum: 0, maximum: 4294967295, default: 0)"},
        },
        "required": ["name", "count"],
        "additionalProperties": false,
    });
    for written in [json!({"name": null, "count": null}), json!({"count": 0}), json!({})] {
        let (schema, read) = round::<Optional>(&written).await;
        assert_eq!(schema, expected);
        assert_eq!(read, Optional { name: None, count: 0 });
    }
}

#[tokio::test]
async fn the_descriptions_of_a_field_and_its_type_are_both_kept() {
    #[derive(Debug, Deserialize, JsonSchema)]
    struct Table {
        /// Who sits at the head.
        head: Guest,
        #[allow(dead_code, reason = "only its schema counts")]
        other: Guest,
    }
    let (schema, table) =
        round_only::<Table>(&json!({"head": {"name": "Ada"}, "other": {"name": "Grace"}})).await;
    assert_eq!(table.head.name, "Ada");
    assert_eq!(schema["properties"]["head"]["description"], "Who sits at the head.");
    assert_eq!(schema["properties"]["other"]["description"], "Somebody who comes.");
}

async fn round_only<T: DeserializeOwned + JsonSchema + Send>(value: &Value) -> (Value, T) {
    let sandbox = sandbox_with([text_response(&value.to_string())]).await;
    let read: TypedResponse<T> = driver(&sandbox).generate_as("Go".into()).await.unwrap();
    (sandbox.requests()[0].body()["response_format"]["json_schema"]["schema"].clone(), read.into_value())
}

/// The sentence of the error for a type that has no strict form, after which nothing was sent.
async fn refusal<T: DeserializeOwned + JsonSchema + Send + 'static>() -> String {
    let sandbox = Sandbox::start().await.unwrap();
    let Err(error) = driver(&sandbox).generate_as::<T>("Go".into()).await else { panic!("it has one") };
    assert!(matches!(error.kind(), BotticelliErrorKind::Builder(_)), "{error:?}");
    assert!(driver(&sandbox).stream_as::<T>("Go".into()).await.is_err());
    assert!(sandbox.requests().is_empty());
    error.to_string()
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Node {
    name: String,
    children: Vec<Node>,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Stock {
    shelves: Vec<Shelf>,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Shelf {
    counts: BTreeMap<String, u32>,
}

#[tokio::test]
async fn an_error_about_a_type_without_a_strict_schema_names_the_place() {
    #[derive(Debug, Deserialize, JsonSchema)]
    struct Tree {
        #[allow(dead_code, reason = "only its schema counts")]
        root: Node,
    }
    #[derive(Debug, Deserialize, JsonSchema)]
    struct Anything {
        #[allow(dead_code, reason = "only its schema counts")]
        any: Value,
    }
    #[derive(Debug, Deserialize, JsonSchema)]
    struct Rest {
        #[serde(flatten)]
        #[allow(dead_code, reason = "only its schema counts")]
        rest: BTreeMap<String, u32>,
    }
    #[derive(Debug, Deserialize, JsonSchema)]
    struct Pair {
        #[allow(dead_code, reason = "only its schema counts")]
        pair: (String, u8),
    }
    assert_eq!(
        refusal::<Node>().await,
        "OutputSchema: `Node.children[]` cannot be \"#\" because the type is recursive, and a strict schema cannot be. \
         Use a separate type for each level, use a list of parts that name each other, or turn the strict form off with \
         TypedOptions::with_strict(false), or with OutputSchema::with_strict(false) for your own schema."
    );
    let tree = refusal::<Tree>().await;
    assert!(tree.starts_with("OutputSchema: `Tree.root.children[]` cannot be \"#/$defs/Node\""), "{tree}");
    let stock = refusal::<Stock>().await;
    assert!(
        stock.starts_with("OutputSchema: `Stock.shelves[].counts` cannot be this JSON because it is a map, "),
        "{stock}"
    );
    assert!(stock.contains("it is a map") && stock.contains("Vec<Pair>"), "{stock}");
    assert!(refusal::<BTreeMap<String, u8>>().await.contains("`Map_of_uint8` cannot be"));
    assert!(refusal::<Rest>().await.contains("`Rest` cannot be"));
    assert!(
        refusal::<Anything>()
            .await
            .contains("`Anything.any` cannot be this JSON because any value matches it (found {})")
    );
    let pair = refusal::<Pair>().await;
    assert!(pair.contains("`Pair.pair` cannot be") && pair.contains("Make it a struct"), "{pair}");
}

#[tokio::test]
async fn such_types_work_without_strict_schemas() {
    let options = TypedOptions::default().with_strict(false).with_max_repairs(0);
    let node = json!({"name": "a", "children": [{"name": "b", "children": []}]});
    let leaf = Node { name: "b".into(), children: vec![] };
    let root = Node { name: "a".into(), children: vec![leaf] };
    for (text, is_right) in [(node.clone(), true), (json!({"name": "a", "children": [{"name": "b"}]}), false)]
    {
        let sandbox = sandbox_with([text_response(&text.to_string())]).await;
        let read = driver(&sandbox).generate_as_with::<Node>("Go".into(), &options).await;
        assert_eq!(read.is_ok(), is_right);
        if let Ok(read) = read {
            assert_eq!(*read, root);
        }
        let form = sandbox.requests()[0].body()["response_format"]["json_schema"].clone();
        assert!(form.get("strict").is_none(), "{form}");
        assert_eq!(form["schema"]["properties"]["children"]["items"], json!({"$ref": "#"}));
    }

    // An object around it: references to the whole still find it.
    let sandbox = sandbox_with([text_response(&json!({"value": [node]}).to_string())]).await;
    let read = driver(&sandbox).generate_as_with::<Vec<Node>>("Go".into(), &options).await.unwrap();
    assert_eq!(read[0], root);
    let schema = sandbox.requests()[0].body()["response_format"]["json_schema"]["schema"].clone();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&json!({"value": [node]})), "{schema}");
    assert!(!jsonschema::validator_for(&schema).unwrap().is_valid(&json!({"value": [7]})), "{schema}");
}

/// Returns the request body and the result for a custom schema in `mode`.
async fn sent(form: &Form, mode: TypedMode, text: &str) -> (Value, Result<Value, String>) {
    let sandbox = sandbox_with([text_response(text)]).await;
    let options = TypedOptions::default().with_modes([mode]).with_max_repairs(0);
    let read = driver(&sandbox).generate_json_with("Go".into(), form.clone(), &options).await;
    (
        sandbox.requests()[0].body().clone(),
        read.map(TypedResponse::into_value).map_err(|error| error.to_string()),
    )
}

#[tokio::test]
async fn a_custom_schema_is_sent_unchanged() {
    let schema =
        json!({"type": "object", "properties": {"a": {"type": "string", "minLength": 2}}, "title": "T"});
    let form = Form::new("mine", schema.clone()).unwrap().with_description("What it is for");
    let (body, read) = sent(&form, TypedMode::JsonSchema, r#"{"a": "xy", "b": 1}"#).await;
    let expected = json!({"name": "mine", "description": "What it is for", "schema": schema});
    assert_eq!(body["response_format"]["json_schema"], expected);
    assert_eq!(read, Ok(json!({"a": "xy", "b": 1})));
    let (_, read) = sent(&form, TypedMode::JsonSchema, r#"{"a": "x"}"#).await;
    assert!(read.unwrap_err().contains("/a: \"x\" is shorter than 2 characters"));

    // A list, in an object: also as the arguments of a tool.
    let defined =
        json!({"type": "array", "items": {"$ref": "#/$defs/n"}, "$defs": {"n": {"type": "integer"}}});
    let list = Form::new("list", defined).unwrap();
    for mode in TypedMode::ALL {
        let (body, read) = sent(&list, mode, r#"{"value": [1, 2]}"#).await;
        assert_eq!(read, Ok(json!([1, 2])), "{body}");
    }
    let (body, _) = sent(&list, TypedMode::ToolCall, "[1]").await;
    let parameters = &body["tools"][0]["function"]["parameters"];
    assert_eq!(parameters["properties"]["value"], json!({"type": "array", "items": {"$ref": "#/$defs/n"}}));
    assert_eq!(parameters["$defs"], json!({"n": {"type": "integer"}}));

    // What refers to the whole refers to what is inside of the object then.
    let nested = json!({"type": "array", "items": {"anyOf": [{"type": "integer"}, {"$ref": "#"}]}});
    let (body, read) =
        sent(&Form::new("nested", nested).unwrap(), TypedMode::ToolCall, r#"{"value": [1, [2]]}"#).await;
    assert_eq!(read, Ok(json!([1, [2]])));
    let items = &body["tools"][0]["function"]["parameters"]["properties"]["value"]["items"];
    assert_eq!(items["anyOf"][1], json!({"$ref": "#/properties/value"}));
}

#[tokio::test]
async fn a_custom_schema_is_made_strict_on_request() {
    let schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {"a": {"$ref": "#/definitions/a"}, "b": {"type": "string"}, "c": {"enum": [1, "x"]}},
        "required": ["a"],
        "allOf": [{"properties": {"d": {"const": "fixed"}}, "required": ["d"]}],
        "definitions": {"a": {"type": "integer", "minimum": 1}},
    });
    let form = Form::new("mine", schema).unwrap().with_strict(true);
    let (body, read) = sent(&form, TypedMode::JsonSchema, r#"{"a":1,"b":null,"c":null,"d":"fixed"}"#).await;
    let expected = json!({
        "type": "object",
        "properties": {
            "a": {"type": "integer", "description": "(minimum: 1)"},
            "b": {"type": ["string", "null"]},
            "c": {"enum": [1, "x", null]},
            "d": {"type": "string", "enum": ["fixed"]},
        },
        "required": ["a", "b", "c", "d"],
        "additionalProperties": false,
    });
    assert_eq!(
        body["response_format"]["json_schema"],
        json!({"name": "mine", "schema": expected, "strict": true})
    );
    assert_eq!(read, Ok(json!({"a": 1, "d": "fixed"})), "a null field is missing");
}

#[tokio::test]
async fn an_invalid_schema_is_not_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = driver(&sandbox);
    for (schema, place) in [
        (
            json!({"type": "object", "properties": {"a": {"minLength": "two"}}}),
            "schema/properties/a/minLength",
        ),
        (json!({"type": "object", "properties": {"a": {"pattern": "("}}}), "schema/properties/a/pattern"),
        (json!({"$ref": "https://example.org/schema"}), "schema"),
        (json!({"$ref": "#/$defs/none"}), "schema"),
    ] {
        let form = Form::new("mine", schema).unwrap();
        let error = driver.generate_json("Go".into(), form).await.unwrap_err();
        let BotticelliErrorKind::Builder(refused) = error.kind() else { panic!("{error:?}") };
        assert_eq!(refused.field(), place, "{error}");
        assert!(error.to_string().contains("it is not a valid JSON Schema ("), "{error}");
    }
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_type_that_grows_without_bound_is_rejected() {
    let doubled = |of: &str| json!({"type": "object", "properties": {"a": {"$ref": of}, "b": {"$ref": of}}});
    let mut definitions = serde_json::Map::new();
    definitions.insert("0".into(), json!({"type": "string"}));
    for level in 1..40 {
        definitions.insert(level.to_string(), doubled(&format!("#/$defs/{}", level - 1)));
    }
    let mut schema = doubled("#/$defs/39");
    schema["$defs"] = definitions.into();
    let sandbox = Sandbox::start().await.unwrap();
    let form = Form::new("mine", schema).unwrap().with_strict(true);
    let error = driver(&sandbox).generate_json("Go".into(), form).await.unwrap_err();
    assert!(error.to_string().contains("the schema is too large"), "{error}");
}

#[test]
fn the_schema_in_the_tests_is_strict() {
    assert_eq!(looseness(&event_schema()), None);
}
