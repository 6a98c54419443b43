//! The fast reader of a plain response returns the same as the full parser.
//!
//! The fast reader reads whole numbers only. A field with another number, which no client knows, makes the full parser read the response.
//! Both must return the same.

use crate::common::dice::Dice;
use crate::common::driver;
use botticelli_core::{GenerateResponse, Timings};
use botticelli_error::{ErrorCategory, PartialResponse};
use botticelli_interface::BotticelliDriver;
use botticelli_models::huggingface::HuggingFaceDriver;
use botticelli_sandbox::{Sandbox, SandboxBuilder, Script};
use std::path::PathBuf;

/// All that a caller sees of a response.
#[derive(Debug, PartialEq)]
enum Seen {
    Response(Box<GenerateResponse>),
    Error(ErrorCategory, Option<PartialResponse>),
}

async fn ask(driver: &HuggingFaceDriver) -> Seen {
    match driver.generate("Hi".into()).await {
        Ok(response) => Seen::Response(Box::new(response.with_timings(Timings::default()))),
        // The message may have the position of the error, which the added field changes.
        Err(error) => Seen::Error(error.category(), error.partial().cloned()),
    }
}

/// Returns what a caller sees of each object, unchanged and with a field for the full parser.
async fn seen(objects: &[Vec<u8>]) -> Vec<[Seen; 2]> {
    let bodies = objects.iter().flat_map(|object| [object.clone(), with_field(object)]);
    let scripts = bodies.map(|body| Script::stream(200, "application/json").piece(body));
    let sandbox: Sandbox = scripts.fold(Sandbox::builder(), SandboxBuilder::with_turn).start().await.unwrap();
    let driver = driver(&sandbox);
    let mut all = Vec::with_capacity(objects.len());
    for _ in objects {
        all.push([ask(&driver).await, ask(&driver).await]);
    }
    all
}

fn with_field(object: &[u8]) -> Vec<u8> {
    [br#"{"unknown":-1,"#, object.strip_prefix(b"{").unwrap_or(object)].concat()
}

async fn both_agree(objects: &[Vec<u8>]) -> (usize, usize) {
    let (mut responses, mut errors) = (0, 0);
    for (object, [fast, parsed]) in objects.iter().zip(seen(objects).await) {
        assert_eq!(fast, parsed, "{}", String::from_utf8_lossy(object));
        if matches!(fast, Seen::Response(_)) { responses += 1 } else { errors += 1 }
    }
    (responses, errors)
}

/// Returns the recorded objects that have a field.
fn fixtures() -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/huggingface");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let bodies = paths.into_iter().map(|path| std::fs::read(path).unwrap().trim_ascii().to_vec());
    bodies.filter(|body| body.starts_with(b"{") && body.contains(&b':')).collect()
}

#[tokio::test]
async fn both_readers_agree_on_every_fixture() {
    let (responses, errors) = both_agree(&fixtures()).await;
    assert!(responses > 60, "{responses} responses, {errors} errors");
}

#[tokio::test]
async fn both_readers_agree_on_mutated_fixtures() {
    let mut dice = Dice(5);
    let mut mutations: Vec<_> = fixtures().iter().flat_map(|body| [(); 12].map(|()| body.clone())).collect();
    for mutation in &mut mutations {
        *mutation = dice.mutate(mutation);
    }
    mutations.retain(|mutation| mutation.starts_with(b"{") && mutation.contains(&b':'));
    let (responses, errors) = both_agree(&mutations).await;
    assert!(responses > 60 && errors > 500, "{responses} responses, {errors} errors");
}

