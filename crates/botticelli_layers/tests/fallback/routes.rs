//! The order of routes, categories, streams, errors, configuration.

use crate::common::{broken_model, disconnected, model, read, texts};
use crate::{SECOND, failing, reasons, saying};
use botticelli_core::{CostEstimate, GenerateRequest, GenerateResponse, RetryGate};
use botticelli_error::{BotticelliError, BudgetError, BudgetErrorKind, BudgetUnit, ErrorCategory};
use botticelli_interface::conformance::{self, Subject};
use botticelli_interface::{BotticelliDriver, CompletionDriver, ManualClock};
use botticelli_layers::LayerExt;
use botticelli_layers::fallback::{DEFAULT_CATEGORIES, FallbackConfig, FallbackDriver, FallbackRoute};
use botticelli_layers::mock::{MockDriver, MockReply};
use futures::FutureExt;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[tokio::test]
async fn the_default_categories_lead_on_and_the_others_do_not() {
    for category in ErrorCategory::ALL {
        let (first, second) = (failing(*category), saying("Hello"));
        let driver = FallbackDriver::new(first).or("second", second.clone());
        let plain = driver.generate("Hi".into()).await;
        let streamed = driver.generate_stream("Hi".into()).await;
        let leads = DEFAULT_CATEGORIES.contains(category);
        assert_eq!((plain.is_ok(), streamed.is_ok()), (leads, leads), "{category}");
        assert_eq!(second.calls().len(), if leads { 2 } else { 0 }, "{category}");
        if let Err(error) = plain {
            assert_eq!((error.category(), error.note()), (*category, None));
        }
    }
}

#[tokio::test]
async fn the_response_names_the_routes_that_did_not_answer() {
    let driver = FallbackDriver::new(failing(ErrorCategory::CreditsExhausted))
        .or("second", failing(ErrorCategory::Server))
        .or("third", saying("Hello"));
    let plain = driver.generate("Hi".into()).await.unwrap();
    let [(first, why), (second, _)] = reasons(plain.skipped_routes())[..] else {
        panic!("{:?}", plain.skipped_routes())
    };
    assert_eq!((first, second), ("mock-model", "second"));
    assert!(why.contains("credits_exhausted"), "{why}");
    assert_eq!(plain.routing().unwrap().model(), "third");

    let fresh = FallbackDriver::new(failing(ErrorCategory::CreditsExhausted)).or("second", saying("Hello"));
    let items = read(fresh.generate_stream("Hi".into()).await.unwrap()).await;
    assert_eq!(texts(&items), ["Hello"]);
    let last = items.last().unwrap().as_ref().unwrap().response().unwrap();
    assert_eq!(last.skipped_routes().len(), 1);
    assert_eq!(last.routing().unwrap().model(), "second");
}

#[tokio::test]
async fn an_answer_of_the_first_route_is_not_touched() {
    let second = saying("unused");
    let driver = saying("Hello").with_fallback(second.clone());
    let response = driver.generate("Hi".into()).await.unwrap();
    assert_eq!(response, saying("Hello").generate("Hi".into()).await.unwrap());
    let items = read(driver.generate_stream("Hi".into()).await.unwrap()).await;
    assert_eq!(items.last().unwrap().as_ref().unwrap().response(), Some(&response));
    assert!(second.calls().is_empty());
}

#[tokio::test]
async fn the_model_of_the_request_does_not_leak_into_another_driver() {
    let first = failing(ErrorCategory::Server).with_model("org/first");
    let (second, third) = (failing(ErrorCategory::Server), saying("Hello"));
    let driver = FallbackDriver::new(first.clone())
        .or_model("org/large:groq")
        .or("second", second.clone())
        .or_model("small")
        .or("third", third.clone());
    driver.generate(GenerateRequest::from("Hi").with_model("org/asked")).await.unwrap();
    let models = |driver: &MockDriver| -> Vec<Option<String>> {
        driver.requests().iter().map(|request| request.model().map(str::to_owned)).collect()
    };
    assert_eq!(models(&first), [Some("org/asked".to_owned()), Some("org/large:groq".to_owned())]);
    assert_eq!(models(&second), [None, Some("small".to_owned())]);
    assert_eq!(models(&third), [None]);
    assert_eq!(driver.model_name(), "org/first");
    assert_eq!(driver.route_names().collect::<Vec<_>>(), ["org/large:groq", "second", "small", "third"]);
}

