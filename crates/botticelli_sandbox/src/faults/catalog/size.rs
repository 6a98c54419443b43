//! More than anybody should read.

use serde_json::{Value, json};

use crate::faults::call::Call;
use crate::faults::definition::Definition;
use crate::faults::group::FaultGroup;
use crate::faults::response::{Plain, Stream, changed, event};
use crate::script::Script;

const GROUP: FaultGroup = FaultGroup::Size;

/// What is sent at once of what has no end.
const BLOCK: usize = 16 * 1024;

/// A head that never ends is ended by force here: a client that reads on has no limit.
const LARGEST_HEAD: usize = 1024 * 1024;

const MOST_MEBIBYTES: u64 = 4096;

/// The beginning of a plain answer up to its text.
const OPEN_TEXT: &str = r#"{"choices":[{"index":0,"message":{"role":"assistant","content":""#;

const fn large(
    name: &'static str,
    description: &'static str,
    stream: fn(&Call<'_>, Stream) -> Script,
    plain: fn(&Call<'_>, Plain) -> Script,
) -> Definition {
    Definition::bent(GROUP, name, description, stream, plain)
}

/// A plain answer whose text has no end.
fn endless(plain: Plain) -> Script {
    plain.head.chunked().piece(OPEN_TEXT).repeat("x".repeat(BLOCK))
}

/// So many bytes as the start of a JSON object, a block at a time.
fn padded(script: Script, bytes: usize) -> Script {
    script.piece(r#"{"padding":""#).piece_times("x".repeat(BLOCK), bytes / BLOCK).piece("\",")
}

/// One call of a tool, as deltas and messages spell it.
fn tool_call(index: u64) -> Value {
    let function = json!({ "name": "weather", "arguments": "{}" });
    json!({ "index": index, "id": format!("call_{index}"), "type": "function", "function": function })
}

/// The message or the delta of the first choice gets these calls.
fn call_tools(json: &mut Value, place: &str, calls: &[Value]) {
    if let Some(fields) = json.pointer_mut(place).and_then(Value::as_object_mut) {
        fields.insert("tool_calls".to_owned(), calls.into());
    }
}

fn streamed_calls(stream: Stream, calls: &[Value]) -> Script {
    let first = stream.events.first().cloned().unwrap_or_else(|| event("{}"));
    let calling = changed(&first, |json| call_tools(json, "/choices/0/delta", calls));
    stream.with(1, [calling])
}

pub(super) static ALL: &[Definition] = &[
    large(
        "endless-line",
        "A `data:` line without end.",
        |_, stream| stream.first(1).piece("data: ").repeat("x".repeat(BLOCK)),
        |_, plain| endless(plain),
    ),
    large(
        "endless-event",
        "An event of `data:` lines without end.",
        |_, stream| stream.first(1).repeat("data: x\n".repeat(BLOCK / 8)),
        |_, plain| endless(plain),
    ),
    large(
        "endless-comment",
        "A comment without end.",
        |_, stream| stream.first(1).piece(": ").repeat("x".repeat(BLOCK)),
        |_, plain| endless(plain),
    ),
    large(
        "endless-text",
        "Good events without end: the model repeats itself and nobody stops it.",
        |_, stream| {
            let text = "again and again ".repeat(8);
            let chunk =
                json!({ "choices": [{ "index": 0, "delta": { "content": text }, "finish_reason": null }] });
            stream.first(1).repeat(format!("data: {chunk}\n\n"))
        },
        |_, plain| endless(plain),
    ),
    Definition::plain(GROUP, "endless-body", "A plain answer whose text has no end.", |_, plain| {
        endless(plain)
    }),
    Definition::plain(
        GROUP,
        "huge-body",
        "A plain answer that is good, after so many MiB of padding.",
        |call, plain| {
            let rest = plain.body.replacen('{', "", 1);
            padded(plain.head.chunked(), call.mebibytes()).piece(rest)
        },
    )
    .number(72, 1, MOST_MEBIBYTES),
    large(
        "huge-event",
        "An event that is good, after so many MiB of padding in its JSON; a plain answer likewise.",
        |call, stream| {
            let Stream { head, events } = stream;
            let (first, rest) = events.split_at(events.len().min(1));
            let closed = |event: &String| format!("{event}\n\n");
            let script = head.chunked().pieces(first.iter().map(closed)).piece("data: ");
            padded(script, call.mebibytes()).piece("\"choices\":[]}\n\n").pieces(rest.iter().map(closed))
        },
        |call, plain| {
            let rest = plain.body.replacen('{', "", 1);
            padded(plain.head.chunked(), call.mebibytes()).piece(rest)
        },
    )
    .number(12, 1, MOST_MEBIBYTES),
    Definition::whole(GROUP, "endless-error-body", "A 500 whose text has no end.", |_| {
        Script::stream(500, "text/plain; charset=utf-8").repeat("all is lost ".repeat(BLOCK / 12))
    }),
    Definition::whole(
        GROUP,
        "endless-headers",
        "Header lines without end; closed by force after 1 MiB.",
        |_| {
            let line = "x-again: and again and again and again\r\n";
            Script::raw().piece("HTTP/1.1 200 OK\r\n").piece(line.repeat(LARGEST_HEAD / line.len())).cut()
        },
    ),
    large(
        "giant-tool-index",
        "A tool call with the index 4294967295: who makes a list of that length has no memory left.",
        |_, stream| streamed_calls(stream, &[tool_call(u64::from(u32::MAX))]),
        |_, plain| {
            plain.map(|json| call_tools(json, "/choices/0/message", &[tool_call(u64::from(u32::MAX))]))
        },
    ),
    large(
        "many-tool-calls",
        "So many tool calls at once.",
        |call, stream| {
            let calls: Vec<_> = (0..call.number).map(tool_call).collect();
            streamed_calls(stream, &calls)
        },
        |call, plain| {
            let calls: Vec<_> = (0..call.number).map(tool_call).collect();
            plain.map(|json| call_tools(json, "/choices/0/message", &calls))
        },
    )
    .number(10_000, 1, 1_000_000),
];
