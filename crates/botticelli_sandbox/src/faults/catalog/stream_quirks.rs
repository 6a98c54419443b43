//! Streams that are complete and right, with something unusual in them.

use serde_json::{Value, json};

use crate::faults::call::Call;
use crate::faults::definition::Definition;
use crate::faults::group::FaultGroup;
use crate::faults::response::{Plain, Stream, changed, closed, event, is_done, is_finish, is_usage, json};
use crate::script::Script;

const fn odd(
    name: &'static str,
    description: &'static str,
    stream: fn(&Call<'_>, Stream) -> Script,
) -> Definition {
    Definition::bent(FaultGroup::Stream, name, description, stream, |_, plain: Plain| plain.whole())
        .harmless()
}

/// Something before every event.
fn before_each(events: Vec<String>, something: &str) -> Vec<String> {
    events.into_iter().flat_map(|event| [something.to_owned(), event]).collect()
}

/// Right before the last `[DONE]`, or at the end.
fn before_done(events: &mut Vec<String>, event: String) {
    let at = events.iter().position(|event| is_done(event)).unwrap_or(events.len());
    events.insert(at, event);
}

fn set(value: &mut Value, key: &str, to: Value) {
    if let Some(fields) = value.as_object_mut() {
        fields.insert(key.to_owned(), to);
    }
}

/// Reports usage in the events that are chosen, and nowhere else.
fn report(call: &Call<'_>, stream: Stream, here: fn(&Value) -> bool) -> Script {
    let usage = call.usage();
    stream.of(|events| {
        events
            .iter()
            .filter(|event| !is_usage(&json(event)))
            .map(|event| {
                changed(event, |json| {
                    let now = if here(json) { usage.clone() } else { Value::Null };
                    set(json, "usage", now);
                })
            })
            .collect()
    })
}

/// Changes the first choice of every event that has one.
fn choices(stream: Stream, change: impl Fn(&mut Value)) -> Script {
    stream.map(|json| {
        if let Some(choice) = json.pointer_mut("/choices/0") {
            change(choice);
        }
    })
}

pub(super) static ALL: &[Definition] = &[
    odd(
        "usage-in-finish",
        "Usage stands in the event of the finish reason, as from cerebras and together.",
        |call, stream| report(call, stream, is_finish),
    ),
    odd(
        "usage-on-every-chunk",
        "Usage stands in every event, as from hyperbolic; the last one counts.",
        |call, stream| report(call, stream, |_| true),
    ),
    odd(
        "usage-alone",
        "Usage stands in an event of its own after the finish reason, asked for or not.",
        |call, stream| {
            let usage = call.usage();
            stream.of(|mut events| {
                events.retain(|event| !is_usage(&json(event)));
                before_done(&mut events, event(json!({ "choices": [], "usage": usage })));
                events
            })
        },
    ),
    odd(
        "usage-without-choices",
        "Usage stands in a last event that has no `choices` at all.",
        |call, stream| {
            let usage = call.usage();
            stream.of(|mut events| {
                events.retain(|event| !is_usage(&json(event)));
                before_done(&mut events, event(json!({ "usage": usage })));
                events
            })
        },
    ),
    odd("no-usage", "Nobody says what was used, though it was asked for.", |_, stream| {
        stream.of(|events| {
            let kept = events.iter().filter(|event| !is_usage(&json(event)));
            kept.map(|event| changed(event, |json| set(json, "usage", Value::Null))).collect()
        })
    }),
    odd("role-only-first", "The first delta has a role and no text, not even an empty one.", |_, stream| {
        stream.of(|mut events| {
            if let Some(first) = events.first_mut() {
                *first = changed(first, |json| {
                    if let Some(delta) = json.pointer_mut("/choices/0/delta") {
                        *delta = json!({ "role": "assistant" });
                    }
                });
            }
            events
        })
    }),
    odd(
        "role-on-every-chunk",
        "Every delta repeats the role, as from text-generation-inference.",
        |_, stream| {
            choices(stream, |choice| {
                if let Some(delta) = choice.get_mut("delta") {
                    set(delta, "role", "assistant".into());
                }
            })
        },
    ),
    odd("unknown-finish", "The finish reason is a word that no list has.", |_, stream| {
        choices(stream, |choice| {
            if choice.get("finish_reason").is_some_and(Value::is_string) {
                set(choice, "finish_reason", "reached_its_horizon".into());
            }
        })
    }),
    odd("empty-finish", "The finish reason is an empty string until there is one.", |_, stream| {
        choices(stream, |choice| {
            if choice.get("finish_reason").is_none_or(Value::is_null) {
                set(choice, "finish_reason", "".into());
            }
        })
    }),
    odd("keep-alives", "Comment lines between all events, as from vLLM and proxies.", |_, stream| {
        stream.of(|events| before_each(events, ": keep-alive"))
    }),
    odd("empty-objects", "An empty object between all events, to keep the connection alive.", |_, stream| {
        stream.of(|events| before_each(events, "data: {}"))
    }),
    odd("null-choices-chunks", "Events whose `choices` is null between all others.", |_, stream| {
        stream.of(|events| before_each(events, r#"data: {"choices":null}"#))
    }),
    odd(
        "no-choices-chunks",
        "Events without any `choices` between all others, as filters of Azure send.",
        |_, stream| {
            stream.of(|events| before_each(events, r#"data: {"object":"","prompt_filter_results":[]}"#))
        },
    ),
    odd("error-null", "Every event says `error: null`, which is no error.", |_, stream| {
        stream.map(|json| set(json, "error", Value::Null))
    }),
    odd(
        "bare-chunks",
        "Events with their deltas and nothing else: no id, no index, no model.",
        |_, stream| {
            stream.map(|json| {
                if let Some(fields) = json.as_object_mut() {
                    fields.retain(|key, _| key == "choices" || key == "usage");
                }
                if let Some(fields) = json.pointer_mut("/choices/0").and_then(Value::as_object_mut) {
                    fields.retain(|key, _| key == "delta" || key == "finish_reason");
                }
            })
        },
    ),
    odd("extra-fields", "Fields that nobody knows, in all places.", |_, stream| {
        stream.map(|json| {
            set(json, "x_groq", json!({ "id": "req_01" }));
            if let Some(choice) = json.pointer_mut("/choices/0") {
                set(choice, "token_ids", json!([1, 2, 3]));
                if let Some(delta) = choice.get_mut("delta") {
                    set(delta, "annotations", json!({ "nested": [null] }));
                }
            }
        })
    }),
    odd(
        "repeated-final-chunk",
        "The event of the finish reason comes twice, the second time without a delta.",
        |_, stream| {
            let finish = stream.finish();
            stream.of(|mut events| {
                if let Some(last) = events.get(finish) {
                    let again = changed(last, |json| {
                        if let Some(delta) = json.pointer_mut("/choices/0/delta") {
                            *delta = json!({});
                        }
                    });
                    events.insert(finish + 1, again);
                }
                events
            })
        },
    ),
    odd("stray-after-done", "Bytes that mean nothing after `[DONE]`.", |_, stream| {
        let with_done = stream.of(|mut events| {
            events.retain(|event| !is_done(event));
            events.push(crate::faults::response::done());
            events
        });
        with_done.piece("\"\n\ngarbage: {")
    }),
    odd(
        "unclosed-last-event",
        "Nothing closes the last event, not even a line break, as from cerebras.",
        |_, stream| {
            let mut events = stream.events;
            events.retain(|event| !is_done(event));
            let last = events.pop().unwrap_or_default();
            stream.head.chunked().pieces(events.iter().map(|event| closed(event))).piece(last)
        },
    ),
];
