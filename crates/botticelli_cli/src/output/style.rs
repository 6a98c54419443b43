//! Colors and control characters.

use std::fmt::Write;

/// Colors, or none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    is_on: bool,
}

impl Paint {
    pub(crate) const fn new(is_on: bool) -> Self {
        Self { is_on }
    }

    pub(crate) const fn is_on(self) -> bool {
        self.is_on
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.code("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.code("2", text)
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.code("1;31", text)
    }

    /// Returns `text` with the codes of a style.
    pub(crate) fn code(self, codes: &str, text: &str) -> String {
        if !self.is_on || text.is_empty() || codes.is_empty() {
            return text.to_owned();
        }
        format!("\u{1b}[{codes}m{text}\u{1b}[0m")
    }
}

/// Returns text for a terminal, in which every control character but line ends and tabs is visible, and so is a change of the
/// direction of text.
///
/// The text of a model or a server could otherwise move the cursor, change the title or write to the clipboard.
pub(crate) fn sanitized(text: &str) -> String {
    if !text.chars().any(is_hidden) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) {
            // Writing to a string cannot fail.
            let _ = write!(shown, "{}", character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Returns whether a character changes the terminal, or the order in which text is shown.
fn is_hidden(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        // A question could show another command than the one that runs.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        character => character.is_control(),
    }
}
