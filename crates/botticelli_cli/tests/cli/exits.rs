//! Exit codes: one enum, one table, and a run for each of them.

use crate::program::{Home, Run, Server};
use botticelli::sandbox::{Fault, Sandbox, Script};
use botticelli_cli::Exit;
use serde_json::json;
use std::io::Read;

const GUIDE: &str = include_str!("../../README.md");

#[test]
fn the_table_of_the_guide_has_every_exit_code() {
    let rows: Vec<String> =
        Exit::ALL.iter().map(|exit| format!("| {} | {} |", exit.code(), exit.meaning())).collect();
    let table: Vec<&str> = GUIDE
        .lines()
        .filter(|line| {
            line.strip_prefix("| ").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        })
        .collect();
    assert_eq!(table, rows);
}

#[test]
fn every_exit_code_has_a_run() {
    let runs = Exit::ALL.map(|exit| (exit, run_of(exit)));
    for (exit, run) in runs {
        assert_eq!(run.code, i32::from(exit.code()), "{exit:?}: {run:?}");
        let is_silent = exit == Exit::Complete;
        assert_eq!(run.err.is_empty(), is_silent, "{exit:?}: {run:?}");
    }
}

fn run_of(exit: Exit) -> Run {
    let home = Home::new();
    let fault = |fault: &str| home.run(&[&format!("--sandbox={fault}"), "--retries", "0", "hi"]);
    match exit {
        Exit::Complete => home.run(&["--sandbox", "hi"]),
        Exit::Failed => fault("cut-after-head"),
        Exit::Usage => home.run(&["--sandbox", "--no-such-option"]),
        Exit::Configuration => home.run(&["hi"]),
        Exit::Refused => fault("permission-403"),
        Exit::RateLimited => fault("overloaded-429"),
        Exit::NoBudget => fault("credits-402"),
        Exit::Incomplete => fault("end-after-events=3"),
        Exit::Timeout => home.run(&[
            "--sandbox=silence-after-head",
            "--retries",
            "0",
            "--first-token-timeout",
            "50ms",
            "hi",
        ]),
        Exit::Asleep => fault("paused-400"),
        Exit::Schema => {
            let message = json!({"role": "assistant", "content": "[1]"});
            let choice = json!({"index": 0, "message": message, "finish_reason": "stop"});
            let reply = Script::json(200, json!({"choices": [choice], "model": "m"}));
            let mut builder = Sandbox::builder();
            for _ in 0..12 {
                builder = builder.with_turn(reply.clone());
            }
            Home::at(&Server::start(builder)).run(&["--schema", "name", "hi"])
        }
        Exit::Interrupted => interrupted(),
        other => panic!("{other:?} has no run"),
    }
}

/// Returns a run that Ctrl-C ends after the first words.
fn interrupted() -> Run {
    let server = Server::start(Sandbox::builder().with_turn(Fault::silence_after(3)));
    let mut child = Home::at(&server).command(&["hi"]).spawn().unwrap();
    let mut first = [0; 7];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    assert_eq!(&first, b"This is");
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let run = Run::of(child.wait_with_output().unwrap());
    server.wait_until_disconnected();
    run
}

#[test]
fn an_interrupted_answer_says_how_much_arrived() {
    let run = interrupted();
    assert_eq!(run.out, "\n");
    assert!(run.err.contains("the answer is incomplete, 7 characters arrived"), "{run:?}");
}

#[test]
fn an_answer_cut_by_the_token_limit_is_incomplete() {
    let run = Home::new().run(&["--sandbox", "-o", "max_tokens=3", "hi"]);
    assert_eq!(run.code, 7);
    assert!(!run.out.is_empty() && run.err.contains("-o max_tokens=N"), "{run:?}");
}

#[test]
fn a_budget_refuses_before_anything_is_sent() {
    let server = Server::start(Sandbox::builder());
    let model = "openai/gpt-oss-20b:fireworks-ai";
    let home = Home::at(&server);
    home.file("c.toml", "[llm.huggingface]\ncatalog_prices = true\n");
    let run = home.run(&["--config", "c.toml", "-m", model, "--max-cost", "0.000001", "hi"]);
    assert_eq!(run.code, 6, "{run:?}");
    assert_eq!(server.bodies().len(), 0);
}

#[test]
fn without_a_token_two_lines_say_what_to_do() {
    let run = Home::new().run(&["hi"]);
    assert_eq!((run.code, run.err.lines().count(), run.out.as_str()), (3, 2, ""), "{run:?}");
    assert!(run.err.contains("HF_TOKEN") && run.err.contains("--sandbox") && run.err.contains("--local"));
}

