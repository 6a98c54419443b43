//! Recordings, and their replay.
#![cfg(all(feature = "cassette", feature = "mock"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed unwrap is a failed test"
)]

mod files;

use botticelli_core::{
    Choice, CompletionRequest, Cost, Delta, FinishReason, GenerateRequest, GenerateResponse, Logprobs,
    Output, StreamChunk, Timings, TokenLogprob, ToolCall, ToolCallDelta, Usage,
};
use botticelli_error::{
    BotticelliError, ErrorCategory, ErrorDetails, InterruptedError, ModelsError, ModelsErrorKind,
    PartialResponse, PartialToolCall,
};
use botticelli_interface::{BotticelliDriver, ChunkStream, CompletionDriver};
use botticelli_layers::LayerExt;
use botticelli_layers::cassette::{Match, Player};
use botticelli_layers::mock::{MockDriver, MockReply};
use futures::{FutureExt, StreamExt};
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;

const TOKEN: &str = "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH";

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/cassette.json");
    (folder, path)
}

fn ask(prompt: &str) -> GenerateRequest {
    GenerateRequest::from(prompt)
}

type Items = Vec<Result<StreamChunk, BotticelliError>>;

async fn items(stream: ChunkStream) -> Items {
    stream.collect().await
}

/// Returns the chunks, and the error with its answers to all questions.
fn shown(items: &Items) -> Vec<String> {
    let item = |item: &Result<StreamChunk, BotticelliError>| match item {
        Ok(chunk) => match chunk.response() {
            Some(response) => format!("{:?}", response.clone().with_timings(Timings::default())),
            None => format!("{chunk:?}"),
        },
        Err(error) => questions(error),
    };
    items.iter().map(item).collect()
}

fn questions(error: &BotticelliError) -> String {
    format!(
        "{error} {} {:?} {:?} {:?} {:?} {} {} {} {:?}",
        error.advice(),
        error.category(),
        error.status(),
        error.request_id(),
        error.retry_after(),
        error.is_retryable(),
        error.may_be_billed(),
        error.attempts(),
        error.partial()
    )
}

fn rich() -> GenerateResponse {
    let calls = [
        ToolCall::new("call 1", "weather", "{ \"city\" :  \"Florence\",\n \"n\": 1.0e3 }"),
        ToolCall::new("2", "weather", "{\"broken\": ").with_extra_content(json!({"signature": "ab=="})),
    ];
    let mut logprobs = Logprobs::default();
    logprobs.tokens = vec![TokenLogprob::new("Zei", -0.123_456_789_012_345_68)];
    let text = "Zeilen\r\n\t\u{0}\u{1f600} \u{202e}\"\\ } { e\u{301}";
    let mut outputs = vec![Output::Reasoning("First…\n".into()), Output::Text(text.into())];
    outputs.extend(calls.map(Output::ToolCall));
    GenerateResponse::builder()
        .outputs(outputs)
        .finish_reason(FinishReason::Other("eos".into()))
        .logprobs(logprobs)
        .alternatives(vec![Choice::new(1, vec![Output::Text("other".into())], FinishReason::Stop)])
        .usage(Usage::new(Some(3), Some(4), Some(7)))
        .cost(Cost::reported(12))
        .id("id 1")
        .build()
        .unwrap()
        .with_warning("odd")
}

fn rejection() -> BotticelliError {
    let mut details = ErrorDetails::new("acme");
    details.status = Some(429);
    details.message = Some("slow down".to_owned());
    details.request_id = Some("request 1".to_owned());
    details.retry_after = Some(Duration::from_millis(1500));
    let kind = ModelsErrorKind::Rejected {
        category: ErrorCategory::RateLimited,
        what: "the service receives too many requests".to_owned(),
        remedy: "wait".to_owned(),
    };
    BotticelliError::from(ModelsError::new(kind, details)).with_attempts(3).with_billing(true)
}

