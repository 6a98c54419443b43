//! The order of the arguments, and `ask` as the default command.

use super::command;
use clap::{Arg, ArgAction, Command};
use std::ffi::OsString;

/// Arguments in the order that the parser expects: the command, then its options.
#[derive(Debug)]
pub(crate) struct Ordered {
    pub(crate) arguments: Vec<OsString>,
    /// The command, if one of its options came before it. The user may have meant a prompt.
    pub(crate) early_options: Option<String>,
}

/// Puts the command before its options, or adds `ask` if the arguments name no command.
///
/// The first word that is neither an option nor the value of one decides. If it is the name of a command, it is the command, whether or
/// not options come before it. A prompt that begins with such a word is quoted, or follows `ask`.
pub(crate) fn with_default_command(arguments: Vec<OsString>) -> Ordered {
    let all = command();
    let (mut path, mut rest) = (Vec::new(), Vec::new());
    let mut early_options = None;
    let mut current = &all;
    let mut only_global = true;
    let mut is_value = false;
    let mut words = arguments.iter().skip(1);
    for argument in words.by_ref() {
        let word = argument.to_str();
        let found = word.filter(|_| !is_value).and_then(|word| current.find_subcommand(word));
        if let Some(found) = found {
            if path.is_empty() && !only_global {
                early_options = word.map(str::to_owned);
            }
            path.push(argument.clone());
            current = found;
            continue;
        }
        rest.push(argument.clone());
        if std::mem::take(&mut is_value) {
            continue;
        }
        let Some(word) = word else { break };
        if matches!(word, "--help" | "-h" | "--version" | "-V") && only_global && path.is_empty() {
            return Ordered { arguments, early_options: None };
        }
        if word == "--" || word == "-" || !word.starts_with('-') {
            break;
        }
        only_global &= is_of(&all, word);
        is_value = takes_next(&[&all, current], word)
            .or_else(|| all.find_subcommand("ask").and_then(|ask| takes_next(&[ask], word)))
            .unwrap_or_else(|| takes_next(&descendants(&all), word).unwrap_or_default());
    }
    rest.extend(words.cloned());
    if path.is_empty() {
        path.push("ask".into());
    }
    let arguments = arguments.into_iter().take(1).chain(path).chain(rest).collect();
    Ordered { arguments, early_options }
}

/// Returns all commands below a command.
fn descendants(command: &Command) -> Vec<&Command> {
    command.get_subcommands().flat_map(|below| std::iter::once(below).chain(descendants(below))).collect()
}

/// Returns whether each option in a word belongs to the command.
fn is_of(command: &Command, word: &str) -> bool {
    takes_next(&[command], word).is_some()
}

/// Returns whether the next word is the value of the option in this word: `--model`, `--model=x`, `-m`, `-mx` or `-um`. `None` if no
/// command has the option.
fn takes_next(commands: &[&Command], word: &str) -> Option<bool> {
    let find = |fits: &dyn Fn(&Arg) -> bool| {
        commands.iter().flat_map(|command| command.get_arguments()).find(|option| fits(option))
    };
    if let Some(long) = word.strip_prefix("--") {
        let name = long.split('=').next().unwrap_or(long);
        let option = find(&|option| option.get_long() == Some(name))?;
        return Some(takes_value(option) && !long.contains('='));
    }
    let mut letters = word.chars().skip(1).peekable();
    while let Some(letter) = letters.next() {
        let option = find(&|option| option.get_short() == Some(letter))?;
        if takes_value(option) {
            return Some(letters.peek().is_none());
        }
        if letters.peek() == Some(&'=') {
            break;
        }
    }
    Some(false)
}

/// Returns whether the value of an option may be the next word.
fn takes_value(option: &Arg) -> bool {
    matches!(option.get_action(), ArgAction::Set | ArgAction::Append) && !option.is_require_equals_set()
}
