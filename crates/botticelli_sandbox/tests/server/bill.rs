//! The bill has the price of what the sandbox generated.

use botticelli_sandbox::{BillEntry, Dialect, Fault, Sandbox, Script, Turn};
use serde_json::{Value, json};

use crate::common::{chat, exchange, get, hello, hello_with, post, streaming, with_dialect, with_scripts};

fn last(sandbox: &Sandbox) -> BillEntry {
    sandbox.bill().entries().last().unwrap().clone()
}

/// Tokens of the usage: prompt and completion.
fn tokens(usage: &Value) -> (u64, u64) {
    (usage["prompt_tokens"].as_u64().unwrap(), usage["completion_tokens"].as_u64().unwrap())
}

#[tokio::test]
async fn a_response_costs_its_tokens_at_the_price_of_its_provider() {
    let sandbox = Sandbox::start().await.unwrap();
    // Picodollars per token, prompt and completion.
    for (model, provider, prices) in [
        ("openai/gpt-oss-20b", "groq", (75_000, 300_000)),
        ("openai/gpt-oss-20b:together", "together", (50_000, 200_000)),
        ("openai/gpt-oss-20b:cheapest", "fireworks-ai", (50_000, 180_000)),
        ("Qwen/Qwen3-32B:groq", "groq", (290_000, 590_000)),
    ] {
        for n in [1, 3] {
            let response = chat(&sandbox, &hello_with(json!({"model": model, "n": n}))).await;
            let (prompt, completion) = tokens(&response.json()["usage"]);
            let entry = last(&sandbox);
            assert_eq!((entry.provider, entry.completed), (provider, true));
            assert_eq!((entry.prompt_tokens, entry.completion_tokens), (prompt, completion));
            let pico: u64 = prompt * prices.0 + completion * prices.1;
            assert_eq!(entry.nano_dollars, Some(pico.div_ceil(1_000)), "{model}");
        }
    }
    let sum: u64 = sandbox.bill().entries().filter_map(|entry| entry.nano_dollars).sum();
    assert_eq!((sandbox.bill().nano_dollars(), sandbox.bill().responses()), (sum, 8));
}

#[tokio::test]
async fn a_free_provider_costs_nothing_and_an_unpriced_one_has_no_amount() {
    let sandbox = Sandbox::start().await.unwrap();
    chat(&sandbox, &hello_with(json!({"model": "microsoft/DialoGPT-small"}))).await;
    assert_eq!(last(&sandbox).nano_dollars, Some(0));
    chat(&sandbox, &hello_with(json!({"model": "openai/gpt-oss-20b:hf-inference"}))).await;
    assert_eq!(last(&sandbox).nano_dollars, None);
    assert_eq!(sandbox.bill().nano_dollars(), 0);
}

#[tokio::test]
async fn a_rejected_request_and_a_script_cost_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    for body in [json!({"model": "openai/gpt-oss-20b"}), hello_with(json!({"model": "no/such"})), json!([])] {
        assert_ne!(chat(&sandbox, &body).await.status, 200);
    }
    for fault in ["overloaded-429", "credits-402", "status=503"] {
        if let Ok(fault) = Fault::named(fault) {
            let body = hello_with(json!({"model": format!("fault/{fault}")}));
            assert_ne!(chat(&sandbox, &body).await.status, 200);
        }
    }
    exchange(&sandbox, get("/v1/models")).await;
    let scripted = with_scripts([Script::json(200, "{}")]).await;
    chat(&scripted, &hello()).await;
    assert_eq!((sandbox.bill().responses(), scripted.bill().responses()), (0, 0));
}

#[tokio::test]
async fn a_stream_costs_as_much_as_a_plain_response_in_every_dialect() {
    for dialect in Dialect::ALL {
        let sandbox = with_dialect(*dialect).await;
        chat(&sandbox, &hello()).await;
        let plain = last(&sandbox);
        chat(&sandbox, &streaming(hello())).await;
        assert_eq!(last(&sandbox), plain, "{dialect}");
    }
}

#[tokio::test]
async fn a_stream_that_ends_early_costs_its_tokens_up_to_the_cut() {
    let whole = Sandbox::start().await.unwrap();
    chat(&whole, &streaming(hello())).await;
    let whole = last(&whole);
    let mut before = 0;
    for events in 1..=8 {
        let builder = Sandbox::builder().with_turn(Fault::end_after(events)).with_turn(Turn::Default);
        let sandbox = builder.start().await.unwrap();
        let response = chat(&sandbox, &streaming(hello())).await;
        let pieces = u64::try_from(response.deltas().iter().filter(|text| !text.is_empty()).count()).unwrap();
        let entry = last(&sandbox);
        assert_eq!((entry.completed, entry.prompt_tokens), (false, whole.prompt_tokens));
        assert_eq!(entry.completion_tokens, pieces, "{events}");
        assert!(entry.completion_tokens >= before && entry.nano_dollars <= whole.nano_dollars);
        before = entry.completion_tokens;
    }
    assert!(before > 0);
    // A plain response was generated before it was cut.
    let sandbox = Sandbox::builder().with_turn(Fault::end_after(1)).start().await.unwrap();
    chat(&sandbox, &hello()).await;
    assert_eq!((last(&sandbox).completed, last(&sandbox).nano_dollars), (false, whole.nano_dollars));
}

#[tokio::test]
async fn a_text_completion_is_billed_too() {
    let sandbox = Sandbox::start().await.unwrap();
    let body = json!({"model": "google/gemma-2b", "prompt": "Once upon a time", "max_tokens": 5});
    let response = exchange(&sandbox, post("/v1/completions", &body.to_string())).await;
    let entry = last(&sandbox);
    assert_eq!(tokens(&response.json()["usage"]), (entry.prompt_tokens, entry.completion_tokens));
    let tgi = with_dialect(Dialect::Tgi3).await;
    exchange(
        &tgi,
        post("/generate", &json!({"inputs": "Once", "parameters": {"max_new_tokens": 5}}).to_string()),
    )
    .await;
    assert_eq!(last(&tgi).completion_tokens, 5);
}

#[tokio::test]
async fn the_bill_is_sent_over_http_and_is_not_a_request_of_its_own() {
    let sandbox = Sandbox::start().await.unwrap();
    chat(&sandbox, &hello()).await;
    let bill = exchange(&sandbox, get("/bill")).await.json();
    let entry = last(&sandbox);
    assert_eq!(bill["nano_dollars"].as_u64(), Some(sandbox.bill().nano_dollars()));
    assert_eq!(
        bill["entries"],
        json!([{
            "model": entry.model, "provider": entry.provider, "prompt_tokens": entry.prompt_tokens,
            "completion_tokens": entry.completion_tokens, "nano_dollars": entry.nano_dollars, "completed": true,
        }])
    );
    assert_eq!(sandbox.requests().len(), 1);
    let total = format!("total {} nano-dollars\n", sandbox.bill().nano_dollars());
    assert!(sandbox.bill().to_string().ends_with(&total));
}
