//! Events of a run with tools, and the cleanup when the stream is dropped.

use crate::common::{FLORENCE, Weather, calls, driver, says, scripted, weather};
use botticelli::{
    BotticelliDriver, DriverExt, ErrorCategory, PartialResponse, StreamExt, ToolEvent, ToolLimits,
    ToolResult, ToolRun, ToolRunError, ToolStep, Tools,
};
use botticelli_sandbox::{Dialect, Sandbox, Script};
use std::sync::Arc;
use tokio::sync::oneshot;

async fn events(
    driver: impl BotticelliDriver + 'static,
    text: &str,
    tools: Tools,
    limits: ToolLimits,
) -> (Vec<ToolEvent>, Option<ToolRunError>) {
    let mut stream = driver.stream_tools(text.into(), tools, limits);
    let (mut events, mut failure) = (Vec::new(), None);
    while let Some(item) = stream.next().await {
        assert!(failure.is_none(), "an item followed an error");
        match item {
            Ok(event) => events.push(event),
            Err(error) => failure = Some(error),
        }
    }
    assert!(stream.next().await.is_none(), "an item followed the end");
    let finished = events.iter().filter(|event| matches!(event, ToolEvent::Finished(_))).count();
    assert_eq!(finished, usize::from(failure.is_none()));
    (events, failure)
}

/// A run without the parts that differ between calls: ids, times, and the usage if only one form reports it.
fn essence(run: &ToolRun, tells_usage: bool) -> Vec<String> {
    let result = |result: &ToolResult| {
        let call = result.call();
        format!("{}({}) {:?} {}", call.name(), call.arguments_text(), result.outcome(), result.content())
    };
    let steps = run.steps().iter().map(|step| {
        let response = step.response();
        let usage = response.usage().filter(|_| tells_usage);
        let results: Vec<_> = step.results().iter().map(result).collect();
        format!("{:?} {:?} {} {results:?}", response.text(), usage, response.finish_reason())
    });
    steps.chain([format!("{} messages", run.messages().len())]).collect()
}

#[tokio::test]
async fn streaming_equals_plain_in_every_dialect() {
    for dialect in [Dialect::Router, Dialect::Tgi2, Dialect::Tgi3, Dialect::Together, Dialect::Cerebras] {
        let sandbox = Sandbox::builder().with_dialect(dialect).start().await.unwrap();
        let tools = || weather().with("rain", |w: Weather| async move { Err::<u8, _>(w.city) });
        let text = "The weather and the rain in city=Florence?";
        let plain = driver(&sandbox).run_tools(text.into(), &tools(), ToolLimits::default()).await.unwrap();
        assert_eq!(plain.steps()[0].results().len(), 2, "{dialect:?}");

        let (events, _) = events(driver(&sandbox), text, tools(), ToolLimits::default()).await;
        assert!(sandbox.requests().iter().skip(2).all(|request| request.body()["stream"] == true));
        let Some(ToolEvent::Finished(streamed)) = events.last() else { panic!("{events:?}") };
        let tells_usage = dialect != Dialect::Tgi2;
        assert_eq!(essence(streamed, tells_usage), essence(&plain, tells_usage), "{dialect:?}");
        assert_eq!(streamed.usage() == plain.usage(), tells_usage);

        // The chunks are those of the responses, and the events are those of the steps.
        let streamed_text: String = events
            .iter()
            .map(|event| if let ToolEvent::Chunk(chunk) = event { chunk.text() } else { "" })
            .collect();
        let texts: String = streamed.steps().iter().map(|step| step.response().text()).collect();
        assert_eq!(streamed_text, texts);
        let answers: Vec<_> = events
            .iter()
            .filter_map(|event| if let ToolEvent::Chunk(chunk) = event { chunk.response() } else { None })
            .collect();
        let steps: Vec<_> = streamed.steps().iter().map(ToolStep::response).collect();
        assert_eq!(answers, steps);
    }
}

