//! The table of a budget, and impossible limits.

use botticelli_core::Usd;
use botticelli_error::BotticelliError;
use botticelli_layers::budget::{Budget, BudgetConfig};
use serde_json::json;

fn refusal(budget: &Budget) -> String {
    budget.validate().unwrap_err().to_string()
}

fn parse(table: serde_json::Value) -> Result<BudgetConfig, String> {
    serde_json::from_value(table).map_err(|error| error.to_string())
}

#[test]
fn contradictory_limits_are_refused() {
    let cent = Usd::parse("0.01").unwrap();
    let dime = Usd::parse("0.10").unwrap();
    assert_eq!(
        refusal(&Budget::per_call(dime).with_per_month(cent)),
        "Budget: `per_call` cannot be $0.10 because `per_month` is only $0.01. Give at most $0.01."
    );
    assert!(refusal(&Budget::per_day(dime).with_per_month(cent)).contains("`per_day`"));
    assert!(refusal(&Budget::tokens_per_call(10).with_tokens_per_run(9)).contains("`tokens_per_call`"));
    assert!(refusal(&Budget::tokens_per_day(0)).contains("no call has 0 tokens"));
    // Different units do not contradict each other, and a run may last for months.
    Budget::per_call(cent).with_tokens_per_day(1).with_per_month(dime).validate().unwrap();
    Budget::per_run(dime).with_per_month(cent).validate().unwrap();
}

#[test]
fn names_that_would_mix_up_a_ledger_are_refused() {
    let budget = || Budget::per_month(Usd::parse("1").unwrap());
    for (budget, expected) in [
        (
            budget().with_account("a\nb"),
            "Budget: `account` cannot be \"a\\nb\" because it contains a control character.",
        ),
        (
            budget().with_account("a/day"),
            "Budget: `account` cannot be \"a/day\" because it contains a slash.",
        ),
        (
            budget().with_run("a\u{1f}b"),
            "Budget: `run` cannot be \"a\\u{1f}b\" because it contains a control character.",
        ),
        (budget().with_run("a/b"), "Budget: `run` cannot be \"a/b\" because it contains a slash."),
        (
            budget().with_credit_account("a\tb"),
            "Budget: `credit_account` cannot be \"a\\tb\" because it contains a control character.",
        ),
    ] {
        let error = refusal(&budget);
        assert!(error.starts_with(expected), "{error}");
    }
    let config = parse(json!({ "per_month": "1", "account": "a\nb" })).unwrap();
    assert!(Budget::from_config(&config).unwrap_err().to_string().contains("`account`"));
    // The name of a credit account may be the address of a server.
    budget()
        .with_account("Größe 1")
        .with_credit_account("http://host/v1")
        .with_run("nightly 2")
        .validate()
        .unwrap();
}

#[test]
fn a_budget_without_a_limit_is_refused() {
    let error = Budget::from_config(&BudgetConfig::default()).unwrap_err();
    assert_eq!(error.to_string(), "Budget: `per_month` is missing. Set at least one limit.");
}

#[test]
fn amounts_are_texts_or_numbers_of_dollars() {
    for (amount, nanos) in
        [(json!("0.10"), 100_000_000), (json!(0.1), 100_000_000), (json!(2), 2_000_000_000)]
    {
        let config = parse(json!({ "per_month": amount })).unwrap();
        let text = format!("{config:?}");
        assert!(text.contains(&nanos.to_string()), "{text}");
    }
    for (amount, reason) in [
        (json!("-0.1"), "negative"),
        (json!(-1), "negative"),
        (json!("0.10 EUR"), "not a number of US dollars"),
        (json!("ten cents"), "not a decimal number"),
        (json!("NaN"), "not a decimal number"),
        (json!("1e3"), "not a number of US dollars"),
        (json!("0.0000000001"), "more than nine decimals"),
        (json!("99999999999999999999"), "too large"),
        (json!(""), "no amount"),
        (json!(1e300), "too large"),
        (json!(true), "boolean"),
    ] {
        let error = parse(json!({ "per_month": amount.clone() })).unwrap_err();
        assert!(error.contains(reason), "{amount}: {error}");
    }
}

#[test]
fn the_password_of_a_server_is_hidden() {
    let config = parse(json!({ "ledger": "redis://user:secret@host" })).unwrap();
    let shown = format!("{config:?} {config:#?}");
    assert!(shown.contains("redis://host") && !shown.contains("secret"), "{shown}");
}

#[test]
fn unknown_keys_and_words_are_refused() {
    assert!(parse(json!({ "per_moth": "1" })).unwrap_err().contains("per_moth"));
    assert!(parse(json!({ "on_unknown_price": "maybe" })).unwrap_err().contains("maybe"));
}

#[test]
fn a_ledger_of_an_unknown_kind_is_refused() {
    let open = |ledger: &str| -> Result<Budget, BotticelliError> {
        Budget::from_config(&parse(json!({ "per_month": "1", "ledger": ledger })).unwrap())
    };
    open("memory").unwrap();
    let error = open("postgres://user:secret@host/db").unwrap_err().to_string();
    assert!(error.contains("ledger postgres://host/db: this kind of address is unknown"), "{error}");
    assert!(open("").unwrap_err().to_string().contains("name is empty"));
    #[cfg(not(feature = "sqlite"))]
    for place in ["user", "ledger.sqlite"] {
        let error = open(place).unwrap_err().to_string();
        assert!(error.contains("Enable the feature `sqlite`") && !error.contains("`user`,"), "{error}");
    }
}