#[tokio::test]
async fn a_stream_moves_on_before_its_first_content_only() {
    let empty = MockReply::chunks(["", ""]).then_error(disconnected());
    let driver = FallbackDriver::new(MockDriver::answering([empty])).or("second", saying("Hello"));
    let items = read(driver.generate_stream("Hi".into()).await.unwrap()).await;
    assert_eq!(texts(&items), ["Hello"]);
    assert_eq!(items.last().unwrap().as_ref().unwrap().response().unwrap().skipped_routes().len(), 1);

    let second = saying("Hello");
    let driver = FallbackDriver::new(broken_model()).or("second", second.clone());
    let items = read(driver.generate_stream("Hi".into()).await.unwrap()).await;
    assert_eq!(texts(&items), ["I am"]);
    let error = items.last().unwrap().as_ref().unwrap_err();
    assert_eq!(error.partial().unwrap().text(), "I am");
    assert!(second.calls().is_empty());
    // The route broke, so that the next call avoids it.
    assert_eq!(driver.generate("Hi".into()).await.unwrap().text(), "Hello");
}

#[tokio::test]
async fn both_streams_may_fail_before_their_content() {
    let empty = || MockDriver::answering([MockReply::chunks([""]).then_error(disconnected())]);
    let driver = FallbackDriver::new(empty()).or("second", empty());
    let error = driver.generate_stream("Hi".into()).await.err().unwrap();
    assert_eq!(error.category(), ErrorCategory::Connection);
    assert!(error.to_string().contains("The route `second` failed, too"), "{error}");
}

#[tokio::test]
async fn an_empty_stream_is_an_answer() {
    let driver = FallbackDriver::new(saying("")).or("second", saying("Hello"));
    let items = read(driver.generate_stream("Hi".into()).await.unwrap()).await;
    assert!(items.last().unwrap().as_ref().unwrap().is_final());
    assert!(texts(&items).concat().is_empty());
}

#[tokio::test]
async fn a_plain_response_that_broke_off_is_not_requested_elsewhere() {
    let second = saying("Hello");
    let driver = FallbackDriver::new(broken_model()).or("second", second.clone());
    let error = driver.generate("Hi".into()).await.unwrap_err();
    assert_eq!(error.partial().unwrap().text(), "I am");
    assert!(second.calls().is_empty());
}

#[tokio::test]
async fn the_gate_decides_after_an_attempt_that_may_be_billed() {
    let call_count = Arc::new(AtomicUsize::new(0));
    let gate = |allows: bool| {
        let call_count = call_count.clone();
        RetryGate::new(move |error| {
            call_count.fetch_add(1, Ordering::AcqRel);
            let refusal = BotticelliError::from(BudgetError::new(BudgetErrorKind::UnknownPrice {
                model: "m".to_owned(),
                unit: BudgetUnit::Tokens,
            }));
            assert!(error.may_be_billed());
            Box::pin(async move { if allows { Ok(()) } else { Err(refusal) } })
        })
    };
    let billed = || MockDriver::answering([MockReply::error(disconnected())]);
    let request = |allows| GenerateRequest::from("Hi").with_retry_gate(gate(allows));
    let second = saying("Hello");

    let driver = FallbackDriver::new(billed()).or("second", second.clone());
    let error = driver.generate(request(false)).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Connection);
    assert!(error.to_string().contains("No other route is allowed: budget: "), "{error}");
    assert!(second.calls().is_empty());

    let driver = FallbackDriver::new(billed()).or("second", second.clone());
    assert_eq!(driver.generate(request(true)).await.unwrap().text(), "Hello");
    assert_eq!(call_count.load(Ordering::Acquire), 2);

    // A rejection is not billed, and the last route has no next one.
    let driver = FallbackDriver::new(failing(ErrorCategory::Server)).or("second", billed());
    assert!(driver.generate(request(false)).await.is_err());
    assert_eq!(call_count.load(Ordering::Acquire), 2);
}

#[tokio::test]
async fn if_all_fail_the_first_error_names_the_others() {
    let driver = FallbackDriver::new(failing(ErrorCategory::CreditsExhausted))
        .or("second", MockDriver::answering([MockReply::error(disconnected())]));
    let error = driver.generate("Hi".into()).await.unwrap_err();
    assert_eq!((error.category(), error.attempts()), (ErrorCategory::CreditsExhausted, 2));
    assert!(error.may_be_billed(), "the second attempt may be billed");
    let note = error.note().unwrap();
    assert!(
        note.starts_with("The route `second` failed, too: ") && error.to_string().ends_with(note),
        "{error}"
    );
}

