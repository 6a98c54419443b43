//! Models on this machine, which run in the process of the command.

use crate::program::Home;
use crate::tiny_model::TinyModel;
use serde_json::json;

/// A home with the file `tiny.gguf`.
fn home(model: &TinyModel) -> Home {
    let home = Home::new();
    home.file("tiny.gguf", model.file().bytes());
    home
}

const LOCAL: [&str; 3] = ["--local", "-m", "./tiny.gguf"];

fn local<'a>(before: &[&'a str], after: &[&'a str]) -> Vec<&'a str> {
    [before, &LOCAL, after].concat()
}

#[test]
fn a_local_model_answers_without_a_token_or_a_network() {
    let home = home(&TinyModel::script(&["Hello", " there"]));
    let run = home.run(&local(&[], &["-u", "Hi"]));
    assert_eq!((run.code, run.out.as_str()), (0, "Hello there\n"), "{run:?}");
    assert!(run.err.contains("free"), "{run:?}");
    let plain = home.run(&local(&["--no-stream"], &["Hi"]));
    assert_eq!((plain.code, plain.out.as_str()), (0, "Hello there\n"), "{plain:?}");
}

#[test]
fn a_local_answer_has_usage_and_no_cost_as_json() {
    let home = home(&TinyModel::script(&["Hello", " there"]));
    let json = home.run(&local(&["--json"], &["Hi"])).json();
    assert_eq!((&json["text"], &json["complete"]), (&json!("Hello there"), &json!(true)));
    assert_eq!(json["cost"]["source"], "free");
    assert!(json["usage"]["completion_tokens"].as_u64() > Some(0), "{json}");
}

#[test]
fn a_local_answer_that_the_limit_cuts_is_incomplete() {
    let home = home(&TinyModel::noise("llama"));
    let run = home.run(&local(&["-o", "max_tokens=3"], &["Hi"]));
    assert!(run.code == 7 && run.err.contains("max_tokens"), "{run:?}");
}

#[test]
fn a_prompt_that_exceeds_the_context_of_a_local_model_is_refused() {
    let home = home(&TinyModel::noise("llama"));
    let run = home.run(&local(&[], &["word ".repeat(300).trim()]));
    assert!(run.code == 4 && run.out.is_empty(), "{run:?}");
}

#[test]
fn an_estimate_and_a_dry_run_of_a_local_model_are_free() {
    let home = home(&TinyModel::script(&["Hello"]));
    let estimate = home.run(&local(&["estimate"], &["Hi"]));
    assert!(estimate.code == 0 && estimate.out.contains("free"), "{estimate:?}");
    let dry = home.run(&local(&["--dry-run"], &["Hi"]));
    assert!(dry.code == 0 && dry.err.contains("in this process"), "{dry:?}");
}

#[test]
fn a_dry_run_of_a_local_model_does_not_show_a_request_to_its_fallback() {
    let home = home(&TinyModel::script(&["Hello"]));
    let file = "[llm]\nprovider = \"gguf\"\nmodel = \"./tiny.gguf\"\n\
                [[llm.fallback]]\nprovider = \"huggingface\"\nmodel = \"openai/gpt-oss-20b\"\n";
    home.file(".config/botticelli/config.toml", file);
    let run = home.run(&["--dry-run", "Hi"]);
    assert!(!run.out.contains("router.huggingface.co"), "{run:?}");
    assert_eq!(run.code, 3, "{run:?}");
}

#[test]
fn a_profile_can_name_a_local_model() {
    let home = home(&TinyModel::script(&["Hello", " there"]));
    let file = "[profile.offline]\nprovider = \"gguf\"\nmodel = \"./tiny.gguf\"\n";
    home.file(".config/botticelli/config.toml", file);
    let run = home.run(&["--profile", "offline", "Hi"]);
    assert_eq!((run.code, run.out.as_str()), (0, "Hello there\n"), "{run:?}");
}

#[test]
fn a_file_may_have_the_tables_of_both_providers() {
    let home = home(&TinyModel::script(&["Hello"]));
    let tables = "[llm.huggingface]\nbase_url = \"http://127.0.0.1:1/v1\"\n[llm.gguf]\ncontext_length = 64\n";
    home.file(".config/botticelli/config.toml", tables);
    let run = home.run(&local(&[], &["Hi"]));
    assert_eq!((run.code, run.out.as_str()), (0, "Hello\n"), "{run:?}");
    // The other table is checked all the same.
    home.file(".config/botticelli/config.toml", format!("{tables}context = 64\n"));
    let wrong = home.run(&["-m", "org/m", "Hi"]);
    assert!(wrong.code != 0 && wrong.err.contains("context_length"), "{wrong:?}");
}

#[test]
fn a_table_is_answered_by_a_local_model() {
    let home = home(&TinyModel::script(&["good"]));
    home.file("reviews.csv", "id,text\n1,Strong colors\n2,It came late\n");
    let run = home.run(&local(
        &["batch", "run", "reviews.csv", "-o", "labels.csv", "-p", "Judge {{ text }}"],
        &["--answer-column", "label"],
    ));
    assert_eq!(run.code, 0, "{run:?}");
    let table = std::fs::read_to_string(home.path().join("labels.csv")).unwrap();
    assert!(table.contains("1,Strong colors,good") && table.contains("2,It came late,good"), "{table}");
}

#[test]
fn doctor_knows_a_local_model() {
    let home = home(&TinyModel::script(&["Hello"]));
    let run = home.run(&local(&["doctor"], &[]));
    assert!(run.code == 0 && run.out.contains("gguf for"), "{run:?}");
}

#[test]
fn a_conversation_with_a_local_model_continues() {
    let home = home(&TinyModel::script(&["Hello", " there"]));
    for _ in 0..2 {
        let run = home.run(&local(&["-c"], &["Hi"]));
        assert_eq!((run.code, run.out.as_str()), (0, "Hello there\n"), "{run:?}");
    }
}
