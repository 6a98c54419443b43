//! `batch`: a table in, columns out.

use crate::program::{Home, Run, Server};
use botticelli::sandbox::{Fault, Sandbox, Turn};
use serde_json::json;

const REVIEWS: &str = "id,text\n1,Strong colors\n2,It came late\n3,Strong colors\n";
const PROMPT: &str = "Sentiment of {{ text }}";

fn home() -> Home {
    let home = Home::new();
    home.file("reviews.csv", REVIEWS);
    home
}

fn batch(home: &Home, command: &str, arguments: &[&str]) -> Run {
    home.run(&[&["batch", command, "reviews.csv", "-p", PROMPT], arguments].concat())
}

#[test]
fn every_row_gets_typed_columns() {
    let home = home();
    let run = batch(&home, "run", &["--sandbox", "-o", "labels.csv", "--schema", "mood good|bad"]);
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{run:?}");
    assert!(
        run.err.contains("3 of 3 rows answered, 0 failed, $0.0000") && run.err.contains("labels.csv"),
        "{run:?}"
    );
    let table = std::fs::read_to_string(home.path().join("labels.csv")).unwrap();
    assert!(table.starts_with("id,text,mood,error\n1,Strong colors,good,\n"), "{table}");
}

#[test]
fn a_report_can_be_json() {
    let json = batch(&home(), "run", &["--sandbox", "-o", "labels.jsonl", "--json", "-q"]).json();
    assert_eq!((&json["complete"], &json["rows"], &json["requests"]), (&json!(true), &json!(3), &json!(2)));
}

#[test]
fn a_dry_run_and_a_sample_write_nothing() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    home.file("reviews.csv", REVIEWS);
    let dry = batch(&home, "run", &["-o", "labels.csv", "--dry-run"]);
    assert!(dry.code == 0 && dry.out.starts_with("3 rows, 2 requests left"), "{dry:?}");
    assert_eq!(server.bodies().len(), 0);
    let sample = batch(&home, "run", &["--sample", "1"]);
    let line = sample.json();
    assert_eq!(line["prompt"], "Sentiment of Strong colors");
    assert!(line["answer"]["answer"].as_str().unwrap().contains("Strong colors"), "{line}");
    assert_eq!(
        std::fs::read_dir(home.path())
            .unwrap()
            .filter(|entry| { entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("labels") })
            .count(),
        0
    );
}

#[test]
fn failed_rows_are_an_incomplete_answer_and_can_be_sent_again() {
    let server = Server::start(Sandbox::builder().with_turn(Fault::status(422)).with_turn(Turn::Default));
    let home = Home::at(&server);
    home.file("reviews.csv", REVIEWS);
    let first = batch(&home, "run", &["-o", "labels.csv", "--concurrency", "1"]);
    assert!(first.code == 7 && first.err.contains("--retry-failed"), "{first:?}");
    let status = batch(&home, "status", &["-o", "labels.csv"]);
    assert!(status.out.starts_with("3 rows, 0 requests left"), "{status:?}");
    let again = batch(&home, "run", &["-o", "labels.csv", "--retry-failed"]);
    assert_eq!(again.code, 0, "{again:?}");
}

#[test]
fn exhausted_credits_stop_a_run_which_continues_later() {
    let server = Server::start(
        Sandbox::builder().with_turn(Turn::Default).with_turn(Fault::status(402)).with_turn(Turn::Default),
    );
    let home = Home::at(&server);
    home.file("reviews.csv", REVIEWS);
    let first = batch(&home, "run", &["-o", "labels.csv", "--concurrency", "1"]);
    assert!(first.code == 6 && first.err.contains("The same command continues the run."), "{first:?}");
    assert!(home.path().join("labels.partial.csv").exists());
    let second = batch(&home, "run", &["-o", "labels.csv", "--concurrency", "1"]);
    assert_eq!(second.code, 0, "{second:?}");
    assert_eq!(server.bodies().len(), 3);
}

#[test]
fn examples_of_the_sandbox_do_not_become_answers_of_a_model() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    home.file("reviews.csv", REVIEWS);
    assert_eq!(batch(&home, "run", &["--sandbox", "-o", "labels.csv"]).code, 0);
    let real = batch(&home, "run", &["-o", "labels.csv"]);
    assert!(real.code == 2 && real.err.contains("--restart") && real.err.contains("--sandbox"), "{real:?}");
    assert_eq!(server.bodies().len(), 0);
    let again = batch(&home, "run", &["-o", "labels.csv", "--restart"]);
    assert_eq!((again.code, server.bodies().len()), (0, 2), "{again:?}");
    assert!(server.bodies().iter().all(|body| body["sandbox"].is_null()));
}

