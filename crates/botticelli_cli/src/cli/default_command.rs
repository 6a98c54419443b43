//! `ask` as the default command.

use super::command;
use clap::{Arg, ArgAction, Command};
use std::ffi::OsString;

/// Returns the arguments with `ask`, if they name no command.
///
/// The first word that is neither an option nor the value of one decides. Only options of every command may come before a command,
/// so `-m org/model models` is a prompt.
pub(crate) fn with_default_command(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let all = command();
    let Some(ask) = all.find_subcommand("ask") else { return arguments };
    let mut is_value = false;
    let mut only_global = true;
    for argument in arguments.iter().skip(1) {
        if std::mem::take(&mut is_value) {
            continue;
        }
        let Some(word) = argument.to_str() else { break };
        if matches!(word, "--help" | "-h" | "--version" | "-V") && only_global {
            return arguments;
        }
        if !word.starts_with('-') || word == "-" {
            let is_command = all.get_subcommands().any(|command| command.get_name() == word);
            if is_command && only_global {
                return arguments;
            }
            break;
        }
        if word == "--" {
            break;
        }
        let global = find(&all, word);
        only_global &= global.is_some();
        is_value = global.or_else(|| find(ask, word)).is_some_and(|option| takes_next(option, word));
    }
    arguments.insert(1, "ask".into());
    arguments
}

/// Returns the option that a word names: `--model`, `--model=x`, `-m` or `-mx`.
fn find<'a>(command: &'a Command, word: &str) -> Option<&'a Arg> {
    if let Some(long) = word.strip_prefix("--") {
        let name = long.split('=').next().unwrap_or(long);
        return command.get_arguments().find(|option| option.get_long() == Some(name));
    }
    let letter = word.chars().nth(1);
    command.get_arguments().find(|option| option.get_short() == letter)
}

/// Returns whether the next word is the value of the option.
fn takes_next(option: &Arg, word: &str) -> bool {
    let is_attached = word.contains('=') || (!word.starts_with("--") && word.chars().count() > 2);
    matches!(option.get_action(), ArgAction::Set | ArgAction::Append)
        && !option.is_require_equals_set()
        && !is_attached
}
