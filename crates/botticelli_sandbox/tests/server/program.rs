//! Program and command line.

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

/// A running program, killed on drop.
struct Running {
    child: Child,
    greeting: String,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = program(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
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

    /// Sends a chat call with these headers. Returns the response from its status on.
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
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response.strip_prefix("HTTP/1.1 ").unwrap().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_program_prints_base_url_token_and_a_curl_command() {
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
fn dialect_and_token_options_are_applied() {
    let running = Running::start(&["--dialect", "tgi2", "--token=hf_mine", "--open"]);
    assert!(running.greeting.contains("hf_mine (not needed: --open)"));
    assert!(running.chat("").contains(r#""object":"text_completion""#));
    assert!(running.chat("authorization: Bearer hf_mine\r\n").starts_with("200"));
    assert!(running.chat("authorization: Bearer hf_sandbox\r\n").starts_with("401"));
}

#[test]
fn help_names_every_option() {
    for option in ["--help", "-h"] {
        let output = run(&[option]);
        assert!(output.status.success());
        let help = String::from_utf8(output.stdout).unwrap();
        for option in [
            "--port",
            "--dialect",
            "--token",
            "--open",
            "--fault",
            "--then-answer",
            "--slots",
            "--queue",
            "--latency",
            "--list-faults",
            "--verbose",
            "--help",
        ] {
            assert!(help.contains(option), "{help}");
        }
        for dialect in botticelli_sandbox::Dialect::ALL {
            assert!(help.contains(dialect.name()), "{help}");
        }
    }
}

#[test]
fn faults_are_used_in_order_and_then_answer_ends_them() {
    const TOKEN: &str = "authorization: Bearer hf_sandbox\r\n";
    let running = Running::start(&["--fault", "overloaded-429", "--fault=status=418", "--then-answer"]);
    assert!(running.greeting.contains("\nfaults    overloaded-429, status=418, then none\n"));
    for status in ["429", "418", "200", "200"] {
        assert!(running.chat(TOKEN).starts_with(status));
    }
    let running = Running::start(&["--fault", "empty-503"]);
    assert!(running.greeting.contains("\nfaults    empty-503\n"));
    for _ in 0..2 {
        assert!(running.chat(TOKEN).starts_with("503"));
    }
}

#[test]
fn slots_limit_the_calls_at_the_same_time() {
    const TOKEN: &str = "authorization: Bearer hf_sandbox\r\n";
    let running = Running::start(&["--slots", "1", "--queue=0", "--latency", "3000"]);
    let (first, second) = std::thread::scope(|scope| {
        let first = scope.spawn(|| running.chat(TOKEN));
        let second = scope.spawn(|| running.chat(TOKEN));
        (first.join().unwrap(), second.join().unwrap())
    });
    let mut statuses =
        [first, second].map(|response| response.split(' ').next().unwrap_or_default().to_owned());
    statuses.sort_unstable();
    assert_eq!(statuses, ["200", "429"]);
}

#[test]
fn list_faults_prints_a_line_for_each_fault() {
    let output = run(&["--list-faults"]);
    assert!(output.status.success());
    let list = String::from_utf8(output.stdout).unwrap();
    assert_eq!(list.lines().count(), botticelli_sandbox::Fault::all().count());
    for (line, fault) in list.lines().zip(botticelli_sandbox::Fault::all()) {
        let words: Vec<_> = line.split_whitespace().collect();
        assert_eq!(words[..2], [fault.to_string().as_str(), fault.group().name()]);
        assert!(line.ends_with(fault.description()));
    }
}

#[test]
fn verbose_prints_every_request_on_standard_error() {
    let mut running = Running::start(&["--verbose", "--fault", "overloaded-429", "--then-answer"]);
    let token = "authorization: Bearer hf_sandbox\r\n";
    running.chat(token);
    running.chat(token);
    let mut errors = BufReader::new(running.child.stderr.take().unwrap());
    let mut output = String::new();
    for _ in 0..2 {
        errors.read_line(&mut output).unwrap();
    }
    let (one, other) = output.split_once('\n').unwrap();
    assert_eq!(one, "POST /v1/chat/completions 429 fault overloaded-429, attempt 1");
    assert!(other.starts_with("POST /v1/chat/completions 200, attempt 2 after "), "{output}");
}

#[test]
fn an_invalid_command_line_prints_one_line_and_exits_with_2() {
    for (arguments, says) in [
        (vec!["--loud"], "unknown argument `--loud`"),
        (vec!["8080"], "unknown argument `8080`"),
        (vec!["--port"], "`--port` needs a value"),
        (vec!["--fault"], "`--fault` needs a value"),
        (
            vec!["--fault", "overloadet-429"],
            "unknown fault `overloadet-429`: did you mean `overloaded-429`? `Fault::all()` and \
             `botticelli_sandbox --list-faults` list them all",
        ),
        (vec!["--fault=status=99"], "fault `status=99`: the number must be a whole one from 200 to 599"),
        (vec!["--then-answer"], "`--then-answer` comes after a `--fault`"),
        (vec!["--queue", "8"], "`--queue` and `--latency` need `--slots`"),
        (vec!["--slots", "few"], "`--slots few`: the value is a whole number"),
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
fn an_occupied_port_is_named_in_the_error() {
    let running = Running::start(&[]);
    let port = running.address().rsplit_once(':').unwrap().1;
    let output = run(&["--port", port]);
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains(&format!("cannot listen on port {port}")), "{error}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_the_program() {
    let mut running = Running::start(&[]);
    let interrupted = Command::new("kill").args(["-INT", &running.child.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    assert!(running.child.wait().unwrap().success());
}
