//! The limits of a run with tools, and the partial run in the error.

use crate::common::{FLORENCE, MODEL, Weather, calls, driver, priced, says, scripted, sent, soon, weather};
use botticelli::{
    BotticelliDriver, BotticelliError, BotticelliErrorKind, ChunkStream, Cost, CostEstimate, CostSource,
    DriverExt, ErrorCategory, GenerateRequest, GenerateResponse, HttpError, HttpErrorKind, HuggingFaceDriver,
    LimitErrorKind, ModelInfo, ModelsResult, ToolLimits, ToolRun, Tools, async_trait,
};
use botticelli_sandbox::{Sandbox, Script};
use serde_json::json;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn calling() -> Script {
    calls(&[("a", "weather", FLORENCE)])
}

/// The weather tool, and the number of its calls.
fn counted() -> (Tools, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let tools = Tools::new().with("weather", move |_: Weather| {
        counter.fetch_add(1, Ordering::Relaxed);
        async { "rain" }
    });
    (tools, count)
}

fn kind(error: &BotticelliError) -> LimitErrorKind {
    assert_eq!(error.category(), ErrorCategory::LimitReached, "{error}");
    let BotticelliErrorKind::Limit(error) = error.kind() else { panic!("{error}") };
    error.kind()
}

async fn cut_short(sandbox: &Sandbox, limits: ToolLimits) -> (BotticelliError, ToolRun) {
    soon(driver(sandbox).run_tools("Rain?".into(), &weather(), limits)).await.unwrap_err().into_parts()
}

#[tokio::test]
async fn a_turn_limit_ends_the_run_and_the_error_has_the_run() {
    let sandbox = scripted([calling()]).await;
    let (tools, count) = counted();
    let limited = soon(driver(&sandbox).run_tools("Rain?".into(), &tools, ToolLimits::turns(3))).await;
    let (error, run) = limited.unwrap_err().into_parts();
    assert_eq!(kind(&error), LimitErrorKind::Turns { limit: 3 });
    assert_eq!(sandbox.requests().len(), 3);
    // The last calls do not run, because the model would not receive their results.
    assert_eq!(count.load(Ordering::Relaxed), 2);
    let results: Vec<_> = run.steps().iter().map(|step| step.results().len()).collect();
    assert_eq!(results, [1, 1, 0]);
    assert_eq!(run.response().unwrap().tool_calls().count(), 1);
    // The conversation can be continued, because each call in it has its result.
    assert_eq!(run.messages().len(), 5);

    let again = scripted([says("Yes")]).await;
    let request = run.messages().to_vec().into();
    let run = driver(&again).run_tools(request, &tools, ToolLimits::turns(1)).await.unwrap();
    assert_eq!(run.text(), "Yes");
    assert_eq!(sent(&again, 0).len(), 5);
}

#[tokio::test]
async fn the_default_is_ten_turns_and_zero_turns_send_nothing() {
    let sandbox = scripted([calling()]).await;
    let (error, _) = cut_short(&sandbox, ToolLimits::default()).await;
    assert_eq!(kind(&error), LimitErrorKind::Turns { limit: 10 });
    assert_eq!(sandbox.requests().len(), 10);

    let sandbox = scripted([calling()]).await;
    let (error, run) = cut_short(&sandbox, ToolLimits::turns(0)).await;
    assert_eq!(kind(&error), LimitErrorKind::Turns { limit: 0 });
    assert!(sandbox.requests().is_empty());
    assert_eq!((run.messages().len(), run.cost()), (1, Cost::unknown()));
    assert!(run.usage().is_empty());
}

/// Returns how often the catalog was requested.
fn catalog_requests(sandbox: &Sandbox) -> usize {
    sandbox.requests().iter().filter(|request| request.method() == "GET").count()
}

