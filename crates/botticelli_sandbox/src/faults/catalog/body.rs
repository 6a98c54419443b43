//! A 200 whose body is not what was hoped for.

use serde_json::{Value, json};

use crate::chat::Form;
use crate::faults::call::Call;
use crate::faults::definition::Definition;
use crate::faults::group::FaultGroup;
use crate::faults::response::Plain;
use crate::script::Script;

const GROUP: FaultGroup = FaultGroup::Body;

const fn body(
    name: &'static str,
    description: &'static str,
    bend: fn(&Call<'_>, Plain) -> Script,
) -> Definition {
    Definition::plain(GROUP, name, description, bend)
}

const fn instead(
    name: &'static str,
    description: &'static str,
    script: fn(&Call<'_>) -> Script,
) -> Definition {
    Definition::whole(GROUP, name, description, script)
}

/// Replaces what a pointer leads to.
fn replaced(plain: Plain, pointer: &str, value: Value) -> Script {
    plain.map(|json| {
        if let Some(place) = json.pointer_mut(pointer) {
            *place = value;
        }
    })
}

pub(super) static ALL: &[Definition] = &[
    instead("html-body", "A page with the status 200, as captive portals and login walls send.", |call| {
        call.refuse_in(
            200,
            "text/html; charset=utf-8",
            "<!DOCTYPE html><html><body>Please log in</body></html>",
        )
    }),
    instead("html-as-json", "A page that calls itself JSON.", |call| {
        call.refuse(200, "<!DOCTYPE html><html><body>Please log in</body></html>")
    }),
    instead("plain-text-body", "A line of plain text.", |call| {
        call.refuse_in(
            200,
            "text/plain; charset=utf-8",
            "upstream connect error or disconnect/reset before headers",
        )
    }),
    instead("empty-body", "No body at all, under a length of zero.", |call| call.refuse(200, "")),
    instead("blank-body", "Blanks and line breaks only.", |call| call.refuse(200, "  \r\n\n \t ")),
    instead("null-body", "The JSON text `null`.", |call| call.refuse(200, "null")),
    instead("array-body", "An array with the error in it, as Google's gateway sends.", |call| {
        call.refuse(200, json!([{ "error": { "code": 503, "message": "The model is overloaded." } }]))
    }),
    instead("error-object", "An error object with the status 200.", |call| {
        call.refuse(
            200,
            json!({ "error": { "message": "The model crashed", "type": "server_error", "code": null } }),
        )
    }),
    instead("error-string", "An error string with the status 200.", |call| {
        call.refuse(200, r#"{"error":"The model crashed"}"#)
    }),
    instead("bare-message", "An error that has only a `message`, with the status 200.", |call| {
        call.refuse(200, r#"{"message":"The model crashed","request_id":"5f0c2c7b1d"}"#)
    }),
    instead("detail-body", "An error that has only a `detail`, with the status 200.", |call| {
        call.refuse(200, r#"{"detail":"The model crashed"}"#)
    }),
    instead(
        "deep-nesting",
        "JSON nested so deep (the number) that a reader without a limit runs out of stack.",
        |call| {
            let depth = call.count();
            call.refuse(200, format!(r#"{{"choices":{}{}}}"#, "[".repeat(depth), "]".repeat(depth)))
        },
    )
    .number(100_000, 200, 4_000_000),
    body("truncated-json", "The JSON ends halfway, and the length says that this is all.", |_, plain| {
        plain.truncated()
    }),
    body("no-choices", "The answer without its `choices`.", |_, plain| {
        plain.map(|json| {
            if let Some(fields) = json.as_object_mut() {
                fields.remove("choices");
            }
        })
    }),
    body("empty-choices", "`choices` is an empty list.", |_, plain| replaced(plain, "/choices", json!([]))),
    body("null-choices", "`choices` is null.", |_, plain| replaced(plain, "/choices", Value::Null)),
    body("null-message", "The one choice has a null where its message should be.", |_, plain| {
        replaced(plain, "/choices/0/message", Value::Null)
    }),
    body("trailing-garbage", "Garbage after the closing brace, within the length.", |_, plain| {
        let garbled = format!("{}{{\"id\":", plain.body);
        plain.head.whole(garbled)
    }),
    body(
        "length-too-long",
        "`content-length` promises more than comes before the connection ends.",
        |_, plain| {
            let length = plain.body.len() + 100;
            let body = plain.body;
            Script::raw().piece(plain.head.bytes_with_length(length)).piece(body).cut()
        },
    ),
    body(
        "length-too-short",
        "`content-length` promises less than comes: the JSON is cut, the rest is nobody's.",
        |_, plain| {
            let length = plain.body.len() / 2;
            let body = plain.body;
            Script::raw().piece(plain.head.bytes_with_length(length)).piece(body)
        },
    ),
    body(
        "no-length",
        "Neither length nor chunks: the end of the connection is the end of the answer.",
        |_, plain| {
            let body = plain.body;
            Script::raw().piece(plain.head.bytes(false)).piece(body)
        },
    )
    .harmless(),
    body(
        "leading-blanks",
        "Blanks before the JSON, by which some gateways keep a slow answer alive.",
        |_, plain| {
            let body = plain.body;
            let head = plain.head.chunked();
            std::iter::repeat_n(" \n", 8).fold(head, Script::piece).piece(body)
        },
    )
    .harmless(),
    body("pretty-json", "The JSON over many lines, as Python servers in debug mode write it.", |_, plain| {
        let pretty = serde_json::to_string_pretty(&plain.json()).unwrap_or_default();
        plain.head.whole(pretty)
    })
    .harmless(),
    instead("stream-for-plain", "An event stream, though a plain answer was asked for.", |call| {
        (call.answer)(Form::Stream)
    })
    .harmless(),
    instead(
        "plain-for-stream",
        "A plain answer, though a stream was asked for: some servers ignore the wish.",
        |call| (call.answer)(Form::Plain),
    )
    .harmless(),
    Definition::bent(
        GROUP,
        "retry-after-200",
        "`retry-after` on a success, as every answer of together has.",
        |_, stream| stream.whole().header("retry-after", "2"),
        |_, plain| plain.whole().header("retry-after", "2"),
    )
    .harmless(),
];
