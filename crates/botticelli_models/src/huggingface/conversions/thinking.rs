//! Reasoning that stands in the text.
//!
//! Some models write what they think into the answer, between `<think>` and `</think>`, and the tags may be cut anywhere.
//! Only a text that *begins* with the tag is taken apart: a model may well write about it later. A template that puts the
//! opening tag into the prompt leaves a lone `</think>`, which stays in the text.

use botticelli_core::Delta;

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// How much may stand before the opening tag, itself included: some models begin with a line break.
const LONGEST: usize = 64;

/// How much white space may follow the opening tag, in bytes, before it counts as reasoning.
const MOST_BLANK: usize = 4096;

/// Takes reasoning out of one choice's text, as it arrives.
#[derive(Debug, Default)]
pub(super) enum Thinking {
    /// Nothing but the beginning of a tag has come, if that.
    #[default]
    Unknown,
    /// What came may be the beginning of a tag.
    Opening(String),
    /// After the opening tag, with nothing but white space so far.
    Opened(String),
    /// Between the tags; the end of what came may be the beginning of the closing one.
    Inside(String),
    /// After the closing tag, before the first word of the answer.
    Closed,
    /// In the text.
    Outside,
}

impl Thinking {
    /// Notes that reasoning came in a field of its own: then the text is only text. Text that was held back, because it might
    /// have been the beginning of a tag, is text too.
    pub(super) fn is_elsewhere(&mut self, deltas: &mut Vec<Delta>) {
        match self {
            Self::Unknown => *self = Self::Outside,
            Self::Opening(held) => {
                push(Delta::Text, held, deltas);
                *self = Self::Outside;
            }
            _ => {}
        }
    }

    /// Whether whatever comes is text.
    pub(super) fn is_over(&self) -> bool {
        matches!(self, Self::Outside)
    }

    /// Takes a piece of the text.
    pub(super) fn read(&mut self, text: String, deltas: &mut Vec<Delta>) {
        match std::mem::take(self) {
            Self::Outside => {
                *self = Self::Outside;
                deltas.push(Delta::Text(text));
            }
            Self::Unknown => self.open(text, deltas),
            Self::Opening(held) => self.open(held + &text, deltas),
            Self::Opened(held) => self.begin(&(held + &text), deltas),
            Self::Inside(held) => self.inside(&(held + &text), deltas),
            Self::Closed => self.close(&text, deltas),
        }
    }

    /// The text is over: what was held back is what it looks like.
    pub(super) fn flush(&mut self) -> Option<Delta> {
        match std::mem::replace(self, Self::Outside) {
            Self::Opening(held) => Some(Delta::Text(held)),
            Self::Opened(held) if !held.trim().is_empty() => {
                Some(Delta::Reasoning(held.trim_start_matches(['\r', '\n']).to_owned()))
            }
            Self::Inside(held) if !held.is_empty() => Some(Delta::Reasoning(held)),
            _ => None,
        }
    }

    fn open(&mut self, text: String, deltas: &mut Vec<Delta>) {
        let said = text.trim_start();
        if let Some(inner) = said.strip_prefix(OPEN) {
            return self.begin(inner, deltas);
        }
        *self = if OPEN.starts_with(said) && text.len() < LONGEST {
            Self::Opening(text)
        } else {
            deltas.push(Delta::Text(text));
            Self::Outside
        };
    }

    /// Reads what follows the opening tag. White space alone is no reasoning, and line breaks before it are not part of it.
    fn begin(&mut self, text: &str, deltas: &mut Vec<Delta>) {
        let said = text.trim_start();
        if let Some(rest) = said.strip_prefix(CLOSE) {
            return self.close(rest, deltas);
        }
        if CLOSE.starts_with(said) && text.len() < MOST_BLANK {
            *self = Self::Opened(text.to_owned());
        } else {
            self.inside(text.trim_start_matches(['\r', '\n']), deltas);
        }
    }

    fn inside(&mut self, text: &str, deltas: &mut Vec<Delta>) {
        if let Some((reasoning, rest)) = text.split_once(CLOSE) {
            push(Delta::Reasoning, reasoning, deltas);
            return self.close(rest, deltas);
        }
        let held =
            (1..CLOSE.len()).rev().filter_map(|length| CLOSE.get(..length)).find(|tag| text.ends_with(tag));
        let held = held.unwrap_or_default();
        push(Delta::Reasoning, text.strip_suffix(held).unwrap_or(text), deltas);
        *self = Self::Inside(held.to_owned());
    }

    /// Blank lines part the reasoning from the answer, and belong to neither.
    fn close(&mut self, text: &str, deltas: &mut Vec<Delta>) {
        let said = text.trim_start_matches(['\r', '\n']);
        push(Delta::Text, said, deltas);
        *self = if said.is_empty() { Self::Closed } else { Self::Outside };
    }
}

fn push(delta: impl Fn(String) -> Delta, text: &str, deltas: &mut Vec<Delta>) {
    if !text.is_empty() {
        deltas.push(delta(text.to_owned()));
    }
}
