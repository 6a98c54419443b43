//! Tool calls of the model: the request, the calls that run, and the results that the model receives.

use crate::common::{
    FLORENCE, Weather, calls, calls_saying, driver, result_text, run, says, scripted, sent, weather,
};
use botticelli::{
    Approval, BotticelliDriver, ChunkStream, DriverExt, GenerateRequest, GenerateResponse, Message,
    ModelsResult, ToolChoice, ToolDefinition, ToolLimits, ToolOutcome, ToolResult, ToolRun, ToolStep, Tools,
    async_trait,
};
use botticelli_sandbox::{Dialect, Sandbox};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{Barrier, Notify};

async fn report(city: &str) -> String {
    tokio::task::yield_now().await;
    format!("It rains in {city}")
}

#[tokio::test]
async fn a_closure_runs_and_the_model_receives_its_doc_comments() {
    async fn users_view(driver: &dyn BotticelliDriver) -> ModelsResult<ToolRun> {
        let tools = Tools::new().with("weather", |w: Weather| async move { report(&w.city).await });
        let run = driver.run_tools("The weather in Florence?".into(), &tools, ToolLimits::turns(5)).await?;
        Ok(run)
    }
    let sandbox = Sandbox::start().await.unwrap();
    let run = users_view(&driver(&sandbox)).await.unwrap();
    assert!(run.text().contains("It rains in"), "{}", run.text());
    assert_eq!(run.steps().len(), 2);
    assert_eq!(run.messages().len(), 4);

    let body = sandbox.requests()[0].body().clone();
    assert_eq!(
        body["tools"],
        json!([{ "type": "function", "function": {
            "name": "weather",
            "description": "The weather in a city",
            "parameters": {
                "type": "object",
                "properties": { "city": { "type": "string", "description": "The city's name" } },
                "required": ["city"],
            },
        }}])
    );
    let second = sent(&sandbox, 1);
    assert_eq!(second[1]["tool_calls"][0]["id"], second[2]["tool_call_id"]);
    assert!(run.steps()[0].results()[0].is_ok());
    assert!(run.steps()[1].results().is_empty());
}

