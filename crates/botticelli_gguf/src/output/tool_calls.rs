//! Tool calls in the text of a response.

use super::stop_texts::overlap;
use super::tool_dialect::{Call, ToolDialect, read};
use botticelli_core::{Delta, ToolCallDelta};

const PYTHON_TAG: &str = "<|python_tag|>";

/// The tool calls that a response may contain.
#[derive(Clone, Debug)]
pub(crate) struct ToolCalls {
    pub(crate) dialect: ToolDialect,
    /// Names of the tools of the request. Other names stay text.
    pub(crate) names: Vec<String>,
    /// Prefix of the ids of this response.
    pub(crate) id: u64,
}

/// Separates tool calls from the text of a response.
#[derive(Clone, Debug)]
pub(super) struct ToolSplitter {
    expected: ToolCalls,
    state: State,
    held: String,
    count: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing but white space.
    Start,
    Text,
    /// After the text that opens a call.
    Call,
}

impl ToolSplitter {
    pub(super) const fn new(expected: ToolCalls) -> Self {
        Self { expected, state: State::Start, held: String::new(), count: 0 }
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
                if begin.is_empty() {
                    return false;
                }
                let is_call = self.expected.dialect == ToolDialect::Whole
                    && (begin.starts_with('{') || begin.starts_with(PYTHON_TAG));
                let may_be_tag = self.expected.dialect == ToolDialect::Whole && PYTHON_TAG.starts_with(begin);
                if may_be_tag && !is_call {
                    return false;
                }
                self.state = if is_call { State::Call } else { State::Text };
                true
            }
            State::Text => {
                let Some(open) = self.expected.dialect.open() else {
                    push_text(deltas, std::mem::take(&mut self.held));
                    return false;
                };
                if let Some((before, after)) = self.held.split_once(open) {
                    push_text(deltas, before.trim_end().to_owned());
                    self.held = after.to_owned();
                    self.state = State::Call;
                    return true;
                }
                // A part of the tag, and white space before it, may be the end of the text.
                let certain = self.held.len() - overlap(&self.held, open);
                let certain = self.held.get(..certain).unwrap_or_default().trim_end().len();
                let rest = self.held.split_off(certain);
                push_text(deltas, std::mem::replace(&mut self.held, rest));
                false
            }
            State::Call => {
                let Some(close) = self.expected.dialect.close() else { return false };
                let Some((call, after)) = self.held.split_once(close) else { return false };
                let (call, after) = (call.to_owned(), after.to_owned());
                self.emit(&call, close, deltas);
                self.held = after;
                self.state = State::Text;
                true
            }
        }
    }

    /// Returns the held text at the end of a response.
    pub(super) fn finish(&mut self) -> Vec<Delta> {
        let held = std::mem::take(&mut self.held);
        let mut deltas = Vec::new();
        match self.state {
            // The close tag may be missing.
            State::Call => self.emit(&held, "", &mut deltas),
            State::Text if self.count > 0 => push_text(&mut deltas, held.trim_end().to_owned()),
            State::Start | State::Text => push_text(&mut deltas, held),
        }
        deltas
    }

    fn emit(&mut self, text: &str, close: &str, deltas: &mut Vec<Delta>) {
        let json = text.trim_start();
        let json = json.strip_prefix(PYTHON_TAG).unwrap_or(json);
        let is_known = |call: &Call| self.expected.names.contains(&call.name);
        let Some(calls) = read(json).filter(|calls| calls.iter().all(is_known)) else {
            let open = self.expected.dialect.open().unwrap_or_default();
            push_text(deltas, [open, text, close].concat());
            return;
        };
        for Call { name, arguments } in calls {
            let delta = ToolCallDelta::new(self.count, Some(self.id()), Some(name), arguments);
            deltas.push(Delta::ToolCall(delta));
            self.count += 1;
        }
    }

    /// Returns the id of the next call: nine letters and digits, the only form that all templates accept.
    fn id(&self) -> String {
        const DIGITS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let count = u64::try_from(self.count).unwrap_or(u64::MAX);
        let mut bits = self.expected.id.wrapping_add(count).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        bits ^= bits >> 29;
        let digit = |at: u32| {
            let at = usize::try_from((bits >> (5 * at)) & 31).unwrap_or_default();
            DIGITS.get(at).copied().map_or('a', char::from)
        };
        (0..9).map(digit).collect()
    }
}

fn push_text(deltas: &mut Vec<Delta>, text: String) {
    if !text.is_empty() {
        deltas.push(Delta::Text(text));
    }
}
