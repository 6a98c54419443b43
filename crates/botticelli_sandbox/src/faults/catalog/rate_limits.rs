//! 429 errors with every kind of retry advice.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::faults::call::Call;
use crate::faults::date::http_date;
use crate::faults::definition::Definition;
use crate::faults::group::FaultGroup;
use crate::script::Script;

/// A day in seconds, the maximum delay.
const DAY: u64 = 24 * 60 * 60;

const fn status_fault(
    name: &'static str,
    description: &'static str,
    script: fn(&Call<'_>) -> Script,
) -> Definition {
    Definition::replace(FaultGroup::Status, name, description, script)
}

/// Returns a 429 without retry advice.
fn overloaded(call: &Call<'_>) -> Script {
    call.json(429, r#"{"error":"Model is overloaded","error_type":"overloaded"}"#)
}

pub(in crate::faults) const RETRY_AFTER: Definition =
    status_fault("retry-after-429", "Overloaded: `retry-after` in whole seconds (the number).", |call| {
        overloaded(call).header("retry-after", call.number.to_string())
    })
    .number(1, 0, DAY);

pub(super) static ALL: &[Definition] = &[
    status_fault(
        "overloaded-429",
        "Overloaded, without retry advice, as text-generation-inference sends it.",
        overloaded,
    ),
    RETRY_AFTER,
    status_fault("retry-fraction-429", "Overloaded: `retry-after` with a fraction of a second.", |call| {
        overloaded(call).header("retry-after", "0.25")
    }),
    status_fault(
        "retry-date-429",
        "Overloaded: `retry-after` as a date, the given seconds ahead of the real clock.",
        |call| {
            // The only use of the real clock, because the date must be ahead of now.
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
            overloaded(call)
                .header("date", http_date(now))
                .header("retry-after", http_date(now.saturating_add(call.number)))
        },
    )
    .number(2, 0, DAY),
    status_fault("retry-far-date-429", "Overloaded: `retry-after` as a date in 2099.", |call| {
        overloaded(call).header("retry-after", "Thu, 31 Dec 2099 23:59:59 GMT")
    }),
    status_fault("retry-past-date-429", "Overloaded: `retry-after` as a date in 1994.", |call| {
        overloaded(call).header("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")
    }),
    status_fault("retry-garbage-429", "Overloaded: `retry-after` is `soon`.", |call| {
        overloaded(call).header("retry-after", "soon")
    }),
    status_fault("retry-empty-429", "Overloaded: `retry-after` is empty.", |call| {
        overloaded(call).header("retry-after", "")
    }),
    status_fault("retry-negative-429", "Overloaded: `retry-after` is negative.", |call| {
        overloaded(call).header("retry-after", "-5")
    }),
    status_fault(
        "retry-hour-429",
        "Overloaded: `retry-after` is an hour, longer than callers wait.",
        |call| overloaded(call).header("retry-after", "3600"),
    ),
    status_fault("retry-overflow-429", "Overloaded: `retry-after` exceeds a 64-bit number.", |call| {
        overloaded(call).header("retry-after", "99999999999999999999")
    }),
    status_fault(
        "retry-ms-429",
        "Overloaded: `retry-after-ms` (the number), as OpenAI and Azure send it.",
        |call| overloaded(call).header("retry-after-ms", call.number.to_string()),
    )
    .number(20, 0, DAY * 1000),
    status_fault(
        "ratelimit-429",
        "The Hub's rate limit: no calls remain, and the window ends in the given seconds.",
        |call| {
            call.json(429, r#"{"error":"We had to rate limit you."}"#)
                .header("ratelimit", format!("\"api\";r=0;t={}", call.number))
                .header("ratelimit-policy", "\"fixed window\";\"api\";q=500;w=300")
        },
    )
    .number(55, 0, DAY),
    status_fault("should-not-retry-429", "Overloaded, with `x-should-retry: false`.", |call| {
        overloaded(call).header("x-should-retry", "false")
    }),
    status_fault(
        "quota-429",
        "OpenAI: the quota is used up. Only the error code differs from a rate limit.",
        |call| {
            let error = json!({ "message": "You exceeded your current quota, please check your plan and billing \
            details.", "type": "insufficient_quota", "param": null, "code": "insufficient_quota" });
            call.json(429, json!({ "error": error }))
        },
    ),
];
