//! Responses with status 200 and an unexpected body.

use serde_json::{Value, json};

use crate::chat::ResponseForm;
use crate::faults::call::Call;
use crate::faults::definition::Definition;
use crate::faults::group::FaultGroup;
use crate::faults::response::Plain;
use crate::script::Script;

const GROUP: FaultGroup = FaultGroup::Body;

const fn alter(
    name: &'static str,
    description: &'static str,
    alter: fn(&Call<'_>, Plain) -> Script,
) -> Definition {
    Definition::alter_plain(GROUP, name, description, alter)
}

const fn replace(
    name: &'static str,
    description: &'static str,
    script: fn(&Call<'_>) -> Script,
) -> Definition {
    Definition::replace(GROUP, name, description, script)
}

/// Replaces the value at a JSON pointer.
fn set_pointer(plain: Plain, pointer: &str, value: Value) -> Script {
    plain.map_json(|json| {
        if let Some(place) = json.pointer_mut(pointer) {
            *place = value;
        }
    })
}

pub(super) static ALL: &[Definition] = &[
    replace(
        "html-body",
        "An HTML page with status 200, as captive portals and login walls send it.",
        |call| {
            call.text(
                200,
                "text/html; charset=utf-8",
                "<!DOCTYPE html><html><body>Please log in</body></html>",
            )
        },
    ),
    replace("html-as-json", "An HTML page with the content type of JSON.", |call| {
        call.json(200, "<!DOCTYPE html><html><body>Please log in</body></html>")
    }),
    replace("plain-text-body", "One line of plain text.", |call| {
        call.text(
            200,
            "text/plain; charset=utf-8",
            "upstream connect error or disconnect/reset before headers",
        )
    }),
    replace("empty-body", "An empty body with a length of zero.", |call| call.json(200, "")),
    replace("blank-body", "Only spaces and line breaks.", |call| call.json(200, "  \r\n\n \t ")),
    replace("null-body", "The JSON text `null`.", |call| call.json(200, "null")),
    replace("array-body", "An array with an error in it, as Google's gateway sends it.", |call| {
        call.json(200, json!([{ "error": { "code": 503, "message": "The model is overloaded." } }]))
    }),
    replace("error-object", "An error object with status 200.", |call| {
        call.json(
            200,
            json!({ "error": { "message": "The model crashed", "type": "server_error", "code": null } }),
        )
    }),
    replace("error-string", "An error string with status 200.", |call| {
        call.json(200, r#"{"error":"The model crashed"}"#)
    }),
    replace("bare-message", "An error with only a `message`, with status 200.", |call| {
        call.json(200, r#"{"message":"The model crashed","request_id":"5f0c2c7b1d"}"#)
    }),
    replace("detail-body", "An error with only a `detail`, with status 200.", |call| {
        call.json(200, r#"{"detail":"The model crashed"}"#)
    }),
    replace(
        "deep-nesting",
        "JSON nested to the given depth, which overflows the stack of a parser without a limit.",
        |call| {
            let depth = call.count();
            call.json(200, format!(r#"{{"choices":{}{}}}"#, "[".repeat(depth), "]".repeat(depth)))
        },
    )
    .number(100_000, 200, 4_000_000),
    alter("truncated-json", "The JSON ends halfway, with a matching length.", |_, plain| plain.truncate()),
    alter("no-choices", "The response without its `choices`.", |_, plain| {
        plain.map_json(|json| {
            if let Some(fields) = json.as_object_mut() {
                fields.remove("choices");
            }
        })
    }),
    alter("empty-choices", "`choices` is an empty list.", |_, plain| {
        set_pointer(plain, "/choices", json!([]))
    }),
    alter("null-choices", "`choices` is null.", |_, plain| set_pointer(plain, "/choices", Value::Null)),
    alter("null-message", "The only choice has a null message.", |_, plain| {
        set_pointer(plain, "/choices/0/message", Value::Null)
    }),
    alter("trailing-garbage", "Garbage after the closing brace, within the length.", |_, plain| {
        let garbled = format!("{}{{\"id\":", plain.body);
        plain.head.with_body(garbled)
    }),
    alter(
        "length-too-long",
        "`content-length` exceeds the bytes sent before the connection ends.",
        |_, plain| {
            let length = plain.body.len() + 100;
            let body = plain.body;
            Script::raw().piece(plain.head.bytes_with_length(length)).piece(body).cut()
        },
    ),
    alter(
        "length-too-short",
        "`content-length` cuts the JSON: the remaining bytes belong to no response.",
        |_, plain| {
            let length = plain.body.len() / 2;
            let body = plain.body;
            Script::raw().piece(plain.head.bytes_with_length(length)).piece(body)
        },
    ),
    alter(
        "no-length",
        "Neither a length nor chunks: the end of the connection ends the response.",
        |_, plain| {
            let body = plain.body;
            Script::raw().piece(plain.head.bytes(false)).piece(body)
        },
    )
    .harmless(),
    alter(
        "leading-blanks",
        "Spaces before the JSON, as some gateways send them to keep a slow response alive.",
        |_, plain| {
            let body = plain.body;
            let head = plain.head.chunked();
            std::iter::repeat_n(" \n", 8).fold(head, Script::piece).piece(body)
        },
    )
    .harmless(),
    alter("pretty-json", "The JSON on many lines, as Python servers in debug mode write it.", |_, plain| {
        let pretty = serde_json::to_string_pretty(&plain.json()).unwrap_or_default();
        plain.head.with_body(pretty)
    })
    .harmless(),
    replace("stream-for-plain", "An event stream in response to a plain call.", |call| {
        (call.respond)(ResponseForm::Stream)
    })
    .harmless(),
    replace(
        "plain-for-stream",
        "A plain response to a streaming call: some servers ignore `stream`.",
        |call| (call.respond)(ResponseForm::Plain),
    )
    .harmless(),
    Definition::alter(
        GROUP,
        "retry-after-200",
        "`retry-after` on a success, as together always sends it.",
        |_, stream| stream.into_script().header("retry-after", "2"),
        |_, plain| plain.into_script().header("retry-after", "2"),
    )
    .harmless(),
];
