//! The sandbox's tokenizer.

/// A word longer than this is cut, in characters.
const LONGEST: usize = 8;

/// The pieces of a text: a token is a piece as streamed.
///
/// A piece is a word with the blank before it; long words (and long runs of blanks) are cut.
/// Nothing is lost: joined together the pieces are the text again.
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

/// Where the first piece ends, in bytes, always between two characters.
fn end(text: &str) -> usize {
    let mut length = 0_usize;
    let mut in_word = false;
    for (at, character) in text.char_indices() {
        let is_blank = character.is_whitespace();
        if length == LONGEST || (in_word && is_blank) {
            return at;
        }
        // The blank in front is no part of the word.
        if at > 0 || !is_blank {
            length += 1;
        }
        in_word |= !is_blank;
    }
    text.len()
}
