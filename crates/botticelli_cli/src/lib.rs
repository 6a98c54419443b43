//! The command line of Botticelli.
//!
//! [`run`] is the whole program. The library exists so that tests and the build of man pages can read its tables: [`Exit`] has the
//! exit codes, and [`command`] has the commands and their options.
//!
//! | folder or file | responsibility |
//! | --- | --- |
//! | `cli/` | the arguments of each command |
//! | `settings/` | the configuration: file, profile, options, and the origin of each value |
//! | `connect` | the driver for a call: Hugging Face, a server, a local model or the sandbox |
//! | `prompt`, `attachment`, `schema_words`, `conversation` | the request of a call |
//! | `turn`, `command_tools` | a call, its output as it arrives, and commands as tools |
//! | `confirm` | questions to the user |
//! | `task_table` | the other tasks by name |
//! | `commands/` | one file for each command |
//! | `output/` | standard output and standard error, Markdown, JSON |
//! | `failure`, `exit` | errors and exit codes |

mod attachment;
mod cli;
mod command_tools;
mod commands;
mod confirm;
mod connect;
mod conversation;
mod exit;
mod failure;
mod output;
mod prompt;
mod schema_words;
mod settings;
mod task_table;
mod turn;

pub use cli::command;
pub use exit::Exit;

use clap::FromArgMatches;
use output::Console;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::process::ExitCode;

/// Runs the program with the arguments of this process, and returns its exit code.
pub fn run() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let has_words = arguments.len() > 1;
    if !has_words && std::io::stdin().is_terminal() {
        // Without a prompt, a terminal has nothing to answer.
        Console::plain().help(&command().render_help().to_string());
        return Exit::Usage.into();
    }
    let cli::Ordered { arguments, early_options } = cli::with_default_command(arguments);
    let parsed =
        command().try_get_matches_from(arguments).and_then(|matches| cli::Cli::from_arg_matches(&matches));
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help goes to standard output, and a closed pipe is a normal end.
            let _ = error.print();
            if let Some(name) = early_options.filter(|_| error.use_stderr()) {
                let console = Console::plain();
                console.note(&format!(
                    "\n`{name}` is a command. A prompt that begins with this word: botticelli ask {name} …"
                ));
            }
            return if error.use_stderr() { Exit::Usage } else { Exit::Complete }.into();
        }
    };
    let mut console = Console::new(&parsed.global);
    let result = commands::run(parsed, &mut console);
    finish(&mut console, result)
}

/// Prints an error, and returns the exit code.
fn finish(console: &mut Console, result: Result<Exit, failure::Failure>) -> ExitCode {
    match result.and_then(|exit| console.flush().map(|()| exit)) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            console.failure(&failure);
            failure.exit().into()
        }
    }
}
