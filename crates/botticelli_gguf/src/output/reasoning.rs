//! Reasoning between tags.

use super::stop_texts::overlap;
use botticelli_core::Delta;

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// Separates reasoning from the text of a response.
#[derive(Clone, Debug)]
pub(super) struct ReasoningSplitter {
    state: State,
    held: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing but white space, or a part of the open tag.
    Start,
    /// After the open tag, before the first word.
    Opened,
    Reasoning,
    /// After the close tag, before the first word.
    Closed,
    Text,
}

impl ReasoningSplitter {
    /// Returns a splitter that looks for the open tag at the beginning of the response.
    pub(super) const fn new() -> Self {
        Self { state: State::Start, held: String::new() }
    }

    /// Returns a splitter for a response that begins inside of reasoning.
    pub(super) const fn opened() -> Self {
        Self { state: State::Opened, held: String::new() }
    }

    /// Returns a splitter for a response without reasoning.
    pub(super) const fn text() -> Self {
        Self { state: State::Text, held: String::new() }
    }

    pub(super) fn push(&mut self, text: &str) -> Vec<Delta> {
        self.held.push_str(text);
        let mut deltas = Vec::new();
        while self.advance(&mut deltas) {}
        deltas
    }

    /// Handles the held text. Returns whether the state changed.
    fn advance(&mut self, deltas: &mut Vec<Delta>) -> bool {
        match self.state {
            State::Start => {
                let begin = self.held.trim_start();
                if let Some(rest) = begin.strip_prefix(OPEN) {
                    self.held = rest.to_owned();
                    self.state = State::Opened;
                    return true;
                }
                if OPEN.starts_with(begin) {
                    return false;
                }
                self.state = State::Text;
                true
            }
            State::Opened | State::Closed => {
                let rest = self.held.trim_start().to_owned();
                self.held = rest;
                if self.held.is_empty() {
                    return false;
                }
                self.state = if self.state == State::Opened { State::Reasoning } else { State::Text };
                true
            }
            State::Reasoning => {
                if let Some((before, after)) = self.held.split_once(CLOSE) {
                    push(deltas, Delta::Reasoning(before.trim_end().to_owned()));
                    self.held = after.to_owned();
                    self.state = State::Closed;
                    return true;
                }
                // A part of the tag, and white space before it, may be the end of the reasoning.
                let open = overlap(&self.held, CLOSE);
                let certain = self.held.len() - open;
                let certain = self.held.get(..certain).unwrap_or_default().trim_end().len();
                let rest = self.held.split_off(certain);
                push(deltas, Delta::Reasoning(std::mem::replace(&mut self.held, rest)));
                false
            }
            State::Text => {
                push(deltas, Delta::Text(std::mem::take(&mut self.held)));
                false
            }
        }
    }

    /// Returns the held text at the end of a response.
    pub(super) fn finish(&mut self) -> Vec<Delta> {
        let held = std::mem::take(&mut self.held);
        let mut deltas = Vec::new();
        match self.state {
            State::Reasoning => push(&mut deltas, Delta::Reasoning(held.trim_end().to_owned())),
            State::Start | State::Text => push(&mut deltas, Delta::Text(held)),
            State::Opened | State::Closed => {}
        }
        deltas
    }

    /// Returns whether the next token belongs to the reasoning.
    pub(super) const fn is_reasoning(&self) -> bool {
        matches!(self.state, State::Opened | State::Reasoning)
    }
}

fn push(deltas: &mut Vec<Delta>, delta: Delta) {
    if delta.size() > 0 {
        deltas.push(delta);
    }
}
