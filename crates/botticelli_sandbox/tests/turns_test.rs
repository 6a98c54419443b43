//! Which call gets which fault: by turns, and by the model that is asked for.

#![allow(clippy::unwrap_used, reason = "a failed helper is a failed test")]

mod common;

use botticelli_sandbox::{Dialect, Fault, Sandbox, Script, Turn};
use common::{CHAT, chat, exchange, hello, hello_with, post_as};
use serde_json::{Value, json};

fn asking(model: &str) -> Value {
    hello_with(json!({ "model": model }))
}

#[tokio::test]
async fn a_fault_answers_every_call_if_it_is_the_only_turn() {
    let sandbox = Sandbox::builder().on_chat(Fault::status(503)).start().await.unwrap();
    for _ in 0..3 {
        assert_eq!(chat(&sandbox, &hello()).await.status, 503);
    }
}

#[tokio::test]
async fn scripts_faults_and_answers_take_turns_and_the_last_one_stays() {
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
async fn an_answer_by_turn_is_the_usual_one_its_checks_included() {
    let sandbox = Sandbox::builder().on_chat(Turn::Answer).start().await.unwrap();
    let usual = Sandbox::start().await.unwrap();
    assert_eq!(chat(&sandbox, &hello()).await, chat(&usual, &hello()).await);
    assert_eq!(exchange(&sandbox, post_as(CHAT, None, "{}")).await.status, 401);
}

#[tokio::test]
async fn faults_bend_the_answer_of_the_dialect() {
    for dialect in Dialect::ALL {
        let sandbox = Sandbox::builder()
            .dialect(*dialect)
            .on_chat(Fault::named("crlf").unwrap())
            .start()
            .await
            .unwrap();
        let answer = chat(&sandbox, &hello_with(json!({ "stream": true }))).await;
        assert!(answer.text().contains("}\r\n\r\ndata:"), "{dialect}: {}", answer.text());
        assert!(answer.is_complete);
    }
}

#[tokio::test]
async fn a_model_orders_a_fault() {
    let sandbox = Sandbox::start().await.unwrap();
    assert_eq!(chat(&sandbox, &asking("fault/overloaded-429")).await.status, 429);
    assert_eq!(chat(&sandbox, &asking("fault/status=418")).await.status, 418);
    assert_eq!(chat(&sandbox, &asking("fault/empty-503:cheapest")).await.status, 503);
    // Those that bend an answer bend that of a model that exists.
    let answer = chat(&sandbox, &asking("fault/pretty-json")).await;
    assert_eq!(answer.json()["model"], "openai/gpt-oss-20b");
    assert!(answer.content().contains("sandbox"));
    assert_eq!(chat(&sandbox, &hello()).await.status, 200);
}

#[tokio::test]
async fn an_order_may_be_for_the_first_calls_only() {
    let sandbox = Sandbox::start().await.unwrap();
    let call = asking("fault/overloaded-429*2");
    for expected in [429, 429, 200, 200] {
        assert_eq!(chat(&sandbox, &call).await.status, expected);
    }
    // Another order is counted by itself.
    assert_eq!(chat(&sandbox, &asking("fault/status=500*1")).await.status, 500);
    assert_eq!(chat(&sandbox, &asking("fault/status=500*1")).await.status, 200);
    assert_eq!(chat(&sandbox, &asking("fault/overloaded-429")).await.status, 429);
}

#[tokio::test]
async fn an_order_needs_the_token_and_does_not_count_without() {
    let sandbox = Sandbox::start().await.unwrap();
    let call = asking("fault/overloaded-429*1");
    let refused = exchange(&sandbox, post_as(CHAT, Some("hf_wrong"), &call.to_string())).await;
    assert_eq!(refused.status, 401);
    assert_eq!(chat(&sandbox, &call).await.status, 429);
    assert_eq!(chat(&sandbox, &call).await.status, 200);
}

#[tokio::test]
async fn an_order_that_makes_no_sense_is_explained() {
    let sandbox = Sandbox::start().await.unwrap();
    for (model, says) in [
        ("fault/overloadet-429", "did you mean `overloaded-429`?"),
        ("fault/crlf=1", "takes no number"),
        ("fault/crlf*many", "a whole number of calls must follow the `*`"),
        ("fault/", "unknown fault ``"),
    ] {
        let answer = chat(&sandbox, &asking(model)).await;
        assert_eq!(answer.status, 400, "{model}");
        assert_eq!(answer.json()["error"]["code"], "model_not_found");
        assert!(answer.json()["error"]["message"].as_str().unwrap().contains(says), "{}", answer.text());
    }
}

#[tokio::test]
async fn turns_come_before_orders() {
    let sandbox = Sandbox::builder().on_chat(Fault::status(503)).on_chat(Turn::Answer).start().await.unwrap();
    for expected in [503, 429] {
        assert_eq!(chat(&sandbox, &asking("fault/overloaded-429")).await.status, expected);
    }
}
