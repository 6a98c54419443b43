//! Typed values: requested in each mode, checked and repaired.

use crate::common::{
    Event, MODEL, answer, bodies, by, called, dinner, dinner_json, driver, driver_of, ended, event_schema,
    json_kind, never_repaired, refusing, sandbox_with, text_response,
};
use botticelli::schemars::{self, JsonSchema};
use botticelli::{
    BotticelliDriver, BotticelliErrorKind, Cost, DriverExt, ErrorCategory, GenerateRequest, JsonErrorKind,
    Message, TypedMode, TypedOptions, TypedResponse,
};
use botticelli_sandbox::{Sandbox, Script, Turn};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

#[tokio::test]
async fn the_sandbox_returns_an_event_that_matches_the_schema() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = driver(&sandbox);
    let event: TypedResponse<Event> =
        driver.generate_as("title=Dinner kind=concert seats=7".into()).await.unwrap();
    assert_eq!((event.title.as_str(), event.seats), ("Dinner", 7));
    assert_eq!((event.mode(), event.calls()), (TypedMode::JsonSchema, 1));
    assert!(event.repairs().is_empty() && event.fallbacks().is_empty());
    assert_eq!(event.usage(), event.response().usage().copied());
    assert_eq!(event.response().requested_model(), Some(MODEL));
    let format = json!({
        "type": "json_schema",
        "json_schema": {
            "name": "Event",
            "description": "Something to go to.",
            "schema": event_schema(),
            "strict": true,
        },
    });
    let bodies = bodies(&sandbox);
    assert_eq!(bodies[0]["response_format"], format, "{:#}", bodies[0]);
    // A model writes in the order of the schema: that of the fields.
    let text = sandbox.requests()[0].text().to_owned();
    let places: Vec<_> = ["title", "guests", "place", "kind", "seats"]
        .map(|name| text.find(&format!("\"{name}\":{{")).unwrap())
        .into();
    assert!(places.is_sorted(), "{text}");
}

#[tokio::test]
async fn a_tool_is_forced_and_its_arguments_are_the_value() {
    let sandbox = sandbox_with([called("Event", &dinner_json())]).await;
    let driver = driver(&sandbox);
    let event: TypedResponse<Event> =
        driver.generate_as_with("Dinner".into(), &by(TypedMode::ToolCall)).await.unwrap();
    assert_eq!((event.mode(), event.into_value()), (TypedMode::ToolCall, dinner()));
    let body = bodies(&sandbox).remove(0);
    let function =
        json!({"name": "Event", "description": "Something to go to.", "parameters": event_schema()});
    assert_eq!(body["tools"], json!([{"type": "function", "function": function}]));
    assert_eq!(body["tool_choice"], json!({"type": "function", "function": {"name": "Event"}}));
    assert!(body.get("response_format").is_none());

    // The sandbox itself, which reads the choice.
    let sandbox = Sandbox::start().await.unwrap();
    let options = by(TypedMode::ToolCall);
    let event: TypedResponse<Event> =
        crate::common::driver(&sandbox).generate_as_with("seats=9".into(), &options).await.unwrap();
    assert_eq!(event.seats, 9);
}