/// The content of a message, and its text; `None` if the JSON is invalid.
const CONTENTS: [(&str, Option<&str>); 38] = [
    (r#""the shell""#, Some("the shell")),
    (r#""seven b""#, Some("seven b")),
    (r#""eight by""#, Some("eight by")),
    (r#""nine byte""#, Some("nine byte")),
    (
        r#""a text of more than sixteen bytes, with no escape""#,
        Some("a text of more than sixteen bytes, with no escape"),
    ),
    (r#""""#, Some("")),
    (r#""\"""#, Some("\"")),
    (r#""a \"quote\" and a \\ in it""#, Some("a \"quote\" and a \\ in it")),
    (r#""\\\\\\""#, Some("\\\\\\")),
    (r#""1234567\n1234567\t\/""#, Some("1234567\n1234567\t/")),
    (r#""\b\f\r""#, Some("\u{8}\u{c}\r")),
    (r#""\u00e9t\u00E9""#, Some("été")),
    (r#""\ud83c\udfa8""#, Some("\u{1f3a8}")),
    (r#""café \u{1f41a}""#, None),
    ("\"\u{1f41a} \u{2028} \u{7f} \u{80} \u{ff}\"", Some("\u{1f41a} \u{2028} \u{7f} \u{80} \u{ff}")),
    (r#"["one", {"type": "text", "text": " two"}]"#, Some("one two")),
    (
        r#"[{"type": "thinking", "thinking": "x"}, {"text": "y", "z": [[], {}, [1, [2]], true, false, null]}]"#,
        Some("y"),
    ),
    (r#"{"text": "an object"}"#, Some("an object")),
    (" \n\t\r\"blanks\" \n", Some("blanks")),
    ("12", Some("12")),
    ("0", Some("0")),
    ("18446744073709551615", Some("18446744073709551615")),
    ("18446744073709551616", Some("18446744073709552000")),
    ("1.5", Some("1.5")),
    ("012", None),
    ("1e", None),
    ("+1", None),
    ("\"a\tb\"", None),
    ("\"a longer text\u{1}, with a control character\"", None),
    (r#""\x""#, None),
    (r#""\u12""#, None),
    (r#""open"#, None),
    (r#"["one",]"#, None),
    (r#"["one" "two"]"#, None),
    (r#"[,"one"]"#, None),
    (r#"{"text": "one",}"#, None),
    (r#"{"text" "one"}"#, None),
    ("nul", None),
];

#[tokio::test]
async fn both_readers_agree_on_strings_numbers_and_lists() {
    let body = |content: &str| {
        format!(r#"{{"choices":[{{"message":{{"content":{content}}},"finish_reason":"stop"}}]}}"#)
            .into_bytes()
    };
    let bodies: Vec<_> = CONTENTS.iter().map(|(content, _)| body(content)).collect();
    for ((content, text), [fast, parsed]) in CONTENTS.iter().zip(seen(&bodies).await) {
        assert_eq!(fast, parsed, "{content}");
        match (fast, text) {
            (Seen::Response(response), Some(text)) => assert_eq!(response.text(), *text, "{content}"),
            (Seen::Error(..), None) => {}
            (seen, _) => panic!("{content}: {seen:?}"),
        }
    }
}

#[tokio::test]
async fn both_readers_agree_on_repeated_keys_deep_values_and_bytes_after_the_end() {
    let choice = r#"{"message":{"content":"Hi"},"finish_reason":"stop"}"#;
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let bodies = [
        format!(r#"{{"id":"","choices":[{choice}],"choices":[],"id":"a","model":"b","model":""}}"#),
        format!(r#"{{"choices":[{choice}],"x":{}}}"#, nested(60)),
        format!(r#"{{"choices":[{choice}],"x":{}}}"#, nested(100)),
        format!(r#"{{"choices":[{choice}],"x":{}}}"#, nested(200)),
        format!(r#"{{"choices":[{choice}],"error":{{"message":"an error","code":[1,{{"a":2}}]}}}}"#),
        format!(r#"{{"choices":[{choice}]}} "#),
        format!(r#"{{"choices":[{choice}]}}}}"#),
        format!(r#"{{"choices":[{choice}]}} {{}}"#),
        format!(r#"{{"choices":[{choice}]"#),
        format!(r#"{{"ch\u006fices":[{choice}]}}"#),
    ];
    let (responses, errors) = both_agree(&bodies.map(String::into_bytes)).await;
    assert!(responses >= 4 && errors >= 4, "{responses} responses, {errors} errors");
}
