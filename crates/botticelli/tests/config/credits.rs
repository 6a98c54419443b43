//! Accounts without credits: whose calls stop, and whose go on.

use crate::layers::{build, good, no_credits, request, service};
use botticelli::{BotticelliDriver, Environment, ErrorCategory, config_from_toml, driver_from};
use botticelli_sandbox::{Sandbox, Script};

#[tokio::test]
async fn when_the_credits_are_gone_the_own_machine_answers() {
    let (paid, local) = (service([no_credits()]).await, service([good(), good()]).await);
    let tables = format!(
        "[llm.budget]\nper_month = \"0.10\"\n\
         [[llm.fallback]]\nmodel = \"smollm2\"\nbase_url = \"{}\"\non = [\"credits_exhausted\", \"budget\"]\n",
        local.base_url()
    );
    let driver = build(&paid, &tables).unwrap();
    for _ in 0..2 {
        let response = driver.generate(request()).await.unwrap();
        assert_eq!((&*response.text(), response.requested_model()), ("Well", Some("smollm2")));
        let [skipped] = response.skipped_routes() else { panic!("{:?}", response.skipped_routes()) };
        assert_eq!(skipped.route(), "org/model");
    }
    assert_eq!((paid.requests().len(), local.requests().len()), (1, 2));
}

#[tokio::test]
async fn a_paid_route_to_another_server_has_its_own_credits() {
    let (first, other) = (service([no_credits()]).await, service([good(), good()]).await);
    let tables = format!(
        "[llm.budget]\nper_month = \"1\"\n\
         [[llm.fallback]]\nmodel = \"small\"\nbase_url = \"{}\"\nprice = {{ prompt = 1, completion = 1 }}\n",
        other.base_url()
    );
    let driver = build(&first, &tables).unwrap();
    for _ in 0..2 {
        assert_eq!(driver.generate(request()).await.unwrap().requested_model(), Some("small"));
    }
}

#[tokio::test]
async fn a_route_with_another_key_has_its_own_credits() {
    // The account without credits is asked once. With the same key, the other route is not asked at all.
    for (variable, sent) in [("SECOND", &["FIRST", "SECOND", "SECOND"][..]), ("FIRST", &["FIRST"][..])] {
        let sandbox = service([no_credits(), good()]).await;
        let text = format!(
            "[llm]\nprovider = \"huggingface\"\nmodel = \"org/model\"\n[llm.auth]\napi_key_env = \"FIRST\"\n\
             [llm.budget]\nper_month = \"1\"\n[llm.huggingface]\nbase_url = \"{}\"\n\
             price = {{ prompt = 1, completion = 1 }}\n\
             [[llm.fallback]]\nmodel = \"org/other\"\napi_key_env = \"{variable}\"\n",
            sandbox.base_url()
        );
        let environment = Environment::empty().with("FIRST", "sk-first-key").with("SECOND", "sk-second-key");
        let driver = driver_from(&config_from_toml(&text).unwrap(), environment).unwrap();
        for _ in 0..2 {
            let answer = driver.generate(request()).await.map_err(|error| error.category());
            let refused = Err(ErrorCategory::CreditsExhausted);
            assert!(if sent.len() > 1 { answer.is_ok() } else { answer.map(drop) == refused }, "{variable}");
        }
        let key = |first: bool| if first { "FIRST" } else { "SECOND" };
        let keys: Vec<_> =
            sandbox.requests().iter().map(|request| key(request.has_token("sk-first-key"))).collect();
        assert_eq!(keys, sent);
    }
}

#[tokio::test]
async fn a_route_that_another_organization_pays_for_has_its_own_credits() {
    for (payer, sent) in [("rich", &["poor", "rich", "rich"][..]), ("poor", &["poor"][..])] {
        let sandbox = service([no_credits(), good()]).await;
        let tables = format!(
            "bill_to = \"poor\"\n[llm.budget]\nper_month = \"1\"\n\
             [[llm.fallback]]\nmodel = \"org/other\"\nbill_to = \"{payer}\"\n"
        );
        let driver = build(&sandbox, &tables).unwrap();
        for _ in 0..2 {
            assert_eq!(driver.generate(request()).await.is_ok(), sent.len() > 1, "{payer}");
        }
        let requests = sandbox.requests();
        let payers: Vec<_> =
            requests.iter().map(|request| request.header("x-hf-bill-to").unwrap_or_default()).collect();
        assert_eq!(payers, sent);
    }
}

#[tokio::test]
async fn two_servers_with_the_same_model_have_their_own_credits() {
    let (first, second) = (service([no_credits()]).await, service([no_credits()]).await);
    let third = service([good()]).await;
    let route = |server: &Sandbox| {
        format!(
            "[[llm.fallback]]\nmodel = \"small\"\nbase_url = \"{}\"\nprice = {{ prompt = 1, completion = 1 }}\n",
            server.base_url()
        )
    };
    let tables = format!("[llm.budget]\nper_month = \"1\"\n{}{}", route(&second), route(&third));
    let driver = build(&first, &tables).unwrap();
    for _ in 0..2 {
        assert_eq!(driver.generate(request()).await.unwrap().text(), "Well");
    }
    assert_eq!([&first, &second, &third].map(|server| server.requests().len()), [1, 1, 2]);
}

/// The account has credits for smaller requests, so the budget must not refuse calls until the month ends.
#[tokio::test]
async fn a_request_that_is_too_expensive_stops_no_other() {
    let too_expensive = Script::json(
        402,
        r#"{"error":{"message":"This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens, but can only afford 3919.","code":402}}"#,
    );
    let sandbox = service([too_expensive.clone(), good()]).await;
    let driver = build(&sandbox, "[llm.budget]\nper_month = \"1\"\n").unwrap();
    let error = driver.generate(request()).await.unwrap_err();
    assert_eq!((error.category(), error.status()), (ErrorCategory::BudgetExceeded, Some(402)));
    assert!(!error.may_be_billed() && !error.is_retryable());
    driver.generate(request()).await.unwrap();

    // Another route answers this call, and the first one the next.
    let (paid, local) = (service([too_expensive, good()]).await, service([good()]).await);
    let tables = format!(
        "[[llm.fallback]]\nmodel = \"small\"\nbase_url = \"{}\"\non = [\"budget\"]\n",
        local.base_url()
    );
    let driver = build(&paid, &tables).unwrap();
    for answered in ["small", "org/model"] {
        let response = driver.generate(request()).await.unwrap();
        assert_eq!(response.requested_model(), Some(answered));
    }
}
