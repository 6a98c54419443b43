//! Prompts: words, pipes, files, attachments, and what is not one.

use crate::program::{Home, Run, Server};
use botticelli::sandbox::Sandbox;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

/// Runs the program with `arguments`, and returns the messages that it sent.
fn sent(arguments: &[&str], input: &[u8], prepare: impl FnOnce(&Home)) -> (Run, Vec<Value>) {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    prepare(&home);
    let run = home.pipe(arguments, input);
    let messages = server.bodies().first().map(|body| body["messages"].as_array().unwrap().clone());
    (run, messages.unwrap_or_default())
}

fn text(message: &Value) -> &str {
    message["content"].as_str().unwrap()
}

#[test]
fn words_files_and_a_pipe_are_one_prompt() {
    let (run, messages) = sent(&["ask", "Sum", "up", "-f", "a.txt"], b"piped\n", |home| {
        home.file("a.txt", "\u{feff}from a file\r\n");
    });
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(text(&messages[0]), "Sum up\n\nfrom a file\r\n\n\npiped\n");
}

#[test]
fn a_pipe_alone_is_a_prompt() {
    for arguments in [&[][..], &["ask"], &["-"], &["ask", "-"]] {
        let (run, messages) = sent(arguments, "Grüße 🎨".as_bytes(), |_| {});
        assert_eq!((run.code, text(&messages[0])), (0, "Grüße 🎨"), "{run:?}");
    }
}

#[test]
fn an_empty_prompt_is_wrong_usage() {
    for input in [&b""[..], b" \n"] {
        let (run, messages) = sent(&["ask"], input, |_| {});
        assert_eq!((run.code, messages.len()), (2, 0));
        assert!(run.err.contains("there is no prompt"), "{run:?}");
    }
}

#[test]
fn input_that_is_not_utf8_is_refused_with_its_place() {
    let (latin, _) = sent(&["Translate"], b"sal\xe9", |_| {});
    assert_eq!(latin.code, 2);
    assert!(latin.err.contains("standard input is not UTF-8 (byte 3)"), "{latin:?}");
    let (wide, _) = sent(&["Translate"], b"\xff\xfeh\0i\0", |_| {});
    assert!(wide.err.contains("iconv -f UTF-16"), "{wide:?}");
}

#[test]
fn a_command_after_an_option_of_ask_is_a_prompt() {
    let (run, messages) = sent(&["-m", "openai/gpt-oss-20b", "doctor", "who"], b"", |_| {});
    assert_eq!((run.code, text(&messages[0])), (0, "doctor who"), "{run:?}");
    let (run, messages) = sent(&["--", "--help"], b"", |_| {});
    assert_eq!((run.code, text(&messages[0])), (0, "--help"), "{run:?}");
}

#[test]
fn options_of_every_command_may_come_first() {
    let run = Home::new().run(&["--color", "never", "-q", "config", "path"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.out.ends_with(".config/botticelli/config.toml\n"));
}

#[test]
fn a_system_message_can_be_a_file() {
    let (_, messages) = sent(&["-s", "@role.txt", "hi"], b"", |home| {
        home.file("role.txt", "Be brief.");
    });
    assert_eq!((messages[0]["role"].as_str(), text(&messages[0])), (Some("system"), "Be brief."));
}

#[test]
fn attachments_are_recognized_by_their_content() {
    let gif = b"GIF89a\x01\0\x01\0\0\0\0;";
    let (run, messages) = sent(
        &[
            "--model",
            "sandbox/omni",
            "-a",
            "picture.txt",
            "-a",
            "notes.md",
            "-a",
            "https://example.com/a.png",
            "What?",
        ],
        b"",
        |home| {
            home.file("picture.txt", gif);
            home.file("notes.md", "# Notes");
        },
    );
    assert_eq!(run.code, 0, "{run:?}");
    let parts = messages[0]["content"].as_array().unwrap();
    let kinds: Vec<_> = parts.iter().map(|part| part["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["text", "image_url", "text", "image_url"]);
    assert!(parts[1]["image_url"]["url"].as_str().unwrap().starts_with("data:image/gif;base64,"));
    assert_eq!(parts[2]["text"], "notes.md:\n# Notes");
}

#[test]
fn a_pipe_can_be_an_attachment() {
    let gif = b"GIF89a\x01\0\x01\0\0\0\0;";
    let (run, messages) = sent(&["-m", "sandbox/omni", "-a", "-", "What is it?"], gif, |_| {});
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(messages[0]["content"][1]["type"], "image_url");
}

#[test]
fn an_attachment_that_is_nothing_known_is_refused() {
    for (content, reason) in [(&b"\0\x01\x02"[..], "neither an image"), (b"", "is empty")] {
        let (run, messages) = sent(&["-a", "x.bin", "What?"], b"", |home| {
            home.file("x.bin", content);
        });
        assert_eq!((run.code, messages.len()), (2, 0));
        assert!(run.err.contains(reason), "{run:?}");
    }
    let (run, _) = sent(&["-a", "missing.png", "What?"], b"", |_| {});
    assert!(run.code == 2 && run.err.contains("missing.png: "), "{run:?}");
}

#[test]
fn options_become_parameters_of_the_request() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    let options = [
        "-o",
        "max_tokens=50",
        "-o",
        "temperature=0.5",
        "-o",
        "stop=END",
        "-o",
        "seed=7",
        "-o",
        "reasoning_effort=low",
        "-o",
        "min_p=0.1",
    ];
    let run = home.run(&[&options[..], &["hi"]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    let body = &server.bodies()[0];
    let sent =
        ["max_tokens", "temperature", "stop", "seed", "reasoning_effort", "min_p"].map(|key| &body[key]);
    assert_eq!(sent, [&json!(50), &json!(0.5), &json!(["END"]), &json!(7), &json!("low"), &json!(0.1)]);
}

#[test]
fn impossible_options_are_refused() {
    let refused = [
        (&["-o", "temperature=hot"][..], 3, "temperature"),
        (&["-o", "temperature"], 2, "there is no '='"),
        (&["-o", "model=x"], 2, "not an option"),
        (&["--timeout", "soon"], 2, "not a time"),
        (&["--max-cost", "5 EUR"], 2, "--max-cost"),
        (&["--sandbox=no-such-fault"], 2, "no-such-fault"),
        (&["--local", "--sandbox"], 2, "cannot be used with"),
        (&["-c=../x"], 2, "not a name of a conversation"),
    ];
    for (arguments, code, words) in refused {
        let run = Home::new().with("HF_TOKEN", "hf_x").run(&[arguments, &["hi"]].concat());
        assert_eq!(run.code, code, "{run:?}");
        assert!(run.err.contains(words), "{run:?}");
    }
}

#[test]
fn a_pipe_that_never_ends_is_named() {
    let home = Home::new();
    let mut child = home.command(&["--sandbox", "hi"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("Waiting for the end of standard input") && line.contains("--no-stdin"), "{line}");
    child.stdin.take().unwrap().write_all(b"late").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));

    let mut child = home.command(&["--no-stdin", "--sandbox", "hi"]).stdin(Stdio::piped()).spawn().unwrap();
    let pipe = child.stdin.take();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    drop(pipe);
}
