//! Error responses with the messages and statuses of many servers: each has one category, plain and streamed.

use super::error_text::{assert_all, errors, openai};
use botticelli_error::ErrorCategory::*;

const EMPTY_ACCOUNT: &[(u16, &str)] = &[
    (
        429,
        r#"{"error":{"code":"1113","message":"Insufficient balance: no resource package, please recharge"}}"#,
    ),
    (429, r#"{"error":{"code":1113,"message":"无可用资源包"}}"#),
    (
        429,
        r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","code":"insufficient_quota"}}"#,
    ),
    (
        429,
        r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details."}}"#,
    ),
    (
        429,
        r#"{"error":{"message":"Your account org-1 is suspended, please check your plan and billing details","type":"exceeded_current_quota_error"}}"#,
    ),
    (
        429,
        r#"{"error":"Your team has either used all available credits or reached its monthly spending limit."}"#,
    ),
    (429, r#"{"message":"You are using a Trial key, which is limited to 1000 API calls / month."}"#),
    (429, "quota exceeded"),
    (
        429,
        r#"{"error":{"code":"AllocationQuota.FreeTierOnly","message":"The free tier of the model has been exhausted."}}"#,
    ),
    (
        412,
        r#"{"error":{"message":"Account x is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices."}}"#,
    ),
    (412, r#"{"error":"Insufficient credits"}"#),
    (
        400,
        r#"{"error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API. Please go to Plans & Billing."}}"#,
    ),
    (
        400,
        r#"{"error":{"code":"Arrearage","message":"Access denied, please make sure your account is in good standing."}}"#,
    ),
    (
        400,
        r#"{"error":{"code":"billing_hard_limit_reached","message":"Billing hard limit has been reached"}}"#,
    ),
    (400, r#"{"error":{"message":"You have reached your specified API usage limits."}}"#),
    (403, r#"{"code":"Arrearage","message":"Access denied"}"#),
    (
        403,
        r#"{"error":{"code":"AccountOverdueError","message":"The request failed because your account has an overdue balance."}}"#,
    ),
    (403, r#"{"code":30001,"message":"Sorry, your account balance is insufficient","data":null}"#),
    (403, r#"{"code":403,"reason":"NOT_ENOUGH_BALANCE","message":"not enough balance"}"#),
    (403, r#"{"error":"Your newly created team doesn't have any credits yet."}"#),
    (500, r#"{"error":{"message":"insufficient account balance"}}"#),
    (402, r#"{"error":{"message":"Insufficient Balance"}}"#),
    (402, "Payment Required"),
];

#[tokio::test]
async fn an_account_without_credits_is_recognized_under_any_status() {
    assert_all(CreditsExhausted, EMPTY_ACCOUNT).await;
}

#[tokio::test]
async fn a_rate_limit_that_mentions_money_is_a_rate_limit() {
    assert_all(
        RateLimited,
        &[
            (429, r#"{"error":{"message":"Rate limit reached for m on tokens per min. Limit: 10000 / min. You can increase your rate limit by adding a payment method at https://example.org/account/billing.","code":"rate_limit_exceeded"}}"#),
            (429, r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details. Please retry in 34.07s.","status":"RESOURCE_EXHAUSTED"}}"#),
            (429, r#"{"error":{"message":"Quota exceeded for requests per minute"}}"#),
            (429, r#"{"error":{"code":"1302","message":"High concurrency usage, please recharge for more"}}"#),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_suspended_account_is_a_permission_error() {
    assert_all(
        Permission,
        &[
            (412, r#"{"error":"The account is suspended for a violation of the terms"}"#),
            (403, r#"{"error":{"message":"Your account has been deactivated","code":"account_deactivated"}}"#),
            (401, r#"{"error":{"message":"Your organization has been disabled.","code":"organization_disabled"}}"#),
            (400, r#"{"error":{"message":"Organization has been restricted. Please reach out to support.","code":"organization_restricted"}}"#),
            (429, r#"{"error":"Account suspended"}"#),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_unusual_status_has_a_category() {
    assert_all(RateLimited, &[(498, r#"{"error":{"message":"Flex tier: no capacity for now","type":"capacity_error","code":"capacity_exceeded"}}"#), (498, ""), (420, "")]).await;
    assert_all(Authentication, &[(498, r#"{"error":{"message":"Invalid token."}}"#)]).await;
    assert_all(
        InvalidRequest,
        &[(412, ""), (412, r#"{"error":"precondition failed"}"#), (409, ""), (431, "")],
    )
    .await;
    assert_all(Permission, &[(451, ""), (403, "")]).await;
    assert_all(Unsupported, &[(501, ""), (501, r#"{"error":{"code":501,"message":"This server does not support it.","type":"not_supported_error"}}"#)]).await;
    let page = "<html><body>Web server is returning an unknown error</body></html>";
    for status in [425, 499, 500, 502, 504, 520, 521, 522, 523, 524, 529, 530, 599] {
        assert_all(Server, &[(status, ""), (status, page), (status, r#"{"error":"it failed"}"#)]).await;
    }
}

#[tokio::test]
async fn a_proxy_page_is_not_a_loading_model() {
    let page =
        "<html><head><title>503 Service Temporarily Unavailable</title></head><body>loading</body></html>";
    assert_all(
        Server,
        &[(503, page), (503, &format!("\n\n {page}")), (503, "<!DOCTYPE html><p>Service Unavailable")],
    )
    .await;
    assert_all(Loading, &[(503, ""), (503, r#"{"error":"503 Service Unavailable"}"#)]).await;
}

#[tokio::test]
async fn a_template_that_rejects_the_conversation_is_not_a_missing_template() {
    let template = [
        (
            422,
            r#"{"error":"Template error: syntax error: Conversation roles must alternate user/assistant (in <string>:1)","error_type":"template_error"}"#,
        ),
        (422, r#"{"error":"Template error: System role not supported","error_type":"template_error"}"#),
        (
            422,
            r#"{"error":"Template error: invalid operation: object has no method named append","error_type":"template_error"}"#,
        ),
        (
            400,
            r#"{"error":{"message":"Conversation roles must alternate user/assistant/user/assistant/...","code":400}}"#,
        ),
        (
            500,
            r#"{"error":{"code":500,"message":"Jinja Exception: Conversation roles must alternate user/assistant","type":"server_error"}}"#,
        ),
        (500, r#"{"error":{"code":500,"message":"System role not supported","type":"server_error"}}"#),
    ];
    assert_all(InvalidRequest, &template).await;
    for (status, body) in template {
        for error in errors(status, body).await {
            assert!(!error.to_string().contains("CompletionDriver"), "{error}");
        }
    }
    assert_all(
        NotChatModel,
        &[
            (422, r#"{"error":"Template error: template not found","error_type":"template_error"}"#),
            (400, r#"{"message":"As of transformers v4.44, default chat template is no longer allowed, so you must provide a chat template"}"#),
            (500, r#"{"error":"Cannot use chat template functions because tokenizer.chat_template is not set"}"#),
            (400, r#"{"error":{"message":"\"nomic-embed-text\" does not support chat"}}"#),
            (404, r#"{"error":{"message":"This is not a chat model and thus not supported in the v1/chat/completions endpoint."}}"#),
            (400, r#"{"error":{"message":"The model does not support Chat Completions API"}}"#),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_unsupported_schema_is_rejected_and_not_retried() {
    assert_all(
        InvalidRequest,
        &[
            (500, r#"{"error":{"message":"Grammar error: Unimplemented keys: [\"additionalProperties\"]","type":"InternalServerError","param":null,"code":500}}"#),
            (500, r#"{"error":{"code":500,"message":"failed to initialize samplers: failed to parse grammar","type":"server_error"}}"#),
            (500, r#"{"error":"JSON schema conversion failed: Unrecognized schema"}"#),
            (500, r#"{"error":{"message":"The provided JSON schema contains features not supported by xgrammar."}}"#),
            (500, "Failed to convert the schema: unsupported regex"),
            (400, r#"{"error":{"message":"Failed to parse grammar"}}"#),
        ],
    )
    .await;
    assert_all(
        Server,
        &[(500, r#"{"error":"database schema is locked"}"#), (503, r#"{"error":"schema service is down"}"#)],
    )
    .await;
}

#[tokio::test]
async fn a_failed_generation_is_not_an_invalid_request() {
    let body = r#"{"error":{"message":"The JSON that was generated does not fit.","type":"invalid_request_error","code":"json_validate_failed","failed_generation":"{\"painter\": Botti"}}"#;
    assert_all(Generation, &[(400, body), (422, body), (500, body), (200, body)]).await;
    for error in errors(400, body).await {
        assert!(!error.to_string().contains("Botti"), "the answer is no part of the message: {error}");
    }
}

#[tokio::test]
async fn an_input_that_the_server_does_not_accept_is_unsupported() {
    let cases = [
        (
            500,
            r#"{"error":{"code":500,"message":"image input is not supported - hint: if this is unexpected, you may need to provide the mmproj","type":"server_error"}}"#,
            "an image",
        ),
        (
            500,
            r#"{"error":{"code":500,"message":"unsupported content[].type","type":"server_error"}}"#,
            "not text",
        ),
        (500, r#"{"error":"this model is missing data required for image input"}"#, "an image"),
        (400, r#"{"error":{"message":"m is not a multimodal model","type":"BadRequestError"}}"#, "an image"),
        (500, r#"{"error":{"message":"m is not a multimodal model"}}"#, "an image"),
        (400, r#"{"error":{"message":"At most 0 image(s) may be provided in one request."}}"#, "an image"),
        (
            400,
            r#"{"error":{"message":"Invalid content type. image_url is only supported by certain models."}}"#,
            "an image",
        ),
        (400, r#"{"error":"Model does not support images. Please use a model that does."}"#, "an image"),
        (
            404,
            r#"{"error":{"message":"No endpoints found that support image input","code":404}}"#,
            "an image",
        ),
        (
            422,
            "Failed to deserialize the JSON body: messages[0]: unknown variant `image_url`, expected `text`",
            "an image",
        ),
        (
            400,
            r#"{"error":{"message":"messages.content.type is invalid, allowed values: ['text']"}}"#,
            "not text",
        ),
        (500, r#"{"error":{"message":"audio input is not supported"}}"#, "a sound"),
        (501, r#"{"error":{"message":"video input is not supported by this server"}}"#, "a video"),
        (
            500,
            r#"{"error":{"code":500,"message":"tools param requires --jinja flag","type":"server_error"}}"#,
            "a part of the request",
        ),
        (500, r#"{"error":{"message":"this feature is not supported"}}"#, "a part of the request"),
    ];
    for (status, body, words) in cases {
        assert_all(Unsupported, &[(status, body)]).await;
        for error in errors(status, body).await {
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}

#[tokio::test]
async fn a_malformed_input_is_an_invalid_request_and_not_unsupported() {
    for message in [
        "unsupported image format: tiff",
        "Unsupported image media type",
        "invalid image: it cannot be decoded",
        "image scheme ftp is not supported",
    ] {
        assert_all(InvalidRequest, &[(400, &openai(message))]).await;
    }
    assert_all(
        Server,
        &[(500, &openai("TypeError: unsupported operand type(s) for +: 'NoneType' and 'int'"))],
    )
    .await;
}

#[tokio::test]
async fn a_wrong_path_is_not_found_whatever_the_status_is() {
    let cases = [
        (200, r#"{"error":"Unexpected endpoint or method. (POST /api/v0/v1/chat/completions)"}"#),
        (200, "404 page not found"),
        (200, "404 Not Found"),
        (200, r#"{"detail":"Unknown endpoint"}"#),
        (200, r#""404 page not found""#),
        (400, r#"{"error":{"message":"Invalid URL (POST /v1/v1/chat/completions)"}}"#),
        (400, "404 page not found"),
        (
            404,
            r#"{"error":{"message":"Unknown request URL: POST /openai/v1/v1/chat/completions. Please check the URL for typos","code":"unknown_url"}}"#,
        ),
        (404, "<html><body><pre>Cannot POST /v1/v1/chat/completions</pre></body></html>"),
        (405, r#"{"detail":"Method Not Allowed"}"#),
        (422, r#"{"error":"No such endpoint"}"#),
        (500, r#"{"error":"Unexpected endpoint or method."}"#),
        (501, "Unknown endpoint"),
    ];
    assert_all(NotFound, &cases).await;
    for (status, body) in cases {
        for error in errors(status, body).await {
            assert!(error.advice().contains("base URL"), "{status} {body}: {error}");
        }
    }
}
