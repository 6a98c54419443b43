//! The fast path of a stream returns the same as the full parser.
//!
//! A comment before each event changes nothing for a client, but makes every event differ from the previous one, so that only the
//! parser reads the stream. Without the comments, the stream may use the fast path. Both must return the same chunks.

use crate::common::dice::Dice;
use crate::common::{collect, driver, text};
use botticelli_core::{CompletionRequest, Delta, GenerateResponse, StreamChunk, Timings};
use botticelli_error::{BotticelliError, PartialResponse};
use botticelli_models::huggingface::HuggingFaceDriver;
use botticelli_sandbox::{Sandbox, SandboxBuilder, Script};
use std::path::PathBuf;

/// The same stream with a comment before each event, and no two of them alike.
fn commented(stream: &[u8]) -> Vec<u8> {
    let mut commented_stream = Vec::with_capacity(stream.len() * 2);
    for (number, line) in stream.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if line.starts_with(b"data:") {
            commented_stream.extend_from_slice(format!(": {number}\n").as_bytes());
        }
        commented_stream.extend_from_slice(line);
    }
    commented_stream
}

/// All that a caller sees of a stream: its chunks, and the error that ended it with what it had kept.
#[derive(Debug, PartialEq)]
struct Seen {
    chunks: Vec<StreamChunk>,
    response: Option<GenerateResponse>,
    error: Option<(String, Option<PartialResponse>)>,
}

impl Seen {
    fn of((mut chunks, error): (Vec<StreamChunk>, Option<BotticelliError>)) -> Self {
        let last = chunks.pop_if(|chunk| chunk.is_final());
        let response = last.and_then(StreamChunk::into_response);
        Self {
            chunks,
            response: response.map(|response| response.with_timings(Timings::default())),
            // The position of an error inside its event must be equal. Its line in the stream may differ.
            error: error.map(|error| (error.to_string(), error.partial().cloned())),
        }
    }

    fn text(&self) -> String {
        self.chunks.iter().map(StreamChunk::text).collect()
    }
}

/// Returns the chunks of each stream, unchanged and with comments, sent in pieces of up to `longest` bytes.
async fn seen(streams: &[Vec<u8>], longest: usize, is_text: bool) -> Vec<[Seen; 2]> {
    let mut dice = Dice(longest.try_into().unwrap());
    let scripts =
        streams.iter().flat_map(|stream| [stream.clone(), commented(stream)]).map(|commented_stream| {
            let script = Script::stream(200, "text/event-stream");
            if longest == 0 {
                script.piece(commented_stream)
            } else {
                script.pieces(dice.cut(&commented_stream, longest))
            }
        });
    let sandbox: Sandbox = scripts.fold(Sandbox::builder(), SandboxBuilder::with_turn).start().await.unwrap();
    let driver = driver(&sandbox);
    let mut all = Vec::with_capacity(streams.len());
    for _ in streams {
        all.push([ask(&driver, is_text).await, ask(&driver, is_text).await]);
    }
    all
}

async fn ask(driver: &HuggingFaceDriver, is_text: bool) -> Seen {
    Seen::of(if is_text {
        text::collect(driver, CompletionRequest::from("Hi")).await
    } else {
        collect(driver, "Hi".into()).await
    })
}

fn fixtures(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder);
    let mut fixtures: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sse"))
        .map(|path| (path.display().to_string(), std::fs::read(&path).unwrap()))
        .collect();
    fixtures.sort();
    fixtures
}

#[tokio::test]
async fn both_paths_agree_on_every_fixture() {
    for (folder, is_text, least) in [("huggingface", false, 80), ("huggingface_text", true, 10)] {
        let (names, streams): (Vec<_>, Vec<_>) = fixtures(folder).into_iter().unzip();
        assert!(names.len() >= least, "{} fixtures", names.len());
        for longest in [0, 7, 90] {
            for (name, [fast, parsed]) in names.iter().zip(seen(&streams, longest, is_text).await) {
                assert_eq!(fast, parsed, "{name}, in pieces of {longest}");
            }
        }
    }
}

#[tokio::test]
async fn both_paths_agree_on_random_streams() {
    let mut dice = Dice(3);
    let mut streams = Vec::new();
    for (_, stream) in fixtures("huggingface") {
        // Twice as many events, so that some are like the one before them.
        let doubled = String::from_utf8_lossy(&stream)
            .split_inclusive("\n\n")
            .flat_map(|event| if event.contains("content") { vec![event, event] } else { vec![event] })
            .collect::<String>();
        streams.extend((0..8).map(|_| dice.mutate(doubled.as_bytes())));
    }
    // A mutation inside of a line's name makes a comment or a field of it, which the comments here would not be put before.
    streams.retain(|stream| !stream.contains(&b'\r'));
    let (mut whole, mut broken) = (0, 0);
    for (stream, [fast, parsed]) in streams.iter().zip(seen(&streams, 0, false).await) {
        assert_eq!(fast, parsed, "{}", String::from_utf8_lossy(stream));
        if fast.error.is_none() { whole += 1 } else { broken += 1 }
    }
    assert!(whole > 50 && broken > 50, "{whole} whole, {broken} broken");
}

