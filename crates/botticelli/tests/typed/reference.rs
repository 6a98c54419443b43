//! References and combinations in a schema: resolved, merged, and rejected if they are recursive.

use crate::common::{driver, never_repaired, sandbox_with, text_response};
use botticelli::schemars::{self, JsonSchema};
use botticelli::{
    BotticelliError, BotticelliErrorKind, DriverExt, OutputSchema as Form, TypedOptions, TypedResponse,
};
use botticelli_sandbox::Sandbox;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Returns the strict schema that is sent for a schema, or the error before anything is sent.
async fn strict(schema: Value) -> Result<Value, BotticelliError> {
    let sandbox = sandbox_with([text_response("{}")]).await;
    let form = Form::new("mine", schema)?.with_strict(true);
    let result = driver(&sandbox).generate_json_with("Go".into(), form, &never_repaired()).await;
    match sandbox.requests().first() {
        Some(request) => Ok(request.body()["response_format"]["json_schema"]["schema"].clone()),
        None => Err(result.unwrap_err()),
    }
}

/// The strict schema of the property `a`.
async fn strict_property(property: Value, definitions: Value) -> Value {
    let schema = json!({
        "type": "object", "properties": {"a": property}, "required": ["a"], "$defs": definitions,
    });
    strict(schema).await.unwrap()["properties"]["a"].clone()
}

async fn refusal(schema: Value) -> String {
    let error = strict(schema).await.unwrap_err();
    assert!(matches!(error.kind(), BotticelliErrorKind::Builder(_)), "{error:?}");
    error.to_string()
}

#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
struct Person {
    name: String,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(tag = "kind")]
