//! Answers: standard output has the answer and nothing else.

use crate::program::{Home, Run, Server};
use botticelli::sandbox::{Fault, Sandbox, Script, Turn};
use serde_json::json;
use std::io::Read;
use std::process::Stdio;

const ANSWER: &str = "This is the Botticelli sandbox, not a model: it only repeats what you say. You said “hi”. Voilà, every call is answered like this 🎨, at no cost.\n";

/// A chat response with this text.
fn response(text: &str) -> Script {
    let message = json!({"role": "assistant", "content": text});
    Script::json(
        200,
        json!({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "model": "m"}),
    )
}

#[test]
fn a_prompt_without_a_command_is_answered_on_standard_output_alone() {
    let run = Home::new().run(&["--sandbox", "hi"]);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, ANSWER, ""));
}

#[test]
fn a_plain_and_a_streamed_answer_are_equal() {
    let home = Home::new();
    let plain = home.run(&["ask", "--sandbox", "--no-stream", "hi"]);
    assert_eq!((plain.code, plain.out.as_str()), (0, ANSWER));
}

#[test]
fn usage_goes_to_standard_error() {
    let run = Home::new().run(&["-u", "--sandbox", "hi"]);
    assert_eq!(run.out, ANSWER);
    assert!(run.err.contains("5 prompt + 29 completion tokens, $0.000005470 (priced)"), "{run:?}");
    let quiet = Home::new().run(&["-u", "-q", "--sandbox", "hi"]);
    assert_eq!(quiet.err, "");
}

#[test]
fn a_verbose_call_has_the_facts_of_its_span_and_no_text() {
    let server = Server::start(Sandbox::builder().with_turn(Fault::status(503)).with_turn(Turn::Default));
    let home = Home::at(&server);
    home.file(".config/botticelli/config.toml", "[llm.retry]\nbase_delay = 0.1\nmax_delay = 0.1\n");
    let run = home.run(&["-v", "Secret plans"]);
    assert_eq!(run.code, 0, "{run:?}");
    for fact in [
        "chat request.model=openai/gpt-oss-20b:cheapest",
        "response.model=",
        "provider=fireworks-ai",
        "input_tokens=6",
        "output_tokens=",
        "finish_reason=stop",
        "first_chunk=",
        "retries=1",
        "cost=",
    ] {
        assert!(run.err.contains(fact), "{fact} is not in {run:?}");
    }
    assert!(!run.err.contains("Secret") && run.out.contains("Secret plans"), "{run:?}");
    let failed = Home::new().run(&["-v", "--sandbox=permission-403", "hi"]);
    assert!(failed.code == 4 && failed.err.contains("error=permission"), "{failed:?}");
    assert_eq!(Home::new().run(&["-v", "-q", "--sandbox", "hi"]).err, "");
}

#[test]
fn json_has_the_answer_its_usage_and_its_cost() {
    let json = Home::new().run(&["--json", "--sandbox", "hi"]).json();
    assert_eq!(json["text"].as_str(), Some(ANSWER.trim_end()));
    assert_eq!(json["complete"], true);
    assert_eq!(json["usage"]["completion_tokens"], 29);
    assert_eq!(json["cost"], json!({"usd": "0.000005470", "source": "priced"}));
}

#[test]
fn json_lines_are_the_chunks_and_one_last_line() {
    let run = Home::new().run(&["--jsonl", "--sandbox", "hi"]);
    let lines: Vec<serde_json::Value> =
        run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (last, chunks) = lines.split_last().unwrap();
    let text: String = chunks.iter().map(|chunk| chunk["text"].as_str().unwrap()).collect();
    assert_eq!(text, ANSWER.trim_end());
    assert!(chunks.len() > 5 && chunks.iter().all(|chunk| chunk["type"] == "text"));
    assert_eq!((&last["type"], &last["finish_reason"]), (&json!("end"), &json!("stop")));
}

#[test]
fn a_failed_call_is_json_too_if_json_is_wanted() {
    let run = Home::new().run(&["--json", "--sandbox=cut-after-events=3", "--retries", "0", "hi"]);
    let json = run.json();
    assert_eq!(run.code, 7);
    assert_eq!((&json["text"], &json["complete"]), (&json!("This is"), &json!(false)));
    assert_eq!(json["error"]["exit_code"], 7);
    assert!(run.err.starts_with("error: "), "{run:?}");
    let lines = Home::new().run(&["--jsonl", "--sandbox=cut-after-events=3", "--retries", "0", "hi"]);
    let last: serde_json::Value = serde_json::from_str(lines.out.lines().last().unwrap()).unwrap();
    assert_eq!((&last["type"], lines.code), (&json!("error"), 7));
}

#[test]
fn a_schema_of_fields_gives_json_of_these_fields() {
    let run = Home::new().run(&["--sandbox", "--schema", "name, age int, mood good|bad", "Ada is 36"]);
    let json = run.json();
    assert_eq!(run.code, 0);
    assert!(json["name"].is_string() && json["age"].is_i64());
    assert!(matches!(json["mood"].as_str(), Some("good" | "bad")));
}

#[test]
fn a_schema_can_be_a_file() {
    let home = Home::new();
    let schema = json!({"title": "Painter", "type": "object", "properties": {"born": {"type": "integer"}}, "required": ["born"], "additionalProperties": false});
    home.file("painter.json", schema.to_string());
    assert!(home.run(&["--sandbox", "--schema", "painter.json", "Ada"]).json()["born"].is_i64());
}