/// A JSON string and its value; `None` if the string is invalid.
const STRINGS: [(&[u8], Option<&str>); 35] = [
    (b" the", Some(" the")),
    (b"shell", Some("shell")),
    (b"a", Some("a")),
    (b"", Some("")),
    (br"\n\n", Some("\n\n")),
    (br#"\""#, Some("\"")),
    (br"\\", Some("\\")),
    (br#"\\\""#, Some("\\\"")),
    (br"a\tb\r\/\b\f", Some("a\tb\r/\u{8}\u{c}")),
    (br"\u00e9t\u00e9", Some("été")),
    (br"\ud83c\udfa8", Some("\u{1f3a8}")),
    (br"\u0000", Some("\0")),
    ("café".as_bytes(), Some("café")),
    ("\u{1f41a}".as_bytes(), Some("\u{1f41a}")),
    ("\u{2028}".as_bytes(), Some("\u{2028}")),
    (b"data: [DONE]", Some("data: [DONE]")),
    (b"}]}", Some("}]}")),
    (b"null", Some("null")),
    (b"</s>", Some("</s>")),
    (b"<think>", Some("<think>")),
    (br#"{\"city\":"#, Some("{\"city\":")),
    (b"{}", Some("{}")),
    (b"}", Some("}")),
    (br#"{\"city\":1}"#, Some("{\"city\":1}")),
    (br#"\"{"#, Some("\"{")),
    (b"<th", Some("<th")),
    (b"\x7f", Some("\x7f")),
    (
        b"a word that is longer than the ones around it, as some are",
        Some("a word that is longer than the ones around it, as some are"),
    ),
    (
        br"a word that is longer\nthan the ones around it, and has a line",
        Some("a word that is longer\nthan the ones around it, and has a line"),
    ),
    (b"\t", None),
    (b"\xff", None),
    (b"\xc3", None),
    (br"\ud83c", None),
    (br"\x", None),
    (br"\u12", None),
];

/// An event around a string, in the formats of servers. `@` marks the place of the string.
const SHAPES: [&str; 22] = [
    r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"@"},"logprobs":null,"finish_reason":null}],"usage":null}"#,
    r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"@","tool_calls":[]},"finish_reason":""}]}"#,
    r#"{"choices": [{"delta": {"content": "", "reasoning_content": "@"}, "index": 0}], "created": 1}"#,
    r#"{"choices":[{"delta":{"reasoning":"@","reasoning_content":"","content":null},"index":0}]}"#,
    r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"@"}}]}}]}"#,
    r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"@"}}]}}]}"#,
    r#"{"choices":[{"index":0,"text":"@","finish_reason":null}]}"#,
    r#"{"choices":[{"index":0,"text":"assistant","delta":{"role":"assistant","content":"@"}}]}"#,
    r#"{"choices":[{"index":1,"delta":{"refusal":"@"}}]}"#,
    // A second string, which the reader may hold back.
    r#"{"choices":[{"index":0,"delta":{"content":"\n","tool_calls":[{"index":0,"function":{"arguments":"@"}}]}}]}"#,
    r#"{"choices":[{"index":0,"delta":{"content":"\n","reasoning_content":"@"}}]}"#,
    r#"{"choices":[{"index":0,"delta":{"content":"i","reasoning":"@"}}]}"#,
    r#"{"choices":[{"index":0,"delta":{"content":"@","reasoning_content":"x"}}]}"#,
    r#"{"choices":[{"index":0,"delta":{"reasoning_content":"@","function_call":{"arguments":"x"}}}]}"#,
    r#"{"choices":[{"index":0,"delta":{"content":"@"},"message":{"content":"x"}}]}"#,
    r#"{"choices":[{"index":0,"delta":{"content":"@","content":null}}]}"#,
    r#"{"choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":"@"}]}}]}"#,
    r#"{"choices":[{"index":0,"delta":{"reasoning_details":[{"type":"reasoning.text","text":"@"}]}}]}"#,
    r#"{"choices":[{"index":0,"delta":{"thinking":"@"},"usage":{"prompt_tokens":3}}]}"#,
    // A call that is named in each event.
    r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t","function":{"name":"f","arguments":"@"}}]}}]}"#,
    r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"function":{"name":"@","arguments":""}}]}}]}"#,
    r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"@"}},{"index":1,"function":{"arguments":"x"}}]}}]}"#,
];

