//! Separates reasoning from text.
//!
//! Some models write their reasoning into the text, between `<think>` and `</think>`. The tags may be split anywhere. Only a text
//! that *begins* with the tag is split up, because a model may write about the tag later. A chat template may put the opening tag
//! into the prompt: that leaves a lone `</think>`, which stays in the text.

use super::piece::Deltas;
use botticelli_core::Delta;

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// Maximum bytes of leading white space and opening tag. Some models begin with a line break.
const MAX_PREFIX: usize = 64;

/// Maximum bytes of white space after the opening tag before it counts as reasoning.
const MAX_BLANK: usize = 4096;

/// Separates the reasoning from the text of one choice, as it arrives.
#[derive(Debug, Default)]
pub(super) enum Thinking {
    /// Nothing has arrived.
    #[default]
    Unknown,
    /// The text so far may be the beginning of a tag.
    Opening(String),
    /// After the opening tag, with only white space so far.
    Opened(String),
    /// Between the tags. The held text may be the beginning of the closing tag.
    Inside(String),
    /// After the closing tag, before the first word of the text.
    Closed,
    /// In the text.
    Outside,
}

impl Thinking {
    /// Records that reasoning arrived in a separate field. Unless an opening tag has arrived already, all text then is text,
    /// including what was held back as a possible tag.
    pub(super) fn disable(&mut self, deltas: &mut Deltas<'_>) {
        match self {
            Self::Unknown => *self = Self::Outside,
            Self::Opening(held) => {
                push(Delta::Text, held, deltas);
                *self = Self::Outside;
            }
            _ => {}
        }
    }

    /// Returns whether all that follows is text.
    pub(super) fn is_text_only(&self) -> bool {
        matches!(self, Self::Outside)
    }

    /// Reads the next part of the text.
    pub(super) fn read(&mut self, text: String, deltas: &mut Deltas<'_>) {
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

    /// Ends the text, and returns the part that was held back.
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

    fn open(&mut self, text: String, deltas: &mut Deltas<'_>) {
        let trimmed = text.trim_start();
        if let Some(inner) = trimmed.strip_prefix(OPEN) {
            return self.begin(inner, deltas);
        }
        *self = if OPEN.starts_with(trimmed) && text.len() < MAX_PREFIX {
            Self::Opening(text)
        } else {
            deltas.push(Delta::Text(text));
            Self::Outside
        };
    }

    /// Reads the text after the opening tag. White space alone is not reasoning, and leading line breaks are dropped.
    fn begin(&mut self, text: &str, deltas: &mut Deltas<'_>) {
        let trimmed = text.trim_start();
        if let Some(rest) = trimmed.strip_prefix(CLOSE) {
            return self.close(rest, deltas);
        }
        if CLOSE.starts_with(trimmed) && text.len() < MAX_BLANK {
            *self = Self::Opened(text.to_owned());
        } else {
            self.inside(text.trim_start_matches(['\r', '\n']), deltas);
        }
    }

    fn inside(&mut self, text: &str, deltas: &mut Deltas<'_>) {
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

    /// Reads the text after the closing tag. Line breaks between reasoning and text are dropped.
    fn close(&mut self, text: &str, deltas: &mut Deltas<'_>) {
        let trimmed = text.trim_start_matches(['\r', '\n']);
        push(Delta::Text, trimmed, deltas);
        *self = if trimmed.is_empty() { Self::Closed } else { Self::Outside };
    }
}

fn push(delta: impl Fn(String) -> Delta, text: &str, deltas: &mut Deltas<'_>) {
    if !text.is_empty() {
        deltas.push(delta(text.to_owned()));
    }
}
