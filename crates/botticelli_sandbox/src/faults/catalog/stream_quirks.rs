//! Complete and correct streams with unusual parts.

use serde_json::{Value, json};

use crate::faults::call::Call;
use crate::faults::definition::Definition;
use crate::faults::group::FaultGroup;
use crate::faults::response::{
    Plain, Stream, change_json, close_event, event, is_done, is_finish, is_usage, json,
};
use crate::script::Script;

const fn quirk(
    name: &'static str,
    description: &'static str,
    stream: fn(&Call<'_>, Stream) -> Script,
) -> Definition {
    Definition::alter(FaultGroup::Stream, name, description, stream, |_, plain: Plain| plain.into_script())
        .harmless()
}

/// Inserts an event before every event.
fn insert_before_each(events: Vec<String>, something: &str) -> Vec<String> {
    events.into_iter().flat_map(|event| [something.to_owned(), event]).collect()
}

/// Inserts an event before `[DONE]`, or at the end.
fn insert_before_done(events: &mut Vec<String>, event: String) {
    let at = events.iter().position(|event| is_done(event)).unwrap_or(events.len());
    events.insert(at, event);
}

fn set(value: &mut Value, key: &str, to: Value) {
    if let Some(fields) = value.as_object_mut() {
        fields.insert(key.to_owned(), to);
    }
}

/// Sets usage in the selected events and null in all others.
fn set_usage(call: &Call<'_>, stream: Stream, here: fn(&Value) -> bool) -> Script {
    let usage = call.usage();
    stream.map_events(|events| {
        events
            .iter()
            .filter(|event| !is_usage(&json(event)))
            .map(|event| {
                change_json(event, |json| {
                    let now = if here(json) { usage.clone() } else { Value::Null };
                    set(json, "usage", now);
                })
            })
            .collect()
    })
}

/// Alters the first choice of every event that has one.
fn change_choices(stream: Stream, change: impl Fn(&mut Value)) -> Script {
    stream.map_json(|json| {
        if let Some(choice) = json.pointer_mut("/choices/0") {
            change(choice);
        }
    })
}

pub(super) static ALL: &[Definition] = &[
    quirk(
        "usage-in-finish",
        "Usage is in the event with the finish reason, as from cerebras and together.",
        |call, stream| set_usage(call, stream, is_finish),
    ),
    quirk(
        "usage-on-every-chunk",
        "Usage is in every event, as from hyperbolic. The last one counts.",
        |call, stream| set_usage(call, stream, |_| true),
    ),
    quirk(
        "usage-alone",
        "Usage is in a separate event after the finish reason, even if not requested.",
        |call, stream| {
            let usage = call.usage();
            stream.map_events(|mut events| {
                events.retain(|event| !is_usage(&json(event)));
                insert_before_done(&mut events, event(json!({ "choices": [], "usage": usage })));
                events
            })
        },
    ),
    quirk("usage-without-choices", "Usage is in a final event without `choices`.", |call, stream| {
        let usage = call.usage();
        stream.map_events(|mut events| {
            events.retain(|event| !is_usage(&json(event)));
            insert_before_done(&mut events, event(json!({ "usage": usage })));
            events
        })
    }),
    quirk("no-usage", "No usage, even if requested.", |_, stream| {
        stream.map_events(|events| {
            let remaining = events.iter().filter(|event| !is_usage(&json(event)));
            remaining.map(|event| change_json(event, |json| set(json, "usage", Value::Null))).collect()
        })
    }),
    quirk(
        "role-only-first",
        "The first delta has a role and no text, not even an empty string.",
        |_, stream| {
            stream.map_events(|mut events| {
                if let Some(first) = events.first_mut() {
                    *first = change_json(first, |json| {
                        if let Some(delta) = json.pointer_mut("/choices/0/delta") {
                            *delta = json!({ "role": "assistant" });
                        }
                    });
                }
                events
            })
        },
    ),
    quirk(
        "role-on-every-chunk",
        "Every delta repeats the role, as from text-generation-inference.",
        |_, stream| {
            change_choices(stream, |choice| {
                if let Some(delta) = choice.get_mut("delta") {
                    set(delta, "role", "assistant".into());
                }
            })
        },
    ),
    quirk("unknown-finish", "An unknown finish reason.", |_, stream| {
        change_choices(stream, |choice| {
            if choice.get("finish_reason").is_some_and(Value::is_string) {
                set(choice, "finish_reason", "reached_its_horizon".into());
            }
        })
    }),
    quirk("empty-finish", "The finish reason is an empty string until the text ends.", |_, stream| {
        change_choices(stream, |choice| {
            if choice.get("finish_reason").is_none_or(Value::is_null) {
                set(choice, "finish_reason", "".into());
            }
        })
    }),
    quirk("keep-alives", "Comment lines between all events, as from vLLM and proxies.", |_, stream| {
        stream.map_events(|events| insert_before_each(events, ": keep-alive"))
    }),
    quirk("empty-objects", "An empty object between all events, as a keep-alive.", |_, stream| {
        stream.map_events(|events| insert_before_each(events, "data: {}"))
    }),
    quirk("null-choices-chunks", "Events with null `choices` between all others.", |_, stream| {
        stream.map_events(|events| insert_before_each(events, r#"data: {"choices":null}"#))
    }),
    quirk(
        "no-choices-chunks",
        "Events without `choices` between all others, as Azure content filters send them.",
        |_, stream| {
            stream.map_events(|events| {
                insert_before_each(events, r#"data: {"object":"","prompt_filter_results":[]}"#)
            })
        },
    ),
    quirk("error-null", "Every event contains `error: null`, which is not an error.", |_, stream| {
        stream.map_json(|json| set(json, "error", Value::Null))
    }),
    quirk("bare-chunks", "Events with only their deltas: no id, no index, no model.", |_, stream| {
        stream.map_json(|json| {
            if let Some(fields) = json.as_object_mut() {
                fields.retain(|key, _| key == "choices" || key == "usage");
            }
            if let Some(fields) = json.pointer_mut("/choices/0").and_then(Value::as_object_mut) {
                fields.retain(|key, _| key == "delta" || key == "finish_reason");
            }
        })
    }),
    quirk("extra-fields", "Unknown fields at every level.", |_, stream| {
        stream.map_json(|json| {
            set(json, "x_groq", json!({ "id": "req_01" }));
            if let Some(choice) = json.pointer_mut("/choices/0") {
                set(choice, "token_ids", json!([1, 2, 3]));
                if let Some(delta) = choice.get_mut("delta") {
                    set(delta, "annotations", json!({ "nested": [null] }));
                }
            }
        })
    }),
    quirk(
        "repeated-final-chunk",
        "The event with the finish reason is repeated without a delta.",
        |_, stream| {
            let finish = stream.finish_index();
            stream.map_events(|mut events| {
                if let Some(last) = events.get(finish) {
                    let again = change_json(last, |json| {
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
    quirk("stray-after-done", "Meaningless bytes after `[DONE]`.", |_, stream| {
        let with_done = stream.map_events(|mut events| {
            events.retain(|event| !is_done(event));
            events.push(crate::faults::response::done_event());
            events
        });
        with_done.piece("\"\n\ngarbage: {")
    }),
    quirk(
        "unclosed-last-event",
        "The last event has no terminator, not even a line break, as from cerebras.",
        |_, stream| {
            let mut events = stream.events;
            events.retain(|event| !is_done(event));
            let last = events.pop().unwrap_or_default();
            stream.head.chunked().pieces(events.iter().map(|event| close_event(event))).piece(last)
        },
    ),
];