enum Entry {
    Guest(Person),
    Nobody,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Visit {
    host: Person,
    #[serde(flatten)]
    entry: Entry,
    other: Option<Person>,
}

#[tokio::test]
async fn a_type_that_is_used_twice_is_not_recursive() {
    let written = json!({
        "host": {"name": "Ada"}, "kind": "Guest", "name": "Grace", "other": {"name": "Eve"},
    });
    let sandbox = sandbox_with([text_response(&written.to_string())]).await;
    let visit: TypedResponse<Visit> = driver(&sandbox).generate_as("Go".into()).await.unwrap();
    let person = |name: &str| Person { name: name.into() };
    let expected =
        Visit { host: person("Ada"), entry: Entry::Guest(person("Grace")), other: Some(person("Eve")) };
    assert_eq!(*visit, expected);
}

#[tokio::test]
async fn sibling_parts_may_share_a_definition() {
    let definitions = json!({
        "base": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
        "left": {"allOf": [{"$ref": "#/$defs/base"}], "properties": {"l": {"type": "string"}}, "required": ["l"]},
        "right": {"allOf": [{"$ref": "#/$defs/base"}], "properties": {"r": {"type": "string"}}, "required": ["r"]},
    });
    let diamond = json!({"allOf": [
        {"$ref": "#/$defs/base"}, {"$ref": "#/$defs/left"}, {"$ref": "#/$defs/right"}, {"$ref": "#/$defs/base"},
    ]});
    let closed = strict_property(diamond, definitions).await;
    let mut names: Vec<_> = closed["properties"].as_object().unwrap().keys().cloned().collect();
    names.sort_unstable();
    assert_eq!(names, ["id", "l", "r"]);
}

#[tokio::test]
async fn every_spelling_of_a_reference_is_resolved() {
    let definitions = json!({
        "a b": {"type": "string"}, "Größe": {"type": "integer"}, "x/y~z": {"type": "boolean"},
        "100%": {"type": "number"}, "marked": {"$anchor": "here", "type": "null"},
    });
    for (reference, kind) in [
        ("#/$defs/a%20b", "string"),
        ("#/%24defs/a%20b", "string"),
        ("#/$defs/Gr%C3%B6%c3%9Fe", "integer"),
        ("#/$defs/x~1y~0z", "boolean"),
        ("#/$defs/x%7E1y%7e0z", "boolean"),
        ("#/$defs/100%25", "number"),
        ("#here", "null"),
    ] {
        let closed = strict_property(json!({"$ref": reference}), definitions.clone()).await;
        assert_eq!(closed["type"], kind, "{reference}");
    }
    for reference in ["#/$defs/none", "#/$defs/a%2", "#nowhere", "other.json#/a"] {
        let schema = json!({"type": "object", "properties": {"a": {"$ref": reference}}, "$defs": {"x": {}}});
        let error = strict(schema).await.unwrap_err();
        assert!(matches!(error.kind(), BotticelliErrorKind::Builder(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a_type_with_an_encoded_name_has_a_strict_schema() {
    #[derive(Debug, Deserialize, JsonSchema)]
    #[schemars(rename = "Gast / Gäste %")]
    struct Guest {
        name: String,
    }
    #[derive(Debug, Deserialize, JsonSchema)]
    struct Table {
        guests: Vec<Guest>,
    }
    let sandbox = sandbox_with([text_response(r#"{"guests": [{"name": "Ada"}]}"#)]).await;
    let table: TypedResponse<Table> = driver(&sandbox).generate_as("Go".into()).await.unwrap();
    assert_eq!(table.guests[0].name, "Ada");
}

#[tokio::test]
async fn a_recursive_schema_is_rejected_wherever_it_recurses() {
    for (definitions, place) in [
        (json!({"n": {"type": "array", "items": {"$ref": "#/$defs/n"}}}), "`mine.a[]`"),
        (
            json!({"n": {"allOf": [{"$ref": "#/$defs/m"}]}, "m": {"type": "object", "properties": {"n": {"$ref": "#/%24defs/n"}}}}),
            "`mine.a.n`",
        ),
        (
            json!({"n": {"anyOf": [{"type": "null"}, {"type": "object", "properties": {"n": {"$ref": "#/$defs/n"}}}]}}),
            "`mine.a.n`",
        ),
    ] {
        let schema =
            json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/n"}}, "$defs": definitions});
        let error = refusal(schema).await;
        assert!(error.contains("the type is recursive") && error.contains(place), "{error}");
    }
}

fn chain(length: usize, link: fn(Value) -> Value) -> Value {
    let mut definitions = Map::new();
    for number in 0..length {
        let next = json!({"$ref": format!("#/$defs/{}", number + 1)});
        definitions.insert(number.to_string(), link(next));
    }
    definitions.insert(length.to_string(), json!({"type": "object", "properties": {}}));
    json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/0"}}, "$defs": definitions})
}

#[tokio::test]
async fn a_long_chain_of_definitions_is_an_error_and_not_a_stack_overflow() {
    let links: [fn(Value) -> Value; 5] = [
        |next| next,
        |next| json!({"type": "object", "properties": {"a": next}, "required": ["a"]}),
        |next| json!({"type": "array", "items": next}),
        |next| json!({"allOf": [next]}),
        |next| json!({"anyOf": [{"type": "null"}, {"oneOf": [next]}]}),
    ];
    for link in links {
        for length in [2_000, 12_000] {
            let schema = chain(length, link);
            let error = refusal(schema.clone()).await;
            assert!(error.contains("simpler type") || error.contains("too large"), "{error}");
            let sandbox = Sandbox::start().await.unwrap();
            let form = Form::new("mine", schema).unwrap();
            let error = driver(&sandbox).generate_json("Go".into(), form).await.unwrap_err();
            assert!(matches!(error.kind(), BotticelliErrorKind::Builder(_)), "{error:?}");
            assert!(sandbox.requests().is_empty());
        }
    }
    assert!(strict(chain(20, |next| next)).await.is_ok());
    assert!(strict(chain(20, |next| json!({"allOf": [next]}))).await.is_ok());
}

#[tokio::test]
async fn a_schema_that_grows_exponentially_is_rejected() {
    let schema = chain(60, |next| json!({"allOf": [next.clone(), next]}));
    assert!(refusal(schema).await.contains("the schema is too large"));
}

#[tokio::test]
async fn a_reference_to_itself_is_rejected() {
    let schema = json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {
        "a": {"anyOf": [{"$ref": "#/$defs/b"}]}, "b": {"$ref": "#/$defs/a"},
    }});
    for is_strict in [true, false] {
        let sandbox = Sandbox::start().await.unwrap();
        let form = Form::new("mine", schema.clone()).unwrap().with_strict(is_strict);
        let error = driver(&sandbox).generate_json("Go".into(), form).await.unwrap_err();
        assert!(matches!(error.kind(), BotticelliErrorKind::Builder(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a_response_that_is_nested_too_deeply_is_a_violation() {
    // Sixteen references from one level of the response to the next.
    let mut schema = chain(16, |next| json!({"anyOf": [{"type": "integer"}, next]}));
    schema["$defs"]["16"] = json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/0"}}});
    let answer = (0..120).fold(json!(7), |inner, _| json!({"a": inner}));
    let sandbox = sandbox_with([text_response(&answer.to_string())]).await;
    let form = Form::new("mine", schema).unwrap();
    let error = driver(&sandbox).generate_json_with("Go".into(), form, &never_repaired()).await.unwrap_err();
    assert!(error.to_string().contains("nested too deeply"), "{error}");
}

#[tokio::test]
async fn a_schema_that_is_nested_too_deeply_is_rejected() {
    let nested = |word: &str| (0..100).fold(json!({"type": "string"}), |inner, _| json!({ word: inner }));
    for word in ["not", "if", "contains", "propertyNames", "items", "unevaluatedItems"] {
        let error = Form::new("mine", nested(word)).unwrap_err();
        assert!(error.to_string().contains("nested deeper"), "{word}: {error}");
    }
    let example = (0..1_000).fold(json!(1), |inner, _| json!([inner]));
    assert!(Form::new("mine", json!({"type": "object", "default": example})).is_err());
}

#[tokio::test]
async fn variants_keep_the_keywords_next_to_them() {
    for (schema, expected) in [
        // The type holds for each variant.
        (
            json!({"type": "string", "anyOf": [{"enum": ["a", 1]}, {"format": "date"}]}),
            json!({"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "string", "description": "(format: date)"}]}),
        ),
        // A variant of another type is removed.
        (
            json!({"type": ["string", "null"], "oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}),
            json!({"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ),
        (
            json!({"type": "integer", "anyOf": [{"type": "number"}, {"type": "string"}]}),
            json!({"anyOf": [{"type": "integer"}]}),
        ),
        // Enumerated values, and both keywords for variants, keep them too.
        (
            json!({"enum": ["a", "b", 3], "anyOf": [{"const": "b"}, {"type": "integer"}]}),
            json!({"anyOf": [{"type": "string", "enum": ["b"]}, {"type": "integer", "enum": [3]}]}),
        ),
        (
            json!({"oneOf": [{"type": "string"}, {"type": "integer"}], "anyOf": [{"type": "number"}, {"type": "boolean"}]}),
            json!({"anyOf": [{"type": "integer"}]}),
        ),
        // The items of an array, and several parts with constraints on them.
        (
            json!({"type": "array", "items": {"type": ["string", "integer"]}, "allOf": [{"items": {"type": "string"}}]}),
            json!({"type": "array", "items": {"type": "string"}}),
        ),
        (
            json!({"type": ["string", "null"], "const": "x"}),
            json!({"type": ["string", "null"], "enum": ["x"]}),
        ),
        (
            json!({"enum": ["a", "b"], "allOf": [{"enum": ["b", "c"]}]}),
            json!({"type": "string", "enum": ["b"]}),
        ),
    ] {
        assert_eq!(strict_property(schema.clone(), json!({})).await, expected, "{schema}");
    }
}

#[tokio::test]
async fn each_variant_of_an_object_has_the_common_properties() {
    let schema = json!({
        "type": "object",
        "properties": {"id": {"type": "string"}, "a": {"type": "string"}, "b": {"type": "string"}},
        "required": ["id"],
        "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
    });
    let closed = strict_property(schema, json!({})).await;
    let nullable = json!({"type": ["string", "null"]});
    let plain = json!({"type": "string"});
    let [one, other] = closed["anyOf"].as_array().unwrap().as_slice() else { panic!("{closed}") };
    assert_eq!((&one["properties"]["a"], &one["properties"]["b"]), (&plain, &nullable));
    assert_eq!((&other["properties"]["a"], &other["properties"]["b"]), (&nullable, &plain));
    assert_eq!(one["properties"]["id"], plain);
}

#[tokio::test]
async fn a_property_of_two_merged_parts_must_match_both() {
    let schema = json!({
        "type": "object",
        "properties": {"a": {"type": ["string", "integer"]}},
        "required": ["a"],
        "allOf": [{"properties": {"a": {"minLength": 2, "type": "string"}}}],
    });
    let closed = strict_property(schema, json!({})).await;
    assert_eq!(closed["properties"]["a"], json!({"type": "string", "description": "(minLength: 2)"}));
}

#[tokio::test]
async fn unsatisfiable_parts_are_rejected_or_removed() {
    let object = |property: Value, required: &[&str]| json!({"type": "object", "properties": {"a": property, "b": {"type": "string"}}, "required": required});
    let impossible = json!({"type": "string", "allOf": [{"type": "integer"}]});
    assert!(refusal(object(impossible.clone(), &["a"])).await.contains("contradict each other"));
    let closed = strict(object(impossible, &["b"])).await.unwrap();
    assert_eq!(closed["required"], json!(["b"]), "an impossible value never appears");
    let error = refusal(object(json!({"type": "integer", "enum": ["x"]}), &["a"])).await;
    assert!(error.contains("no value matches it"), "{error}");
    assert!(refusal(object(json!(false), &["a"])).await.contains("no value matches it"));
}

#[tokio::test]
async fn an_error_names_the_problem_of_a_schema_before_its_json() {
    let map = json!({"type": "object", "properties": {"m": {"type": "object", "additionalProperties": {"type": "integer"}}}});
    let error = refusal(map).await;
    assert!(
        error.starts_with(
            "OutputSchema: `mine.m` cannot be this JSON because it is a map, and a strict schema"
        ),
        "{error}"
    );
    let list = Form::new("mine", json!([{"type": "object"}])).unwrap_err().to_string();
    assert!(
        list.starts_with(
            "OutputSchema: `response_format.schema` cannot be this JSON because a JSON Schema is"
        ),
        "{list}"
    );

    let sandbox = sandbox_with([text_response(r#"{"a": {"x": 1}}"#)]).await;
    let form = Form::new("mine", json!({"type": "object", "properties": {"a": {"type": "string"}}})).unwrap();
    let options = TypedOptions::default().with_max_repairs(0);
    let error =
        driver(&sandbox).generate_json_with("Go".into(), form, &options).await.unwrap_err().to_string();
    assert!(error.contains("(/a: the object is not of type \"string\")"), "{error}");
}