#[tokio::test]
async fn events_arrive_in_the_order_of_the_run() {
    let sandbox = scripted([calls(&[("a", "weather", FLORENCE), ("b", "none", "{}")]), says("Yes")]).await;
    let driver: Arc<dyn BotticelliDriver> = Arc::new(driver(&sandbox));
    let (events, _) = events(driver, "Rain?", weather(), ToolLimits::default()).await;
    let result_text: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            ToolEvent::Chunk(chunk) => chunk.is_final().then(|| "answer".to_owned()),
            ToolEvent::Called(call) => Some(format!("called {}", call.id())),
            ToolEvent::Returned(result) => Some(format!("returned {}", result.call().id())),
            ToolEvent::Finished(_) => Some("finished".to_owned()),
            _ => None,
        })
        .collect();
    let order = ["answer", "called a", "called b", "returned b", "returned a", "answer", "finished"];
    assert_eq!(result_text, order);
}

#[tokio::test]
async fn an_error_is_the_last_item_and_carries_the_run() {
    let half = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"It ra\"}}]}\n\n";
    let broken = Script::stream(200, "text/event-stream").piece(half).cut();
    let sandbox = scripted([calls(&[("a", "weather", FLORENCE)]), broken]).await;
    let (events, failure) = events(driver(&sandbox), "Rain?", weather(), ToolLimits::default()).await;
    let failure = failure.unwrap();
    assert_eq!(failure.error().partial().map(PartialResponse::text), Some("It ra"));
    assert_eq!(failure.run().steps().len(), 1);
    assert!(matches!(events.last(), Some(ToolEvent::Chunk(chunk)) if chunk.text() == "It ra"));

    let sandbox = scripted([calls(&[("a", "weather", FLORENCE)])]).await;
    let (_, failure) = self::events(driver(&sandbox), "Rain?", weather(), ToolLimits::turns(2)).await;
    let failure = failure.unwrap();
    assert_eq!(failure.error().category(), ErrorCategory::LimitReached);
    assert_eq!(failure.run().steps().len(), 2);
}

/// A tool that reports its start, never ends, and reports its drop.
fn endless() -> (Tools, oneshot::Receiver<()>, oneshot::Receiver<()>) {
    let (begins, started) = oneshot::channel();
    let (held, dropped) = oneshot::channel::<()>();
    let parts = Arc::new(std::sync::Mutex::new(Some((begins, held))));
    let tools = Tools::new().with("weather", move |_: Weather| {
        let parts = parts.lock().unwrap().take();
        async move {
            let (begins, _held) = parts.unwrap();
            begins.send(()).unwrap();
            std::future::pending::<()>().await;
        }
    });
    (tools, started, dropped)
}

#[tokio::test]
async fn dropping_the_run_drops_the_tools_that_are_running() {
    let sandbox = scripted([calls(&[("a", "weather", FLORENCE)])]).await;
    let (tools, started, dropped) = endless();
    let driver = driver(&sandbox);
    tokio::select! {
        ended = driver.run_tools("Rain?".into(), &tools, ToolLimits::default()) => panic!("{ended:?}"),
        started = started => started.unwrap(),
    }
    // The sender is dropped with the tool.
    assert!(dropped.await.is_err());
    assert_eq!(sandbox.requests().len(), 1);
}

#[tokio::test]
async fn dropping_the_stream_drops_the_tools_and_closes_the_connection() {
    let sandbox = scripted([calls(&[("a", "weather", FLORENCE)])]).await;
    let (tools, started, dropped) = endless();
    let mut stream = driver(&sandbox).stream_tools("Rain?".into(), tools, ToolLimits::default());
    tokio::select! {
        () = async { while stream.next().await.is_some() {} } => panic!("it ended"),
        started = started => started.unwrap(),
    }
    drop(stream);
    assert!(dropped.await.is_err());
    sandbox.wait_until_disconnected().await;

    let silent = scripted([Script::stream(200, "text/event-stream")
        .piece("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"It\"}}]}\n\n")
        .silence()])
    .await;
    let mut stream = driver(&silent).stream_tools("Rain?".into(), weather(), ToolLimits::default());
    assert!(matches!(stream.next().await, Some(Ok(ToolEvent::Chunk(_)))));
    drop(stream);
    silent.wait_until_disconnected().await;
}

#[tokio::test]
async fn nothing_is_sent_before_the_stream_is_polled() {
    let sandbox = scripted([says("Yes")]).await;
    drop(driver(&sandbox).stream_tools("Rain?".into(), weather(), ToolLimits::default()));
    assert!(sandbox.requests().is_empty());
    let shared = Arc::new(weather());
    let mut stream =
        driver(&sandbox).stream_tools("Rain?".into(), Arc::clone(&shared), ToolLimits::default());
    assert!(stream.next().await.is_some());
}