#[tokio::test]
async fn a_cost_limit_ends_the_run_before_more_is_spent() {
    // The cost of a turn, by the catalog.
    let sandbox = scripted([calling(), calling(), says("Yes")]).await;
    let limits = ToolLimits::default().with_cost(u64::MAX);
    let run = priced(&sandbox).run_tools("Rain?".into(), &weather(), limits).await.unwrap();
    assert_eq!(run.cost().source(), CostSource::Priced);
    // The first response may come before the catalog, so that the run asks for the entry of the model.
    assert!((1..=2).contains(&catalog_requests(&sandbox)));
    let turn = run.steps()[0].response().cost().nano_dollars().unwrap();
    assert!(turn > 0);
    assert_eq!(run.cost(), Cost::priced(3 * turn));
    assert_eq!(run.usage().total_tokens(), Some(45));
    assert_eq!(run.usage().cached_tokens(), None);

    for (limit, turns, spent) in
        [(0, 0, 0), (turn - 1, 1, turn), (turn, 1, turn), (turn + 1, 2, 2 * turn), (2 * turn, 2, 2 * turn)]
    {
        let sandbox = scripted([calling()]).await;
        let (tools, count) = counted();
        let limits = ToolLimits::default().with_cost(limit);
        let limited = priced(&sandbox).run_tools("Rain?".into(), &tools, limits).await;
        let (error, run) = limited.unwrap_err().into_parts();
        assert_eq!(kind(&error), LimitErrorKind::Cost { limit, spent, next: None });
        assert_eq!(run.steps().len(), turns, "with a limit of {limit}");
        assert_eq!(sandbox.requests().len() - catalog_requests(&sandbox), turns);
        // Calls of the last turn do not run, because the model would not receive their results.
        let ran = turns.saturating_sub(1);
        assert_eq!(count.load(Ordering::Relaxed), ran, "with a limit of {limit}");
    }
}

#[tokio::test]
async fn the_last_response_of_a_run_is_returned_whatever_it_cost() {
    let sandbox = scripted([says("Yes")]).await;
    let limits = ToolLimits::default().with_cost(1);
    let run = priced(&sandbox).run_tools("Rain?".into(), &weather(), limits).await.unwrap();
    assert_eq!(run.text(), "Yes");
    assert!(run.cost().nano_dollars().unwrap() > 1);
}

#[tokio::test]
async fn without_a_limit_no_prices_are_requested() {
    let sandbox = scripted([calling(), says("Yes")]).await;
    let run = driver(&sandbox).run_tools("Rain?".into(), &weather(), ToolLimits::default()).await.unwrap();
    assert_eq!(run.cost(), Cost::free());
    assert_eq!(catalog_requests(&sandbox), 0);
}

#[tokio::test]
async fn an_unknown_cost_ends_a_run_with_a_cost_limit() {
    let call =
        json!({ "id": "a", "type": "function", "function": { "name": "weather", "arguments": FLORENCE } });
    let message = json!({ "role": "assistant", "tool_calls": [call] });
    let body = json!({ "choices": [{ "index": 0, "message": message, "finish_reason": "tool_calls" }] });
    // No usage; and no provider.
    let usage = json!({ "prompt_tokens": 10, "completion_tokens": 5 });
    let mut without_provider = body.clone();
    without_provider["usage"] = usage;
    for body in [body, without_provider] {
        let sandbox = scripted([Script::json(200, body)]).await;
        let (tools, count) = counted();
        let limits = ToolLimits::default().with_cost(1_000_000_000);
        let error = priced(&sandbox).run_tools("Rain?".into(), &tools, limits).await.unwrap_err();
        assert_eq!(kind(error.error()), LimitErrorKind::UnknownCost { limit: 1_000_000_000 });
        assert_eq!((error.run().steps().len(), count.load(Ordering::Relaxed)), (1, 0));
        assert_eq!(error.run().cost(), Cost::unknown());
    }
}

/// A driver that may know what a turn may cost, and what it did cost; but no prices.
#[derive(Debug)]
struct Estimating(HuggingFaceDriver, CostEstimate, Cost);

