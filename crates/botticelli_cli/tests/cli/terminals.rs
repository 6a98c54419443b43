//! A real pseudo-terminal.

use crate::program::{Home, Server};
use botticelli::sandbox::{Fault, Sandbox, Script, Turn};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{Winsize, openpty};
use serde_json::json;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::process::{Child, Command};

/// Longest wait for output, in milliseconds.
const PATIENCE: u16 = 20_000;

/// A program at a terminal of its own.
struct Terminal {
    master: File,
    child: Child,
    seen: String,
}

impl Terminal {
    fn start(home: &Home, columns: u16, arguments: &[&str]) -> Self {
        let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let pair = openpty(Some(&size), None).unwrap();
        let plain = home.command(arguments);
        // `setsid` makes the terminal the controlling one, so that Ctrl-C is a signal.
        let mut command = Command::new("/usr/bin/setsid");
        command.args(["--ctty", "--wait"]).arg(plain.get_program()).args(plain.get_args());
        command.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.env("TERM", "xterm").current_dir(home.path());
        command
            .stdin(pair.slave.try_clone().unwrap())
            .stdout(pair.slave.try_clone().unwrap())
            .stderr(pair.slave);
        Self { child: command.spawn().unwrap(), master: File::from(pair.master), seen: String::new() }
    }

    /// Reads until the output has this text.
    fn wait_for(&mut self, text: &str) {
        while !self.seen.contains(text) {
            assert!(self.read(), "the program ended: {:?}", self.seen);
        }
    }

    /// Waits for the prompt of line `count`. Before it, the terminal edits the line itself.
    fn wait_for_prompt(&mut self, count: usize) {
        while self.seen.matches("\u{1b}[?2004h").count() < count || !self.seen.ends_with("\u{1b}[?2026l") {
            assert!(self.read(), "the program ended: {:?}", self.seen);
        }
    }

    fn send(&mut self, text: &str) {
        self.master.write_all(text.as_bytes()).unwrap();
    }

    /// Reads some output, and returns whether there was any.
    fn read(&mut self) -> bool {
        let mut fds = [PollFd::new(self.master.as_fd(), PollFlags::POLLIN)];
        let ready = poll(&mut fds, PollTimeout::from(PATIENCE)).unwrap();
        assert!(ready > 0, "no output arrives after {:?}", self.seen);
        let mut bytes = [0; 4096];
        // The terminal of a program that ended is an error.
        let count = self.master.read(&mut bytes).unwrap_or(0);
        self.seen.push_str(&String::from_utf8_lossy(&bytes[..count]));
        count > 0
    }

    /// Reads the rest, and returns the exit code and all output.
    fn end(mut self) -> (i32, String) {
        while self.read() {}
        (self.child.wait().unwrap().code().unwrap(), self.seen.replace("\r\n", "\n"))
    }
}

fn markdown() -> Server {
    let text = "# Title\n\nSome **bold** words that are long enough to be wrapped in a narrow terminal.\n";
    let message = json!({"role": "assistant", "content": text});
    let choice = json!({"index": 0, "message": message, "finish_reason": "stop"});
    Server::start(Sandbox::builder().with_turn(Script::json(200, json!({"choices": [choice], "model": "m"}))))
}

#[test]
fn markdown_is_rendered_and_wrapped_to_the_terminal() {
    let server = markdown();
    let (code, out) = Terminal::start(&Home::at(&server), 30, &["--no-stream", "hi"]).end();
    assert_eq!(code, 0);
    assert!(out.starts_with("\u{1b}[1;35mTitle\u{1b}[0m\n\nSome \u{1b}[1mbold\u{1b}[0m words"), "{out:?}");
    assert!(
        out.lines().skip(2).all(|line| line.replace("\u{1b}[1m", "").replace("\u{1b}[0m", "").len() <= 30),
        "{out:?}"
    );
}

#[test]
fn no_color_leaves_the_markdown_as_it_is() {
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let server = markdown();
        let home = Home::at(&server).with(name, value);
        let arguments: &[&str] = if name == "TERM" { &["--color", "never"] } else { &[] };
        let (_, out) = Terminal::start(&home, 80, &[arguments, &["--no-stream", "hi"]].concat()).end();
        assert!(out.starts_with("# Title\n\nSome **bold** words"), "{out:?}");
    }
}

#[test]
fn the_facts_of_a_call_have_their_own_line_at_a_terminal() {
    for arguments in [["-v", "--raw", "--sandbox", "hi"], ["-v", "--no-stream", "--sandbox", "hi"]] {
        let (code, out) = Terminal::start(&Home::new(), 200, &arguments).end();
        let facts = out.lines().filter(|line| line.contains("request.model=")).collect::<Vec<_>>();
        assert!(code == 0 && facts.len() == 1, "{out:?}");
        assert!(facts[0].trim_start_matches("\u{1b}[2m").starts_with("chat request.model="), "{out:?}");
    }
}

#[test]
fn a_terminal_without_a_prompt_shows_help() {
    let (code, out) = Terminal::start(&Home::new(), 80, &[]).end();
    assert!(code == 2 && out.contains("Usage: botticelli"), "{out:?}");
}

