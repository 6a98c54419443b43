//! Simple tokenizer.

/// Maximum token length, in characters.
const LONGEST: usize = 8;

/// Splits a text into tokens. A token is also a piece of a stream.
///
/// A token is a word with the space before it. Long words and long runs of spaces are split. The
/// concatenated tokens equal the text.
pub(crate) fn tokens(text: &str) -> Tokens<'_> {
    Tokens { rest: text }
}

#[derive(Clone, Debug)]
pub(crate) struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let (token, rest) = self.rest.split_at_checked(end(self.rest))?;
        self.rest = rest;
        Some(token)
    }
}

/// Returns the end of the first token in bytes, always at a character boundary.
fn end(text: &str) -> usize {
    let mut length = 0_usize;
    let mut in_word = false;
    for (at, character) in text.char_indices() {
        let is_blank = character.is_whitespace();
        if length == LONGEST || (in_word && is_blank) {
            return at;
        }
        // A leading space does not count toward the word length.
        if at > 0 || !is_blank {
            length += 1;
        }
        in_word |= !is_blank;
    }
    text.len()
}
