//! Server errors, redirects and other statuses.

use serde_json::json;

use crate::faults::call::Call;
use crate::faults::definition::Definition;
use crate::faults::group::FaultGroup;
use crate::script::Script;

const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

/// `.invalid` never resolves, so a client that follows the redirect fails.
const ELSEWHERE: &str = "https://elsewhere.invalid/v1/chat/completions";

const fn status_fault(
    name: &'static str,
    description: &'static str,
    script: fn(&Call<'_>) -> Script,
) -> Definition {
    Definition::replace(FaultGroup::Status, name, description, script)
}

fn page(title: &str) -> String {
    format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
         <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
}

fn redirect(call: &Call<'_>, status: u16) -> Script {
    call.text(status, TEXT, "").header("location", ELSEWHERE)
}

pub(in crate::faults) const STATUS: Definition =
    status_fault("status", "Any status (the number), with an error string.", |call| {
        let status = u16::try_from(call.number).unwrap_or(500);
        call.json(status, json!({ "error": format!("The sandbox was asked to answer {status}") }))
    })
    .number(500, 200, 599);

pub(super) static ALL: &[Definition] = &[
    STATUS,
    status_fault("timeout-408", "A proxy in front of the model timed out.", |call| {
        call.json(408, r#"{"error":"Request Timeout"}"#)
    }),
    status_fault("internal-500", "The router failed and sends JSON.", |call| {
        call.json(500, r#"{"error":"Internal Error, please report to us"}"#)
    }),
    status_fault("incomplete-500", "text-generation-inference: the generation was aborted.", |call| {
        call.json(500, r#"{"error":"Incomplete generation","error_type":"incomplete_generation"}"#)
    }),
    status_fault("text-500", "A web framework failed and sends plain text.", |call| {
        call.text(500, TEXT, "Internal Server Error")
    }),
    status_fault("empty-500", "A failure with an empty body.", |call| call.text(500, TEXT, "")),
    status_fault("html-502", "A load balancer without its server sends an HTML page.", |call| {
        call.text(502, HTML, &page("502 Bad Gateway"))
    }),
    status_fault(
        "loading-503",
        "The former serverless API: the model is loading for the given seconds.",
        |call| {
            let seconds = f64::from(u32::try_from(call.number).unwrap_or(u32::MAX));
            let error = format!("Model {} is currently loading", call.model());
            call.json(503, json!({ "error": error, "estimated_time": seconds }))
        },
    )
    .number(20, 0, 86_400),
    status_fault("waking-503", "A sleeping dedicated endpoint is starting.", |call| {
        call.json(503, r#"{"error":"503 Service Unavailable"}"#)
    }),
    status_fault("empty-503", "A sleeping dedicated endpoint is starting and sends an empty body.", |call| {
        call.text(503, TEXT, "")
    }),
    status_fault(
        "llama-loading-503",
        "llama.cpp is loading the model, and the error code is a number.",
        |call| {
            let error = json!({ "code": 503, "message": "Loading model", "type": "unavailable_error" });
            call.json(503, json!({ "error": error }))
        },
    ),
    status_fault("empty-504", "A gateway timed out and sends an empty body.", |call| {
        call.text(504, TEXT, "")
    }),
    status_fault("html-504", "A gateway timed out and sends an HTML page.", |call| {
        call.text(504, HTML, &page("504 Gateway Time-out"))
    }),
    status_fault(
        "overloaded-529",
        "Overloaded, with a nonstandard status, as Anthropic's gateways send it.",
        |call| {
            let error = json!({ "type": "overloaded_error", "message": "Overloaded" });
            call.json(529, json!({ "type": "error", "error": error }))
        },
    ),
    status_fault(
        "redirect-302",
        "A redirect to another host, which would turn the call into a GET.",
        |call| redirect(call, 302),
    ),
    status_fault(
        "redirect-307",
        "A redirect to another host, which would forward the prompt and the token.",
        |call| redirect(call, 307),
    ),
    status_fault("redirect-308", "A permanent redirect to another host.", |call| redirect(call, 308)),
    status_fault("redirect-nowhere-302", "A redirect without a location.", |call| call.text(302, TEXT, "")),
    status_fault("no-content-204", "A success without a response body.", |_| {
        // Raw, because a 204 has no length.
        Script::raw().piece("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
    }),
    status_fault(
        "status-in-200",
        "A 200 whose body is an error with its own status, as some gateways send it.",
        |call| {
            let error = json!({ "message": "Service Unavailable", "http_status_code": 503, "code": 503 });
            call.json(200, json!({ "error": error, "status": 503 }))
        },
    ),
];
