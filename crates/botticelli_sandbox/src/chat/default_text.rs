//! What the sandbox says.

use super::message::Role;
use super::request::ChatRequest;
use super::tokens::tokens;

/// How much of the question is repeated, in tokens.
const ECHO_TOKENS: usize = 12;

/// A text that nobody takes for a model's, and that depends on the request alone. Characters of
/// two, three and four bytes are in it, because clients must expect them.
pub(super) fn default_text(request: &ChatRequest, media: &str) -> String {
    let mut text =
        String::from("This is the Botticelli sandbox, not a model: it only repeats what you say. ");
    text.extend(["You said “", &echo(&last_text(request)), "”. "]);
    text.push_str(media);
    text.push_str("Voilà, every call is answered like this 🎨, at no cost.");
    text
}

/// The last thing the user said, or the last thing said at all. The result of a tool whose call is
/// lost is a text like any other.
fn last_text(request: &ChatRequest) -> String {
    if let Some(last) = request.messages.last().filter(|last| last.role == Role::Tool) {
        return last.content.text();
    }
    request
        .messages
        .iter()
        .rfind(|message| message.role == Role::User)
        .or(request.messages.last())
        .map(|message| message.content.text())
        .unwrap_or_default()
}

fn echo(question: &str) -> String {
    let question = question.trim();
    let mut echo: String = tokens(question).take(ECHO_TOKENS).collect();
    if echo.len() < question.len() {
        echo.push('…');
    }
    echo
}
