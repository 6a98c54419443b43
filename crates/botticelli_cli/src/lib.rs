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
    let all = command();
    let cli::Ordered { arguments, early_options, typo } = cli::with_default_command(&all, arguments);
    if let Some(cli::Typo { word, command, is_alone: true }) = &typo {
        // A typo would be sent to a model, and paid for.
        let line = format!(
            "'{word}' is not a command. Did you mean `{command}`? To send it as a prompt: botticelli ask {word}"
        );
        return finish(&mut Console::plain(), Err(failure::Failure::usage(line)));
    }
    let parsed = all.try_get_matches_from(arguments).and_then(|matches| cli::Cli::from_arg_matches(&matches));
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            let printed = error.print();
            if !error.use_stderr() {
                // Help goes to standard output, and a closed pipe is a normal end.
                let printed =
                    printed.map(|()| Exit::Complete).map_err(|error| failure::Failure::output(&error));
                return finish(&mut Console::plain(), printed);
            }
            if let Some(name) = early_options {
                Console::plain().note(&format!(
                    "\n`{name}` is a command. A prompt that begins with this word: botticelli ask {name} …"
                ));
            } else if let Some(cli::Typo { word, command, .. }) = typo {
                Console::plain().note(&format!("\n'{word}' is not a command. Did you mean `{command}`?"));
            }
            return Exit::Usage.into();
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
