//! One file for each command.

mod ask;
mod auth;
#[cfg(feature = "batch")]
mod batch;
mod cache;
mod chat;
mod chat_line;
mod completions;
mod config;
mod doctor;
mod doctor_network;
mod doctor_report;
mod endpoints;
mod estimate;
mod local;
mod models;
#[cfg(feature = "hub")]
mod pull;
mod replay;
mod sandbox;
mod tasks;
mod usage;

pub(crate) use local::fetch_model;

use crate::Exit;
use crate::cli::{Cli, Command};
use crate::failure::{Failure, Outcome};
use crate::output::Console;
use crate::settings::Settings;
use botticelli::Environment;
use tasks::TaskContext;

/// Runs a command.
pub(crate) fn run(cli: Cli, console: &mut Console) -> Outcome<Exit> {
    // These need neither a runtime nor a configuration, and run in the start-up of a shell.
    match &cli.command {
        Command::Completions(arguments) => return completions::completions(arguments, console),
        Command::Man(arguments) => return completions::man(arguments, console),
        _ => {}
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::io("the runtime cannot start", &error))?;
    let result = runtime.block_on(run_async(cli, console));
    // A thread that waits for standard input must not keep the program alive.
    runtime.shutdown_background();
    result
}

async fn run_async(cli: Cli, console: &mut Console) -> Outcome<Exit> {
    let environment = Environment::process();
    if let Command::Sandbox(arguments) = &cli.command {
        return sandbox::sandbox(arguments, console).await;
    }
    if let Command::Config(command) = &cli.command {
        return config::config(command, &cli.global, &environment, console);
    }
    if let Command::Endpoints(arguments) = &cli.command {
        return endpoints::endpoints(arguments, &environment, console).await;
    }
    let settings = Settings::load(&cli.global, &environment)?;
    match cli.command {
        Command::Ask(arguments) => ask::ask(&arguments, settings, &environment, console).await,
        Command::Estimate(arguments) => estimate::estimate(&arguments, settings, &environment, console).await,
        Command::Chat(arguments) => chat::chat(&arguments, settings, &environment, console).await,
        Command::Replay(arguments) => replay::replay(&arguments, settings, &environment, console).await,
        #[cfg(feature = "hub")]
        Command::Pull(arguments) => pull::pull(&arguments.model, &environment, console).await,
        Command::Models(arguments) => models::models(&arguments, settings, &environment, console).await,
        #[cfg(feature = "batch")]
        Command::Batch(command) => batch::batch(&command, settings, &environment, console).await,
        Command::Embed(arguments) => {
            tasks::embed(&arguments, TaskContext { settings, environment: &environment, console }).await
        }
        Command::Rerank(arguments) => {
            tasks::rerank(&arguments, TaskContext { settings, environment: &environment, console }).await
        }
        Command::Classify(arguments) => {
            tasks::classify(&arguments, TaskContext { settings, environment: &environment, console }).await
        }
        Command::Transcribe(arguments) => {
            tasks::transcribe(&arguments, TaskContext { settings, environment: &environment, console }).await
        }
        Command::Speak(arguments) => {
            tasks::speak(&arguments, TaskContext { settings, environment: &environment, console }).await
        }
        Command::Image(arguments) => {
            tasks::image(&arguments, TaskContext { settings, environment: &environment, console }).await
        }
        Command::Task(arguments) => {
            tasks::task(&arguments, TaskContext { settings, environment: &environment, console }).await
        }
        Command::Usage(arguments) => usage::usage(&arguments, &settings, &environment, console).await,
        Command::Cache(command) => cache::cache(&command, &settings, &environment, console).await,
        Command::Auth => auth::auth(&settings, &environment, console).await,
        Command::Doctor(connection) => doctor::doctor(&connection, settings, &environment, console).await,
        // The others ran above.
        _ => Ok(Exit::Complete),
    }
}
