//! Prompts: words, pipes, files, attachments, and what is not one.

use crate::program::{Home, Run, Server};
use botticelli::sandbox::Sandbox;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
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
fn a_prompt_that_begins_with_the_name_of_a_command_is_quoted_or_follows_ask() {
    for arguments in [
        &["-m", "openai/gpt-oss-20b", "doctor who"][..],
        &["ask", "-m", "openai/gpt-oss-20b", "doctor", "who"],
        &["-um", "openai/gpt-oss-20b", "ask", "doctor", "who"],
        &["-m", "openai/gpt-oss-20b", "--", "doctor", "who"],
    ] {
        let (run, messages) = sent(arguments, b"", |_| {});
        assert_eq!((run.code, text(&messages[0])), (0, "doctor who"), "{run:?}");
    }
    // Nothing is sent by mistake, and the error says how to send it.
    let (run, messages) = sent(&["-m", "openai/gpt-oss-20b", "doctor", "who"], b"", |_| {});
    assert_eq!((run.code, messages.len()), (2, 0), "{run:?}");
    assert!(run.err.contains("`doctor` is a command") && run.err.contains("ask doctor …"), "{run:?}");
}

#[test]
fn options_may_come_before_the_command() {
    let models = Home::new().run(&["models", "--sandbox", "--limit", "2", "gpt-oss"]);
    assert_eq!((models.code, models.out.lines().count()), (0, 3), "{models:?}");
    for arguments in [
        ["--sandbox", "models", "--limit", "2", "gpt-oss"],
        ["--sandbox", "--limit", "2", "models", "gpt-oss"],
        ["--limit", "2", "models", "gpt-oss", "--sandbox"],
    ] {
        assert_eq!(Home::new().run(&arguments).out, models.out, "{arguments:?}");
    }
    let show = Home::new().run(&["models", "show", "--sandbox", "--json", "openai/gpt-oss-20b"]);
    assert_eq!(show.code, 0, "{show:?}");
    for arguments in [
        ["--sandbox", "--json", "models", "show", "openai/gpt-oss-20b"],
        ["models", "--sandbox", "show", "--json", "openai/gpt-oss-20b"],
    ] {
        assert_eq!(Home::new().run(&arguments).out, show.out, "{arguments:?}");
    }
}

#[test]
fn a_misspelled_command_is_not_sent() {
    for word in ["omdels", "model", "modelss", "mpdels", "chta", "usge"] {
        let (run, messages) = sent(&[word, "-m", "openai/gpt-oss-20b"], b"", |_| {});
        assert_eq!((run.code, messages.len()), (2, 0), "{run:?}");
        assert!(run.err.contains("Did you mean `") && run.err.contains(&format!("ask {word}")), "{run:?}");
    }
    let (run, messages) = sent(&["omdels", "--sort", "price", "gpt"], b"", |_| {});
    assert!(run.code == 2 && messages.is_empty() && run.err.contains("Did you mean `models`?"), "{run:?}");
    let (run, messages) = sent(&["-s", "omdels"], b"piped", |_| {});
    assert_eq!((run.code, text(&messages[0])), (0, "omdels"), "{run:?}");
    for arguments in
        [&["ask", "omdels"][..], &["chats", "are", "fun"], &["asks"], &["--", "omdels"], &["hello"]]
    {
        let (run, messages) = sent(arguments, b"", |_| {});
        assert_eq!((run.code, messages.len()), (0, 1), "{arguments:?}: {run:?}");
    }
}

#[test]
fn the_value_of_an_option_is_not_a_command() {
    let (run, messages) = sent(&["-s", "chat", "hi"], b"", |_| {});
    assert_eq!((run.code, text(&messages[0]), text(&messages[1])), (0, "chat", "hi"), "{run:?}");
    let (run, messages) = sent(&["-us", "chat", "hi"], b"", |_| {});
    assert_eq!((run.code, text(&messages[0])), (0, "chat"), "{run:?}");
}

#[test]
fn options_with_one_name_take_a_value_in_all_commands_or_in_none() {
    /// Adds the options of a command, with whether the next word is their value.
    fn collect(command: &clap::Command, seen: &mut BTreeMap<String, BTreeSet<bool>>) {
        for option in command.get_arguments().filter(|option| !option.is_positional()) {
            let takes = option.get_action().takes_values() && !option.is_require_equals_set();
            let short = option.get_short().map(|letter| format!("-{letter}"));
            let long = option.get_long().map(|name| format!("--{name}"));
            for name in short.into_iter().chain(long) {
                seen.entry(name).or_default().insert(takes);
            }
        }
        command.get_subcommands().for_each(|below| collect(below, seen));
    }
    let mut seen = BTreeMap::new();
    collect(&botticelli_cli::command(), &mut seen);
    let unclear: Vec<_> = seen.iter().filter(|(_, takes)| takes.len() > 1).map(|(name, _)| name).collect();
    // Before a command, `--tools` is that of `ask`, and `--images` that of `models`. Another command refuses them there.
    assert_eq!(unclear, ["--images", "--tools"]);
}

#[test]
fn two_dashes_end_the_options() {
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

#[cfg(target_os = "linux")]
#[test]
fn the_name_of_a_file_can_have_another_encoding() {
    use std::os::unix::ffi::OsStrExt;
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    let name = std::ffi::OsStr::from_bytes(b"sal\xe9.txt");
    std::fs::write(home.path().join(name), "Salted").unwrap();
    for option in ["-a", "-f"] {
        let run = Run::of(home.command(&["hi", option]).arg(name).output().unwrap());
        assert_eq!(run.code, 0, "{option}: {run:?}");
    }
    assert!(server.bodies().iter().all(|body| body.to_string().contains("Salted")));
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
        (&["-o", "temperature=hot"][..], 2, "temperature"),
        (&["-o", "temperature"], 2, "there is no '='"),
        (&["-o", "model=x"], 2, "its own option"),
        (&["--timeout", "soon"], 2, "not a time"),
        (&["--max-cost", "5 EUR"], 2, "--max-cost"),
        (&["--sandbox=no-such-fault"], 2, "no-such-fault"),
        (&["--local", "--sandbox"], 2, "cannot be used with"),
        (&["-c=../x"], 2, "not a valid name for a conversation"),
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

    // A call that cannot succeed does not wait.
    let mut child = Home::new().command(&["hi"]).stdin(Stdio::piped()).spawn().unwrap();
    let pipe = child.stdin.take();
    assert_eq!(child.wait().unwrap().code(), Some(3));
    drop(pipe);

    let mut child = home.command(&["--no-stdin", "--sandbox", "hi"]).stdin(Stdio::piped()).spawn().unwrap();
    let pipe = child.stdin.take();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    drop(pipe);
}
