//! `sandbox`: the offline router in the foreground.

use crate::Exit;
use crate::cli::SandboxArgs;
use crate::failure::{Failure, Outcome};
use crate::output::{Console, columns};
use botticelli::sandbox::{Dialect, Fault, Sandbox, Turn};

/// Runs the sandbox until Ctrl-C.
pub(crate) async fn sandbox(arguments: &SandboxArgs, console: &mut Console) -> Outcome<Exit> {
    if arguments.list_faults {
        let rows: Vec<_> =
            Fault::all().map(|fault| vec![fault.to_string(), fault.description().to_owned()]).collect();
        let width = console.is_terminal().then(|| console.width());
        console.print(&columns(&rows, width))?;
        return Ok(Exit::Complete);
    }
    let dialect: Dialect =
        arguments.dialect.parse().map_err(|error| Failure::usage(format!("--dialect: {error}")))?;
    let mut builder =
        Sandbox::builder().with_recording(false).with_dialect(dialect).with_port(arguments.port);
    for name in &arguments.faults {
        let fault: Fault = name.parse().map_err(|error| Failure::usage(format!("--fault: {error}")))?;
        builder = builder.with_turn(fault);
    }
    if arguments.then_answers {
        builder = builder.with_turn(Turn::Default);
    }
    if console.is_verbose(1) {
        builder = builder.with_observer(|request| {
            // A closed standard error is ignored: there is nowhere to report it.
            let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{request}\n"));
        });
    }
    // Listens before it prints the address, because a reader of the address may stop the program at once.
    let stop = tokio::signal::ctrl_c();
    let sandbox = builder.start().await.map_err(|error| {
        Failure::io(&format!("the sandbox cannot listen on port {}", arguments.port), &error)
    })?;
    let (url, token) = (sandbox.base_url(), Sandbox::TOKEN);
    console.print(&format!("HUGGINGFACE_BASE_URL={url}\nHF_TOKEN={token}\n"))?;
    console.note("The sandbox runs until Ctrl-C. In another terminal, set these variables:");
    console.note(&format!("  HF_TOKEN={token} botticelli --endpoint {url} \"Name three painters\""));
    stop.await.map_err(|error| Failure::io("Ctrl-C", &error))?;
    Ok(Exit::Complete)
}
