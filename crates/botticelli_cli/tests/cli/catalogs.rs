//! `models`: prices, filters and sorting.

use crate::program::Home;
use serde_json::json;
use std::time::SystemTime;

fn models(arguments: &[&str]) -> Vec<serde_json::Value> {
    let run = Home::new().run(&[&["models", "--sandbox", "--json"], arguments].concat());
    assert_eq!(run.code, 0, "{run:?}");
    run.json().as_array().unwrap().clone()
}

fn routes(arguments: &[&str]) -> Vec<String> {
    models(arguments).iter().map(|model| model["route"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn models_are_sorted_by_price_and_unknown_prices_come_last() {
    let found = routes(&["gpt-oss-20b"]);
    let expected =
        ["fireworks-ai", "together", "groq", "hf-inference"].map(|name| format!("openai/gpt-oss-20b:{name}"));
    assert_eq!(found, expected);
    assert_eq!(routes(&["gpt-oss-20b", "--sort", "throughput"])[0], "openai/gpt-oss-20b:groq");
    assert_eq!(models(&["gpt-oss-20b"])[0]["usd_per_million_out"], "0.18");
}

#[test]
fn each_filter_leaves_out_other_models() {
    let all = models(&[]).len();
    let is_less = |arguments: &[&str], fits: &dyn Fn(&serde_json::Value) -> bool| {
        let found = models(arguments);
        assert!(!found.is_empty() && found.len() < all, "{arguments:?}");
        assert!(found.iter().all(fits), "{arguments:?}: {found:?}");
    };
    is_less(&["--tools"], &|model| model["supports_tools"] != false);
    is_less(&["--schemas"], &|model| model["supports_structured_output"] != false);
    is_less(&["--images"], &|model| model["model"] != "openai/gpt-oss-20b");
    is_less(&["--context", "100000"], &|model| {
        model["context_length"].as_u64().is_none_or(|tokens| tokens >= 100_000)
    });
    is_less(&["--provider", "groq"], &|model| model["provider"] == "groq");
    is_less(&["--max-price", "0.25"], &|model| model["usd_per_million_out"].is_string());
    is_less(&["--limit", "2"], &|_| true);
}

#[test]
fn a_list_for_people_has_columns_and_fits_the_terminal() {
    let run = Home::new().run(&["models", "--sandbox", "gpt-oss-20b"]);
    assert!(
        run.out.starts_with("model ") && run.out.contains("0.050  0.180  65536    204       tools schemas"),
        "{run:?}"
    );
    assert!(run.err.contains("USD per million tokens"));
}

#[test]
fn one_model_is_shown_with_its_providers() {
    let run = Home::new().run(&["models", "show", "--sandbox", "openai/gpt-oss-20b:groq"]);
    assert!(
        run.code == 0 && run.out.contains("reads text, writes text") && run.out.contains("fireworks-ai"),
        "{run:?}"
    );
    let json = Home::new().run(&["models", "show", "--sandbox", "--json", "openai/gpt-oss-20b"]).json();
    assert_eq!(json["id"], "openai/gpt-oss-20b");
    let run = Home::new().run(&["models", "show", "--sandbox", "openai/gpt-oss-21b"]);
    assert!(run.code == 4 && run.err.contains("botticelli models gpt-oss-21b"), "{run:?}");
}

#[test]
fn a_search_without_a_result_is_a_failure() {
    let run = Home::new().run(&["models", "--sandbox", "no-such-model"]);
    assert!(run.code == 1 && run.out.is_empty() && run.err.contains("no model fits"), "{run:?}");
    assert_eq!(models(&["no-such-model"]).len(), 0);
}

/// Writes the catalog of the router to the cache of a home, as an earlier call left it there.
fn with_catalog(home: &Home) {
    let model = home.run(&["models", "show", "--sandbox", "--json", "openai/gpt-oss-20b"]).json();
    let add = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let source = "https://router.huggingface.co/v1/models".bytes().fold(0xcbf2_9ce4_8422_2325, add);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let stored = json!({"source": source, "fetched": now, "models": [model]});
    home.file(".cache/botticelli/models.json", stored.to_string());
}

#[test]
fn prices_need_no_token() {
    let home = Home::new();
    with_catalog(&home);
    let found = home.run(&["models", "--json"]);
    assert!(found.code == 0 && found.json().as_array().unwrap().len() == 4, "{found:?}");
    assert_eq!(home.run(&["models", "show", "openai/gpt-oss-20b"]).code, 0);
    let arguments = ["-m", "openai/gpt-oss-20b:fireworks-ai", "-o", "max_tokens=100", "hi"];
    let estimate = home.run(&[&["estimate"], &arguments[..]].concat());
    assert!(estimate.code == 0 && estimate.out.contains("at most $0.0000"), "{estimate:?}");
    let dry = home.run(&[&["--dry-run"], &arguments[..]].concat());
    assert!(dry.code == 0 && dry.out.starts_with("POST https://router.huggingface.co/v1/"), "{dry:?}");
    assert!(dry.out.contains("\"content\": \"hi\"") && dry.out.contains("at most $0.0000"), "{dry:?}");
    // A call needs one, and so does a token that the configuration names.
    let call = home.run(&arguments);
    assert!(call.code == 3 && call.err.contains("--sandbox PROMPT"), "{call:?}");
    home.file("named.toml", "[llm.auth]\napi_key_env = \"MINE\"\n");
    let named = home.run(&["--config", "named.toml", "models"]);
    assert!(named.code == 3 && named.err.contains("MINE"), "{named:?}");
}
