//! How the sandbox goes on with a text.

use crate::chat::{pieces_of, tokens};

/// How much of the text's end is repeated, in tokens.
const ECHO_TOKENS: usize = 6;

/// What follows a prompt; depends on nothing else.
pub(super) fn continuation(prompt: &str, variant: usize) -> String {
    let pieces = pieces_of(prompt.trim_end());
    let end: String =
        pieces.iter().skip(pieces.len().saturating_sub(ECHO_TOKENS)).map(String::as_str).collect();
    let text = format!(
        " and so the Botticelli sandbox, which is no model, goes on after “{}” and paints a little more 🎨.",
        end.trim_start()
    );
    if variant == 0 { text } else { format!("{text} This is choice {}.", variant + 1) }
}

pub(super) fn count(text: &str) -> u64 {
    u64::try_from(tokens(text).count()).unwrap_or(u64::MAX)
}