#[test]
fn ctrl_c_ends_an_answer_with_what_arrived() {
    let server = Server::start(Sandbox::builder().with_turn(Fault::silence_after(3)));
    let mut terminal = Terminal::start(&Home::at(&server), 80, &["--raw", "hi"]);
    terminal.wait_for("This is");
    terminal.send("\u{3}");
    let (code, out) = terminal.end();
    assert_eq!(code, 130);
    assert!(out.contains("the answer is incomplete, 7 characters arrived"), "{out:?}");
    server.wait_until_disconnected();
}

#[test]
fn a_chat_edits_lines_completes_commands_and_survives_failures() {
    let server = Server::start(Sandbox::builder().with_turn(Fault::status(422)).with_turn(Turn::Default));
    let mut terminal = Terminal::start(&Home::at(&server), 100, &["chat", "--raw"]);
    terminal.wait_for_prompt(1);
    // Backspace, and a call that fails.
    terminal.send("hix\u{7f}\r");
    terminal.wait_for_prompt(2);
    assert!(terminal.seen.contains("error:"));
    terminal.send("/sys\tBe brief\r");
    terminal.wait_for_prompt(3);
    // Ctrl-C gives up a line, and the chat goes on.
    terminal.send("never sent\u{3}");
    terminal.wait_for_prompt(4);
    terminal.send("Grüße\r");
    terminal.wait_for_prompt(5);
    // The arrow brings the last line back.
    terminal.send("\u{1b}[A again\r");
    terminal.wait_for_prompt(6);
    assert!(terminal.seen.contains("You said “Grüße again”"), "{}", terminal.seen);
    terminal.send("\u{4}");
    assert_eq!(terminal.end().0, 0);
    let sent: Vec<_> = server.bodies().iter().map(|body| body["messages"].clone()).collect();
    assert_eq!(sent[0], json!([{"role": "user", "content": "hi"}]));
    assert_eq!(
        sent[1],
        json!([{"role": "system", "content": "Be brief"}, {"role": "user", "content": "Grüße"}])
    );
    assert_eq!(sent[2].as_array().unwrap().len(), 4);
}

#[test]
fn ctrl_c_stops_an_answer_but_not_the_chat() {
    let server =
        Server::start(Sandbox::builder().with_turn(Fault::silence_after(3)).with_turn(Turn::Default));
    let mut terminal = Terminal::start(&Home::at(&server), 80, &["chat", "--raw"]);
    terminal.wait_for_prompt(1);
    terminal.send("first\r");
    terminal.wait_for("This is");
    terminal.send("\u{3}");
    terminal.wait_for_prompt(2);
    assert!(terminal.seen.contains("7 characters arrived"), "{}", terminal.seen);
    terminal.send("second\r");
    terminal.wait_for_prompt(3);
    terminal.send("\u{4}");
    assert_eq!(terminal.end().0, 0);
    // The question without an answer is not part of the conversation.
    assert_eq!(server.bodies()[1]["messages"], json!([{"role": "user", "content": "second"}]));
}

#[test]
fn pasted_lines_are_one_message() {
    let server = Server::start(Sandbox::builder());
    let mut terminal = Terminal::start(&Home::at(&server), 80, &["chat", "--raw"]);
    terminal.wait_for_prompt(1);
    terminal.send("\u{1b}[200~/usr/bin:\nls\n\nExplain\u{1b}[201~\r");
    terminal.wait_for_prompt(2);
    terminal.send("\u{4}");
    assert_eq!(terminal.end().0, 0);
    let sent = server.bodies();
    assert_eq!((sent.len(), &sent[0]["messages"][0]["content"]), (1, &json!("/usr/bin:\nls\n\nExplain")));
}

#[test]
fn a_tool_runs_only_if_the_user_agrees() {
    for (answer, expected) in [("y\r", "it ran"), ("n\r", "the user does not allow this call")] {
        let server = Server::start(Sandbox::builder());
        let home = Home::at(&server).with("PATH", "/usr/bin:/bin");
        home.file("tools.toml", "[get_weather]\ncommand = [\"echo\", \"it ran\"]\n");
        let mut terminal =
            Terminal::start(&home, 80, &["--no-stdin", "--tools", "tools.toml", "get_weather"]);
        terminal.wait_for("[y/N]");
        terminal.send(answer);
        assert_eq!(terminal.end().0, 0);
        assert!(server.bodies()[1]["messages"].to_string().contains(expected));
    }
}

#[test]
fn the_history_of_a_chat_is_kept_only_if_it_is_asked_for() {
    let home = Home::new();
    let talk = |arguments: &[&str]| {
        let mut terminal = Terminal::start(&home, 80, &[&["chat", "--sandbox", "--raw"], arguments].concat());
        terminal.wait_for_prompt(1);
        terminal.send("remember this\r");
        terminal.wait_for_prompt(2);
        terminal.send("\u{4}");
        assert_eq!(terminal.end().0, 0);
    };
    talk(&[]);
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
    talk(&["--history", "lines.txt"]);
    assert!(std::fs::read_to_string(home.path().join("lines.txt")).unwrap().contains("remember this"));
}