/// Returns the start of a command line for a batch run of `reviews.csv`.
fn batch<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [&["batch", "run", "reviews.csv", "--sandbox"], arguments].concat()
}

#[test]
fn a_mistake_in_the_command_line_is_wrong_usage() {
    let home = Home::new().with("HF_TOKEN", Sandbox::TOKEN);
    home.file("reviews.csv", "id,text\n1,Strong colors\n");
    home.file("empty.csv", "");
    home.file("no-cassette.json", "{}");
    home.file("folder/file", "");
    home.file("broken.gguf", "not a model");
    let done = home.run(&batch(&["-o", "done.csv", "-p", "First {{ text }}"]));
    assert_eq!(done.code, 0, "{done:?}");
    let offline = ["--endpoint", "http://127.0.0.1:9/v1"];
    let cases: Vec<(Vec<&str>, &str)> = vec![
        (vec!["-m", "openai/gpt-oss-20b:cheepest", "hi"], "cheapest"),
        ([&offline[..], &["-m", "", "hi"]].concat(), "not a valid model name"),
        (vec!["--sandbox", "-o", "temperature=-1", "hi"], "-o temperature"),
        (vec!["--sandbox", "-o", "reasoning_effort=", "hi"], "reasoning_effort"),
        (vec!["--endpoint", "nowhere", "hi"], "not a URL"),
        (vec!["--bill-to", "", "hi"], "bill_to"),
        (vec!["--sandbox", "--record", "folder", "hi"], "cassette cannot be written"),
        (vec!["replay", "missing.json", "hi"], "missing.json"),
        (vec!["replay", "no-cassette.json", "hi"], "not a cassette"),
        (vec!["--local", "-m", "missing.gguf", "hi"], "missing.gguf"),
        (vec!["--local", "-m", "broken.gguf", "hi"], "broken.gguf"),
        (vec!["--sandbox", "--schema", "{\"type\":\"nope\"}", "hi"], "nope"),
        (vec!["batch", "run", "missing.csv", "-o", "x.csv", "--sandbox", "-p", "x"], "missing.csv"),
        (vec!["batch", "run", "-", "-o", "x.csv", "--sandbox", "-p", "x"], "cannot be a pipe"),
        (vec!["batch", "run", "empty.csv", "-o", "x.csv", "--sandbox", "-p", "x"], "no row"),
        (vec!["batch", "run", "folder", "-o", "x.csv", "--sandbox", "-p", "x"], "folder"),
        (batch(&["-o", "x.csv", "-p", "{{ nope }}"]), "no column `nope`"),
        (batch(&["-o", "x.csv", "-p", "{{ nope"]), "syntax error"),
        (batch(&["-o", "x.csv", "-p", "{{ text }}", "--schema", "text str"]), "--column-prefix"),
        (batch(&["-o", "x.csv", "-p", "x", "--images", "nope"]), "no column `nope`"),
        (batch(&["-o", "x.csv"]), "-p TEMPLATE"),
        (batch(&["-o", "x.csv", "-p", "{{ text }}", "--concurrency", "0"]), "--concurrency"),
        (batch(&["-o", "x.csv", "-p", "{{ text }}", "--limit", "0"]), "--limit"),
        (batch(&["-o", "reviews.csv", "-p", "{{ text }}"]), "an input of the run"),
        (batch(&["-o", "x.csv", "-p", "Classify: {text}"]), "--repeats"),
        (batch(&["-o", "done.csv", "-p", "Second {{ text }}"]), "--restart"),
    ];
    for (arguments, words) in cases {
        let run = home.run(&arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {run:?}");
        assert!(run.err.contains(words) && run.out.is_empty(), "{arguments:?}: {run:?}");
    }
}

#[test]
fn the_same_mistakes_in_the_file_are_a_wrong_configuration() {
    for table in [
        "model = \"openai/gpt-oss-20b:cheepest\"",
        "provider = \"gguf\"\nmodel = \"./missing.gguf\"",
        "[llm.huggingface]\nbase_url = \"nowhere\"",
        "[llm.huggingface]\nbill_to = \"\"",
        "[llm.generation]\ntemperature = -1",
        "[llm.cassette]\npath = \"missing.json\"\nmode = \"replay\"",
        "[llm.cache]\nstore = \"mysql://x\"",
        "[llm.cache]\nmax_bytes = 0",
        "[llm.budget]\nper_day = \"1\"\nledger = \"/\"",
    ] {
        let home = Home::new().with("HF_TOKEN", Sandbox::TOKEN);
        home.file(".config/botticelli/config.toml", format!("[llm]\n{table}\n"));
        let run = home.run(&["hi"]);
        assert_eq!(run.code, 3, "{table}: {run:?}");
    }
}