#[test]
fn shards_are_merged_into_one_table() {
    let home = home();
    for shard in ["0/2", "1/2"] {
        let run = batch(&home, "run", &["--sandbox", "-o", "labels.csv", "--shard", shard]);
        assert_eq!(run.code, 0, "{run:?}");
    }
    let merged = batch(&home, "merge", &["--sandbox", "-o", "labels.csv", "--shards", "2"]);
    assert_eq!(merged.code, 0, "{merged:?}");
    assert_eq!(std::fs::read_to_string(home.path().join("labels.csv")).unwrap().lines().count(), 4);
}

#[test]
fn options_and_columns_have_an_effect() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    home.file("reviews.csv", REVIEWS.replace(',', ";"));
    home.file("role.txt", "You judge {{ id }}");
    let arguments = [
        "-o",
        "out.jsonl",
        "--delimiter",
        ";",
        "--option",
        "temperature=0",
        "--limit",
        "1",
        "-s",
        "@role.txt",
        "--columns",
        "model,provider",
        "--answer-column",
        "label",
        "--column-prefix",
        "new_",
    ];
    let run = batch(&home, "run", &arguments);
    assert_eq!(run.code, 0, "{run:?}");
    let body = &server.bodies()[0];
    assert_eq!((&body["temperature"], &body["messages"][0]["content"]), (&json!(0.0), &json!("You judge 1")));
    let row: serde_json::Value =
        serde_json::from_slice(&std::fs::read(home.path().join("out.jsonl")).unwrap()).unwrap();
    let names: Vec<_> = row.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["id", "text", "new_label", "new_model", "new_provider"]);
}

#[test]
fn wrong_tables_and_options_are_refused() {
    let home = home();
    let refused = [
        (&["-o", "x.csv", "--shard", "4/4"][..], 2, "--shard"),
        (&["-o", "x.csv", "--shard", "one"], 2, "0/4"),
        (&["-o", "x.csv", "--columns", "price"], 2, "cost_nano_dollars"),
        (&["-o", "x.csv", "--delimiter", "||"], 2, "--delimiter"),
        (&[], 2, "-o OUT"),
        (&["-o", "x.docx"], 2, "x.docx"),
        (&["-o", "x.csv", "--system", "{{ txt }}"], 2, "Did you mean `text`?"),
    ];
    for (arguments, code, words) in refused {
        let run = batch(&home, "run", &[&["--sandbox"], arguments].concat());
        assert!(run.code == code && run.err.contains(words), "{run:?}");
    }
}

/// A line of a file for OpenAI's batch endpoint.
fn request_line() -> String {
    let body = json!({
        "model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 77, "temperature": 0.9,
    });
    json!({"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": body}).to_string()
}

#[test]
fn generation_parameters_are_a_part_of_the_identity_of_a_run() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    home.file("reviews.csv", REVIEWS);
    let run = |value: &str| batch(&home, "run", &["-o", "labels.csv", "--option", value]);
    assert_eq!(run("seed=5").code, 0);
    for other in ["seed=6", "temperature=0", "max_tokens=500", "stop=END", "top_k=4"] {
        let run = run(other);
        assert!(run.code == 2 && run.err.contains("set of options"), "{other}: {run:?}");
    }
    assert_eq!((run("seed=5").code, server.bodies().len()), (0, 2));
    // The place of a parameter makes no difference.
    let seed = |seed: u32| {
        let file = home.file(
            "seed.toml",
            format!("[llm]\nmodel = \"openai/gpt-oss-20b:cheapest\"\n[llm.generation]\nseed = {seed}\n"),
        );
        batch(&home, "run", &["--config", &file.display().to_string(), "-o", "labels.csv"])
    };
    let same = seed(5);
    assert_eq!((same.code, server.bodies().len()), (0, 2), "{same:?}");
    let other = seed(6);
    assert!(other.code == 2 && other.err.contains("set of options"), "{other:?}");
}

#[test]
fn the_model_and_the_options_of_the_command_line_replace_those_of_a_request_file() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    home.file("requests.jsonl", request_line());
    let options = ["--option", "max_tokens=5", "--option", "top_k=3", "--option", "temperature=0"];
    let arguments = ["batch", "run", "requests.jsonl", "-o", "out.jsonl", "-m", "openai/gpt-oss-20b"];
    let run = home.run(&[&arguments[..], &options[..]].concat());
    assert!([0, 7].contains(&run.code), "{run:?}");
    let body = &server.bodies()[0];
    assert_eq!(
        (&body["model"], &body["max_tokens"], &body["temperature"], &body["top_k"]),
        (&json!("openai/gpt-oss-20b"), &json!(5), &json!(0.0), &json!(3))
    );
}

