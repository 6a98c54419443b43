//! Streams that contain errors or foreign data.

use serde_json::json;

use crate::faults::call::Call;
use crate::faults::definition::Definition;
use crate::faults::group::FaultGroup;
use crate::faults::response::{Plain, Stream, event};
use crate::script::Script;

/// Maximum number of events, more than any response has.
const MANY: u64 = 1_000_000;

/// Number of events before the error, so that some text has arrived.
const MIDWAY: usize = 4;

const OBJECT: &str = r#"{"error":{"message":"The server had an error while processing your request","type":"server_error","param":null,"code":500}}"#;
const STRING: &str =
    r#"{"error":"Request failed during generation: CUDA out of memory","error_type":"generation"}"#;
const MESSAGE: &str =
    r#"{"object":"error","message":"The model crashed","type":"internal_error","code":500}"#;
const DETAIL: &str = r#"{"detail":"The model crashed"}"#;
const PAGE: &str = "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>";

const fn inject(
    name: &'static str,
    description: &'static str,
    stream: fn(&Call<'_>, Stream) -> Script,
    plain: fn(&Call<'_>, Plain) -> Script,
) -> Definition {
    Definition::alter(FaultGroup::Stream, name, description, stream, plain)
}

/// Sends `count` events, then `last`, then a proper end.
fn end_with(stream: Stream, count: usize, last: &str) -> Script {
    stream.take(count).piece(format!("{last}\n\n"))
}

pub(in crate::faults) const ERROR_AFTER: Definition = inject(
    "error-after-events",
    "An error object after N events, as OpenAI and llama.cpp send it. A plain body is that object.",
    |call, stream| end_with(stream, call.count(), &event(OBJECT)),
    |_, plain| plain.head.with_body(OBJECT),
)
.number(4, 0, MANY);

pub(super) static ALL: &[Definition] = &[
    ERROR_AFTER,
    inject(
        "error-first",
        "The first event of a 200 is an error, as text-generation-inference rejects invalid input.",
        |_, stream| {
            let error = json!({ "error": { "message": "Input validation error: `inputs` must have less than \
                4096 tokens. Given: 5000", "http_status_code": 422 }});
            end_with(stream, 0, &event(error))
        },
        |_, plain| {
            let error = json!({ "error": { "message": "Input validation error: `inputs` must have less than \
                4096 tokens. Given: 5000", "http_status_code": 422 }});
            plain.head.with_body(error.to_string())
        },
    ),
    inject(
        "error-string-midway",
        "An error string with its type after some events, as text-generation-inference sends it.",
        |_, stream| end_with(stream, MIDWAY, &event(STRING)),
        |_, plain| plain.head.with_body(STRING),
    ),
    inject(
        "error-message-midway",
        "A flat error with its text in `message` after some events, as older vLLM servers send it.",
        |_, stream| end_with(stream, MIDWAY, &event(MESSAGE)),
        |_, plain| plain.head.with_body(MESSAGE),
    ),
    inject(
        "error-detail-midway",
        "An error with only a `detail` after some events, as FastAPI servers send it.",
        |_, stream| end_with(stream, MIDWAY, &event(DETAIL)),
        |_, plain| plain.head.with_body(DETAIL),
    ),
    inject(
        "error-event-midway",
        "An `event: error` line after some events. Only this line marks the data as an error.",
        |_, stream| end_with(stream, MIDWAY, "event: error\ndata: The engine is dead"),
        |_, plain| plain.head.with_body(OBJECT),
    ),
    inject(
        "error-then-done",
        "An error object after some events, then `[DONE]` as after a success.",
        |_, stream| end_with(stream, MIDWAY, &event(OBJECT)).piece("data: [DONE]\n\n"),
        |_, plain| plain.head.with_body(OBJECT),
    ),
    inject(
        "error-after-finish",
        "An error object after the finish reason: the text is complete, but the call failed.",
        |_, stream| {
            let finish = stream.finish_index();
            stream.map_events(|mut events| {
                events.truncate(finish + 1);
                events.push(event(OBJECT));
                events
            })
        },
        |_, plain| {
            plain.map_json(|json| {
                if let Some(fields) = json.as_object_mut() {
                    fields.insert("error".to_owned(), json!({ "message": "usage could not be recorded" }));
                }
            })
        },
    ),
    inject(
        "broken-event",
        "An event with truncated JSON, after which the stream continues.",
        |_, stream| stream.insert(MIDWAY, [event(r#"{"choices":[{"index":0,"delta":{"content":"#)]),
        |_, plain| plain.truncate(),
    ),
    inject(
        "lost-line-break",
        "Two events on one line, because the line break between them is missing.",
        |_, stream| {
            stream.map_events(|mut events| {
                if events.len() > 3 {
                    let lost = events.remove(2);
                    if let Some(event) = events.get_mut(1) {
                        event.push_str(&lost);
                    }
                }
                events
            })
        },
        |_, plain| {
            let twice = plain.body.repeat(2);
            plain.head.with_body(twice)
        },
    ),
    inject(
        "html-midway",
        "An HTML page after some events, as from a load balancer that lost its server.",
        |_, stream| stream.take(MIDWAY).piece(PAGE),
        |_, plain| {
            let mut body = plain.half();
            body.extend_from_slice(PAGE.as_bytes());
            plain.head.with_body(body)
        },
    ),
];
