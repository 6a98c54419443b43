//! Calls with every kind of failure, against servers that repeat the token.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use super::{PLAIN, SECRET, echoes};
use crate::common::text::failures;
use crate::common::{MODEL, collect, failure, scripted, settings, stream_failure};
use botticelli_core::{
    AuthConfig, GenerateRequest, GenerateResponse, Input, MediaSource, Message, StreamChunk,
};
use botticelli_core::{DriverKind, LlmConfig, RetryConfig, Timeouts};
use botticelli_error::{
    BotticelliError, CertificateProblem, HttpError, HttpErrorKind, JsonError, JsonErrorKind, LimitError,
    LimitErrorKind,
};
use botticelli_interface::BotticelliDriver;
use botticelli_interface::tasks::EmbeddingDriver;
use botticelli_models::Environment;
use botticelli_models::huggingface::{
    Dialect, HuggingFaceConfig, HuggingFaceDriver, HuggingFaceDriverBuilder,
};
use botticelli_models::transport::Limits;
use botticelli_sandbox::{Sandbox, Script};
use futures::FutureExt;
use futures::future::join_all;
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

/// Status and message of every error response with a distinct meaning.
const REFUSALS: &[(u16, &str)] = &[
    (400, "not supported by any provider"),
    (400, "not supported by provider"),
    (400, "not a chat model"),
    (400, "the model does not exist"),
    (400, "Invalid state"),
    (400, "Client sent an HTTP request to an HTTPS server"),
    (400, "maximum context length"),
    (400, "no"),
    (400, "it triggers the content management policy"),
    (401, "no"),
    (402, "no"),
    (402, "You can only afford 3919 tokens"),
    (403, "no"),
    (403, "gated"),
    (404, "no"),
    (408, "no"),
    (410, "no"),
    (412, "the account is suspended"),
    (413, "no"),
    (422, "no"),
    (424, "no"),
    (429, "no"),
    (500, "no"),
    (500, "image input is not supported"),
    (501, "no"),
    (503, "loading"),
    (504, "no"),
];

pub(crate) fn echoing(script: Script, echo: &str) -> Script {
    script.header("x-request-id", echo).header("x-inference-provider", echo).header("retry-after", echo)
}

/// A driver that was given `token`, wherever one can be given.
pub(crate) fn builder_with(sandbox: &Sandbox, token: &str) -> HuggingFaceDriverBuilder {
    let environment = Environment::empty().with("HF_TOKEN", token).with("HUGGINGFACE_API_TOKEN", token);
    let base_url = format!("{}?token={token}", sandbox.base_url());
    settings(sandbox).token(token).environment(environment).base_url(base_url).http_client(own_client(token))
}

/// A custom client with the token in a header that is not marked as sensitive.
pub(crate) fn own_client(token: &str) -> reqwest::Client {
    let mut headers = reqwest::header::HeaderMap::new();
    headers.insert("x-api-key", token.parse().unwrap());
    let proxy = reqwest::Proxy::https("http://127.0.0.1:9").unwrap().basic_auth("user", token);
    let builder = reqwest::Client::builder().default_headers(headers).tls_certs_only([]);
    let builder = builder.no_proxy().proxy(proxy).redirect(reqwest::redirect::Policy::none());
    builder.build().unwrap()
}

/// The errors of a plain and of a streamed call that is answered by `script`.
async fn both(
    script: Script,
    builder: impl Fn(&Sandbox) -> HuggingFaceDriverBuilder,
) -> [BotticelliError; 2] {
    let sandbox = scripted(script).await;
    let driver = builder(&sandbox).build().unwrap();
    [failure(&driver, "Hi".into()).await, stream_failure(&driver, "Hi".into()).await]
}

/// The same, of texts, in both of their ways.
async fn of_text(script: Script, token: &str) -> Vec<BotticelliError> {
    let server = Sandbox::builder().with_dialect(botticelli_sandbox::Dialect::Tgi3);
    let sandbox = server.with_turn(script).start().await.unwrap();
    let mut errors = Vec::new();
    for dialect in [Dialect::OpenAi, Dialect::Tgi] {
        let driver = builder_with(&sandbox, token).dialect(dialect).build().unwrap();
        errors.extend(failures(&driver, "Hi".into()).await);
    }
    errors
}

