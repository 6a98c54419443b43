//! Faults by turn and by model name.

use crate::common::{CHAT, chat, exchange, hello, hello_with, post_as};
use botticelli_sandbox::{Dialect, Fault, Sandbox, Script, Turn};
use serde_json::{Value, json};

fn request_for(model: &str) -> Value {
    hello_with(json!({ "model": model }))
}

#[tokio::test]
async fn a_single_fault_applies_to_every_call() {
    let sandbox = Sandbox::builder().on_chat(Fault::status(503)).start().await.unwrap();
    for _ in 0..3 {
        assert_eq!(chat(&sandbox, &hello()).await.status, 503);
    }
}

#[tokio::test]
async fn turns_are_used_in_order_and_the_last_one_repeats() {
    let sandbox = Sandbox::builder()
        .on_chat(Fault::named("overloaded-429").unwrap())
        .on_chat(Script::json(500, "{}"))
        .on_chat(Turn::Answer)
        .start()
        .await
        .unwrap();
    for expected in [429, 500, 200, 200] {
        assert_eq!(chat(&sandbox, &hello()).await.status, expected);
    }
}

#[tokio::test]
async fn turn_answer_gives_the_default_response_with_its_checks() {
    let sandbox = Sandbox::builder().on_chat(Turn::Answer).start().await.unwrap();
    let usual = Sandbox::start().await.unwrap();
    assert_eq!(chat(&sandbox, &hello()).await, chat(&usual, &hello()).await);
    assert_eq!(exchange(&sandbox, post_as(CHAT, None, "{}")).await.status, 401);
}

#[tokio::test]
async fn faults_alter_the_response_of_every_dialect() {
    for dialect in Dialect::ALL {
        let sandbox = Sandbox::builder()
            .dialect(*dialect)
            .on_chat(Fault::named("crlf").unwrap())
            .start()
            .await
            .unwrap();
        let response = chat(&sandbox, &hello_with(json!({ "stream": true }))).await;
        assert!(response.text().contains("}\r\n\r\ndata:"), "{dialect}: {}", response.text());
        assert!(response.is_complete);
    }
}

#[tokio::test]
async fn a_model_name_can_request_a_fault() {
    let sandbox = Sandbox::start().await.unwrap();
    assert_eq!(chat(&sandbox, &request_for("fault/overloaded-429")).await.status, 429);
    assert_eq!(chat(&sandbox, &request_for("fault/status=418")).await.status, 418);
    assert_eq!(chat(&sandbox, &request_for("fault/empty-503:cheapest")).await.status, 503);
    // Faults that alter a response alter the one of a real model.
    let response = chat(&sandbox, &request_for("fault/pretty-json")).await;
    assert_eq!(response.json()["model"], "openai/gpt-oss-20b");
    assert!(response.content().contains("sandbox"));
    assert_eq!(chat(&sandbox, &hello()).await.status, 200);
}

#[tokio::test]
async fn a_fault_can_be_requested_for_the_first_calls_only() {
    let sandbox = Sandbox::start().await.unwrap();
    let call = request_for("fault/overloaded-429*2");
    for expected in [429, 429, 200, 200] {
        assert_eq!(chat(&sandbox, &call).await.status, expected);
    }
    // Each model name has its own count.
    assert_eq!(chat(&sandbox, &request_for("fault/status=500*1")).await.status, 500);
    assert_eq!(chat(&sandbox, &request_for("fault/status=500*1")).await.status, 200);
    assert_eq!(chat(&sandbox, &request_for("fault/overloaded-429")).await.status, 429);
}

#[tokio::test]
async fn a_requested_fault_requires_the_token() {
    let sandbox = Sandbox::start().await.unwrap();
    let call = request_for("fault/overloaded-429*1");
    let refused = exchange(&sandbox, post_as(CHAT, Some("hf_wrong"), &call.to_string())).await;
    assert_eq!(refused.status, 401);
    assert_eq!(chat(&sandbox, &call).await.status, 429);
    assert_eq!(chat(&sandbox, &call).await.status, 200);
}

#[tokio::test]
async fn an_invalid_fault_request_is_explained() {
    let sandbox = Sandbox::start().await.unwrap();
    for (model, says) in [
        ("fault/overloadet-429", "did you mean `overloaded-429`?"),
        ("fault/crlf=1", "takes no number"),
        ("fault/crlf*many", "a whole number of calls must follow the `*`"),
        ("fault/", "unknown fault ``"),
    ] {
        let response = chat(&sandbox, &request_for(model)).await;
        assert_eq!(response.status, 400, "{model}");
        assert_eq!(response.json()["error"]["code"], "model_not_found");
        assert!(response.json()["error"]["message"].as_str().unwrap().contains(says), "{}", response.text());
    }
}

#[tokio::test]
async fn turns_take_precedence_over_requested_faults() {
    let sandbox = Sandbox::builder().on_chat(Fault::status(503)).on_chat(Turn::Answer).start().await.unwrap();
    for expected in [503, 429] {
        assert_eq!(chat(&sandbox, &request_for("fault/overloaded-429")).await.status, expected);
    }
}
