//! This machine: commands as tools, cassettes, and models in files.

use crate::program::{Home, Server};
use botticelli::sandbox::{Repository, Sandbox};

const TOOLS: &str = r#"
[get_weather]
description = "Returns the weather of a city"
command = ["echo", "Rain in {city}; $HOME {other}"]
parameters.city = { type = "string" }
"#;
const PROMPT: &str = "get_weather for city=Rome";

/// Runs a prompt that calls a tool, and returns the result that the model got.
fn call(tools: &str, arguments: &[&str]) -> (crate::program::Run, Option<String>) {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server).with("PATH", "/usr/bin:/bin");
    home.file("tools.toml", tools);
    let run = home.run(&[&["--tools", "tools.toml"], arguments, &[PROMPT]].concat());
    let result = server.bodies().get(1).map(|body| {
        let messages = body["messages"].as_array().unwrap();
        messages.iter().find(|message| message["role"] == "tool").unwrap()["content"]
            .as_str()
            .unwrap()
            .to_owned()
    });
    (run, result)
}

#[test]
fn a_command_is_a_tool_and_no_shell_reads_it() {
    let (run, result) = call(TOOLS, &["--yes"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(result.as_deref(), Some("Rain in Rome; $HOME {other}\n"));
    assert!(run.err.contains("Tool get_weather({\"city\":\"Rome\"})"), "{run:?}");
}

#[test]
fn a_call_without_a_terminal_and_without_yes_is_refused() {
    let (run, result) = call(TOOLS, &[]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(result.unwrap().contains("--yes allows all calls"));
}

#[test]
fn the_model_gets_the_reason_of_a_failed_command() {
    let failing = TOOLS.replace(
        "\"echo\", \"Rain in {city}; $HOME {other}\"",
        "\"sh\", \"-c\", \"echo broken >&2; exit 3\"",
    );
    assert!(call(&failing, &["--yes"]).1.unwrap().contains("sh failed (exit status: 3): broken"));
    let missing = TOOLS.replace("\"echo\"", "\"no-such-program\"");
    assert!(call(&missing, &["--yes"]).1.unwrap().contains("no-such-program: "));
    let slow = TOOLS
        .replace("\"echo\", \"Rain in {city}; $HOME {other}\"]", "\"sleep\", \"60\"]\ntimeout_seconds = 1");
    assert!(call(&slow, &["--yes"]).1.unwrap().contains("took longer than 1 s"));
}

#[test]
fn a_file_that_describes_no_tool_is_refused_with_an_example() {
    for text in ["", "[weather]\n", "[weather]\ncommand = []\n", "[weather]\ncomand = [\"x\"]\n", "x"] {
        let (run, _) = call(text, &[]);
        assert_eq!(run.code, 3, "{run:?}");
        assert!(
            run.err.contains("tools.toml") && (run.err.contains("[name]") || run.err.contains("weather")),
            "{run:?}"
        );
    }
}

#[test]
fn a_recorded_call_is_answered_again_without_a_server() {
    let home = Home::new();
    let first = home.run(&["--sandbox", "--record", "call.json", "hi"]);
    assert_eq!(first.code, 0, "{first:?}");
    let again = home.run(&["replay", "call.json", "hi"]);
    assert_eq!((again.code, &again.out), (0, &first.out), "{again:?}");
    let other = home.run(&["replay", "call.json", "something else"]);
    assert!(other.code != 0 && other.err.contains("call.json"), "{other:?}");
    let missing = home.run(&["replay", "none.json", "hi"]);
    assert!(missing.code != 0 && missing.err.contains("none.json"), "{missing:?}");
}

#[test]
fn a_model_is_pulled_listed_and_removed() {
    let server = Server::start(Sandbox::builder().with_repository(
        Repository::model("org/tiny").with_large_file("tiny.Q4_K_M.gguf", vec![7; 3_000_000]),
    ));
    let home = Home::at(&server).with("HF_ENDPOINT", server.sandbox().hub_url());
    let run = home.run(&["pull", "org/tiny:Q4_K_M"]);
    assert!(run.code == 0 && run.out.ends_with("tiny.Q4_K_M.gguf\n"), "{run:?}");
    assert!(run.err.contains("3.0 of 3.0 MB (100 %)"), "{run:?}");
    let list = home.run(&["models", "local"]);
    assert!(list.out.contains("org/tiny  model  3 MB"), "{list:?}");
    assert_eq!(home.run(&["models", "rm", "org/tiny:Q4_K_M"]).code, 0);
    let gone = home.run(&["models", "rm", "org/tiny"]);
    assert!(gone.code == 1 && gone.err.contains("models local"), "{gone:?}");
    let unknown = home.run(&["pull", "org/none"]);
    assert!(unknown.code == 4 && unknown.err.contains("org/none"), "{unknown:?}");
}

#[test]
fn a_file_that_is_not_a_model_is_named() {
    let home = Home::new();
    home.file("fake.gguf", "not a model");
    let run = home.run(&["--local", "-m", "./fake.gguf", "hi"]);
    assert!(run.code == 2 && run.err.contains("fake.gguf"), "{run:?}");
}
