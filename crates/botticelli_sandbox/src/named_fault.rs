//! The text forms of faults that have a name and sometimes a number: `name` or `name=number`.

use std::fmt;
use std::str::FromStr;

/// Returns the definition that a text names, and its number. `None` for an unknown name, an invalid number, or a number that the fault
/// does not take.
pub(crate) fn parse<D, N: FromStr + Default>(
    text: &str,
    all: &'static [D],
    name_and_default: impl Fn(&D) -> (&'static str, Option<N>),
) -> Option<(&'static D, N)> {
    let (name, number) = match text.split_once('=') {
        Some((name, number)) => (name, Some(number.parse().ok()?)),
        None => (text, None),
    };
    let definition = all.iter().find(|definition| name_and_default(definition).0 == name)?;
    match (number, name_and_default(definition).1) {
        (Some(_), None) => None,
        (number, default) => Some((definition, number.or(default).unwrap_or_default())),
    }
}

/// Writes a fault. `number` is `None` for a fault without a number.
pub(crate) fn write(
    formatter: &mut fmt::Formatter<'_>,
    name: &str,
    number: Option<impl fmt::Display>,
) -> fmt::Result {
    match number {
        Some(number) => write!(formatter, "{name}={number}"),
        None => formatter.write_str(name),
    }
}

/// Writes the error for a text that names no fault of `owner`.
pub(crate) fn write_unknown(
    formatter: &mut fmt::Formatter<'_>,
    owner: &str,
    text: &str,
    names: impl Iterator<Item = &'static str>,
) -> fmt::Result {
    let names = names.collect::<Vec<_>>().join(", ");
    write!(formatter, "no fault of {owner} is named {text:?}; the faults are {names}")
}
