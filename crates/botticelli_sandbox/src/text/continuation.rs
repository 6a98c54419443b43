//! Default text of a completion.

use crate::chat::{pieces_of, tokens};

/// Number of tokens repeated from the end of the prompt.
const ECHO_TOKENS: usize = 6;

/// Returns the text that follows a prompt. Depends only on the prompt and the choice index.
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