#[tokio::test]
async fn the_model_receives_and_repairs_unreadable_arguments() {
    for (arguments, told_so) in [
        (r#"{"city":"Flo"#, "not valid JSON"),
        (r#"["Florence"]"#, "not a JSON object"),
        (r#"{"town":"Florence"}"#, "missing field `city`"),
        (r#"{"city":3}"#, "expected a string"),
        ("null", "missing field `city`"),
        ("", "missing field `city`"),
    ] {
        let turns = [arguments, FLORENCE].map(|arguments| calls(&[("a", "weather", arguments)]));
        let sandbox = scripted(turns.into_iter().chain([says("Yes")])).await;
        let run = run(&sandbox, &weather()).await;
        assert_eq!(run.text(), "Yes");
        let outcomes: Vec<_> =
            run.steps().iter().flat_map(ToolStep::results).map(ToolResult::outcome).collect();
        assert_eq!(outcomes, [ToolOutcome::BadArguments, ToolOutcome::Returned], "{arguments}");

        let second = sent(&sandbox, 1);
        let content = second[2]["content"].as_str().unwrap();
        assert!(content.contains(told_so) && content.contains("Call `weather` again"), "{content}");
        assert_eq!(run.steps()[0].results()[0].content(), content);
        // No server is sent a call that it cannot read.
        let past = second[1]["tool_calls"][0]["function"]["arguments"].as_str().unwrap();
        assert!(serde_json::from_str::<Value>(past).unwrap().is_object(), "{past}");
        assert_eq!(result_text(&sandbox), "It rains in Florence");
    }
}

#[tokio::test]
async fn a_call_of_an_unknown_tool_is_returned_with_the_known_names() {
    let sandbox = scripted([calls(&[("a", "the weather", FLORENCE)]), says("Well")]).await;
    let run = run(&sandbox, &weather()).await;
    assert_eq!(run.steps()[0].results()[0].outcome(), ToolOutcome::UnknownTool);
    let result_text = result_text(&sandbox);
    assert!(
        result_text.contains("tool `the weather` does not exist") && result_text.contains("`weather`."),
        "{result_text}"
    );
    // Services would reject the conversation because of an invalid name.
    assert_eq!(sent(&sandbox, 1)[1]["tool_calls"][0]["function"]["name"], "the_weather");
    assert_eq!(run.steps()[0].results()[0].call().name(), "the weather");
}

#[tokio::test]
async fn the_calls_of_a_turn_run_concurrently() {
    let (barrier, sandbox) = (Arc::new(Barrier::new(2)), {
        scripted([calls(&[("a", "weather", FLORENCE), ("b", "weather", FLORENCE)]), says("Yes")]).await
    });
    let tools = Tools::new().with("weather", move |_: Weather| {
        let barrier = Arc::clone(&barrier);
        async move { barrier.wait().await.is_leader() }
    });
    // If the tools ran one after the other, the first one would never end.
    let run = run(&sandbox, &tools).await;
    assert_eq!(run.steps()[0].results().len(), 2);
}

#[tokio::test]
async fn results_keep_the_order_of_the_calls() {
    let sandbox =
        scripted([calls(&[("a", "slow", "{}"), ("b", "none", "{}"), ("c", "quick", "{}")]), says("Yes")])
            .await;
    let quick = Arc::new(Notify::new());
    let waiting = Arc::clone(&quick);
    let nothing = |name| ToolDefinition::without_arguments(name).unwrap();
    let tools = Tools::new()
        .with_definition(nothing("slow"), move |_: Value| {
            let waiting = Arc::clone(&waiting);
            async move { waiting.notified().await }
        })
        .with_definition(nothing("quick"), move |_: Value| {
            quick.notify_one();
            async {}
        });
    run(&sandbox, &tools).await;
    let ids: Vec<_> = sent(&sandbox, 1)[2..].iter().map(|message| message["tool_call_id"].clone()).collect();
    assert_eq!(ids, ["a", "b", "c"]);
}

#[tokio::test]
async fn a_refused_call_is_not_run_and_the_model_receives_the_reason() {
    let (count, approval_count) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let sandbox = scripted([
        calls(&[
            ("a", "weather", r#"{"city":"Rome"}"#),
            ("b", "weather", FLORENCE),
            ("c", "none", "{}"),
            ("d", "weather", "{}"),
        ]),
        says("Yes"),
    ])
    .await;
    let (counted, asking) = (Arc::clone(&count), Arc::clone(&approval_count));
    let tools = Tools::new()
        .with("weather", move |_: Weather| {
            // Before the future: nothing of a closure may run before it is approved.
            counted.fetch_add(1, Ordering::Relaxed);
            async {}
        })
        .with_approval(move |call| {
            asking.fetch_add(1, Ordering::Relaxed);
            async move {
                if call.arguments_text().contains("Rome") {
                    Approval::refuse("not Rome")
                } else {
                    Approval::Run
                }
            }
        });
    let run = run(&sandbox, &tools).await;
    let outcomes: Vec<_> = run.steps()[0].results().iter().map(ToolResult::outcome).collect();
    assert_eq!(
        outcomes,
        [ToolOutcome::Refused, ToolOutcome::Returned, ToolOutcome::UnknownTool, ToolOutcome::BadArguments]
    );
    assert_eq!((count.load(Ordering::Relaxed), approval_count.load(Ordering::Relaxed)), (1, 2));
    let refused = sent(&sandbox, 1)[2]["content"].as_str().unwrap().to_owned();
    assert!(refused.contains("refused") && refused.contains("not Rome"), "{refused}");
}

#[tokio::test]
async fn repeated_ids_of_a_server_become_unique() {
    let both = || calls(&[("0", "weather", FLORENCE), ("0", "weather", FLORENCE)]);
    let sandbox = scripted([both(), both(), says("Yes")]).await;
    let run = run(&sandbox, &weather()).await;
    let last = sent(&sandbox, 2);
    let called: Vec<_> = [&last[1], &last[4]]
        .iter()
        .flat_map(|turn| turn["tool_calls"].as_array().unwrap())
        .map(|call| call["id"].as_str().unwrap().to_owned())
        .collect();
    let answered: Vec<_> =
        [&last[2], &last[3], &last[5], &last[6]].map(|m| m["tool_call_id"].clone()).to_vec();
    assert_eq!(called, answered);
    let different: std::collections::HashSet<_> = called.iter().collect();
    assert_eq!(different.len(), 4, "{called:?}");
    assert_eq!(run.steps()[1].results()[0].call().id(), called[2]);
    // Mistral's tokenizer takes no others.
    let ours: Vec<_> = called.iter().filter(|id| *id != "0").collect();
    assert_eq!(ours.len(), 3, "{called:?}");
    assert!(
        ours.iter().all(|id| id.len() == 9 && id.chars().all(|c| c.is_ascii_alphanumeric())),
        "{called:?}"
    );
}

#[tokio::test]
async fn calls_in_the_format_of_tgi_are_run() {
    let sandbox = Sandbox::builder().with_dialect(Dialect::Tgi3).start().await.unwrap();
    let run = driver(&sandbox)
        .run_tools("The weather in city=Florence?".into(), &weather(), ToolLimits::default())
        .await
        .unwrap();
    assert!(run.text().contains("It rains in Florence"), "{}", run.text());
}

#[tokio::test]
async fn text_next_to_calls_is_kept() {
    let sandbox =
        scripted([calls_saying(Some("Let me look."), &[("a", "weather", FLORENCE)]), says("Yes")]).await;
    let run = run(&sandbox, &weather()).await;
    assert_eq!(run.steps()[0].response().text(), "Let me look.");
    let turn = &sent(&sandbox, 1)[1];
    assert_eq!(turn["content"], "Let me look.");
    assert_eq!(turn["tool_calls"][0]["id"], "a");
    assert_eq!(run.messages()[1].content().len(), 1);
}

#[tokio::test]
async fn a_required_call_applies_to_the_first_turn_only() {
    for (choice, first, second) in [
        (ToolChoice::Required, json!("required"), Value::Null),
        (
            ToolChoice::Function("weather".into()),
            json!({ "type": "function", "function": { "name": "weather" } }),
            Value::Null,
        ),
        (ToolChoice::Auto, json!("auto"), json!("auto")),
    ] {
        let sandbox = scripted([calls(&[("a", "weather", FLORENCE)]), says("Yes")]).await;
        let request = GenerateRequest::from("Rain?").with_tool_choice(Some(choice));
        driver(&sandbox).run_tools(request, &weather(), ToolLimits::default()).await.unwrap();
        let requests = sandbox.requests();
        assert_eq!(requests[0].body()["tool_choice"], first);
        assert_eq!(requests[1].body()["tool_choice"], second);
        assert!(requests[1].body()["tools"].is_array());
    }
}

/// A driver that must not receive a request.
#[derive(Debug)]
struct Unasked;

#[async_trait]
impl BotticelliDriver for Unasked {
    async fn generate(&self, request: GenerateRequest) -> ModelsResult<GenerateResponse> {
        panic!("{request:?}")
    }
    async fn generate_stream(&self, request: GenerateRequest) -> ModelsResult<ChunkStream> {
        panic!("{request:?}")
    }
    fn provider_name(&self) -> &'static str {
        "unasked"
    }
    fn model_name(&self) -> &'static str {
        "org/model"
    }
}

#[tokio::test]
async fn an_invalid_run_is_rejected_before_anything_is_sent() {
    let plain = || GenerateRequest::from("Rain?");
    let two = GenerateRequest::builder().messages(vec![Message::user("Rain?")]).n(2).build().unwrap();
    let own = plain().with_tools(vec![ToolDefinition::without_arguments("own").unwrap()]);
    let missing = plain().with_tool_choice(Some(ToolChoice::Function("none".into())));
    let named = |name: &str| Tools::new().with(name, |_: Weather| async {});
    for (request, tools, words) in [
        (plain(), weather().with("weather", |_: Weather| async {}), "\"weather\" twice"),
        (plain(), named("the weather"), "letters, digits"),
        (plain(), named(""), "a function has a name"),
        (plain(), Tools::new().with("list", |_: Vec<u8>| async {}), "Wrap it into an object"),
        (own, weather(), "Add all tools to `Tools`"),
        (two, weather(), "a run continues from one choice"),
        (missing, weather(), "there is no such tool"),
        (Vec::<Message>::new().into(), weather(), "Give at least one"),
    ] {
        let error = Unasked.run_tools(request, &tools, ToolLimits::default()).await.unwrap_err();
        assert_eq!(error.error().category(), botticelli::ErrorCategory::InvalidRequest);
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.run().steps().is_empty());
    }
}

#[tokio::test]
async fn a_panic_in_a_tool_is_not_caught() {
    let sandbox = scripted([calls(&[("a", "weather", FLORENCE)])]).await;
    let driver = driver(&sandbox);
    let run = tokio::spawn(async move {
        let tools = Tools::new()
            .with("weather", |w: Weather| async move { assert!(w.city.is_empty(), "the tool's own") });
        driver.run_tools("Rain?".into(), &tools, ToolLimits::default()).await.map(|_| ())
    });
    assert!(run.await.unwrap_err().is_panic());
}

#[tokio::test]
async fn a_request_continues_a_run_and_keeps_its_turns() {
    let sandbox = scripted([calls(&[("a", "weather", FLORENCE)]), says("Yes"), says("No")]).await;
    let driver: Arc<dyn BotticelliDriver> = Arc::new(driver(&sandbox));
    let request = vec![Message::system("Be short"), Message::user("Rain?")].into();
    let first = driver.run_tools(request, &weather(), ToolLimits::default()).await.unwrap();
    let request = GenerateRequest::from(first.messages().to_vec()).with_message("And tomorrow?");
    let second = driver.run_tools(request, &weather(), ToolLimits::default()).await.unwrap();
    assert_eq!(second.text(), "No");
    let roles: Vec<_> = sent(&sandbox, 2).iter().map(|message| message["role"].clone()).collect();
    assert_eq!(roles, ["system", "user", "assistant", "tool", "assistant", "user"]);
    assert_eq!(second.messages().len(), 7);
}

#[tokio::test]
async fn without_tools_the_run_is_one_response() {
    let sandbox = scripted([says("Yes")]).await;
    let run = run(&sandbox, &Tools::new()).await;
    assert_eq!((run.text().as_ref(), run.steps().len()), ("Yes", 1));
    assert_eq!(sandbox.requests()[0].body()["tools"], Value::Null);
}
