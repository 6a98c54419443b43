//! `completions` and `man`.

use crate::Exit;
use crate::cli::{CompletionsArgs, ManArgs, command};
use crate::failure::{Failure, Outcome};
use crate::output::Console;
use std::fs;
use std::path::Path;

/// Prints the completions of a shell.
pub(crate) fn completions(arguments: &CompletionsArgs, console: &mut Console) -> Outcome<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command(), "botticelli", &mut script);
    console.print_bytes(&script)?;
    Ok(Exit::Complete)
}

/// Prints the manual page of the program, or writes one page for each command into a folder.
pub(crate) fn man(arguments: &ManArgs, console: &mut Console) -> Outcome<Exit> {
    let mut program = command();
    program.build();
    let Some(folder) = &arguments.dir else {
        console.print_bytes(&page(program)?)?;
        return Ok(Exit::Complete);
    };
    let failed = |error: &std::io::Error| Failure::io(&folder.display().to_string(), error);
    fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    write_pages(program, folder).map_err(|error| failed(&error))?;
    Ok(Exit::Complete)
}

fn page(command: clap::Command) -> Outcome<Vec<u8>> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut text)
        .map_err(|error| Failure::io("the manual page", &error))?;
    Ok(text)
}

fn write_pages(command: clap::Command, folder: &Path) -> std::io::Result<()> {
    for inner in command.get_subcommands() {
        write_pages(inner.clone(), folder)?;
    }
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let mut text = Vec::new();
    clap_mangen::Man::new(command).render(&mut text)?;
    fs::write(folder.join(format!("{name}.1")), text)
}