#[tokio::test]
async fn an_error_that_no_route_accepts_is_the_error_of_the_call() {
    let third = saying("unused");
    let driver = FallbackDriver::new(failing(ErrorCategory::CreditsExhausted))
        .or("second", failing(ErrorCategory::NotFound))
        .or("third", third.clone());
    let error = driver.generate("Hi".into()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::NotFound);
    assert!(error.note().unwrap().contains("`mock-model` failed, too"), "{error}");
    assert!(third.calls().is_empty());
}

#[tokio::test]
async fn each_route_may_have_its_own_categories() {
    let build = |first: ErrorCategory| {
        FallbackDriver::new(failing(first))
            .or_route(FallbackRoute::new("large", saying("Large")).with_on([ErrorCategory::ContextExceeded]))
            .or_route(FallbackRoute::new("local", saying("Local")).with_on([ErrorCategory::CreditsExhausted]))
    };
    let ask = async |category| build(category).generate("Hi".into()).await.map(GenerateResponse::into_text);
    assert_eq!(ask(ErrorCategory::ContextExceeded).await.unwrap(), "Large");
    assert_eq!(ask(ErrorCategory::CreditsExhausted).await.unwrap(), "Local");
    assert_eq!(ask(ErrorCategory::Server).await.unwrap_err().category(), ErrorCategory::Server);
}

#[tokio::test]
async fn the_estimate_is_the_largest_of_all_routes() {
    let costing = |estimate| saying("Hi").with_estimate(estimate);
    let small = CostEstimate::at_most(5).with_tokens(Some(900));
    let large = CostEstimate::at_most(70).with_tokens(Some(80));
    let request = GenerateRequest::from("Hi");
    let known = FallbackDriver::new(costing(small)).or("second", costing(large));
    assert_eq!(known.estimate(&request).await.unwrap(), CostEstimate::at_most(70).with_tokens(Some(900)));
    let unknown = known.or("third", costing(CostEstimate::unknown().with_tokens(Some(1))));
    let expected = CostEstimate::unknown().with_tokens(Some(900));
    assert_eq!(unknown.estimate(&request).await.unwrap(), expected);
    assert_eq!(unknown.estimate_completion(&"Hi".into()).await.unwrap(), expected);
}

#[tokio::test]
async fn text_completion_has_the_same_rules() {
    let driver = FallbackDriver::new(failing(ErrorCategory::Server)).or("second", saying("in a land"));
    let response = driver.complete("Once".into()).await.unwrap();
    assert_eq!(response.text(), "in a land");
    assert_eq!(response.skipped_routes()[0].route(), "primary");
    let items = read(driver.complete_stream("Once".into()).await.unwrap()).await;
    assert_eq!(texts(&items), ["in a land"]);
}

#[tokio::test]
async fn drivers_of_different_types_form_a_chain() {
    let driver = failing(ErrorCategory::Server)
        .with_fallback(FallbackDriver::new(failing(ErrorCategory::Connection)))
        .with_fallback(saying("Hello").with_model("last"));
    let response = driver.generate("Hi".into()).await.unwrap();
    assert_eq!(response.skipped_routes().len(), 2);
    assert_eq!(driver.route_names().collect::<Vec<_>>(), ["mock-model", "last"]);
}

#[tokio::test]
async fn useless_settings_are_refused() {
    let driver = FallbackDriver::new(saying("Hi")).or("second", saying("Hi"));
    let error = driver.clone().on([]).generate("Hi".into()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "FallbackDriver: `on` is missing. Name a category, such as ErrorCategory::CreditsExhausted."
    );
    assert!(driver.clone().or(" ", saying("Hi")).validate().is_err());
    assert!(driver.validate().is_ok());
}

#[test]
fn a_table_gives_the_categories_and_the_rest() {
    let table = json!({
        "model": "smollm2",
        "base_url": "http://127.0.0.1:8080/v1",
        "on": ["credits_exhausted", "budget"],
        "cool_down": "5 min",
    });
    let config: FallbackConfig = serde_json::from_value(table).unwrap();
    assert_eq!(config.on(), Some(&[ErrorCategory::CreditsExhausted, ErrorCategory::BudgetExceeded][..]));
    assert_eq!(config.cool_down(), Some(SECOND * 300));
    assert_eq!(config.driver().keys().collect::<Vec<_>>(), ["model", "base_url"]);
    let again: FallbackConfig = serde_json::from_value(serde_json::to_value(&config).unwrap()).unwrap();
    assert_eq!(again, config);
    let empty: FallbackConfig = serde_json::from_value(json!({"model": "m"})).unwrap();
    assert_eq!((empty.on(), empty.cool_down()), (None, None));
}