#[tokio::test]
async fn the_prompt_contains_the_schema() {
    for (mode, format) in
        [(TypedMode::JsonObject, Some(json!({"type": "json_object"}))), (TypedMode::Prompt, None)]
    {
        let sandbox = sandbox_with([text_response(&dinner_json())]).await;
        let request = GenerateRequest::from(vec![Message::system("Be brief."), Message::user("Dinner?")]);
        let event: TypedResponse<Event> =
            driver(&sandbox).generate_as_with(request, &by(mode)).await.unwrap();
        assert_eq!((event.mode(), event.into_value()), (mode, dinner()));
        let body = bodies(&sandbox).remove(0);
        assert_eq!(body.get("response_format"), format.as_ref());
        assert_eq!(body["messages"][0]["content"], "Be brief.");
        let prompt_text = body["messages"][1]["content"].as_str().unwrap();
        assert!(prompt_text.starts_with("Dinner?\n\nAnswer with one JSON object"), "{prompt_text}");
        assert!(prompt_text.ends_with(&event_schema().to_string()), "{prompt_text}");
        assert_eq!(body["messages"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_rejected_mode_selects_the_next_mode() {
    let fenced = format!("Here it is:\n```json\n{}\n```\nAnything else?", dinner_json());
    let sandbox = sandbox_with([refusing(), refusing(), refusing(), text_response(&fenced)]).await;
    let event: TypedResponse<Event> = driver(&sandbox).generate_as("Dinner".into()).await.unwrap();
    assert_eq!((event.mode(), event.calls()), (TypedMode::Prompt, 4));
    let refused: Vec<_> = event.fallbacks().iter().map(|fallback| fallback.mode).collect();
    assert_eq!(refused, [TypedMode::JsonSchema, TypedMode::ToolCall, TypedMode::JsonObject]);
    assert!(event.fallbacks()[0].error.to_string().contains("this is not supported"));
    assert_eq!(*event, dinner());
    assert_eq!(sandbox.requests().len(), 4);
}

#[tokio::test]
async fn a_server_without_a_mode_receives_another_mode() {
    let sandbox = Sandbox::builder().with_dialect(botticelli_sandbox::Dialect::Tgi3).start().await.unwrap();
    let event: TypedResponse<Event> = driver(&sandbox).generate_as("seats=3".into()).await.unwrap();
    assert_eq!((event.mode(), event.seats), (TypedMode::ToolCall, 3));
}

#[tokio::test]
async fn if_all_modes_are_rejected_the_error_is_the_last_rejection() {
    let sandbox = sandbox_with([refusing()]).await;
    let error = driver(&sandbox).generate_as::<Event>("Dinner".into()).await.unwrap_err();
    assert_eq!((error.category(), error.status()), (ErrorCategory::InvalidRequest, Some(400)));
    assert_eq!(sandbox.requests().len(), 4);
}

#[tokio::test]
async fn other_errors_do_not_select_another_mode() {
    for (status, category) in [
        (401, ErrorCategory::Authentication),
        (402, ErrorCategory::CreditsExhausted),
        (403, ErrorCategory::Permission),
        (404, ErrorCategory::NotFound),
        (413, ErrorCategory::TooLarge),
    ] {
        let sandbox = sandbox_with([Script::json(status, "{}")]).await;
        let error = driver(&sandbox).generate_as::<Event>("Dinner".into()).await.unwrap_err();
        assert_eq!(error.category(), category, "{error}");
        assert_eq!(sandbox.requests().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_violation_is_sent_to_the_model_for_repair() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = driver_of(&sandbox, "sandbox/forgetful");
    let event: TypedResponse<Event> = driver.generate_as("title=Dinner seats=4".into()).await.unwrap();
    assert_eq!((event.title.as_str(), event.calls()), ("Dinner", 2));
    let repair = &event.repairs()[0];
    assert_eq!(repair.violations[0].to_string(), "\"title\" is a required property");
    assert!(!repair.written.contains("title"), "{}", repair.written);

    let bodies = bodies(&sandbox);
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[1]["response_format"], bodies[0]["response_format"]);
    let turns = bodies[1]["messages"].as_array().unwrap();
    assert_eq!((&turns[1]["role"], &turns[1]["content"]), (&json!("assistant"), &json!(repair.written)));
    let prompt_text = turns[2]["content"].as_str().unwrap();
    assert!(prompt_text.contains("- \"title\" is a required property"), "{prompt_text}");
    // A service that does not know the response format has not sent the schema to the model.
    assert!(prompt_text.ends_with(&event_schema().to_string()), "{prompt_text}");
}

#[tokio::test]
async fn invalid_arguments_are_repaired_as_text() {
    let wrong = dinner_json().replace("\"Ada\"", "7");
    let sandbox = sandbox_with([called("Event", &wrong), called("Event", &dinner_json())]).await;
    let event: TypedResponse<Event> =
        driver(&sandbox).generate_as_with("Dinner".into(), &by(TypedMode::ToolCall)).await.unwrap();
    assert_eq!(event.repairs()[0].violations[0].path(), "/guests/0/name");
    let body = bodies(&sandbox).remove(1);
    assert_eq!(body["messages"][1], json!({"role": "assistant", "content": wrong}));
    let prompt_text = body["messages"][2]["content"].as_str().unwrap();
    assert!(prompt_text.contains("/guests/0/name: 7 is not of type \"string\""), "{prompt_text}");
    assert_eq!(body["tool_choice"]["function"]["name"], "Event");
}

#[tokio::test]
async fn the_tokens_of_all_responses_are_added_and_one_unknown_count_makes_the_sum_unknown() {
    let sandbox = sandbox_with([text_response("no"), text_response(&dinner_json())]).await;
    let event: TypedResponse<Event> = driver(&sandbox).generate_as("Dinner".into()).await.unwrap();
    let usage = event.usage().unwrap();
    assert_eq!((usage.prompt_tokens(), usage.completion_tokens()), (Some(200), Some(20)));
    assert_eq!((usage.total_tokens(), usage.cached_tokens()), (Some(220), None));
    // A server on this machine is free.
    assert_eq!(event.cost(), Cost::free());

    let silent =
        Script::json(200, json!({"choices": [{"message": {"content": "no"}, "finish_reason": "stop"}]}));
    let sandbox = sandbox_with([silent, text_response(&dinner_json())]).await;
    let event: TypedResponse<Event> = driver(&sandbox).generate_as("Dinner".into()).await.unwrap();
    assert_eq!(event.usage(), None);
}

#[tokio::test]
async fn the_error_after_all_repairs_has_the_last_response_and_all_tokens() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = driver_of(&sandbox, "sandbox/stubborn");
    let error = driver.generate_as::<Event>("title=Dinner".into()).await.unwrap_err();
    assert_eq!((error.category(), error.attempts()), (ErrorCategory::InvalidResponse, 3));
    assert_eq!(
        error.to_string(),
        "the model wrote no output that matches `Event` in 3 attempts with mode `json_schema` (\"title\" is a required \
         property). Describe the expected output in the prompt, use a simpler schema or a stronger model, or allow more \
         repairs."
    );
    let partial = error.partial().unwrap();
    assert!(partial.text().contains("guests") && !partial.text().contains("title"), "{}", partial.text());
    assert!(error.may_be_billed());
    assert_eq!(sandbox.requests().len(), 3);

    let sandbox = sandbox_with([text_response("no")]).await;
    let once =
        crate::common::driver(&sandbox).generate_as_with::<Event>("Dinner".into(), &never_repaired()).await;
    let error = once.unwrap_err();
    assert!(
        error.to_string().contains("in 1 attempt with mode `json_schema` (the answer is not valid JSON"),
        "{error}"
    );
    assert_eq!(error.partial().unwrap().prompt_tokens(), Some(100));
    assert_eq!(sandbox.requests().len(), 1);

    let sandbox = sandbox_with([text_response("no")]).await;
    let error = crate::common::driver(&sandbox).generate_as::<Event>("Dinner".into()).await.unwrap_err();
    assert_eq!(error.partial().unwrap().prompt_tokens(), Some(300), "of all three");
}

#[tokio::test]
async fn a_later_failure_keeps_the_billed_response() {
    let sandbox = sandbox_with([text_response("almost"), Script::json(402, "{}")]).await;
    let error = driver(&sandbox).generate_as::<Event>("Dinner".into()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::CreditsExhausted);
    assert_eq!(error.partial().unwrap().text(), "almost");

    // Not another mode: this one was taken.
    let sandbox = sandbox_with([text_response("almost"), refusing()]).await;
    let error = driver(&sandbox).generate_as::<Event>("Dinner".into()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::InvalidRequest);
    assert_eq!((error.partial().unwrap().text(), sandbox.requests().len()), ("almost", 2));
}

#[tokio::test]
async fn a_truncated_response_is_not_repaired() {
    let sandbox = sandbox_with([ended("{\"title\":\"Din", "length")]).await;
    let request =
        GenerateRequest::builder().messages(vec![Message::user("Dinner")]).max_tokens(10).build().unwrap();
    let error = driver(&sandbox).generate_as::<Event>(request).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the model reached the token limit of 10 before `Event` was complete. Raise `max_tokens`."
    );
    assert!(matches!(json_kind(&error), JsonErrorKind::Truncated { max_tokens: Some(10), .. }));
    assert_eq!(error.partial().unwrap().text(), "{\"title\":\"Din");
    assert_eq!(sandbox.requests().len(), 1);
}

#[tokio::test]
async fn a_refused_or_filtered_response_is_not_repaired() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = driver_of(&sandbox, "sandbox/refusing");
    let error = driver.generate_as::<Event>("Dinner".into()).await.unwrap_err();
    let JsonErrorKind::Refused { message: words } = json_kind(&error) else { panic!("{error:?}") };
    assert_eq!(words, error.partial().unwrap().text());
    assert!(error.to_string().contains(words.as_str()), "{error}");
    assert_eq!(sandbox.requests().len(), 1);

    let sandbox = sandbox_with([ended("{\"title\":", "content_filter")]).await;
    let error = crate::common::driver(&sandbox).generate_as::<Event>("Dinner".into()).await.unwrap_err();
    assert_eq!(json_kind(&error), &JsonErrorKind::Filtered);
    assert_eq!((error.partial().unwrap().text(), sandbox.requests().len()), ("{\"title\":", 1));
}

#[tokio::test]
async fn a_schema_name_is_sent_in_accepted_characters() {
    #[derive(Debug, Deserialize, JsonSchema)]
    #[schemars(rename = "Fête d'été")]
    struct Feast {
        title: String,
    }
    let sandbox = Sandbox::start().await.unwrap();
    let feast: TypedResponse<Feast> = driver(&sandbox).generate_as("title=Feast".into()).await.unwrap();
    assert_eq!(feast.title, "Feast");
    assert_eq!(bodies(&sandbox)[0]["response_format"]["json_schema"]["name"], "F_te_d__t_");
}

#[tokio::test]
async fn a_request_with_its_own_response_format_or_tools_is_not_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = driver(&sandbox);
    let tool = botticelli::ToolDefinition::without_arguments("clock").unwrap();
    let hello = || GenerateRequest::from("Hello");
    for (request, field) in [
        (hello().with_response_format(Some(botticelli::ResponseFormat::JsonObject)), "response_format"),
        (hello().with_tools(vec![tool]), "tools"),
        (hello().with_tool_choice(Some(botticelli::ToolChoice::None)), "tool_choice"),
        (hello().with_messages(Vec::new()), "messages"),
    ] {
        let error = driver.generate_as::<Event>(request.clone()).await.unwrap_err();
        let BotticelliErrorKind::Builder(refused) = error.kind() else { panic!("{error:?}") };
        assert_eq!(refused.field(), field);
        assert!(driver.stream_as::<Event>(request).await.is_err());
    }
    let error =
        driver.generate_as_with::<Event>(hello(), &TypedOptions::default().with_modes([])).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "TypedOptions: `modes` is missing. Name at least one, or omit it to allow all."
    );
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_mode_that_no_provider_supports_is_skipped_by_the_catalog() {
    let sandbox = Sandbox::start().await.unwrap();
    // The server does not reject the mode, but responds in prose.
    let options = TypedOptions::default().with_catalog(true);
    let event: TypedResponse<Event> = driver_of(&sandbox, "Qwen/Qwen3-32B:groq")
        .generate_as_with("seats=5".into(), &options)
        .await
        .unwrap();
    assert_eq!((event.mode(), event.calls(), event.seats), (TypedMode::ToolCall, 1, 5));
    let paths: Vec<_> = sandbox.requests().iter().map(|request| request.path().to_owned()).collect();
    assert_eq!(paths.len(), 2, "{paths:?}");

    // Without the catalog, the driver sends only the typed request.
    let sandbox = Sandbox::start().await.unwrap();
    let result = driver_of(&sandbox, "Qwen/Qwen3-32B:groq")
        .generate_as_with::<Event>("x".into(), &never_repaired())
        .await;
    assert!(result.is_err());
    assert_eq!(sandbox.requests().len(), 1);
}

#[tokio::test]
async fn a_mode_is_skipped_only_if_all_eligible_providers_lack_it() {
    for (model, first) in [
        ("meta-llama/Llama-3.1-8B-Instruct", TypedMode::JsonSchema),
        ("meta-llama/Llama-3.1-8B-Instruct:fastest", TypedMode::JsonSchema),
        ("meta-llama/Llama-3.1-8B-Instruct:cerebras", TypedMode::JsonSchema),
        ("meta-llama/Llama-3.1-8B-Instruct:novita", TypedMode::Prompt),
        ("openai/gpt-oss-120b:cerebras", TypedMode::ToolCall),
        ("microsoft/DialoGPT-small", TypedMode::JsonSchema),
        ("org/unknown", TypedMode::JsonSchema),
    ] {
        let sandbox = sandbox_with([text_response(&dinner_json())]).await;
        let options = TypedOptions::default().with_catalog(true).with_modes([
            TypedMode::JsonSchema,
            TypedMode::ToolCall,
            TypedMode::Prompt,
        ]);
        let event: TypedResponse<Event> =
            driver_of(&sandbox, model).generate_as_with("Dinner".into(), &options).await.unwrap();
        assert_eq!(event.mode(), first, "{model}");
    }
}

#[tokio::test]
async fn every_driver_returns_typed_values() {
    let sandbox = Sandbox::start().await.unwrap();
    let shared: Arc<dyn BotticelliDriver> = Arc::new(driver(&sandbox));
    let event: TypedResponse<Event> = shared.generate_as("seats=2".into()).await.unwrap();
    assert_eq!(event.seats, 2);
    let lent: &dyn BotticelliDriver = &*shared;
    let event: TypedResponse<Event> = lent.generate_as("seats=3".into()).await.unwrap();
    assert_eq!(event.seats, 3);
    let task = tokio::spawn(async move { shared.generate_as::<Event>("seats=4".into()).await });
    assert_eq!(task.await.unwrap().unwrap().seats, 4);
}

#[tokio::test]
async fn the_repair_of_an_empty_response_sends_no_empty_turn() {
    let empty = answer(&json!({"content": ""}), "stop");
    let sandbox = sandbox_with([Turn::from(empty), Turn::from(text_response(&dinner_json()))]).await;
    let event: TypedResponse<Event> = driver(&sandbox).generate_as("Dinner".into()).await.unwrap();
    assert_eq!(event.calls(), 2);
    let body = bodies(&sandbox).remove(1);
    assert_eq!(body["messages"].as_array().unwrap().len(), 1);
    assert!(body["messages"][0]["content"].as_str().unwrap().contains("There was no answer."));
}

#[tokio::test]
async fn a_response_that_the_service_stopped_early_is_not_repaired() {
    for word in ["error", "abort", "cancelled", "network_error"] {
        let sandbox = sandbox_with([ended("{\"title\":\"Din", word), text_response(&dinner_json())]).await;
        let error = driver(&sandbox).generate_as::<Event>("Dinner".into()).await.unwrap_err();
        assert_eq!(error.category(), ErrorCategory::Server, "{error}");
        assert!(error.to_string().contains(word), "{error}");
        let partial = error.partial().unwrap();
        assert_eq!((partial.text(), partial.prompt_tokens()), ("{\"title\":\"Din", Some(100)));
        assert_eq!(sandbox.requests().len(), 1);
    }
    // An unknown finish reason, with an incomplete value.
    let sandbox = sandbox_with([ended("{\"title\":\"Din", "half_time"), text_response(&dinner_json())]).await;
    let error = driver(&sandbox).generate_as::<Event>("Dinner".into()).await.unwrap_err();
    let broken_off = JsonErrorKind::StoppedEarly { schema: "Event".into(), reason: "half_time".into() };
    assert_eq!(json_kind(&error), &broken_off, "{error}");
    assert_eq!(sandbox.requests().len(), 1);
    // An alternative finish reason, with the complete value.
    let sandbox = sandbox_with([ended(&dinner_json(), "end_turn")]).await;
    let event: TypedResponse<Event> = driver(&sandbox).generate_as("Dinner".into()).await.unwrap();
    assert_eq!(*event, dinner());
}

#[tokio::test]
async fn a_typed_request_has_one_choice() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = driver(&sandbox);
    let request = || GenerateRequest::builder().messages(vec![Message::user("Dinner")]).n(2).build().unwrap();
    let schema = botticelli::OutputSchema::new("Event", event_schema()).unwrap();
    for error in [
        driver.generate_as::<Event>(request()).await.unwrap_err(),
        driver.generate_json(request(), schema).await.unwrap_err(),
        driver.stream_as::<Event>(request()).await.err().unwrap(),
    ] {
        let BotticelliErrorKind::Builder(refused) = error.kind() else { panic!("{error:?}") };
        assert_eq!(refused.field(), "n");
    }
    assert!(sandbox.requests().is_empty());
}
