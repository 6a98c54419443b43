//! `usage` and `cache`.

use crate::program::{Home, Server};
use botticelli::sandbox::{Fault, Sandbox, Turn};

const CONFIG: &str = "\
[llm]
model = \"openai/gpt-oss-20b:fireworks-ai\"
[llm.huggingface]
catalog_prices = true
[llm.generation]
max_tokens = 50
[llm.budget]
per_month = \"0.10\"
";

#[test]
fn usage_adds_up_the_calls_of_the_ledger() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    home.file(".config/botticelli/config.toml", CONFIG);
    assert_eq!(home.run(&["usage"]).out, "Nothing is recorded yet.\n");
    home.run(&["hi"]);
    home.run(&["hi"]);
    let json = home.run(&["usage", "--json"]).json();
    assert_eq!((&json["total"]["calls"], &json["total"]["tokens"]), (&2.into(), &68.into()), "{json}");
    let bill = server.sandbox().bill().nano_dollars();
    assert_eq!(
        json["total"]["spent_usd"],
        botticelli::Usd::from_nano_dollars(bill).to_string().trim_start_matches('$')
    );
    assert_eq!(
        (&json["budget"][0]["period"], &json["budget"][0]["left_usd"]),
        (&"month".into(), &"0.09998906".into())
    );
    let text = home.run(&["usage"]).out;
    assert!(text.contains("█") && text.contains("$0.09998906 is left of $0.10 per month"), "{text}");
    assert!(text.contains("fireworks-ai") && text.contains("total"), "{text}");
}

#[test]
fn usage_can_be_a_picture() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    home.run(&["hi"]);
    assert_eq!(home.run(&["usage", "--svg", "cost.svg"]).code, 0);
    let svg = std::fs::read_to_string(home.path().join("cost.svg")).unwrap();
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n") && svg.contains("<rect x="), "{svg}");
}

#[test]
fn the_sandbox_leaves_the_ledger_alone() {
    let home = Home::new();
    home.run(&["--sandbox", "hi"]);
    assert_eq!(home.run(&["usage"]).out, "Nothing is recorded yet.\n");
}

#[test]
fn a_cleared_cache_is_not_used() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    assert!(home.run(&["cache", "ls"]).out.ends_with("botticelli/cache.sqlite  empty\n"));
    home.run(&["--cache", "on", "hi"]);
    assert!(home.run(&["cache", "ls"]).out.contains("kB"));
    assert_eq!(home.run(&["cache", "clear"]).code, 0);
    home.run(&["--cache", "on", "hi"]);
    assert_eq!(server.bodies().len(), 2);
}

#[test]
fn the_cache_lists_answers_and_what_they_save_but_no_texts() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    home.file(".config/botticelli/config.toml", CONFIG);
    home.run(&["--cache", "on", "hi"]);
    let list = home.run(&["cache", "ls"]).out;
    assert!(
        list.contains("\nchat ") && list.contains("openai/gpt-oss-20b") && list.contains("$0.00000547"),
        "{list}"
    );
    assert!(!list.contains("sandbox, not a model"), "{list}");
    assert!(home.run(&["cache", "ls", "--answers"]).out.contains("This is the Botticelli sandbox"));
    let json = home.run(&["cache", "ls", "--json"]).json();
    let entry = &json["entries"][0];
    assert_eq!((&entry["saves_usd"], &entry["usage"]["total_tokens"]), (&"0.00000547".into(), &34.into()));
    assert_eq!(entry["kind"], "chat");
    assert!(entry["answer"].is_null() && json["bytes"].as_u64() > Some(1000), "{json}");
    assert_eq!(home.run(&["cache", "ls", "--limit", "0", "--json"]).json()["entries"], serde_json::json!([]));
}

#[test]
fn a_part_of_the_cache_can_be_cleared() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    home.run(&["--cache", "on", "hi"]);
    home.run(&["--cache", "on", "-m", "meta-llama/Llama-3.1-8B-Instruct", "hi"]);
    let count = || home.run(&["cache", "ls", "--json"]).json()["entries"].as_array().unwrap().len();
    assert_eq!(count(), 2);
    let young = home.run(&["cache", "clear", "--older-than", "30d"]);
    assert!(young.code == 0 && young.err.contains("removed: 0"), "{young:?}");
    let one = home.run(&["cache", "clear", "--model", "meta-llama/Llama-3.1-8B-Instruct"]);
    assert!(one.err.contains("removed: 1"), "{one:?}");
    assert_eq!(count(), 1);
    let wrong = home.run(&["cache", "clear", "--older-than", "old"]);
    assert!(wrong.code == 2 && wrong.err.contains("30d"), "{wrong:?}");
    assert_eq!(count(), 1);
}

