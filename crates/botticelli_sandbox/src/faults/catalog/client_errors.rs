//! 4xx errors that the caller causes, in the formats of many services.

use serde_json::{Value, json};

use crate::faults::call::Call;
use crate::faults::definition::Definition;
use crate::faults::group::FaultGroup;
use crate::script::Script;

const TEXT: &str = "text/plain; charset=utf-8";

const fn status_fault(
    name: &'static str,
    description: &'static str,
    script: fn(&Call<'_>) -> Script,
) -> Definition {
    Definition::replace(FaultGroup::Status, name, description, script)
}

/// Returns an error about the model in the format of the router.
fn about_model(call: &Call<'_>, message: &str, code: &str) -> Script {
    let error =
        json!({ "message": message, "type": "invalid_request_error", "param": "model", "code": code });
    call.json(400, json!({ "error": error }))
}

/// Returns the body of the call as JSON, for services that repeat it.
fn echo(call: &Call<'_>) -> Value {
    serde_json::from_slice(&call.request.body).unwrap_or_default()
}

pub(super) static ALL: &[Definition] = &[
    status_fault(
        "not-a-chat-model-400",
        "The router rejects a base or embedding model on the chat route.",
        |call| {
            let message = format!("The requested model '{}' is not a chat model.", call.model());
            about_model(call, &message, "model_not_supported")
        },
    ),
    status_fault(
        "not-served-400",
        "The router knows the model, but no enabled provider serves it.",
        |call| {
            let model = call.model();
            let message =
                format!("The requested model '{model}' is not supported by any provider you have enabled.");
            about_model(call, &message, "model_not_supported")
        },
    ),
    status_fault("unknown-model-400", "The router does not know the model.", |call| {
        let message = format!("The requested model '{}' does not exist.", call.model());
        about_model(call, &message, "model_not_found")
    }),
    status_fault(
        "not-by-provider-400",
        "The router's provider routes: this provider does not serve the model.",
        |call| call.json(400, r#"{"error":"Model not supported by provider hf-inference"}"#),
    ),
    status_fault(
        "bad-parameter-400",
        "An invalid parameter, with an error object in the OpenAI format.",
        |call| {
            call.json(
                400,
                json!({ "error": {
                    "message": "Invalid value for 'temperature': must be between 0 and 2.",
                    "type": "invalid_request_error", "param": "temperature", "code": null,
                }}),
            )
        },
    ),
    status_fault("error-beside-id-400", "An error object next to an id, as together sends it.", |call| {
        call.json(
            400,
            json!({ "id": "nz8sandbox-4yUbBN", "error": {
                "message": "Input validation error: `temperature` must be >= 0",
                "type": "invalid_request_error", "param": "temperature", "code": null,
            }}),
        )
    }),
    status_fault(
        "old-vllm-400",
        "A flat object that marks itself as an error, as older vLLM servers send it.",
        |call| {
            call.json(
                400,
                json!({ "object": "error", "message": "top_p must be in (0, 1], got 2.0.",
                "type": "BadRequestError", "param": null, "code": 40001 }),
            )
        },
    ),
    status_fault("paused-400", "A paused dedicated endpoint responds with `Invalid state`.", |call| {
        call.json(400, r#"{"error":"Bad Request: Invalid state"}"#)
    }),
    status_fault(
        "tool-use-failed-400",
        "Groq: the model generated an invalid tool call, so a retry may succeed.",
        |call| {
            call.json(
            400,
            json!({ "error": {
                "message": "Failed to call a function. Please adjust your prompt. See 'failed_generation'.",
                "type": "invalid_request_error", "code": "tool_use_failed",
                "failed_generation": "<function=weather{\"city\": \"Florence\"</function>",
            }}),
        )
        },
    ),
    status_fault("context-exceeded-400", "llama.cpp: the prompt exceeds the context size.", |call| {
        call.json(
            400,
            json!({ "error": {
                "code": 400,
                "message": "the request exceeds the available context size. try increasing the context size",
                "type": "exceed_context_size_error", "n_prompt_tokens": 9120, "n_ctx": 4096,
            }}),
        )
    }),
    status_fault(
        "unauthorized-401",
        "The router does not know the token and sends an error string.",
        |call| call.json(401, r#"{"error":"Invalid username or password."}"#),
    ),
    status_fault(
        "message-401",
        "A gateway, such as mistral's, sends only a message and a request id.",
        |call| call.json(401, r#"{"message":"No API key found in request","request_id":"5f0c2c7b1d"}"#),
    ),
    status_fault("empty-401", "The token is rejected with an empty body.", |call| call.text(401, TEXT, "")),
    status_fault("token-echo-401", "The error contains the token: a client must not log it.", |call| {
        let token = call.request.bearer().unwrap_or("none");
        let message = format!("Incorrect API key provided: {token}.");
        let error = json!({ "message": message, "type": "invalid_request_error", "code": "invalid_api_key" });
        call.json(401, json!({ "error": error }))
    }),
    status_fault(
        "credits-402",
        "The monthly credits are used up, with the router's message of 2026.",
        |call| {
            call.json(
            402,
            json!({ "error": "You have depleted your monthly included credits. Purchase pre-paid credits to \
                continue using Inference Providers. Alternatively, subscribe to PRO to get 20x more included \
                credits." }),
        )
        },
    ),
    status_fault(
        "credits-2025-402",
        "The monthly credits are used up, with the router's message of 2025.",
        |call| {
            call.json(
                402,
                json!({ "error": "You have exceeded your monthly included credits for Inference Providers. \
                Subscribe to PRO to get 20x more monthly included credits." }),
            )
        },
    ),
    status_fault(
        "permission-403",
        "The token is valid, but has no permission for Inference Providers.",
        |call| {
            call.json(
                403,
                json!({ "error": "This authentication method does not have sufficient permissions to call \
                Inference Providers on behalf of user sandbox" }),
            )
        },
    ),
    status_fault("gated-403", "The Hub: the model is gated, with the reason in `x-error-code`.", |call| {
        let model = call.model();
        let message =
            format!("Access to model {model} is restricted. You must be authenticated to access it.");
        call.json(403, json!({ "error": message }))
            .header("x-error-code", "GatedRepo")
            .header("x-error-message", message)
    }),
    status_fault("model-404", "hf-inference does not have this model.", |call| {
        call.json(404, json!({ "error": format!("Model {} does not exist", call.model()) }))
    }),
    status_fault("plain-404", "An unknown path, in plain text, as fal sends it.", |call| {
        call.text(404, TEXT, "404: Not Found")
    }),
    status_fault("gateway-404", "An unknown path, as a Kong gateway sends it.", |call| {
        call.json(404, r#"{"message":"no Route matched with those values","request_id":"0a1b2c3d4e"}"#)
    }),
    status_fault("conflict-409", "Another update of the endpoint is in progress.", |call| {
        call.json(409, r#"{"error":"Conflict: the endpoint is being updated"}"#)
    }),
    status_fault("gone-410", "The retired host, which names its replacement.", |call| {
        call.json(
            410,
            json!({ "error": "https://api-inference.huggingface.co is no longer supported. Please use \
                https://router.huggingface.co instead." }),
        )
    }),
    status_fault("too-large-413", "text-generation-inference rejects a large body in plain text.", |call| {
        call.text(413, TEXT, "Failed to buffer the request body: length limit exceeded")
    }),
    status_fault("media-type-415", "The content type of the request is not JSON.", |call| {
        call.text(415, TEXT, "Expected request with `Content-Type: application/json`")
    }),
    status_fault("misdirected-421", "OpenAI does not serve this path.", |call| {
        call.json(
            421,
            json!({ "message": "Welcome to the OpenAI API! Documentation is available at \
                https://platform.openai.com/docs/api-reference" }),
        )
    }),
    status_fault("template-422", "text-generation-inference: a base model has no chat template.", |call| {
        call.json(422, r#"{"error":"Template error: template not found","error_type":"template_error"}"#)
    }),
    status_fault(
        "undeserializable-422",
        "text-generation-inference cannot parse the body and responds in plain text.",
        |call| {
            call.text(
            422,
            TEXT,
            "Failed to deserialize the JSON body into the target type: missing field `messages` at line 1 \
             column 144",
        )
        },
    ),
    status_fault(
        "detail-list-422",
        "FastAPI servers list the invalid fields and repeat the whole request.",
        |call| {
            let detail = json!({ "type": "missing", "loc": ["body", "prompt"], "msg": "Field required",
            "input": echo(call) });
            call.json(422, json!({ "detail": [detail] }))
        },
    ),
    status_fault(
        "problem-422",
        "An `application/problem+json` body with the invalid fields, as replicate sends it.",
        |call| {
            let body = json!({ "detail": "- input: messages is required\n", "status": 422,
            "title": "Input validation failed",
            "invalid_fields": [{ "type": "required", "field": "input", "description": "messages is required" }] });
            call.text(422, "application/problem+json", &body.to_string())
        },
    ),
    status_fault(
        "generation-424",
        "text-generation-inference: the model failed during generation.",
        |call| {
            call.json(
                424,
                json!({ "error": "Request failed during generation: Server error: CUDA out of memory",
                "error_type": "generation" }),
            )
        },
    ),
];