/// Returns errors of every kind, each from a failed call.
pub(crate) async fn errors() -> Vec<BotticelliError> {
    let mut errors = mistakes();
    errors.extend(refusals().await);
    errors.extend(broken().await);
    // What a model writes is the caller's to read; the driver adds nothing to it.
    errors.extend(GenerateResponse::default().json::<u32>().err());
    let form = || "form".to_owned();
    for kind in [
        JsonErrorKind::SchemaMismatch { schema: form(), mode: "prompt", attempts: 3, violations: vec![] },
        JsonErrorKind::Truncated { schema: form(), max_tokens: None },
        JsonErrorKind::Refused { message: String::new() },
        JsonErrorKind::Filtered,
        JsonErrorKind::StoppedEarly { schema: form(), reason: String::new() },
    ] {
        errors.push(JsonError::new(kind, "the model").into());
    }
    errors.push(LimitError::new(LimitErrorKind::Turns { limit: 1 }).into());
    errors
}

async fn refusals() -> Vec<BotticelliError> {
    let mut errors = Vec::new();
    for token in [SECRET, PLAIN] {
        let echoed = echoes(token);
        let calls = REFUSALS.iter().zip(echoed.iter().cycle()).map(|((status, words), echo)| {
            let body =
                serde_json::json!({ "error": { "message": format!("{words}: {echo}"), "code": echo } });
            both(echoing(Script::json(*status, body), echo), |at| builder_with(at, token))
        });
        // At the same time, because some calls wait before they fail.
        errors.extend(join_all(calls).await.into_iter().flatten());
        for echo in echoes(token) {
            let object = serde_json::json!({ "error": { "message": &echo, "type": &echo } });
            let event = format!("data: {object}\n\n");
            let named = format!("event: error\ndata: {echo}\n\n");
            let hello = format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"Hello\"}}}}]}}\n\n{event}");
            for script in [
                Script::text(500, "text/plain", echo.clone()),
                Script::text(500, "text/plain", format!("{}{echo}", "x ".repeat(140))),
                Script::json(
                    422,
                    serde_json::json!({ "detail": [{ "loc": ["body", &echo], "msg": &echo }] }),
                ),
                Script::json(200, object.clone()),
                Script::sse(event),
                Script::sse(named),
                Script::sse(hello),
            ] {
                errors.extend(of_text(echoing(script.clone(), &echo), token).await);
                errors.extend(both(echoing(script, &echo), |at| builder_with(at, token)).await);
            }
        }
    }
    // The driver has no token for this server, so the service rejects the call.
    let bare = |at: &Sandbox| {
        let environment = Environment::empty();
        HuggingFaceDriver::builder(MODEL)
            .base_url(at.base_url())
            .environment(environment)
            .retry(RetryConfig::never())
    };
    errors.extend(both(Script::json(401, r#"{"error":"no"}"#), bare).await);
    errors
}

/// Invalid responses, and connections that end too early.
async fn broken() -> Vec<BotticelliError> {
    let mut errors = Vec::new();
    for token in [SECRET, PLAIN] {
        for echo in echoes(token) {
            let piece = "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\n";
            let location =
                format!("https://user:{token}@example.org/{echo}?token={token}").replace(' ', "%20");
            for script in [
                Script::text(200, "application/json", ""),
                Script::text(200, "text/html", format!("<html>{echo}</html>")),
                Script::text(200, "application/json", [b"\xff\xfe", echo.as_bytes()].concat()),
                Script::text(200, "application/json", format!("bad token {echo}")),
                Script::text(200, "application/json", format!("{}{echo}", "word ".repeat(14))),
                Script::json(200, serde_json::json!({ "id": &echo, "choices": [] })),
                Script::sse(format!("data: bad token {echo}\n\n")),
                Script::sse(format!("{piece}data: {{\"bad {echo}\n\n")),
                Script::text(302, "text/plain", "").header("location", location),
                Script::stream(200, "text/event-stream").piece(piece),
                Script::stream(200, "text/event-stream").piece(piece).cut(),
                Script::stream(200, "application/json").piece(format!("{{\"id\":\"{echo}")).reset(),
                Script::text(200, "application/json", echo.clone())
                    .header("content-encoding", echo.replace(|c: char| !c.is_ascii_graphic(), "-")),
                Script::close(),
            ] {
                errors.extend(both(echoing(script, &echo), |at| builder_with(at, token)).await);
            }
        }
        // A custom client that follows a redirect to an address that contains the token.
        let elsewhere =
            Script::text(302, "text/plain", "").header("location", format!("/{token}?token={token}"));
        let sandbox = scripted(elsewhere).await;
        let follows = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        let driver = builder_with(&sandbox, token).http_client(follows).build().unwrap();
        errors.push(failure(&driver, "Hi".into()).await);
        // Made by real certificates in the tests of TLS.
        errors.push(
            HttpError::new(
                HttpErrorKind::UntrustedCertificate { problem: CertificateProblem::Other },
                "example.org",
            )
            .into(),
        );
        // And this one by those of compression, which are built with their features.
        errors.push(JsonError::new(JsonErrorKind::DecompressionFailed, "example.org").into());
        let limits = Limits::default().with_response(8);
        let large = Script::json(200, serde_json::json!({ "id": token }));
        let sandbox = scripted(large).await;
        errors
            .push(failure(&builder_with(&sandbox, token).limits(limits).build().unwrap(), "Hi".into()).await);
        let timeouts = Timeouts::default().with_total(Duration::from_millis(20));
        let sandbox = scripted(Script::hang()).await;
        errors.push(
            failure(&builder_with(&sandbox, token).timeouts(timeouts).build().unwrap(), "Hi".into()).await,
        );
        // A port without a listener.
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
        let nowhere = builder_with(&sandbox, token).base_url(format!("http://{free}/v1?token={token}"));
        errors.push(failure(&nowhere.build().unwrap(), "Hi".into()).await);
    }
    // The named provider does not serve the model, or has no model id for it. Both errors occur before the chat request is sent.
    let router = Sandbox::start().await.unwrap();
    let asking =
        || HuggingFaceDriver::builder("openai/gpt-oss-20b").base_url(router.base_url()).token(Sandbox::TOKEN);
    let hub = Environment::empty().with("HF_ENDPOINT", router.hub_url());
    let other = asking().provider("baseten").environment(hub).build().unwrap();
    errors.push(failure(&other, "Hi".into()).await);
    let hub = Environment::empty().with("HF_ENDPOINT", router.hub_url());
    let tasks = asking().provider("together").environment(hub).build_tasks().unwrap();
    errors.extend(tasks.embed("Hi".into()).await.err());
    let nameless = crate::common::service::Service::start().await;
    let entry = serde_json::json!({ "baseten": { "task": "conversational", "providerId": null } });
    nameless.on("GET /api/models/", 200, serde_json::json!({ "inferenceProviderMapping": entry }));
    let hub = Environment::empty().with("HF_ENDPOINT", nameless.origin());
    errors.push(failure(&asking().provider("baseten").environment(hub).build().unwrap(), "Hi".into()).await);
    let blind = asking().choose_provider(true).environment(Environment::empty()).build().unwrap();
    let picture = Message::user("Hi").with(Input::image_url(format!("https://h/?{PLAIN}")));
    errors.push(failure(&blind, picture.into()).await);
    errors
}

/// Returns errors before anything is sent: the token in a wrong field, and other invalid input.
fn mistakes() -> Vec<BotticelliError> {
    let builder = || HuggingFaceDriver::builder("org/model").environment(Environment::empty());
    let from =
        |environment: Environment| HuggingFaceDriver::builder("org/model").environment(environment).build();
    let found = |name: &str, value: &str| from(Environment::empty().with(name, value));
    let mut errors: Vec<BotticelliError> = vec![
        builder().build(),
        found("HF_TOKEN_PATH", SECRET),
        found("HF_HOME", SECRET),
        found("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"),
        found("HF_TOKEN", &format!("{SECRET}\n{SECRET}")),
        builder().api_key_env(SECRET).build(),
        builder().api_key_env("NO_SUCH_VARIABLE").build(),
        builder().token(format!("{PLAIN} {PLAIN}")).build(),
        builder().token(SECRET).bill_to(SECRET).build(),
        builder().token(SECRET).bill_to(format!("x{SECRET}\nfoo {SECRET}")).build(),
        HuggingFaceDriver::new("org/model", SECRET),
        HuggingFaceDriver::new("hf_x", format!("{SECRET}:cheapest")),
        builder().base_url(SECRET).build(),
        builder().token(PLAIN).build(),
        builder().token(SECRET).base_url("https://api.groq.com").build(),
        HuggingFaceDriver::new(SECRET, "org/model:cheepst"),
        builder().base_url(format!("https://user:{PLAIN}@example.org/")).build(),
        builder().base_url(format!("https://h:99999/{SECRET}?token={PLAIN}")).build(),
        builder().base_url(format!("http://example.org/{SECRET}?token={PLAIN}")).token(PLAIN).build(),
        HuggingFaceDriver::from_config(&mistaken_config(), Environment::empty()),
    ]
    .into_iter()
    .map(Result::unwrap_err)
    .collect();
    errors.push(
        GenerateRequest::builder().messages(vec![Message::user("Hi")]).max_tokens(0).build().unwrap_err(),
    );
    errors.push(LlmConfig::builder().build().unwrap_err());
    let driver = builder().token(SECRET).build().unwrap();
    let audio = Message::user("Hi").with(Input::Audio(MediaSource::Url(format!("https://h/?{PLAIN}"))));
    let refused = driver.generate(audio.into()).now_or_never().unwrap();
    errors.push(refused.unwrap_err());
    errors
}

/// A configuration with the token in every place but the right one.
pub(crate) fn mistaken_config() -> LlmConfig {
    let auth = AuthConfig::default().with_api_key_env(SECRET);
    let huggingface = HuggingFaceConfig::default()
        .with_base_url(format!("https://user:{PLAIN}@example.org/{SECRET}/v1?token={PLAIN}"))
        .with_bill_to(SECRET);
    let builder = LlmConfig::builder().provider(DriverKind::HuggingFace).model(SECRET);
    builder.auth(auth).provider_table(DriverKind::HuggingFace, huggingface.to_table()).build().unwrap()
}

/// Returns successful responses, plain and streamed, from servers whose headers repeat the token, after a retry.
pub(crate) async fn answers() -> (Vec<GenerateResponse>, Vec<StreamChunk>) {
    let (mut responses, mut all) = (Vec::new(), Vec::new());
    for token in [SECRET, PLAIN] {
        for echo in echoes(token) {
            let refusal = echoing(Script::json(500, serde_json::json!({ "error": &echo })), &echo);
            let content = serde_json::json!({ "content": "Well" });
            let labelled = |choice| serde_json::json!({ "id": &echo, "model": &echo, "choices": [choice] });
            let good = labelled(serde_json::json!({ "message": content, "finish_reason": "stop" }));
            let piece = labelled(serde_json::json!({ "delta": content, "finish_reason": "stop" }));
            let (good, piece) = (Script::json(200, good), format!("data: {piece}\n\n"));
            let retry = RetryConfig::default().with_base_delay(Duration::from_millis(1));
            for good in [good, Script::sse(piece)] {
                let builder = Sandbox::builder().with_turn(refusal.clone()).with_turn(echoing(good, &echo));
                let sandbox = builder.start().await.unwrap();
                let driver = builder_with(&sandbox, token).retry(retry).build().unwrap();
                let (chunks, error) = collect(&driver, "Hi".into()).await;
                assert!(error.is_none(), "{error:?}");
                let response = chunks.last().unwrap().response().unwrap().clone();
                assert_eq!(response.retries().len(), 1);
                assert!(response.request_id().is_some() && response.provider().is_some());
                assert!(response.id().is_some() && response.model().is_some());
                responses.push(response);
                all.extend(chunks);
                responses.push(driver.generate("Hi".into()).await.unwrap());
            }
        }
    }
    (responses, all)
}