#[test]
fn mistakes_in_a_table_name_the_remedy() {
    let error = |table| serde_json::from_value::<FallbackConfig>(table).unwrap_err().to_string();
    let message = error(json!({"on": ["credits"]}));
    assert_eq!(message, "`credits` is not a category of errors: did you mean credits_exhausted?");
    let message = error(json!({"on": ["Rate-Limit"]}));
    assert!(message.contains("did you mean rate_limited?"), "{message}");
    let message = error(json!({"on": ["zzz"]}));
    assert!(
        message.contains("write one of configuration, ") && message.ends_with("store, data, budget"),
        "{message}"
    );
    assert!(error(json!({"on": []})).contains("never used"));
    for cool_down in [json!("5 parsecs"), json!("-5 s"), json!(-5), json!(true), json!("NaN s"), json!("")] {
        let message = error(json!({"cool_down": cool_down}));
        assert!(message.contains("\"90 s\""), "{message}");
    }
    let long = |text: &str| {
        let config: FallbackConfig = serde_json::from_value(json!({"cool_down": text})).unwrap();
        config.cool_down().unwrap()
    };
    for (text, seconds) in [("90 s", 90), ("15min", 900), ("12 h", 43_200), ("30 days", 2_592_000), ("7", 7)]
    {
        assert_eq!(long(text), SECOND * seconds, "{text}");
    }
}

#[tokio::test]
async fn a_fallback_satisfies_the_conformance_list() {
    let answering = model();
    let idle = answering.clone();
    let driver = failing(ErrorCategory::CreditsExhausted).with_fallback(answering);
    // The model of a request goes to the first route.
    let unknown = model().with_fallback(saying("unused"));
    for (driver, is_first) in [(driver, false), (unknown, true)] {
        let idle = idle.clone();
        let mut subject = Subject::new(Arc::new(driver))
            .with_broken_stream(Arc::new(failing(ErrorCategory::Server).with_fallback(broken_model())))
            .with_wrong_key(Arc::new(failing(ErrorCategory::Authentication).with_fallback(saying("unused"))))
            .with_idle_check(move || {
                let is_idle = idle.open_calls() == 0;
                async move { is_idle }.boxed()
            });
        if is_first {
            subject = subject.with_unknown_model("unknown");
        }
        let report = conformance::run(&subject).await;
        assert!(report.failures().next().is_none(), "{report}");
    }
}

#[cfg(feature = "rate-limit")]
#[tokio::test]
async fn a_call_that_a_rate_limit_refuses_goes_to_the_next_route() {
    use botticelli_layers::rate_limit::RateLimit;

    let clock = ManualClock::default();
    let limit =
        RateLimit::requests_per_minute(1).with_max_wait(SECOND * 10).with_clock(Arc::new(clock.clone()));
    let driver = saying("First").with_rate_limit(limit).with_fallback(saying("Second"));
    let driver = driver.with_clock(Arc::new(clock.clone()));
    let ask = async || driver.generate("Hi".into()).await.unwrap().into_text();
    assert_eq!((ask().await, ask().await), ("First".to_owned(), "Second".to_owned()));
    // The wait of 10 s is shorter than a cool-down, and the first route takes the call.
    clock.advance(SECOND * 50);
    let mut waiting = driver.generate("Hi".into());
    assert!((&mut waiting).now_or_never().is_none());
    clock.advance(SECOND * 10);
    assert_eq!(waiting.await.unwrap().text(), "First");
}

#[test]
fn secrets_in_the_table_of_a_route_are_hidden() {
    let token = "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH";
    let table = serde_json::json!({
        "base_url": "http://user:secret@host/v1?key=secret",
        "model": "small",
        "headers": { "list": [token, 1] },
        "on": ["budget"],
    });
    let config: FallbackConfig = serde_json::from_value(table).unwrap();
    let shown = format!("{config:?} {config:#?}");
    assert!(shown.contains("http://host/v1") && shown.contains("small"), "{shown}");
    assert!(!shown.contains("secret") && !shown.contains(token), "{shown}");
}
