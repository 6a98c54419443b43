//! `usage` and `cache`.

use crate::program::{Home, Server};
use botticelli::sandbox::Sandbox;

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