#[test]
fn fields_that_are_not_a_schema_are_refused_with_an_example() {
    for schema in ["name string of", "age years", "a, a", "na-me", ""] {
        let run = Home::new().run(&["--sandbox", "--schema", schema, "Ada"]);
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.err.contains("'name, age int"), "{run:?}");
    }
}

#[test]
fn a_dry_run_prints_the_request_and_sends_nothing() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    let run = home.run(&["--dry-run", "-o", "temperature=0", "-o", "top_k=4", "-s", "Be brief", "hi"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.out.starts_with("POST http://127.0.0.1:") && run.out.contains("\"content\": \"Be brief\""));
    assert!(run.out.contains("\"temperature\": 0.0") && run.out.contains("\"top_k\": 4"), "{run:?}");
    assert!(!run.out.contains(Sandbox::TOKEN) && !run.err.contains(Sandbox::TOKEN));
    assert_eq!(server.bodies().len(), 0);
}

#[test]
fn an_estimate_has_a_bound_if_the_provider_has_a_price() {
    let model = "openai/gpt-oss-20b:fireworks-ai";
    let arguments = ["estimate", "--sandbox", "-m", model, "-o", "max_tokens=100", "hi"];
    let run = Home::new().run(&arguments);
    assert!(run.out.starts_with(&format!("{model}: at most $0.0000")), "{run:?}");
    let json = Home::new().run(&[&arguments[..], &["--json"]].concat()).json();
    assert!(json["at_most_usd"].as_str().unwrap().starts_with("0.0000"), "{json}");
}

#[test]
fn a_conversation_continues_only_if_it_is_asked_for() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    assert_eq!(home.run(&["hi"]).code, 0);
    assert!(!home.path().join(".local/state").exists());
    assert_eq!(home.run(&["-c", "My name is Ada"]).code, 0);
    assert_eq!(home.run(&["-c", "What is my name?"]).code, 0);
    assert_eq!(home.run(&["-c=other", "Who?"]).code, 0);
    assert_eq!(home.run(&["-c", "--new", "Again"]).code, 0);
    let counts: Vec<_> =
        server.bodies().iter().map(|body| body["messages"].as_array().unwrap().len()).collect();
    assert_eq!(counts, [1, 1, 3, 1, 1]);
}

#[test]
fn reasoning_is_hidden_shown_or_the_only_output() {
    let reply = || {
        let message = json!({"role": "assistant", "content": "42", "reasoning_content": "6 times 7"});
        let choice = json!({"index": 0, "message": message, "finish_reason": "stop"});
        Script::json(200, json!({"choices": [choice], "model": "m"}))
    };
    let ask = |mode: &str| {
        let server = Server::start(Sandbox::builder().with_turn(reply()));
        Home::at(&server).run(&["--no-stream", "--reasoning", mode, "hi"])
    };
    let (hidden, shown, only) = (ask("hide"), ask("show"), ask("only"));
    assert_eq!((hidden.out.as_str(), hidden.err.as_str()), ("42\n", ""));
    assert_eq!((shown.out.as_str(), shown.err.trim()), ("42\n", "6 times 7"));
    assert_eq!((only.out.as_str(), only.err.as_str()), ("6 times 7\n", ""));
}

#[test]
fn a_closed_pipe_is_a_normal_end() {
    let home = Home::new();
    let mut child = home.command(&["--sandbox=slow-stream=20", "hi"]).spawn().unwrap();
    let mut first = [0];
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut first).unwrap();
    drop(out);
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!((run.code, run.err.as_str()), (0, ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = Home::new().command(&["--sandbox", "hi"]).stdout(Stdio::from(full)).output().unwrap();
    let run = Run::of(output);
    assert_eq!(run.code, 1);
    assert!(run.err.starts_with("error: standard output: "), "{run:?}");
}

#[test]
fn markdown_is_rendered_only_with_colors() {
    let markdown = "# Title\n\nSome **bold** text with `code`.\n\n- one\n- two\n";
    let ask = |arguments: &[&str]| {
        let server = Server::start(Sandbox::builder().with_turn(response(markdown)));
        Home::at(&server).run(&[arguments, &["--no-stream", "hi"]].concat()).out
    };
    assert_eq!(ask(&[]), markdown);
    assert_eq!(ask(&["--color", "always", "--raw"]), markdown);
    let rendered = ask(&["--color", "always"]);
    assert!(rendered.contains("\u{1b}[1;35mTitle\u{1b}[0m\n") && rendered.contains("\u{1b}[1mbold\u{1b}[0m"));
    assert!(rendered.contains("• one\n• two\n") && !rendered.contains("**"), "{rendered:?}");
}

#[test]
fn a_model_cannot_control_the_terminal() {
    let server = Server::start(Sandbox::builder().with_turn(response("a\u{1b}]0;title\u{7}b\u{202e}c")));
    let run = Home::at(&server).run(&["--color", "always", "--no-stream", "hi"]);
    assert_eq!(run.out, "a\\u{1b}]0;title\\u{7}b\\u{202e}c\n");
}

#[test]
fn the_ledger_records_costs_and_no_text() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    assert_eq!(home.run(&["a very secret prompt"]).code, 0);
    let ledger = std::fs::read(home.path().join(".local/share/botticelli/ledger.sqlite")).unwrap();
    let text = String::from_utf8_lossy(&ledger).into_owned();
    assert!(text.contains("gpt-oss-20b") && !text.contains("secret") && !text.contains(Sandbox::TOKEN));
    assert!(!Home::new().path().join(".local").exists());
}