#[test]
fn options_with_a_setting_of_their_own_reach_the_service() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    home.file("reviews.csv", REVIEWS);
    let options = [
        ("logprobs=true", "logprobs", json!(true)),
        ("user=5", "user", json!("5")),
        ("user=\"ada\"", "user", json!("ada")),
        ("stop=\"\\n\\n\"", "stop", json!(["\n\n"])),
        ("logit_bias={\"7\": -1}", "logit_bias", json!({"7": -1.0})),
        (
            "chat_template_kwargs={\"enable_thinking\":false}",
            "chat_template_kwargs",
            json!({"enable_thinking": false}),
        ),
        (
            "chat_template_kwargs={enable_thinking=true}",
            "chat_template_kwargs",
            json!({"enable_thinking": true}),
        ),
        ("guided_regex=[a-z]+", "guided_regex", json!("[a-z]+")),
    ];
    for (at, (option, key, expected)) in options.into_iter().enumerate() {
        let output = format!("out{at}.csv");
        let run = batch(&home, "run", &["-o", &output, "--limit", "1", "--option", option]);
        assert_eq!(run.code, 0, "{option}: {run:?}");
        assert_eq!(server.bodies()[at][key], expected, "{option}");
    }
    for wrong in ["n=many", "logprobs=7", "logit_bias=x"] {
        let run = batch(&home, "run", &["-o", "wrong.csv", "--option", wrong]);
        assert!(
            run.code == 2 && run.err.contains(&format!("-o {}", wrong.split('=').next().unwrap())),
            "{run:?}"
        );
    }
    assert!(!home.path().join("wrong.csv.journal").exists());
}

#[test]
fn answers_at_the_token_limit_are_an_incomplete_answer() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    home.file("reviews.csv", REVIEWS);
    let arguments = ["-o", "labels.csv", "--option", "max_tokens=2", "--json"];
    let run = batch(&home, "run", &arguments);
    assert!(run.code == 7 && run.err.contains("answers cut at the token limit: 3"), "{run:?}");
    assert_eq!((&run.json()["cut"], &run.json()["failed"]), (&json!(3), &json!(0)));
}

#[test]
fn the_shard_of_a_job_is_announced_and_can_be_ignored() {
    let home = home().with("SLURM_ARRAY_TASK_ID", "1").with("SLURM_ARRAY_TASK_COUNT", "2");
    let run = batch(&home, "run", &["--sandbox", "-o", "labels.csv"]);
    assert!(run.code == 0 && run.err.contains("shard 1 of 2") && run.err.contains("--shard none"), "{run:?}");
    assert!(home.path().join("labels.shard-1-of-2.csv").exists());
    let whole = batch(&home, "run", &["--sandbox", "-o", "whole.csv", "--shard", "none"]);
    assert!(whole.code == 0 && whole.err.contains("3 of 3 rows"), "{whole:?}");
    let other = batch(&home, "run", &["--sandbox", "-o", "labels.csv", "--shard", "0/2"]);
    assert_eq!(other.code, 0, "{other:?}");
    let merged = batch(&home, "merge", &["--sandbox", "-o", "labels.csv", "--shards", "2"]);
    assert_eq!(merged.code, 0, "{merged:?}");
}

#[test]
fn the_end_of_a_run_names_the_remedy_that_helps() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    home.file("reviews.csv", "id,text\n1,Strong\n2\n");
    let run = batch(&home, "run", &["-o", "labels.csv", "--columns", "model"]);
    assert!(run.code == 7 && run.err.contains("--columns error adds the reasons"), "{run:?}");
    assert!(run.err.contains("cannot be read") && !run.err.contains("--retry-failed"), "{run:?}");
}

#[test]
fn the_retries_are_those_of_a_row() {
    for (retries, requests) in [("0", 1), ("2", 3)] {
        let server = Server::start(Sandbox::builder().with_turn(Fault::status(500)));
        let home = Home::at(&server);
        home.file("reviews.csv", REVIEWS);
        let model = "[llm]\nmodel = \"openai/gpt-oss-20b\"\n";
        home.file(".config/botticelli/config.toml", format!("{model}[llm.retry]\nbase_delay = 0.001\n"));
        let run = batch(&home, "run", &["-o", "labels.csv", "--limit", "1", "--retries", retries]);
        assert_eq!((run.code, server.bodies().len()), (7, requests), "{run:?}");
    }
}