#[async_trait]
impl BotticelliDriver for Estimating {
    async fn generate(&self, request: GenerateRequest) -> ModelsResult<GenerateResponse> {
        Ok(self.0.generate(request).await?.with_cost(self.2))
    }
    async fn generate_stream(&self, request: GenerateRequest) -> ModelsResult<ChunkStream> {
        self.0.generate_stream(request).await
    }
    fn provider_name(&self) -> &'static str {
        self.0.provider_name()
    }
    fn model_name(&self) -> &str {
        self.0.model_name()
    }
    async fn model_info(&self, _model: &str) -> ModelsResult<Option<ModelInfo>> {
        Err(HttpError::new(HttpErrorKind::NoResponse, "the catalog").into())
    }
    async fn estimate(&self, _request: &GenerateRequest) -> ModelsResult<CostEstimate> {
        Ok(self.1)
    }
}

#[tokio::test]
async fn a_turn_that_may_exceed_the_limit_is_not_sent() {
    let sandbox = scripted([calling()]).await;
    let driver = Estimating(driver(&sandbox), CostEstimate::at_most(60), Cost::reported(40));
    let limits = ToolLimits::default().with_cost(100);
    let (error, run) = driver.run_tools("Rain?".into(), &weather(), limits).await.unwrap_err().into_parts();
    // 60 fit, 40 are spent; another 60 fit; then 80 are spent.
    assert_eq!(kind(&error), LimitErrorKind::Cost { limit: 100, spent: 80, next: Some(60) });
    assert_eq!(run.cost(), Cost::reported(80));
    // The tools ran, and their results are kept.
    assert_eq!(run.steps()[1].results().len(), 1);
    assert_eq!(run.messages().len(), 5);
    assert_eq!(sandbox.requests().len(), 2);

    let limits = ToolLimits::default().with_cost(59);
    let error = driver.run_tools("Rain?".into(), &weather(), limits).await.unwrap_err();
    assert_eq!(kind(error.error()), LimitErrorKind::Cost { limit: 59, spent: 0, next: Some(60) });
    assert_eq!(sandbox.requests().len(), 2);
}

#[tokio::test]
async fn an_unreadable_catalog_is_the_source_of_an_unknown_cost() {
    let sandbox = scripted([calling()]).await;
    let driver = Estimating(driver(&sandbox), CostEstimate::unknown(), Cost::unknown());
    let limits = ToolLimits::default().with_cost(100);
    let error = driver.run_tools("Rain?".into(), &weather(), limits).await.unwrap_err();
    assert_eq!(kind(error.error()), LimitErrorKind::UnknownCost { limit: 100 });
    assert!(error.source().unwrap().to_string().contains("the catalog"));
}

#[tokio::test]
async fn the_error_of_a_failed_driver_has_the_earlier_steps() {
    async fn asks(driver: &dyn BotticelliDriver) -> ModelsResult<ToolRun> {
        Ok(driver.run_tools("Rain?".into(), &weather(), ToolLimits::default()).await?)
    }
    let refusal = || Script::json(401, r#"{"error":"Invalid username or password."}"#);
    let sandbox = scripted([calling(), refusal()]).await;
    let error =
        driver(&sandbox).run_tools("Rain?".into(), &weather(), ToolLimits::default()).await.unwrap_err();
    assert_eq!(error.error().category(), ErrorCategory::Authentication);
    assert_eq!(error.to_string(), error.error().to_string());
    assert!(format!("{error:?}").ends_with("after 1 steps"), "{error:?}");
    assert_eq!(error.run().steps()[0].results()[0].content(), "It rains in Florence");
    assert_eq!(error.run().messages().len(), 3);

    let sandbox = scripted([calling(), refusal()]).await;
    let error = asks(&driver(&sandbox)).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Authentication);
    assert_eq!(sandbox.requests()[0].body()["model"], MODEL);
}
