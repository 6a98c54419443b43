//! The order of the arguments, and `ask` as the default command.

use clap::{Arg, ArgAction, Command};
use std::ffi::OsString;

/// Arguments in the order that the parser expects: the command, then its options.
#[derive(Debug)]
pub(crate) struct Ordered {
    pub(crate) arguments: Vec<OsString>,
    /// The command, if one of its options came before it. The user may have meant a prompt.
    pub(crate) early_options: Option<String>,
    /// The first word of a prompt, and the command whose name it nearly is.
    pub(crate) typo: Option<Typo>,
}

/// A word that may be a misspelled command.
#[derive(Debug)]
pub(crate) struct Typo {
    pub(crate) word: String,
    pub(crate) command: String,
    /// True if the prompt has no other word. It is then more likely a mistake than a prompt.
    pub(crate) is_alone: bool,
}

/// Puts the command before its options, or adds `ask` if the arguments name no command.
///
/// The first word that is neither an option nor the value of one decides. If it is the name of a command, it is the command, whether or
/// not options come before it. A prompt that begins with such a word is quoted, or follows `ask`.
pub(crate) fn with_default_command(all: &Command, arguments: Vec<OsString>) -> Ordered {
    let (mut path, mut rest) = (Vec::new(), Vec::new());
    let mut early_options = None;
    let mut current = all;
    let mut only_global = true;
    let mut is_value = false;
    let mut first = None;
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
            return Ordered { arguments, early_options: None, typo: None };
        }
        if !word.starts_with('-') {
            first = Some(word);
        }
        if word == "--" || word == "-" || !word.starts_with('-') {
            break;
        }
        only_global &= is_of(all, word);
        is_value = is_followed_by_value(all, current, word);
    }
    let typo = first.filter(|_| path.is_empty()).and_then(|word| {
        let command = all.get_subcommands().map(Command::get_name).find(|name| is_nearly(word, name))?;
        let is_alone = !has_word(all, words.clone());
        Some(Typo { word: word.to_owned(), command: command.to_owned(), is_alone })
    });
    rest.extend(words.cloned());
    if path.is_empty() {
        path.push("ask".into());
    }
    let arguments = arguments.into_iter().take(1).chain(path).chain(rest).collect();
    Ordered { arguments, early_options, typo }
}

/// Returns whether the next word is the value of the option in this word, for the command so far, for `ask`, or for any other.
fn is_followed_by_value(all: &Command, current: &Command, word: &str) -> bool {
    takes_next(&[all, current], word)
        .or_else(|| all.find_subcommand("ask").and_then(|ask| takes_next(&[ask], word)))
        .unwrap_or_else(|| takes_next(&descendants(all), word).unwrap_or_default())
}

/// Returns whether one of the arguments of `ask` is a word of the prompt.
fn has_word<'a>(all: &Command, arguments: impl Iterator<Item = &'a OsString>) -> bool {
    let mut is_value = false;
    for argument in arguments {
        if std::mem::take(&mut is_value) {
            continue;
        }
        let Some(word) = argument.to_str() else { return true };
        if !word.starts_with('-') {
            return true;
        }
        is_value = is_followed_by_value(all, all, word);
    }
    false
}

/// Returns whether a word is a command with one wrong, missing, additional or exchanged letter. Short names are near too many words.
fn is_nearly(word: &str, name: &str) -> bool {
    let (word, name): (Vec<char>, Vec<char>) = (word.chars().collect(), name.chars().collect());
    let same = |a: &[char], b: &[char]| a == b;
    let common = word.iter().zip(&name).take_while(|(a, b)| a == b).count();
    let (left, right) = (word.get(common..).unwrap_or_default(), name.get(common..).unwrap_or_default());
    if name.len() < 4 || (left.is_empty() && right.is_empty()) {
        return false;
    }
    let after = |part: &[char], count: usize| part.get(count..).map(<[char]>::to_vec);
    let is_exchanged = match (left, right) {
        ([a, b, left @ ..], [c, d, right @ ..]) => a == d && b == c && same(left, right),
        _ => false,
    };
    is_exchanged
        || after(left, 1).is_some_and(|left| same(&left, right))
        || after(right, 1).is_some_and(|right| same(left, &right))
        || after(left, 1).is_some_and(|left| after(right, 1).is_some_and(|right| left == right))
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
