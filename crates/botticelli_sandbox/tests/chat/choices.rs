//! Several choices, log probabilities, refusals and content filters.

use crate::common::{Response, chat, hello_with, streaming, with_dialect};
use botticelli_sandbox::Dialect;
use serde_json::{Value, json};

async fn respond(dialect: Dialect, fields: Value) -> (Response, Response) {
    let sandbox = with_dialect(dialect).await;
    let request = hello_with(fields);
    (chat(&sandbox, &request).await, chat(&sandbox, &streaming(request)).await)
}

fn is_tgi(dialect: Dialect) -> bool {
    matches!(dialect, Dialect::Tgi2 | Dialect::Tgi3)
}

#[tokio::test]
async fn several_choices_differ_and_tgi_returns_one() {
    for dialect in Dialect::ALL {
        let (plain, stream) = respond(*dialect, json!({ "n": 3 })).await;
        let choices = plain.json()["choices"].as_array().unwrap().clone();
        assert_eq!(choices.len(), if is_tgi(*dialect) { 1 } else { 3 }, "{dialect}");
        let mut texts = vec![String::new(); choices.len()];
        let mut order = Vec::new();
        for event in stream.events() {
            let choice = &event["choices"][0];
            let index = usize::try_from(choice["index"].as_u64().unwrap()).unwrap();
            order.push(index);
            let content = choice["delta"]["content"].as_str().unwrap_or_default();
            texts[index].push_str(content.trim_end_matches("</s>"));
        }
        for (index, choice) in choices.iter().enumerate() {
            assert_eq!(choice["index"], index);
            assert_eq!(choice["message"]["content"], texts[index], "{dialect}");
            assert_eq!(texts.iter().filter(|text| **text == texts[index]).count(), 1);
        }
        // The choices are interleaved.
        let turns = order.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!(is_tgi(*dialect) || turns > 50, "{dialect}: {turns}");
    }
}

#[tokio::test]
async fn usage_counts_all_choices() {
    let tokens = |response: &Response| response.json()["usage"]["completion_tokens"].as_u64().unwrap();
    let one = tokens(&respond(Dialect::Router, json!({})).await.0);
    assert!(tokens(&respond(Dialect::Router, json!({ "n": 2 })).await.0) > 2 * one);
}

#[tokio::test]
async fn too_many_choices_are_rejected() {
    for count in [0, 17] {
        let (response, _) = respond(Dialect::Router, json!({ "n": count })).await;
        assert_eq!((response.status, &response.json()["error"]["param"]), (400, &json!("n")));
    }
}

#[tokio::test]
async fn logprobs_have_bytes_in_the_router_dialect_only() {
    for dialect in [Dialect::Router, Dialect::Tgi2, Dialect::Tgi3] {
        let (plain, stream) = respond(dialect, json!({ "logprobs": true, "top_logprobs": 2 })).await;
        let tokens = plain.choice()["logprobs"]["content"].as_array().unwrap().clone();
        let text: String = tokens.iter().map(|token| token["token"].as_str().unwrap()).collect();
        assert_eq!(text, plain.content());
        for token in &tokens {
            assert!(token["logprob"].as_f64().unwrap() < 0.0);
            assert_eq!(token["top_logprobs"].as_array().unwrap().len(), 2);
            assert_eq!(token["top_logprobs"][0]["token"], token["token"]);
            let bytes = token.get("bytes").map(|_| token["token"].as_str().unwrap().as_bytes());
            assert_eq!(token["bytes"], json!(bytes), "{dialect}");
            assert_eq!(bytes.is_some(), dialect == Dialect::Router);
        }
        let streamed = |event: &Value| event["choices"][0]["logprobs"]["content"].as_array().cloned();
        let streamed: Vec<Value> = stream.events().iter().filter_map(streamed).flatten().collect();
        assert_eq!(streamed, tokens, "{dialect}");
    }
}

#[tokio::test]
async fn together_has_its_own_logprobs_format_and_cerebras_has_none() {
    let fields = json!({ "logprobs": true });
    let (plain, stream) = respond(Dialect::Together, fields.clone()).await;
    let own = &plain.choice()["logprobs"];
    let tokens = own["tokens"].as_array().unwrap();
    assert_eq!(tokens.len(), own["token_logprobs"].as_array().unwrap().len());
    let first = &stream.events()[0]["choices"][0]["logprobs"];
    assert_eq!((&first["tokens"][0], &first["token_logprobs"][0]), (&tokens[0], &own["token_logprobs"][0]));
    let (plain, stream) = respond(Dialect::Cerebras, fields).await;
    assert!(!plain.text().contains("logprobs") && !stream.text().contains("logprobs"));
}

#[tokio::test]
async fn logprobs_are_sent_only_on_request() {
    let (plain, _) = respond(Dialect::Router, json!({ "logprobs": false })).await;
    assert_eq!(plain.choice()["logprobs"], Value::Null);
    let (many, _) = respond(Dialect::Router, json!({ "logprobs": true, "top_logprobs": 21 })).await;
    assert_eq!(many.status, 400);
    let (many, _) = respond(Dialect::Tgi3, json!({ "logprobs": true, "top_logprobs": 6 })).await;
    assert_eq!(many.status, 422);
}

#[tokio::test]
async fn a_refusal_has_its_own_field() {
    let (plain, stream) = respond(Dialect::Router, json!({ "model": "sandbox/refusing" })).await;
    let message = &plain.choice()["message"];
    let refusal = message["refusal"].as_str().unwrap();
    assert!(refusal.contains("refuses"));
    assert_eq!(message.as_object().unwrap().get("content"), Some(&Value::Null));
    let piece = |event: &Value| event["choices"][0]["delta"]["refusal"].as_str().map(str::to_owned);
    let pieces: Vec<String> = stream.events().iter().filter_map(piece).collect();
    assert!(pieces.len() > 3);
    assert_eq!(pieces.concat(), refusal);
    // Dialects without a refusal field put the refusal into the text.
    let (plain, _) = respond(Dialect::Together, json!({ "model": "sandbox/refusing" })).await;
    assert!(plain.content().contains("refuses"));
}

#[tokio::test]
async fn a_content_filter_truncates_the_text() {
    for (dialect, reason) in [
        (Dialect::Router, "content_filter"),
        (Dialect::Together, "content_filter"),
        (Dialect::Cerebras, "content_filter"),
        (Dialect::Tgi3, "stop"),
    ] {
        let (plain, stream) = respond(dialect, json!({ "model": "sandbox/filtered" })).await;
        assert_eq!(plain.choice()["finish_reason"], reason);
        assert_eq!(stream.finish().0, reason);
        assert_eq!(plain.content(), "This text was taken");
    }
}