fn interrupted() -> BotticelliError {
    let calls = vec![PartialToolCall::new(Some("1".to_owned()), "weather", "{\"ci")];
    let partial = PartialResponse::new("Hel", "so", calls)
        .with_tokens(Some(3), None)
        .with_alternatives(vec![PartialResponse::new("other", "", Vec::new())]);
    BotticelliError::from(InterruptedError::new("acme.example")).with_partial(partial)
}

/// Returns a driver with each kind of reply.
fn mock() -> MockDriver {
    let call = ToolCallDelta::new(0, Some("1".to_owned()), Some("weather".to_owned()), "{\"ci");
    MockDriver::answering([
        MockReply::response(rich()),
        MockReply::error(rejection()),
        MockReply::deltas([
            Delta::Reasoning("so\n".into()),
            Delta::Text("H".into()),
            Delta::Text(String::new()),
            Delta::Text("el\nlo".into()),
            Delta::ToolCall(call.clone()),
            Delta::ToolCall(call.with_arguments("ty\": 1}")),
        ])
        .with_choice(1, Delta::Text("other".into())),
        MockReply::error(rejection()),
        MockReply::chunks(["Hel"]).then_error(interrupted()),
    ])
    .with_model("model-1")
}

#[tokio::test]
async fn a_replay_equals_the_original() {
    let (_folder, path) = place();
    let driver = mock().with_recording(&path).unwrap();
    let plain = driver.generate(ask("a")).await.unwrap();
    let refused = driver.generate(ask("b")).await.unwrap_err();
    let streamed = items(driver.generate_stream(ask("c")).await.unwrap()).await;
    let no_stream = driver.generate_stream(ask("d")).await.err().unwrap();
    let broken = items(driver.generate_stream(ask("e")).await.unwrap()).await;
    assert!(streamed.len() > 6 && broken.len() == 2);

    let player = Player::open(&path).unwrap();
    assert_eq!((player.model_name(), player.provider_name(), player.remaining()), ("model-1", "cassette", 5));
    let replayed = player.generate(ask("a")).await.unwrap();
    assert_eq!(replayed, plain.with_timings(Timings::default()).with_cost(Cost::free()));
    assert_eq!(questions(&player.generate(ask("b")).await.unwrap_err()), questions(&refused));
    let replayed = items(player.generate_stream(ask("c")).await.unwrap()).await;
    assert_eq!(shown(&replayed), shown(&streamed));
    let replayed = player.generate_stream(ask("d")).await.err().unwrap();
    assert_eq!(questions(&replayed), questions(&no_stream));
    let replayed = items(player.generate_stream(ask("e")).await.unwrap()).await;
    assert_eq!(shown(&replayed), shown(&broken));
    assert_eq!(player.remaining(), 0);
}

/// A replay costs nothing, whatever the original cost.
#[cfg(feature = "budget")]
#[tokio::test]
async fn a_budget_around_a_replay_allows_it_and_spends_nothing() {
    use botticelli_core::Usd;
    use botticelli_layers::budget::{Budget, OnUnknownPrice};

    let (_folder, path) = place();
    let mock = MockDriver::answering([MockReply::response(rich()), MockReply::response(rich())]);
    let driver = mock.with_recording(&path).unwrap();
    driver.generate(ask("a")).await.unwrap();
    items(driver.generate_stream(ask("b")).await.unwrap()).await;
    for policy in [OnUnknownPrice::Refuse, OnUnknownPrice::Allow] {
        let player = Player::open(&path).unwrap();
        let budget = Budget::per_month(Usd::from_nano_dollars(0)).with_tokens_per_day(14);
        let driver = player.with_budget(budget.with_on_unknown_price(policy));
        assert_eq!(driver.generate(ask("a")).await.unwrap().cost(), Cost::free());
        let last = items(driver.generate_stream(ask("b")).await.unwrap()).await.pop().unwrap().unwrap();
        assert_eq!(last.into_response().unwrap().cost(), Cost::free());
        let total = driver.budget().ledger().report().await.unwrap().total();
        // The usage is that of the original.
        assert_eq!(
            (total.spent, total.held, total.tokens),
            (Usd::from_nano_dollars(0), Usd::from_nano_dollars(0), 14)
        );
        assert!(driver.generate(ask("c")).await.unwrap_err().to_string().contains("tokens"));
    }
}

