//! The sandbox as a program: starts it, says how to reach it, and waits for Ctrl-C.

mod arguments;

use std::io::{self, Write};
use std::process::ExitCode;

use arguments::{Arguments, HELP, Order};
use botticelli_sandbox::Sandbox;

/// The usual code for a command line that makes no sense.
const USAGE: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let order = match arguments::read(std::env::args().skip(1)) {
        Ok(order) => order,
        Err(misunderstood) => {
            complain(&misunderstood);
            return ExitCode::from(USAGE);
        }
    };
    let done = match order {
        Order::Help => say(HELP),
        Order::Run(arguments) => run(arguments).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> io::Result<()> {
    let sandbox = Sandbox::builder()
        .port(arguments.port)
        .dialect(arguments.dialect)
        .token(arguments.token.as_str())
        .require_token(!arguments.is_open)
        // It may run for days, and nobody will ask.
        .remember_requests(false)
        .start()
        .await
        .map_err(|error| {
            let port = arguments.port;
            io::Error::new(error.kind(), format!("cannot listen on port {port}: {error}"))
        })?;
    tokio::select! {
        // Listened for before the greeting is out: who has read it may stop the program.
        biased;
        stopped = tokio::signal::ctrl_c() => stopped,
        failed = async {
            say(&greeting(&sandbox, &arguments))?;
            std::future::pending().await
        } => failed,
    }
}

fn greeting(sandbox: &Sandbox, arguments: &Arguments) -> String {
    let Arguments { dialect, token, .. } = arguments;
    let base_url = sandbox.base_url();
    let needed = if arguments.is_open { " (not needed: --open)" } else { "" };
    format!(
        r#"base URL  {base_url}
token     {token}{needed}
dialect   {dialect}

curl {base_url}/chat/completions -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' -d '{{"model":"openai/gpt-oss-20b","messages":[{{"role":"user","content":"Hello"}}]}}'

Ctrl-C stops it.
"#
    )
}

/// To standard output, at once: whoever started the program may be waiting for the address.
fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn complain(problem: &dyn std::fmt::Display) {
    // Nothing can be done about a standard error that is closed.
    let _ = writeln!(io::stderr(), "botticelli_sandbox: {problem}");
}
