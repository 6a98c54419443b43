//! `chat`: a conversation from a pipe. `terminals` has the same at a terminal.

use crate::program::{Home, Run, Server};
use botticelli::sandbox::{Fault, Sandbox, Turn};
use serde_json::Value;

/// Runs a chat with these lines, and returns the messages of each request.
fn chat(arguments: &[&str], lines: &str) -> (Run, Vec<Vec<Value>>) {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    home.file("notes.txt", "Some notes");
    let run = home.pipe(&[&["chat"], arguments].concat(), lines);
    let sent = server.bodies().iter().map(|body| body["messages"].as_array().unwrap().clone()).collect();
    (run, sent)
}

fn texts(messages: &[Value]) -> Vec<String> {
    messages.iter().map(|message| message["content"].to_string()).collect()
}

#[test]
fn a_chat_remembers_and_its_output_has_the_answers_alone() {
    let (run, sent) = chat(&["-s", "Be brief"], "My name is Ada\n\nWhat is my name?\n");
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{run:?}");
    assert_eq!(run.out.lines().count(), 2);
    let counts: Vec<_> = sent.iter().map(Vec::len).collect();
    assert_eq!(counts, [2, 4]);
    assert_eq!(texts(&sent[1])[0], "\"Be brief\"");
}

#[test]
fn a_line_with_a_backslash_continues() {
    let (_, sent) = chat(&[], "one\\\ntwo\r\nthree");
    assert_eq!(texts(&sent[0]), ["\"one\\ntwo\""]);
    assert_eq!(texts(&sent[1]).last().unwrap(), "\"three\"");
}

#[test]
fn undo_and_clear_remove_turns() {
    let (run, sent) = chat(&["-s", "S"], "a\nb\n/undo\nc\n/clear\nd\n/undo\n/undo\n");
    assert_eq!(run.code, 0, "{run:?}");
    let counts: Vec<_> = sent.iter().map(Vec::len).collect();
    assert_eq!(counts, [2, 4, 4, 2]);
    assert_eq!(texts(&sent[2])[3], "\"c\"");
    assert!(run.err.contains("There is nothing to undo."), "{run:?}");
}

#[test]
fn commands_change_the_model_and_the_system_message() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    let run =
        home.pipe(&["chat"], "/model openai/gpt-oss-120b\n/system Be kind\nhi\n/system\nhi\n/model\n/cost\n");
    assert_eq!(run.code, 0, "{run:?}");
    let bodies = server.bodies();
    assert_eq!(bodies[0]["model"], "openai/gpt-oss-120b");
    let counts: Vec<_> = bodies.iter().map(|body| body["messages"].as_array().unwrap().len()).collect();
    assert_eq!(counts, [2, 3]);
    assert!(run.err.contains("openai/gpt-oss-120b\n"), "{run:?}");
}

#[test]
fn a_text_can_be_attached_to_the_next_message_alone() {
    let (run, sent) = chat(&[], "/attach notes.txt\nSum up\nAgain\n");
    assert_eq!(run.code, 0, "{run:?}");
    assert!(texts(&sent[0])[0].contains("Some notes"));
    assert!(!texts(&sent[1])[2].contains("Some notes"));
}

#[test]
fn a_conversation_can_be_saved_and_loaded() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    assert_eq!(home.pipe(&["chat"], "a\n/save talk.json\n").code, 0);
    let run = home.pipe(&["chat"], "/load talk.json\nb\n");
    assert!(run.err.contains("2 messages"), "{run:?}");
    assert_eq!(server.bodies()[1]["messages"].as_array().unwrap().len(), 3);
    home.file("bad.json", "{}");
    let run = home.pipe(&["chat"], "/load bad.json\n");
    assert!(run.code == 1 && run.err.contains("not a stored conversation"), "{run:?}");
}

#[test]
fn a_named_conversation_continues_in_ask() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    home.pipe(&["chat", "-c=work"], "a\n");
    home.run(&["-c=work", "b"]);
    assert_eq!(server.bodies()[1]["messages"].as_array().unwrap().len(), 3);
}

#[test]
fn a_script_stops_at_the_first_failure_with_its_exit_code() {
    let server = Server::start(Sandbox::builder().with_turn(Fault::status(402)).with_turn(Turn::Default));
    let run = Home::at(&server).pipe(&["chat"], "a\nb\n");
    assert_eq!((run.code, run.out.as_str()), (6, ""), "{run:?}");
    assert_eq!(server.bodies().len(), 1);
}

#[test]
fn a_path_is_not_a_command() {
    let (_, sent) = chat(&[], "/etc/hosts has which purpose?\n");
    assert_eq!(sent.len(), 1);
    let (help, sent) = chat(&[], "/help\n/quit\nnever sent\n");
    assert!(sent.is_empty() && help.err.contains("/attach FILE|URL"), "{help:?}");
}
