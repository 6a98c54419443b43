//! Default response text.

use super::message::Role;
use super::request::ChatRequest;
use super::tokens::tokens;

/// Number of tokens repeated from the user's message.
const ECHO_TOKENS: usize = 12;

/// Returns a text that is recognizable as the sandbox's and depends only on the request. It
/// contains characters of two, three and four bytes, because clients must handle them.
pub(super) fn default_text(request: &ChatRequest, media: &str) -> String {
    let mut text =
        String::from("This is the Botticelli sandbox, not a model: it only repeats what you say. ");
    text.extend(["You said “", &echo(&last_text(request)), "”. "]);
    text.push_str(media);
    text.push_str("Voilà, every call is answered like this 🎨, at no cost.");
    text
}

/// Returns the text of the last user message, or of the last message without one. A tool
/// result without its call counts as plain text.
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