/// Bytes between two events. Most of them change the next event.
const BETWEEN: [&str; 24] = [
    ": a comment\n\n",
    "data:\n\n",
    "data: {}\n\n",
    "event: message\n",
    "id: 7\nretry: 3\n",
    "data: {\"choices\":[{\"delta\":{\"content\":\"\"}}]}\n\n",
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\n",
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n",
    "data: {\"choices\":[{\"delta\":{\"content\":\"y\"},\"logprobs\":{\"content\":[{\"token\":\"y\",\"logprob\":-1}]}}]}\n\n",
    "data: {\"error\":{\"message\":\"overloaded\"}}\n\n",
    "\r\n",
    "data: {\"choices\":[{\"delta\":{\"content\":\"z\"}},{\"index\":1,\"delta\":{\"content\":\"w\"}}]}\n\n",
    // Held back, or decided only by what follows.
    "data: {\"choices\":[{\"delta\":{\"content\":\"<th\"}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"content\":\"<think>\\n\"}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"content\":\"</think>\\n\"}}]}\n\n",
    "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"v\"}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"t\",\"function\":{\"name\":\"g\",\"arguments\":\"{\\\"a\"}}]}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"u\",\"function\":{\"arguments\":\"\\\":1\"}}]}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"\\\"{}\\\"\"}}]}}]}\n\n",
    "data: {\"choices\":[{\"message\":{\"content\":\"z\"}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"abort\"}]}\n\n",
    "error: {\"message\":\"lost\"}\n\n",
    "{\"error\":\"lost\"}\n\n",
];

/// Returns a stream of similar events, with a few others among them, and its expected text.
fn generated(dice: &mut Dice) -> (Vec<u8>, Option<String>) {
    let (mut shape, mut end) = (dice.pick(&SHAPES), dice.pick(&["\n\n", "\n\n", "\r\n\r\n"]));
    let (mut stream, mut expected_text) = (Vec::new(), Some(String::new()));
    let is_calm = dice.roll(2) == 0;
    for _ in 0..dice.roll(40) {
        match if is_calm { 9 } else { dice.roll(60) } {
            0..3 => {
                stream.extend_from_slice(dice.pick(&BETWEEN).as_bytes());
                expected_text = None;
            }
            3 => {
                (shape, end, expected_text) =
                    (dice.pick(&SHAPES), dice.pick(&["\n\n", "\r\n\r\n", "\r\r", "\n\r\n"]), None);
            }
            _ => {}
        }
        // Half of the streams end with an invalid string.
        let strings = if is_calm { STRINGS.len() - 6 } else { STRINGS.len() };
        let (written, string) = STRINGS[dice.roll(strings)];
        expected_text = expected_text.zip(string).map(|(expected_text, string)| expected_text + string);
        let (before, after) = shape.split_once('@').unwrap();
        stream.extend_from_slice(["data: ", before].concat().as_bytes());
        stream.extend_from_slice(written);
        stream.extend_from_slice([after, end].concat().as_bytes());
    }
    if dice.roll(4) > 0 {
        stream.extend_from_slice(b"data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
    }
    (stream, expected_text.filter(|_| shape.contains("\"content\":\"@\"")))
}

#[tokio::test]
async fn both_paths_agree_on_similar_events() {
    let mut dice = Dice(7);
    let (streams, expected_text): (Vec<_>, Vec<_>) = (0..1200).map(|_| generated(&mut dice)).unzip();
    let (mut known, mut whole, mut broken, mut calls) = (0, 0, 0, 0);
    for longest in [0, 200, 3000] {
        for ((stream, expected_text), [fast, parsed]) in
            streams.iter().zip(&expected_text).zip(seen(&streams, longest, false).await)
        {
            let shown = String::from_utf8_lossy(stream);
            assert_eq!(fast, parsed, "in pieces of {longest}: {shown}");
            if let Some(expected_text) = expected_text
                .as_ref()
                .filter(|expected_text| !expected_text.trim_start().starts_with("<think>"))
            {
                let partial_response =
                    fast.error.as_ref().and_then(|(_, partial_response)| partial_response.as_ref());
                let text = partial_response
                    .map_or_else(|| fast.text(), |partial_response| partial_response.text().to_owned());
                assert_eq!(text, *expected_text, "in pieces of {longest}: {shown}");
                known += usize::from(!expected_text.is_empty());
            }
            if fast.error.is_none() {
                whole += 1;
            } else {
                broken += 1;
            }
            calls += usize::from(fast.chunks.iter().any(|chunk| matches!(chunk.delta(), Delta::ToolCall(_))));
        }
    }
    // The test itself must have seen all of it.
    assert!(known > 200 && whole > 500 && broken > 500 && calls > 200, "{known} {whole} {broken} {calls}");
}