#[test]
fn calls_are_sent_again_after_credits_were_added() {
    let server = Server::start(Sandbox::builder().with_turn(Fault::status(402)).with_turn(Turn::Default));
    let home = Home::at(&server);
    home.file(".config/botticelli/config.toml", CONFIG);
    let ask = || home.run(&["Hello"]);
    assert_eq!(ask().code, 6);
    let refused = ask();
    let remedy = "botticelli usage --clear-exhausted ";
    let account = refused.err.split(remedy).nth(1).and_then(|rest| rest.split('`').next());
    let account = account.unwrap_or_else(|| panic!("{refused:?}"));
    assert_eq!((refused.code, server.bodies().len()), (6, 1));

    let cleared = home.run(&["usage", "--clear-exhausted", account]);
    assert_eq!(cleared.code, 0, "{cleared:?}");
    let answered = ask();
    assert_eq!((answered.code, server.bodies().len()), (0, 2), "{answered:?}");
}

/// The limits in a file are texts or numbers, and hold for one account of the ledger.
#[test]
fn what_is_left_of_every_kind_of_limit_is_shown() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    let left = |budget: &str| {
        let budget = format!("{budget}ledger = \"~/ledger.sqlite\"\n");
        let config = CONFIG.replace("per_month = \"0.10\"\n", &budget);
        home.file(".config/botticelli/config.toml", config);
        assert_eq!(home.run(&["hi"]).code, 0);
        home.run(&["usage", "--json"]).json()["budget"].clone()
    };
    assert_eq!(left("per_month = \"1\"\n")[0]["left_usd"], "0.99999453");
    let number = left("per_month = 1\nper_day = 0.5\n");
    assert_eq!(
        (&number[0]["left_usd"], &number[1]["left_usd"]),
        (&"0.49998906".into(), &"0.99998906".into())
    );
    assert_eq!(left("per_month = 1\naccount = \"other\"\n")[0]["left_usd"], "0.99999453");
    assert_eq!(left("per_month = 1.0\n")[0]["left_usd"], "0.99998359");
}

#[test]
fn a_cache_in_the_home_folder_is_listed() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    home.file(
        ".config/botticelli/config.toml",
        "[llm.cache]\nstore = \"~/answers.sqlite\"\nsampled = true\n",
    );
    assert_eq!(home.run(&["hi"]).code, 0);
    let json = home.run(&["cache", "ls", "--json"]).json();
    assert_eq!(json["entries"].as_array().map(Vec::len), Some(1), "{json}");
    assert!(json["place"].as_str().unwrap().ends_with("/answers.sqlite"), "{json}");
    assert!(!json["place"].as_str().unwrap().contains('~'), "{json}");
}

/// A service without a price is not free.
#[test]
fn calls_of_unknown_cost_are_not_shown_as_free() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    home.file(
        ".config/botticelli/config.toml",
        "[llm]\nmodel = \"openai/gpt-oss-120b:fireworks-ai\"\n[llm.huggingface]\ncatalog_prices = true\n",
    );
    assert_eq!(home.run(&["hi"]).code, 0);
    let json = home.run(&["usage", "--json"]).json();
    assert_eq!(
        (&json["total"]["calls"], &json["total"]["calls_of_unknown_cost"]),
        (&1.into(), &1.into()),
        "{json}"
    );
    let text = home.run(&["usage"]).out;
    let total = text.lines().find(|line| line.starts_with("total")).unwrap_or_default();
    assert!(text.contains("calls of unknown cost") && !total.contains('$'), "{text}");
}

/// Most of a budget may be held for calls whose outcome is unknown.
#[test]
fn a_refusal_names_the_command_that_shows_what_is_left() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    home.file(".config/botticelli/config.toml", CONFIG.replace("0.10", "0.000064"));
    assert_eq!(home.run(&["hi"]).code, 0);
    let run = home.run(&["hi"]);
    assert!(run.code != 0 && run.err.contains("`botticelli usage` shows what was spent"), "{run:?}");
    // A call that is too large for the limit alone has another reason.
    let run = home.run(&["-o", "max_tokens=100000", "hi"]);
    assert!(run.code != 0 && !run.err.contains("botticelli usage"), "{run:?}");
}
