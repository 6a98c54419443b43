//! The token stands nowhere: every public type of the library is printed in every way that it has, and looked through.
//!
//! The table has a row for each. Which types there are is read from the sources, so that a new one cannot be forgotten.

use crate::common::{failure, scripted};
use crate::endpoints::show_endpoints;
use crate::search::calls::{answers, builder_with, echoing, errors, mistaken_config, own_client};
use crate::search::printed::printed;
use crate::search::sources::public_types;
use crate::search::{PLAIN, SECRET, echoes, leak};
use crate::table::{Row, Table, holds_none, path_of, shown, silent};
use crate::tasks::show_tasks;
use botticelli_core::*;
use botticelli_error::*;
use botticelli_interface::conformance::{self, Outcome, Report, Subject};
use botticelli_interface::{
    Approval, BotticelliDriver, Clock, CompletionDriver, DriverExt, FixedRandom, ManualClock, RandomSource,
    ToolEvent, ToolLimits, ToolOutcome, ToolResult, ToolRun, ToolRunError, ToolStep, Tools,
};
use botticelli_models::Environment;
use botticelli_models::huggingface::dto::*;
use botticelli_models::huggingface::{
    BaseUrl, Dialect, HuggingFaceConfig, HuggingFaceDriver, HuggingFaceDriverBuilder,
};
use botticelli_models::transport::*;
use botticelli_sandbox::{Sandbox, Script};
use futures::future::join_all;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[tokio::test]
async fn no_public_type_shows_the_token() {
    let mut table = Table::default();
    show_errors(&mut table).await;
    show_core(&mut table).await;
    show_interface(&mut table).await;
    show_driver(&mut table).await;
    show_transport(&mut table).await;
    dto(&mut table);
    holds_none!(table, "a word of ours": Dialect, LayerKind);
    holds_none!(table, "a name and the words of an error, which has rows of its own": SkippedRoute);
    holds_none!(table, "made by layers, of amounts, names and paths that they check": BudgetError, BudgetErrorKind, BudgetPeriod,
        BudgetUnit, RecordedError, StoreError, StoreErrorKind);
    holds_none!(table, "paths, lines and columns of the caller's data": DataError, DataErrorKind);
    holds_none!(table, "made by local inference, of a path and the content of a model file": ModelFileError, ModelFileErrorKind);
    holds_none!(table, "a function of the caller, which is not printed": RetryGate);
    holds_none!(table, "the form is not shown": botticelli_core::RequestMemo);
    holds_none!(table, "a yes or no": botticelli_core::SentFlag);
    holds_none!(table, "content of the catalog and the Hub": botticelli_core::ModelMatch, botticelli_core::RoutingDecision,
        botticelli_core::PricedRoute,
        botticelli_core::Throughput, botticelli_models::huggingface::dto::HuggingFaceHubModel,
        botticelli_models::huggingface::dto::HuggingFaceMapping,
        botticelli_models::huggingface::dto::HuggingFaceModelList);
    holds_none!(table, "requirements for the catalog": botticelli_core::Compatibility, botticelli_core::ModelFilter,
        botticelli_core::SearchOrder);
    holds_none!(table, "a model's name that was checked": botticelli_models::huggingface::ModelRoute,
        botticelli_models::huggingface::ProviderPolicy);
    holds_none!(table, "shown with the driver, whose part it is": botticelli_models::huggingface::Catalog);

    show_tasks(&mut table).await;
    show_endpoints(&mut table).await;

    #[cfg(feature = "hub")]
    show_hub(&mut table).await;
    // `HubError` is compiled without the feature too.
    #[cfg(not(feature = "hub"))]
    holds_none!(table, "made by the Hub only": HubError, HubErrorKind);

    let mut types = public_types();
    if cfg!(not(feature = "hub")) {
        types.retain(|path, _| !path.starts_with("botticelli_models::hub::"));
    }
    assert!(types.len() > 90, "the sources were not found: {}", types.len());
    let missing: Vec<String> = types
        .iter()
        .filter(|(path, _)| !table.0.contains_key(*path))
        .map(|(path, found)| format!("the public type {path} ({}) has no row here", found.file.display()))
        .collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    let strangers: Vec<&String> = table.0.keys().filter(|path| !types.contains_key(*path)).collect();
    assert!(strangers.is_empty(), "rows without a public type: {strangers:?}");

    let mut leaks = Vec::new();
    for (path, row) in &table.0 {
        match row {
            Row::Shown(printed_texts) => {
                assert!(printed_texts.iter().any(|text| !text.is_empty()), "{path} says nothing");
                let mut found = printed_texts.iter().filter_map(|text| Some((leak(text)?, text)));
                // One of many is enough to go by.
                leaks.extend(found.next().map(|(found, text)| format!("{path} shows {found:?}: {text}")));
            }
            Row::Silent => {}
            Row::HoldsNone(reason) => assert!(!reason.is_empty(), "{path}"),
        }
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
    every_kind_of_error_was_met(&table);
}

/// Errors that no driver of this crate makes, but the layers, batch runs, local inference and the Hub. `botticelli/tests/batch/secrets.rs` searches a batch run.
const OF_OTHER_CRATES: [&str; 7] = ["Budget", "Store", "Recorded", "Rejected", "Data", "ModelFile", "Hub"];

/// An error that no call made has not been looked at.
fn every_kind_of_error_was_met(table: &Table) {
    let types = public_types();
    let check = |path: String, printed_texts: &[String]| {
        let met: BTreeSet<&str> = printed_texts
            .iter()
            .map(|text| text.split(|c: char| !c.is_alphanumeric()).next().unwrap())
            .collect();
        let wanted =
            types[&path].variants.iter().filter(|variant| !OF_OTHER_CRATES.contains(&variant.as_str()));
        let missing: Vec<_> = wanted.filter(|variant| !met.contains(variant.as_str())).collect();
        assert!(missing.is_empty(), "no call made these errors of {path}: {missing:?}");
    };
    check(path_of::<BotticelliErrorKind>(), table.printed_texts::<BotticelliErrorKind>());
    check(path_of::<ModelsErrorKind>(), table.printed_texts::<ModelsErrorKind>());
    check(path_of::<HuggingFaceErrorKind>(), table.printed_texts::<HuggingFaceErrorKind>());
    check(path_of::<HttpErrorKind>(), table.printed_texts::<HttpErrorKind>());
    check(path_of::<JsonErrorKind>(), table.printed_texts::<JsonErrorKind>());
}

async fn show_errors(table: &mut Table) {
    for error in &errors().await {
        table.shown::<BotticelliError>([printed!(error), vec![error.advice()]].concat());
        show_error(table, error);
    }
    table.add("botticelli_error::error::ModelsResult", Row::HoldsNone("it is an alias of `Result`"));
    table.add("botticelli::from_hub::FromHub", Row::HoldsNone("a trait with functions only"));
    table.add("botticelli::Result", Row::HoldsNone("it is an alias of `Result`"));
    holds_none!(table, "a word of ours": CertificateProblem, ErrorCategory, LimitErrorKind, TimeoutKind);
}

fn show_error(table: &mut Table, error: &BotticelliError) {
    shown!(table, BotticelliErrorKind => *error.kind());
    match error.kind() {
        BotticelliErrorKind::Builder(error) => shown!(table, BuilderError => *error),
        BotticelliErrorKind::Config(error) => shown!(table, ConfigError => *error),
        BotticelliErrorKind::Models(error) => {
            shown!(table, ModelsError => *error, ModelsErrorKind => *error.kind(), ErrorDetails => *error.details());
            if let ModelsErrorKind::HuggingFace(kind) = error.kind() {
                shown!(table, HuggingFaceErrorKind => *kind);
            }
        }
        BotticelliErrorKind::Http(error) => {
            shown!(table, HttpError => *error, HttpErrorKind => *error.kind());
        }
        BotticelliErrorKind::Json(error) => {
            shown!(table, JsonError => *error, JsonErrorKind => *error.kind());
        }
        BotticelliErrorKind::Hub(error) => shown!(table, HubError => *error, HubErrorKind => *error.kind()),
        BotticelliErrorKind::Interrupted(error) => shown!(table, InterruptedError => *error),
        BotticelliErrorKind::Limit(error) => shown!(table, LimitError => *error),
        other => panic!("a kind without a row: {other:?}"),
    }
    if let Some(partial) = error.partial() {
        shown!(table, PartialResponse => *partial);
    }
}

async fn show_core(table: &mut Table) {
    let (responses, chunks) = answers().await;
    for response in &responses {
        shown!(table, GenerateResponse => *response);
        for retry in response.retries() {
            shown!(table, Retry => *retry);
        }
    }
    for chunk in &chunks {
        shown!(table, StreamChunk => *chunk);
    }
    let config = mistaken_config();
    // What is written into a file is what stood in it: a configuration with a token for a variable's name is not.
    shown!(table, LlmConfig => config, AuthConfig => *config.auth());
    let settings = HuggingFaceConfig::from_config(&config).unwrap();
    table.shown::<HuggingFaceConfig>(vec![format!("{settings:?} {settings:#?}")]);
    let address = format!("https://user:{PLAIN}@example.org/{SECRET}?token={PLAIN}");
    let media = MediaSource::Url(address);
    table.shown::<MediaSource>(vec![format!("{media:?} {media:#?}")]);
    silent!(
        table,
        CompletionRequestBuilder,
        GenerateRequestBuilder,
        GenerateResponseBuilder,
        LlmConfigBuilder,
        MessageBuilder,
        StreamChunkBuilder,
        UsageBuilder
    );
    holds_none!(table, "what the caller asks":
        CompletionRequest, GenerateRequest, GenerationConfig, Input, OutputSchema, Message, ReasoningEffort, ResponseFormat, ToolChoice,
        ToolDefinition);
    holds_none!(table, "what the model answers":
        Choice, ChunkCollector, Delta, FinishReason, Logprobs, Output, TokenLogprob, ToolCall, ToolCallDelta);
    holds_none!(table, "what the model answers, and it had arrived": PartialToolCall);
    holds_none!(table, "an entry of the catalog": ModelInfo, ProviderListing);
    holds_none!(table, "numbers": Cost, CostEstimate, Price, RateLimitStatus, Usd, RetryConfig, Timeouts, Timings, Usage);
    holds_none!(table, "a word of ours": CostSource, DriverKind, Role);
}

async fn show_interface(table: &mut Table) {
    let echo = serde_json::json!({ "error": format!("Bearer {PLAIN}") });
    let sandbox = scripted(echoing(Script::json(401, echo), PLAIN)).await;
    let driver: Arc<dyn BotticelliDriver> = Arc::new(builder_with(&sandbox, PLAIN).build().unwrap());
    table.shown::<dyn BotticelliDriver>(printed!(&driver));
    let failed = driver.run_tools("Hi".into(), &Tools::new(), ToolLimits::default()).await.unwrap_err();
    shown!(table, ToolRunError => failed, ToolRun => *failed.run());
    holds_none!(table, "what the caller's tools are": Approval, ToolLimits, Tools);
    for typed in [
        "partial_json::PartialJson",
        "typed_response::TypedResponse",
        "history::Fallback",
        "history::Repair",
        "mode::TypedMode",
        "options::TypedOptions",
        "typed_schema::TypedSchema",
        "partial::Partial",
        "partial::PartialStream",
        "violation::Violation",
    ] {
        let path = format!("botticelli_interface::typed::{typed}");
        table.add(path, Row::HoldsNone("what the caller asks and the model answers; errors are shown above"));
    }
    table.add("botticelli_interface::tools::tool::Tool", Row::HoldsNone("verbs alone"));
    holds_none!(table, "what the model answers, and what the caller's tools give back":
        ToolEvent, ToolOutcome, ToolResult, ToolStep);
    for name in ["JsonOutput", "ToolOutput"] {
        let path = format!("botticelli_interface::tools::output::{name}");
        table.add(path, Row::HoldsNone("the output of the caller's tool"));
    }
    table.add("botticelli_interface::tools::event::ToolStream", Row::Silent);
    table.add("botticelli_interface::ext::DriverExt", Row::HoldsNone("verbs alone"));
    let completing: Arc<dyn CompletionDriver> = Arc::new(builder_with(&sandbox, PLAIN).build().unwrap());
    table.shown::<dyn CompletionDriver>(printed!(&completing));
    let subject = Subject::new(driver.clone()).with_wrong_key(driver).with_unknown_model("org/none");
    let report = conformance::run(&subject).await;
    assert!(report.failures().next().is_some(), "{report}");
    for (_, outcome) in report.outcomes() {
        shown!(table, Outcome => *outcome);
    }
    shown!(table, Subject => subject, Report => report);
    let healthy = Sandbox::start().await.unwrap();
    let stream = crate::common::driver(&healthy).generate_stream("Hi".into()).await.unwrap();
    assert!(printed!(&stream).is_empty());
    table.add("botticelli_interface::driver::ChunkStream", Row::Silent);
    holds_none!(table, "time and chance": dyn RandomSource, dyn Clock, FixedRandom, ManualClock, botticelli_interface::SystemRandom);
}

async fn show_driver(table: &mut Table) {
    for token in [SECRET, PLAIN] {
        let sandbox = scripted(Script::json(500, r#"{"error":"no"}"#)).await;
        let builder = || builder_with(&sandbox, token);
        shown!(table, HuggingFaceDriverBuilder => builder());
        // Everything that is not the token's place, and the two arguments of `new` swapped.
        let swapped = HuggingFaceDriver::builder(SECRET).api_key_env(SECRET).bill_to(SECRET);
        shown!(table, HuggingFaceDriverBuilder => swapped.base_url(SECRET).http_client(own_client(token)));
        let driver = builder().build().unwrap();
        shown!(table, HuggingFaceDriver => driver);
        failure(&driver, "Hi".into()).await;
        shown!(table, HuggingFaceDriver => driver.clone());
        let secure = format!("https://example.org/{SECRET}/v1?token={token}");
        shown!(table, HuggingFaceDriver => builder().base_url(secure).build().unwrap());
        shown!(table, Environment => Environment::empty().with("HF_TOKEN", token).with("OTHER", token));
        for address in [
            format!("https://user:{token}@example.org/v1?token={token}"),
            format!("https://example.org/{SECRET}/v1#{token}"),
            SECRET.to_owned(),
        ] {
            shown!(table, BaseUrl => BaseUrl::from(address));
        }
    }
}

#[cfg(feature = "hub")]
async fn show_hub(table: &mut Table) {
    use botticelli_models::hub::{
        CachedRepository, CachedRevision, DownloadStep, FileFilter, GgufModel, Hub, HubBuilder, Progress,
        ProgressObserver, RepositoryKind,
    };
    let folder = tempfile::TempDir::new().unwrap();
    for token in [SECRET, PLAIN] {
        for echo in echoes(token) {
            let answer = format!(
                "HTTP/1.1 403 Forbidden\r\nx-error-code: GatedRepo\r\nx-error-message: {echo}\r\nx-request-id: {echo}\r\n\
                 connection: close\r\ncontent-length: 0\r\n\r\n"
            );
            let body = format!("{{\"error\":\"{echo}\"}}");
            let json = format!(
                "HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            let lookup = crate::common::service::always(json).await;
            let sandbox = crate::common::service::always(answer).await;
            let builder = Hub::builder()
                .with_endpoint(&sandbox)
                .with_cache(folder.path())
                .with_environment(Environment::empty())
                .with_http_client(own_client(token))
                .with_token(token.to_owned());
            shown!(table, HubBuilder => builder.clone());
            let hub = builder.clone().with_endpoint(lookup).build().unwrap();
            let error = hub.snapshot("org/name", FileFilter::all()).await.unwrap_err();
            show_error(table, &error);
            shown!(table, BotticelliError => error);
            let hub = builder.build().unwrap();
            shown!(table, Hub => hub.clone());
            let error = hub.download("org/name", "config.json").await.unwrap_err();
            show_error(table, &error);
        }
        let hub =
            Hub::builder().with_environment(Environment::empty().with("HF_TOKEN", token)).with_cache(SECRET);
        shown!(table, HubBuilder => hub.clone().with_endpoint(format!("https://u:{token}@example.org/?t={token}")));
        for (name, file) in [(SECRET, "a"), ("org/name", SECRET)] {
            let error = hub
                .clone()
                .with_environment(Environment::empty())
                .with_cache("/nowhere")
                .build()
                .unwrap()
                .download(name, file)
                .await
                .unwrap_err();
            shown!(table, BotticelliError => error);
        }
    }
    shown!(table, ProgressObserver => ProgressObserver::from(|_: &Progress| ()));
    holds_none!(table, "names of repositories and files that were checked, and sizes": CachedRepository, CachedRevision, GgufModel,
        Progress);
    holds_none!(table, "patterns of the caller for names": FileFilter);
    holds_none!(table, "a word of ours": DownloadStep, RepositoryKind);
}

async fn show_transport(table: &mut Table) {
    for token in [SECRET, PLAIN] {
        for echo in echoes(token) {
            let mut decoder = EventDecoder::new(1024);
            let events = format!("data: {echo}\n\nevent: {echo}\ndata: {echo}\ndata: {echo}");
            let mut unread = events.as_bytes();
            assert!(decoder.next_event(&mut unread).is_some() && decoder.next_event(&mut unread).is_none());
            shown!(table, EventDecoder => decoder);

            let moved = Script::text(302, "text/plain", "").header("location", format!("/{echo}"));
            let sandbox = scripted(moved).await;
            let error = failure(&builder_with(&sandbox, token).build().unwrap(), "Hi".into()).await;
            shown!(table, BotticelliError => error);
            show_error(table, &error);
        }
    }
    show_waits(table).await;
    for token in [SECRET, PLAIN] {
        shown!(table, redact::Secret => redact::Secret::new(token.into()));
    }
    shown!(table, Observer => Observer::from(|_: &Wait| ()));
    holds_none!(table, "the event of the server": Event);
    holds_none!(table, "numbers": DecodeError, Limits);
}

/// Shows the waits that an observer receives.
async fn show_waits(table: &mut Table) {
    let calls = [SECRET, PLAIN].map(|token| echoes(token).into_iter().map(move |echo| waits(token, echo)));
    // At the same time, because each call waits half a second for the model.
    for observed in join_all(calls.into_iter().flatten()).await {
        for wait in &observed {
            shown!(table, Wait => *wait);
        }
    }
}

/// Returns the waits of a call to a server that repeats the token.
async fn waits(token: &str, echo: String) -> Vec<Wait> {
    let refusal = Script::json(503, serde_json::json!({ "error": format!("loading {echo}") }));
    let sandbox = Sandbox::builder()
        .with_turn(echoing(Script::json(429, serde_json::json!({ "error": &echo })), &echo))
        .with_turn(echoing(refusal, &echo))
        .with_turn(Script::json(400, r#"{"error":"no"}"#));
    let sandbox = sandbox.start().await.unwrap();
    let observed = Arc::new(Mutex::new(Vec::new()));
    let observer_copy = observed.clone();
    let retry = RetryConfig::default().with_base_delay(Duration::from_millis(1));
    let driver = builder_with(&sandbox, token)
        .retry(retry)
        .observer(move |wait: &Wait| observer_copy.lock().unwrap().push(wait.clone()))
        .build()
        .unwrap();
    failure(&driver, "Hi".into()).await;
    let observed = observed.lock().unwrap().clone();
    assert_eq!(observed.len(), 2);
    observed
}

fn dto(table: &mut Table) {
    silent!(
        table,
        HuggingFaceChoiceBuilder,
        HuggingFaceCompletionRequestBuilder,
        HuggingFaceDeltaBuilder,
        HuggingFaceFunctionBuilder,
        HuggingFaceGenerateParametersBuilder,
        HuggingFaceGenerateRequestBuilder,
        HuggingFaceJsonSchemaBuilder,
        HuggingFaceMessageBuilder,
        HuggingFaceRequestBuilder,
        HuggingFaceResponseBuilder,
        HuggingFaceResponseFormatBuilder,
        HuggingFaceToolBuilder,
        HuggingFaceToolFunctionBuilder,
        HuggingFaceToolCallBuilder,
        HuggingFaceUsageBuilder,
    );
    let picture = HuggingFaceImageUrl::new(format!("https://user:{PLAIN}@example.org/?token={PLAIN}"));
    table.shown::<HuggingFaceImageUrl>(vec![format!("{picture:?} {picture:#?}")]);
    holds_none!(table, "what the caller asks, as it is sent; the token goes in a header":
        HuggingFaceAudio, HuggingFaceChosenFunction, HuggingFaceCompletionRequest, HuggingFaceContent, HuggingFaceFile,
        HuggingFaceGenerateParameters, HuggingFaceGenerateRequest, HuggingFaceJsonSchema,
        HuggingFaceMessage, HuggingFacePart, HuggingFaceRequest, HuggingFaceResponseFormat, HuggingFaceStreamOptions,
        HuggingFaceTool, HuggingFaceToolChoice, HuggingFaceToolFunction);
    holds_none!(table, "the service's JSON as it came: nobody is handed one, and errors made of it are shown above":
        HuggingFaceArchitecture, HuggingFaceChoice, HuggingFaceContentText, HuggingFaceDelta, HuggingFaceFunction,
        HuggingFaceGeneratedToken, HuggingFaceGeneration, HuggingFaceGenerationDetails, HuggingFaceGenerations,
        HuggingFaceLogprobs,
        HuggingFaceModel,
        HuggingFaceModelProvider, HuggingFaceResponse, HuggingFaceTokenLogprob, HuggingFaceToolCall,
        HuggingFaceVendorFields);
    holds_none!(table, "numbers": HuggingFacePricing, HuggingFaceTokenDetails, HuggingFaceUsage);
    let alias = "botticelli_models::huggingface::dto::chunk::HuggingFaceChunk";
    table.add(alias, Row::HoldsNone("an alias of `HuggingFaceResponse`"));
}

#[test]
fn a_token_is_found_in_every_form() {
    for token in [SECRET, PLAIN] {
        for echo in echoes(token) {
            assert!(leak(&format!("the token {echo} is bad")).is_some(), "{echo}");
        }
        for text in [format!("{:?}", token.as_bytes()), format!("{:#?}", token.as_bytes())] {
            assert!(leak(&text).is_some(), "{text}");
        }
        let error = ConfigError::new("no", "none").with_source(std::io::Error::other(token));
        assert!(
            printed!(&error).iter().any(|text| leak(text).is_some()),
            "the error does not read its cause"
        );
        let config = serde_json::json!({ "token": token });
        assert!(printed!(&config).iter().any(|text| leak(text).is_some()));
    }
    assert!(leak("Authorization: Bearer xyz").is_some());
    assert!(leak("Authorization: Bearer [token]").is_none());
}

#[test]
fn a_printable_type_is_not_classified_as_silent() {
    let mut table = Table::default();
    let silent = AssertUnwindSafe(|| table.silent::<Usage>(&printed!(&Usage::default())));
    assert!(catch_unwind(silent).is_err());
}
