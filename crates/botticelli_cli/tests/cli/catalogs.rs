//! `models`: prices, filters and sorting.

use crate::program::Home;

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
