//! Program that starts a sandbox, prints its base URL and runs until Ctrl-C.

mod arguments;

use std::io::{self, Write};
use std::process::ExitCode;

use arguments::{Arguments, Command, HELP};
use botticelli_sandbox::{Fault, Sandbox, SandboxBuilder, Turn};

/// Conventional exit code for an invalid command line.
const USAGE: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let command = match arguments::read(std::env::args().skip(1)) {
        Ok(command) => command,
        Err(error) => {
            print_error(&error);
            return ExitCode::from(USAGE);
        }
    };
    let result = match command {
        Command::Help => print(HELP),
        Command::ListFaults => print(&fault_list()),
        Command::Run(arguments) => run(arguments).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> io::Result<()> {
    let mut builder = arguments.faults.iter().copied().fold(Sandbox::builder(), SandboxBuilder::with_turn);
    if arguments.then_answers {
        builder = builder.with_turn(Turn::Default);
    }
    if let Some(capacity) = arguments.capacity() {
        builder = builder.with_capacity(capacity);
    }
    if arguments.is_verbose {
        builder = builder.with_observer(|request| {
            // A closed standard error is ignored: there is nowhere to report it.
            let _ = writeln!(io::stderr(), "{request}");
        });
    }
    let sandbox = builder
        .with_port(arguments.port)
        .with_dialect(arguments.dialect)
        .with_token(arguments.token.as_str())
        .with_token_required(!arguments.is_open)
        // The program may run for days, and nothing reads the records.
        .with_recording(false)
        .start()
        .await
        .map_err(|error| {
            let port = arguments.port;
            io::Error::new(error.kind(), format!("cannot listen on port {port}: {error}"))
        })?;
    tokio::select! {
        // Listens for Ctrl-C before it prints the greeting, because a reader of the greeting may
        // stop the program at once.
        biased;
        stopped = tokio::signal::ctrl_c() => stopped,
        failed = async {
            print(&greeting(&sandbox, &arguments))?;
            std::future::pending().await
        } => failed,
    }
}

/// Returns one line per fault: name with default number, group, harmless mark, description.
fn fault_list() -> String {
    let width = Fault::all().map(|fault| fault.to_string().len()).max().unwrap_or(0);
    let lines = Fault::all().map(|fault| {
        let (name, group, harmless) = (fault.to_string(), fault.group(), harmless_label(fault));
        format!("{name:width$}  {group:10}  {harmless:8}  {}\n", fault.description())
    });
    lines.collect::<Vec<_>>().concat()
}

fn harmless_label(fault: Fault) -> &'static str {
    if fault.is_harmless() { "harmless" } else { "" }
}

fn greeting(sandbox: &Sandbox, arguments: &Arguments) -> String {
    let Arguments { dialect, token, .. } = arguments;
    let base_url = sandbox.base_url();
    let faults: Vec<_> = arguments.faults.iter().map(Fault::to_string).collect();
    let faults = match (faults.join(", "), arguments.then_answers) {
        (faults, _) if faults.is_empty() => faults,
        (faults, false) => format!("faults    {faults}\n"),
        (faults, true) => format!("faults    {faults}, then none\n"),
    };
    let needed = if arguments.is_open { " (not needed: --open)" } else { "" };
    format!(
        r#"base URL  {base_url}
token     {token}{needed}
dialect   {dialect}
{faults}
curl {base_url}/chat/completions -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' -d '{{"model":"openai/gpt-oss-20b","messages":[{{"role":"user","content":"Hello"}}]}}'

Press Ctrl-C to stop.
"#
    )
}

/// Writes to standard output and flushes, because the caller may be waiting for the address.
fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn print_error(problem: &dyn std::fmt::Display) {
    // A closed standard error is ignored: there is nowhere to report it.
    let _ = writeln!(io::stderr(), "botticelli_sandbox: {problem}");
}
