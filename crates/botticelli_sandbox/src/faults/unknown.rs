//! Errors for invalid fault names.

use std::fmt;

/// An unknown fault name or an invalid number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFault {
    word: String,
    reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    /// Contains the nearest known name.
    Name(&'static str),
    TakesNoNumber,
    Times,
    Number {
        least: u64,
        most: u64,
    },
}

impl UnknownFault {
    pub(super) fn name(word: &str, known: impl Iterator<Item = &'static str>) -> Self {
        let nearest = known.min_by_key(|name| distance(word, name));
        Self { word: word.to_owned(), reason: Reason::Name(nearest.unwrap_or_default()) }
    }

    pub(super) fn takes_no_number(word: &str) -> Self {
        Self { word: word.to_owned(), reason: Reason::TakesNoNumber }
    }

    pub(super) fn times(word: &str) -> Self {
        Self { word: word.to_owned(), reason: Reason::Times }
    }

    pub(super) fn number(word: &str, least: u64, most: u64) -> Self {
        Self { word: word.to_owned(), reason: Reason::Number { least, most } }
    }
}

impl fmt::Display for UnknownFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = &self.word;
        match self.reason {
            Reason::Name(nearest) => {
                write!(formatter, "unknown fault `{word}`: did you mean `{nearest}`?")?;
                formatter.write_str(" `Fault::all()` and `botticelli_sandbox --list-faults` list them all")
            }
            Reason::TakesNoNumber => write!(formatter, "fault `{word}`: this one takes no number"),
            Reason::Times => write!(formatter, "fault `{word}`: a whole number of calls must follow the `*`"),
            Reason::Number { least, most } => {
                write!(formatter, "fault `{word}`: the number must be a whole one from {least} to {most}")
            }
        }
    }
}

impl std::error::Error for UnknownFault {}

/// Returns the Levenshtein distance.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (above, letter) in from.chars().enumerate() {
        let (mut diagonal, mut left) = (above, above + 1);
        for (cell, other) in row.iter_mut().skip(1).zip(to.chars()) {
            let here = (left + 1).min(*cell + 1).min(diagonal + usize::from(letter != other));
            diagonal = std::mem::replace(cell, here);
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = above + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn distance_is_the_levenshtein_distance() {
        for (from, to, expected) in [
            ("", "", 0),
            ("a", "", 1),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("flaw", "lawn", 2),
            ("à", "a", 1),
        ] {
            assert_eq!(distance(from, to), expected, "{from} {to}");
        }
    }
}