#[tokio::test]
async fn the_same_calls_make_the_same_file() {
    let (folder, path) = place();
    let record = async |path: PathBuf| {
        let driver = mock().with_recording(&path).unwrap();
        driver.generate(ask("a")).await.unwrap();
        driver.generate(ask("b")).await.unwrap_err();
        items(driver.generate_stream(ask("c")).await.unwrap()).await;
        fs::read_to_string(path).unwrap()
    };
    let first = record(path).await;
    assert_eq!(first, record(folder.path().join("again.json")).await);
    assert!(first.starts_with(
        "{\n  \"format\": \"botticelli cassette\",\n  \"version\": 1\n}\n{\n  \"call\": \"chat\""
    ));
    // One line for each chunk, so that a difference is small.
    assert!(
        first.contains("\n    {\"delta\":{\"text\":\"H\"}},\n    {\"delta\":{\"text\":\"\"}},\n"),
        "{first}"
    );
}

#[tokio::test]
async fn text_completions_and_both_kinds_of_calls_are_replayed() {
    let (_folder, path) = place();
    let driver = MockDriver::answering(["one", "two"]).with_recording(&path).unwrap();
    driver.complete(CompletionRequest::from("Once")).await.unwrap();
    items(driver.generate_stream(ask("Hi")).await.unwrap()).await;
    let player = Player::open(&path).unwrap();
    // A plain call replays as a stream, and a stream as a plain call.
    let stream = player.complete_stream(CompletionRequest::from("Once")).await.unwrap();
    assert_eq!(items(stream).await.last().unwrap().as_ref().unwrap().response().unwrap().text(), "one");
    assert_eq!(player.generate(ask("Hi")).await.unwrap().text(), "two");
}

#[tokio::test]
async fn a_request_out_of_order_is_an_error_that_names_the_difference() {
    let (_folder, path) = place();
    let driver = MockDriver::answering(["one", "two"]).with_recording(&path).unwrap();
    driver.generate(ask("first")).await.unwrap();
    driver.generate(ask("second").with_max_tokens(9)).await.unwrap();

    let player = Player::open(&path).unwrap();
    let error = player.generate(ask("second").with_max_tokens(9)).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::NotFound);
    let message = error.to_string();
    for part in ["cassette.json", "number 1", "messages[0].content", "first", "second", "with_recording"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    // The error consumed nothing.
    assert_eq!(player.generate(ask("first")).await.unwrap().text(), "one");
    let error = player.generate(ask("second")).await.unwrap_err().to_string();
    assert!(error.contains("max_tokens"), "{error}");
    let error = player.complete(CompletionRequest::from("second")).await.unwrap_err().to_string();
    assert!(error.contains("`chat` instead of `text`"), "{error}");
    player.generate(ask("second").with_max_tokens(9)).await.unwrap();
    let error = player.generate(ask("first")).await.unwrap_err().to_string();
    assert!(error.contains("all 2 calls"), "{error}");
}

#[tokio::test]
async fn any_order_takes_equal_requests_one_after_the_other() {
    let (_folder, path) = place();
    let driver = MockDriver::answering(["one", "two", "three"]).with_recording(&path).unwrap();
    for prompt in ["a", "b", "a"] {
        driver.generate(ask(prompt)).await.unwrap();
    }
    let player = Player::open(&path).unwrap().with_match(Match::AnyOrder);
    for (prompt, text) in [("b", "two"), ("a", "one"), ("a", "three"), ("a", "three"), ("b", "two")] {
        assert_eq!(player.generate(ask(prompt)).await.unwrap().text(), text);
    }
    let error = player.generate(ask("b").with_seed(1)).await.unwrap_err().to_string();
    assert!(error.contains("number 2") && error.contains("no `seed`, which is 1"), "{error}");
    let error = player.complete(CompletionRequest::from("b")).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::NotFound);
}

