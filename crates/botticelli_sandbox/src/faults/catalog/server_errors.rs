//! Failures that are the service's business, redirects, and statuses that say nothing.

use serde_json::json;

use crate::faults::call::Call;
use crate::faults::definition::Definition;
use crate::faults::group::FaultGroup;
use crate::script::Script;

const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

/// `.invalid` is no host by definition: a client that follows gets nowhere.
const ELSEWHERE: &str = "https://elsewhere.invalid/v1/chat/completions";

const fn failed(
    name: &'static str,
    description: &'static str,
    script: fn(&Call<'_>) -> Script,
) -> Definition {
    Definition::whole(FaultGroup::Status, name, description, script)
}

fn page(title: &str) -> String {
    format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
         <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
}

fn redirect(call: &Call<'_>, status: u16) -> Script {
    call.refuse_in(status, TEXT, "").header("location", ELSEWHERE)
}

pub(in crate::faults) const STATUS: Definition =
    failed("status", "Any status (the number) with an error text in a string.", |call| {
        let status = u16::try_from(call.number).unwrap_or(500);
        call.refuse(status, json!({ "error": format!("The sandbox was asked to answer {status}") }))
    })
    .number(500, 200, 599);

pub(super) static ALL: &[Definition] = &[
    STATUS,
    failed("timeout-408", "A proxy in front of the model ran out of patience.", |call| {
        call.refuse(408, r#"{"error":"Request Timeout"}"#)
    }),
    failed("internal-500", "The router failed and says so in JSON.", |call| {
        call.refuse(500, r#"{"error":"Internal Error, please report to us"}"#)
    }),
    failed("incomplete-500", "text-generation-inference: the answer was broken off inside.", |call| {
        call.refuse(500, r#"{"error":"Incomplete generation","error_type":"incomplete_generation"}"#)
    }),
    failed("text-500", "A web framework failed and says so in text.", |call| {
        call.refuse_in(500, TEXT, "Internal Server Error")
    }),
    failed("empty-500", "A failure without a word.", |call| call.refuse_in(500, TEXT, "")),
    failed("html-502", "A load balancer whose server is gone sends a page.", |call| {
        call.refuse_in(502, HTML, &page("502 Bad Gateway"))
    }),
    failed("loading-503", "The serverless API of old: the model loads, for so many seconds more.", |call| {
        let seconds = f64::from(u32::try_from(call.number).unwrap_or(u32::MAX));
        let error = format!("Model {} is currently loading", call.model());
        call.refuse(503, json!({ "error": error, "estimated_time": seconds }))
    })
    .number(20, 0, 86_400),
    failed("waking-503", "A dedicated endpoint that slept is being woken.", |call| {
        call.refuse(503, r#"{"error":"503 Service Unavailable"}"#)
    }),
    failed("empty-503", "A dedicated endpoint that is being woken, without a word.", |call| {
        call.refuse_in(503, TEXT, "")
    }),
    failed(
        "llama-loading-503",
        "llama.cpp still loads the model; the code in the object is a number.",
        |call| {
            let error = json!({ "code": 503, "message": "Loading model", "type": "unavailable_error" });
            call.refuse(503, json!({ "error": error }))
        },
    ),
    failed("empty-504", "A gateway gave up on its server, without a word.", |call| {
        call.refuse_in(504, TEXT, "")
    }),
    failed("html-504", "A gateway gave up on its server and sends a page.", |call| {
        call.refuse_in(504, HTML, &page("504 Gateway Time-out"))
    }),
    failed(
        "overloaded-529",
        "Overloaded, by a status that no standard knows; Anthropic's gateways send it.",
        |call| {
            let error = json!({ "type": "overloaded_error", "message": "Overloaded" });
            call.refuse(529, json!({ "type": "error", "error": error }))
        },
    ),
    failed("redirect-302", "A redirect to another host, which would turn the call into a GET.", |call| {
        redirect(call, 302)
    }),
    failed("redirect-307", "A redirect to another host, prompt and token included.", |call| {
        redirect(call, 307)
    }),
    failed("redirect-308", "The same redirect for good.", |call| redirect(call, 308)),
    failed("redirect-nowhere-302", "A redirect that does not say where to.", |call| {
        call.refuse_in(302, TEXT, "")
    }),
    failed("no-content-204", "Success, and no answer at all.", |_| {
        // Raw, because this status is not to have a length.
        Script::raw().piece("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
    }),
    failed(
        "status-in-200",
        "A 200 whose body is an error with a status of its own; gateways do that.",
        |call| {
            let error = json!({ "message": "Service Unavailable", "http_status_code": 503, "code": 503 });
            call.refuse(200, json!({ "error": error, "status": 503 }))
        },
    ),
];
