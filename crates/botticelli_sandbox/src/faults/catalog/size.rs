//! Responses beyond any reasonable size.

use serde_json::{Value, json};

use crate::faults::call::Call;
use crate::faults::definition::Definition;
use crate::faults::group::FaultGroup;
use crate::faults::response::{Plain, Stream, change_json, event};
use crate::script::Script;

const GROUP: FaultGroup = FaultGroup::Size;

/// Size of a chunk in endless bodies, in bytes.
const BLOCK: usize = 16 * 1024;

/// Size at which an endless head stops, in bytes: some clients have no limit.
const LARGEST_HEAD: usize = 1024 * 1024;

const MOST_MEBIBYTES: u64 = 4096;

/// Start of a plain response, up to its text.
const OPEN_TEXT: &str = r#"{"choices":[{"index":0,"message":{"role":"assistant","content":""#;

const fn oversize(
    name: &'static str,
    description: &'static str,
    stream: fn(&Call<'_>, Stream) -> Script,
    plain: fn(&Call<'_>, Plain) -> Script,
) -> Definition {
    Definition::alter(GROUP, name, description, stream, plain)
}

/// Returns a plain response with endless text.
fn endless_text(plain: Plain) -> Script {
    plain.head.chunked().piece(OPEN_TEXT).repeat("x".repeat(BLOCK))
}

/// Starts a JSON object with padding of about `bytes` bytes.
fn pad(script: Script, bytes: usize) -> Script {
    script.piece(r#"{"padding":""#).piece_times("x".repeat(BLOCK), bytes / BLOCK).piece("\",")
}

/// Returns a tool call with this index.
fn tool_call(index: u64) -> Value {
    let function = json!({ "name": "weather", "arguments": "{}" });
    json!({ "index": index, "id": format!("call_{index}"), "type": "function", "function": function })
}

/// Sets the tool calls of a message or a delta.
fn set_tool_calls(json: &mut Value, place: &str, calls: &[Value]) {
    if let Some(fields) = json.pointer_mut(place).and_then(Value::as_object_mut) {
        fields.insert("tool_calls".to_owned(), calls.into());
    }
}

fn insert_tool_calls(stream: Stream, calls: &[Value]) -> Script {
    let first = stream.events.first().cloned().unwrap_or_else(|| event("{}"));
    let calling = change_json(&first, |json| set_tool_calls(json, "/choices/0/delta", calls));
    stream.insert(1, [calling])
}

pub(super) static ALL: &[Definition] = &[
    oversize(
        "endless-line",
        "An endless `data:` line.",
        |_, stream| stream.take(1).piece("data: ").repeat("x".repeat(BLOCK)),
        |_, plain| endless_text(plain),
    ),
    oversize(
        "endless-event",
        "An endless event of `data:` lines.",
        |_, stream| stream.take(1).repeat("data: x\n".repeat(BLOCK / 8)),
        |_, plain| endless_text(plain),
    ),
    oversize(
        "endless-comment",
        "An endless comment.",
        |_, stream| stream.take(1).piece(": ").repeat("x".repeat(BLOCK)),
        |_, plain| endless_text(plain),
    ),
    oversize(
        "endless-text",
        "Endless valid events, as from a model that repeats itself without a limit.",
        |_, stream| {
            let text = "again and again ".repeat(8);
            let chunk =
                json!({ "choices": [{ "index": 0, "delta": { "content": text }, "finish_reason": null }] });
            stream.take(1).repeat(format!("data: {chunk}\n\n"))
        },
        |_, plain| endless_text(plain),
    ),
    Definition::alter_plain(GROUP, "endless-body", "A plain response with endless text.", |_, plain| {
        endless_text(plain)
    }),
    Definition::alter_plain(
        GROUP,
        "huge-body",
        "A valid plain response with N MiB of padding.",
        |call, plain| {
            let rest = plain.body.replacen('{', "", 1);
            pad(plain.head.chunked(), call.mebibytes()).piece(rest)
        },
    )
    .number(72, 1, MOST_MEBIBYTES),
    oversize(
        "huge-event",
        "A valid event with N MiB of padding in its JSON. A plain response has the same padding.",
        |call, stream| {
            let Stream { head, events } = stream;
            let (first, rest) = events.split_at(events.len().min(1));
            let closed = |event: &String| format!("{event}\n\n");
            let script = head.chunked().pieces(first.iter().map(closed)).piece("data: ");
            pad(script, call.mebibytes()).piece("\"choices\":[]}\n\n").pieces(rest.iter().map(closed))
        },
        |call, plain| {
            let rest = plain.body.replacen('{', "", 1);
            pad(plain.head.chunked(), call.mebibytes()).piece(rest)
        },
    )
    .number(12, 1, MOST_MEBIBYTES),
    Definition::replace(GROUP, "endless-error-body", "A 500 with an endless text.", |_| {
        Script::stream(500, "text/plain; charset=utf-8").repeat("all is lost ".repeat(BLOCK / 12))
    }),
    Definition::replace(GROUP, "endless-headers", "Header lines without end, cut after 1 MiB.", |_| {
        let line = "x-again: and again and again and again\r\n";
        Script::raw().piece("HTTP/1.1 200 OK\r\n").piece(line.repeat(LARGEST_HEAD / line.len())).cut()
    }),
    oversize(
        "giant-tool-index",
        "A tool call with index 4294967295: a list of that length exhausts the memory.",
        |_, stream| insert_tool_calls(stream, &[tool_call(u64::from(u32::MAX))]),
        |_, plain| {
            plain.map_json(|json| {
                set_tool_calls(json, "/choices/0/message", &[tool_call(u64::from(u32::MAX))]);
            })
        },
    ),
    oversize(
        "many-tool-calls",
        "N tool calls at once.",
        |call, stream| {
            let calls: Vec<_> = (0..call.number).map(tool_call).collect();
            insert_tool_calls(stream, &calls)
        },
        |call, plain| {
            let calls: Vec<_> = (0..call.number).map(tool_call).collect();
            plain.map_json(|json| set_tool_calls(json, "/choices/0/message", &calls))
        },
    )
    .number(10_000, 1, 1_000_000),
];