#[tokio::test]
async fn tokens_are_not_recorded_and_do_not_prevent_the_replay() {
    let (_folder, path) = place();
    let (left, right) = TOKEN.split_at(10);
    let partial = PartialResponse::new(format!("see {TOKEN}"), "", Vec::new());
    let broken = BotticelliError::from(InterruptedError::new("acme.example")).with_partial(partial);
    let driver = MockDriver::answering([
        MockReply::text(format!("Your token is {TOKEN}.")),
        MockReply::chunks(["It is ", left, right, "!"]),
        MockReply::tool_call("login", format!("{{\"token\": \"{TOKEN}\"}}")),
        MockReply::chunks(["see ", left, right]).then_error(broken),
        MockReply::chunks(["not ", "secret"]),
    ])
    .with_recording(&path)
    .unwrap();
    let request = || ask(&format!("my token: {TOKEN}, keep it"));
    driver.generate(request()).await.unwrap();
    for _ in 0..4 {
        items(driver.generate_stream(request()).await.unwrap()).await;
    }
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains(TOKEN) && !text.contains(right), "{text}");

    let player = Player::open(&path).unwrap();
    assert_eq!(player.generate(request()).await.unwrap().text(), "Your token is [redacted].");
    let replayed = items(player.generate_stream(request()).await.unwrap()).await;
    assert_eq!(
        replayed.iter().map(|item| item.as_ref().unwrap().text()).collect::<String>(),
        "It is [redacted]!"
    );
    items(player.generate_stream(request()).await.unwrap()).await;
    let replayed = items(player.generate_stream(request()).await.unwrap()).await;
    assert_eq!(replayed[0].as_ref().unwrap().text(), "see [redacted]");
    let error = replayed.last().unwrap().as_ref().unwrap_err();
    assert_eq!(error.partial().unwrap().text(), "see [redacted]");
    // Without a token in the response, the chunks stay as they were.
    assert_eq!(items(player.generate_stream(request()).await.unwrap()).await.len(), 3);
}

#[tokio::test]
async fn calls_are_in_the_order_in_which_they_began() {
    let (_folder, path) = place();
    let driver = MockDriver::answering(["first", "second", "third"]).with_recording(&path).unwrap();
    let first = driver.generate_stream(ask("1")).await.unwrap();
    let second = driver.generate_stream(ask("2")).await.unwrap();
    driver.generate(ask("3")).await.unwrap();
    // A dropped call is not recorded, and does not hold up the others.
    drop(second);
    assert_eq!(Player::open(&path).unwrap().remaining(), 0);
    items(first).await;
    let player = Player::open(&path).unwrap();
    assert_eq!(player.generate(ask("1")).await.unwrap().text(), "first");
    assert_eq!(player.generate(ask("3")).await.unwrap().text(), "third");
    assert_eq!(player.remaining(), 0);
}

#[tokio::test]
async fn a_plain_call_that_is_dropped_holds_up_nothing() {
    let (_folder, path) = place();
    let slow = MockReply::text("slow").with_delay(Duration::from_secs(60));
    let driver = MockDriver::answering([slow, MockReply::text("quick")]).with_recording(&path).unwrap();
    let mut call = driver.generate(ask("1"));
    assert!((&mut call).now_or_never().is_none());
    driver.generate(ask("2")).await.unwrap();
    drop(call);
    assert_eq!(Player::open(&path).unwrap().generate(ask("2")).await.unwrap().text(), "quick");
}

