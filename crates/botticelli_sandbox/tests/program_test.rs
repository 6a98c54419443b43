//! The program and its command line.

#![allow(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_botticelli_sandbox"));
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> Output {
    program(arguments).output().unwrap()
}

/// A running program; killed when the test is over, however it ends.
struct Running {
    child: Child,
    greeting: String,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = program(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut greeting = String::new();
        while !greeting.contains("Ctrl-C") {
            assert!(out.read_line(&mut greeting).unwrap() > 0, "{greeting}");
        }
        Self { child, greeting }
    }

    fn address(&self) -> &str {
        let after = self.greeting.split_once("http://").unwrap().1;
        after.split_once("/v1").unwrap().0
    }

    /// The status and the rest of the answer to a chat call with these headers.
    fn chat(&self, headers: &str) -> String {
        let body = r#"{"model":"openai/gpt-oss-20b","messages":[{"role":"user","content":"Hi"}]}"#;
        let length = body.len();
        let mut stream = TcpStream::connect(self.address()).unwrap();
        write!(
            stream,
            "POST /v1/chat/completions HTTP/1.1\r\n{headers}connection: close\r\n\
             content-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.strip_prefix("HTTP/1.1 ").unwrap().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_prints_address_token_and_a_line_to_try() {
    let running = Running::start(&[]);
    let greeting = &running.greeting;
    assert!(greeting.starts_with("base URL  http://127.0.0.1:"), "{greeting}");
    assert!(greeting.contains("\ntoken     hf_sandbox\n"), "{greeting}");
    assert!(greeting.contains("\ndialect   router\n"), "{greeting}");
    assert!(greeting.contains("/v1/chat/completions -H 'Authorization: Bearer hf_sandbox'"));
    assert!(running.chat("authorization: Bearer hf_sandbox\r\n").starts_with("200"));
    assert!(running.chat("").starts_with("401"));
}

#[test]
fn it_speaks_the_dialect_and_takes_the_token_it_was_told() {
    let running = Running::start(&["--dialect", "tgi2", "--token=hf_mine", "--open"]);
    assert!(running.greeting.contains("hf_mine (not needed: --open)"));
    assert!(running.chat("").contains(r#""object":"text_completion""#));
    assert!(running.chat("authorization: Bearer hf_mine\r\n").starts_with("200"));
    assert!(running.chat("authorization: Bearer hf_sandbox\r\n").starts_with("401"));
}

#[test]
fn help_names_every_option() {
    for asked in ["--help", "-h"] {
        let output = run(&[asked]);
        assert!(output.status.success());
        let help = String::from_utf8(output.stdout).unwrap();
        for option in ["--port", "--dialect", "--token", "--open", "--help"] {
            assert!(help.contains(option), "{help}");
        }
        for dialect in botticelli_sandbox::Dialect::ALL {
            assert!(help.contains(dialect.name()), "{help}");
        }
    }
}

#[test]
fn a_wrong_command_line_is_told_in_one_line_and_exits_with_2() {
    for (arguments, says) in [
        (vec!["--loud"], "unknown argument `--loud`"),
        (vec!["8080"], "unknown argument `8080`"),
        (vec!["--port"], "`--port` needs a value"),
        (vec!["--port", "many"], "`--port many`: a port is a number from 0 to 65535"),
        (vec!["--port=65536"], "`--port 65536`: a port is a number from 0 to 65535"),
        (
            vec!["--dialect", "gpt"],
            "unknown dialect `gpt`: choose one of router, tgi2, tgi3, together, cerebras",
        ),
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(error, format!("botticelli_sandbox: {says}; --help lists what there is\n"));
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let running = Running::start(&[]);
    let port = running.address().rsplit_once(':').unwrap().1;
    let output = run(&["--port", port]);
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains(&format!("cannot listen on port {port}")), "{error}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_it() {
    let mut running = Running::start(&[]);
    let interrupted = Command::new("kill").args(["-INT", &running.child.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    assert!(running.child.wait().unwrap().success());
}