#[tokio::test]
async fn a_log_probability_that_json_lacks_can_be_read() {
    let (_folder, path) = place();
    let mut logprobs = Logprobs::default();
    logprobs.tokens = vec![TokenLogprob::new("a", f64::NEG_INFINITY)];
    let response = GenerateResponse::builder()
        .outputs(vec![Output::Text("a".into())])
        .finish_reason(FinishReason::Stop)
        .logprobs(logprobs)
        .build()
        .unwrap();
    let driver = MockDriver::answering([MockReply::response(response)]).with_recording(&path).unwrap();
    driver.generate(ask("a")).await.unwrap();
    let replayed = Player::open(&path).unwrap().generate(ask("a")).await.unwrap();
    assert!((replayed.logprobs().unwrap().tokens[0].logprob + 9999.0).abs() < 1e-9);
}

#[test]
fn a_new_recording_replaces_a_cassette_but_no_other_file() {
    let (folder, path) = place();
    MockDriver::answering(["one"]).with_recording(&path).unwrap();
    MockDriver::answering(["one"]).with_recording(&path).unwrap();
    let notes = folder.path().join("notes");
    fs::write(&notes, "notes").unwrap();
    let error = MockDriver::answering(["one"]).with_recording(&notes).unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Configuration);
    assert_eq!(fs::read_to_string(&notes).unwrap(), "notes");
    for wrong in [folder.path().to_owned(), notes.join("below")] {
        assert!(MockDriver::answering(["one"]).with_recording(wrong).is_err());
    }
}

#[tokio::test]
async fn damaged_cassettes_are_refused_with_their_line() {
    let (folder, path) = place();
    let driver = MockDriver::answering(["one", "two"]).with_recording(&path).unwrap();
    driver.generate(ask("a")).await.unwrap();
    driver.generate(ask("b")).await.unwrap();
    let whole = fs::read_to_string(&path).unwrap();
    let open = |text: &str| {
        let path = folder.path().join("damaged.json");
        fs::write(&path, text).unwrap();
        Player::open(&path).map_err(|error| error.to_string())
    };
    assert_eq!(open(&whole).unwrap().remaining(), 2);
    for (text, expected) in [
        (String::new(), "not a cassette"),
        ("notes".to_owned(), "not a cassette"),
        ("{\"format\": \"other\", \"version\": 1}".to_owned(), "not a cassette"),
        (whole.replace("\"version\": 1", "\"version\": 2"), "newer version"),
        (whole.replacen("\"call\": \"chat\"", "\"cal\": \"chat\"", 1), "line 5"),
        (whole.replacen("\"response\"", "\"error\"", 1), "line 5"),
        (whole.replacen("\"stop\"", "7", 1), "line 5"),
        (whole.trim_end().trim_end_matches('}').to_owned(), "not JSON"),
    ] {
        let error = open(&text).unwrap_err();
        assert!(error.contains(expected), "{expected}: {error}");
    }
    let error = Player::open(folder.path().join("missing.json")).unwrap_err().to_string();
    assert!(error.contains("missing.json") && error.contains("with_recording"), "{error}");
    // A cut at the end of a call loses the calls after it, and nothing else.
    for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
        let (begin, rest) = whole.split_at(end);
        if let Ok(player) = open(begin) {
            assert!(player.remaining() < 2 || rest.trim().is_empty());
        }
    }
}

#[tokio::test]
async fn the_other_methods_are_forwarded() {
    let (_folder, path) = place();
    let mock = MockDriver::answering(["one"]).with_model("m").with_provider("acme");
    let driver = mock.with_recording(&path).unwrap();
    assert_eq!((driver.provider_name(), driver.model_name()), ("acme", "m"));
    let (request, text) = (ask("a"), CompletionRequest::from("a"));
    assert_eq!(driver.estimate(&request).await.unwrap(), driver.inner().estimate(&request).await.unwrap());
    assert_eq!(
        driver.canonical_request(&request).unwrap(),
        driver.inner().canonical_request(&request).unwrap()
    );
    assert_eq!(
        driver.canonical_completion(&text).unwrap(),
        driver.inner().canonical_completion(&text).unwrap()
    );
}
