//! Assigns the fragments of tool calls to their calls.
//!
//! Servers give their calls numbers, ids, both or neither. Text-generation-inference gives every call the id `0`. These rules
//! decide the call of a fragment, in this order:
//!
//! 1. A whole list (`message`) holds whole calls, one per entry.
//! 2. A fragment belongs to the last call with its `index`. Without an index, it belongs to the last call with its `id`. Without
//!    both, it belongs to the latest call, if the fragment is the first in its list. If a fragment without a name has an unknown
//!    index, its id decides, and the reverse. If both are unknown, it belongs to the latest call.
//! 3. A fragment without a name continues that call, even with another id, because some servers invent an id for each fragment.
//! 4. A fragment with the same name continues that call while its arguments are unfinished. Before the arguments begin, another
//!    name is the next part of the name, unless the id differs or both names are tools of the request.
//! 5. A fragment with the same name and no new id, after complete arguments, may repeat the call. It is held back until its
//!    arguments are complete, and dropped if they are the same.
//! 6. Any other fragment with a name begins a call.

use super::arguments::{Arguments, Stage};
use crate::huggingface::dto::HuggingFaceToolCall;
use botticelli_core::ToolCallDelta;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// Tool calls of a response that is still arriving.
#[derive(Debug, Default)]
pub(super) struct OpenCalls {
    calls: Vec<OpenCall>,
    /// The last call with each index of the server, and with each id.
    by_index: HashMap<u64, usize>,
    by_id: HashMap<String, usize>,
    /// Number of calls passed on.
    passed_on: usize,
    /// Bytes held back, in all calls.
    held: usize,
    /// Names of the request's tools.
    tools: Arc<[String]>,
}

/// The part of a call that has arrived.
#[derive(Debug, Default)]
struct OpenCall {
    id: Option<Box<str>>,
    name: String,
    arguments: Arguments,
    /// Index under which the call was passed on, starting at 0.
    number: Option<usize>,
    /// Data of the service that is not passed on yet, and whether there was any. The first one counts.
    extra_content: Option<Box<Value>>,
    has_extra_content: bool,
    /// The call that this one may repeat, and the arguments held back until that is certain.
    repeats: Option<Box<(usize, String)>>,
}

/// Kind of a list of calls: complete, or with fragments of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Whole,
    Pieces,
}

/// Relation of a fragment to the call that its index or id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Continues,
    MayRepeat,
    BeginsAnother,
}

impl OpenCalls {
    /// Returns an empty set for a request with these tools.
    pub(super) fn with_tools(tools: Arc<[String]>) -> Self {
        Self { tools, ..Self::default() }
    }

    /// Returns the number of bytes in memory: held-back text and the state of each call.
    pub(super) fn held(&self) -> usize {
        self.held.saturating_add(self.calls.len().saturating_mul(size_of::<OpenCall>()))
    }

    /// Reads the calls of one message or one delta.
    pub(super) fn read(&mut self, list: &[HuggingFaceToolCall], extent: Extent) -> Vec<ToolCallDelta> {
        // A list has one entry per call, so a fragment without an index can continue only a call of an earlier list.
        let earlier = self.calls.len();
        let mut deltas = Vec::with_capacity(list.len());
        for (position, piece) in list.iter().enumerate() {
            if extent == Extent::Whole {
                self.read_whole(piece, earlier, &mut deltas);
                continue;
            }
            let earlier_than = if piece.index().is_some() { usize::MAX } else { earlier };
            self.read_piece(piece, earlier_than, position == 0, &mut deltas);
        }
        deltas
    }

    /// Returns whether a plain fragment of the call `number` would be its next part and change nothing else.
    pub(super) fn is_steady(&self, number: usize) -> bool {
        self.numbered(number).is_some_and(|call| call.arguments.is_steady())
    }

    /// Adds the next part of the arguments to the call `number`, which [is steady](Self::is_steady). Returns how many of its bytes to
    /// pass on, and whether the call still is steady.
    pub(super) fn extend(&mut self, number: usize, part: &str) -> (usize, bool) {
        let Some(call) = self.calls.iter_mut().rev().find(|call| call.number == Some(number)) else {
            return (part.len(), false);
        };
        let passed_on = call.arguments.advance(part);
        self.held = self.held.saturating_add(part.len().saturating_sub(passed_on));
        (passed_on, call.arguments.is_steady())
    }

    /// Ends all calls, and returns the text that was held back.
    pub(super) fn finish(&mut self) -> Vec<ToolCallDelta> {
        let mut deltas = Vec::new();
        for at in 0..self.calls.len() {
            let Some(call) = self.calls.get_mut(at) else { continue };
            let rest = call.arguments.finish();
            if call.repeats.is_some() {
                if let Some(repeats) = &mut call.repeats {
                    repeats.1.push_str(&rest);
                }
                deltas.extend(self.settle(at, true));
            } else if let (false, Some(number)) = (rest.is_empty(), call.number) {
                deltas.push(ToolCallDelta::new(number, None, None, rest));
            }
        }
        deltas
    }

    fn numbered(&self, number: usize) -> Option<&OpenCall> {
        self.calls.iter().rev().find(|call| call.number == Some(number))
    }

    /// Reads an entry of a complete list. If the list is sent again with more calls, only the new ones count.
    fn read_whole(&mut self, piece: &HuggingFaceToolCall, earlier: usize, deltas: &mut Vec<ToolCallDelta>) {
        let (id, name, arguments) = parts(piece);
        if id.is_none() && name.is_none() && arguments.is_empty() {
            return;
        }
        let mut call = OpenCall { name: name.unwrap_or_default().to_owned(), ..OpenCall::default() };
        let mut text = call.arguments.push(arguments);
        text.push_str(&call.arguments.finish());
        let is_known = |known: &OpenCall| {
            let same_id = known.id.as_deref() == id;
            same_id && known.name == call.name && known.arguments.is_same(&call.arguments)
        };
        if self.calls.iter().take(earlier).any(is_known) {
            return;
        }
        call.id = id.map(Box::from);
        call.extra_content.clone_from(piece.extra_content());
        let at = self.add(call);
        deltas.extend(self.pass_on(at, id, name, text));
    }

    fn read_piece(
        &mut self,
        piece: &HuggingFaceToolCall,
        earlier_than: usize,
        is_first: bool,
        deltas: &mut Vec<ToolCallDelta>,
    ) {
        let (id, name, arguments) = parts(piece);
        let by_id = || id.and_then(|id| self.by_id.get(id).copied());
        let last = || {
            let is_open = |call: &OpenCall| call.arguments.stage() != Stage::Complete;
            let may_be_last = is_first && name.is_none() && self.calls.last().is_some_and(is_open);
            self.calls.len().checked_sub(1).filter(|_| may_be_last)
        };
        let known = match (piece.index(), id) {
            (Some(index), _) => {
                let unnamed = || by_id().filter(|_| name.is_none());
                self.by_index.get(&index).copied().or_else(unnamed).or_else(last)
            }
            (None, Some(_)) => by_id().or_else(last),
            (None, None) if is_first => self.calls.len().checked_sub(1),
            (None, None) => None,
        };
        let known = known.filter(|call| *call < earlier_than);
        let is_linked = piece.index().is_some() || id.is_some();
        let relation = known
            .and_then(|at| Some((at, self.relation(self.calls.get(at)?, id, name, arguments, is_linked))));
        let at = match relation {
            Some((at, Relation::Continues)) => at,
            // An empty fragment.
            None if id.is_none() && name.is_none() && arguments.is_empty() => return,
            Some((at, Relation::MayRepeat)) => {
                let repeats = Some(Box::new((at, String::new())));
                self.add(OpenCall { repeats, ..OpenCall::default() })
            }
            Some((_, Relation::BeginsAnother)) | None => self.add(OpenCall::default()),
        };
        let Some(call) = self.calls.get_mut(at) else { return };
        let (id, held) = (id.filter(|_| call.id.is_none()), call.held());
        if piece.extra_content().is_some() && !call.has_extra_content {
            call.extra_content.clone_from(piece.extra_content());
            call.has_extra_content = true;
        }
        if let Some(index) = piece.index() {
            self.by_index.insert(index, at);
        }
        if let Some(id) = id {
            call.id = Some(id.into());
            self.by_id.insert(id.to_owned(), at);
        }
        // A repeated name is not passed on again.
        let name = name.filter(|name| *name != call.name);
        if let Some(name) = name {
            if call.name.is_empty() || name.starts_with(&*call.name) {
                name.clone_into(&mut call.name);
            } else {
                call.name.push_str(name);
            }
        }
        let text = call.arguments.push(arguments);
        if let Some(repeats) = &mut call.repeats {
            repeats.1.push_str(&text);
            deltas.extend(self.settle(at, false));
        } else {
            deltas.extend(self.pass_on(at, id, name, text));
        }
        let now = self.calls.get(at).map_or(0, OpenCall::held);
        self.held = self.held.saturating_sub(held).saturating_add(now);
    }

    fn relation(
        &self,
        call: &OpenCall,
        id: Option<&str>,
        name: Option<&str>,
        arguments: &str,
        is_linked: bool,
    ) -> Relation {
        let has_other_id = id.is_some() && call.id.is_some() && call.id.as_deref() != id;
        let Some(name) = name else { return Relation::Continues };
        let is_same_name = name == call.name;
        let continues = match call.arguments.stage() {
            _ if call.name.is_empty() => !has_other_id,
            Stage::Empty if is_same_name => true,
            Stage::Empty if has_other_id || !is_linked => false,
            Stage::Empty => !(self.offers(name) && self.offers(&call.name)),
            Stage::Placeholder => is_same_name && !has_other_id,
            Stage::Unfinished => {
                let begins_object =
                    arguments.trim_start().starts_with('{') && !call.arguments.may_begin_object();
                is_same_name && !(has_other_id && begins_object)
            }
            Stage::Complete if is_same_name && !has_other_id => {
                if !arguments.trim().is_empty() {
                    return Relation::MayRepeat;
                }
                true
            }
            Stage::Complete => false,
        };
        if continues { Relation::Continues } else { Relation::BeginsAnother }
    }

    fn offers(&self, name: &str) -> bool {
        self.tools.iter().any(|tool| tool == name)
    }

    fn add(&mut self, call: OpenCall) -> usize {
        self.calls.push(call);
        self.calls.len().saturating_sub(1)
    }

    /// Decides whether a call repeats another one: its arguments must be complete and the same.
    fn settle(&mut self, at: usize, is_over: bool) -> Option<ToolCallDelta> {
        let call = self.calls.get(at)?;
        let original = call.repeats.as_ref()?.0;
        let stage = call.arguments.stage();
        let is_same =
            self.calls.get(original).is_some_and(|original| original.arguments.is_same(&call.arguments));
        if is_same || !(is_over || stage == Stage::Complete) {
            return None;
        }
        let call = self.calls.get_mut(at)?;
        let (_, held) = *call.repeats.take()?;
        let (id, name) = (call.id.clone(), call.name.clone());
        self.pass_on(at, id.as_deref(), Some(&name), held)
    }

    /// Returns the delta of a call to pass on; `None` if it would be empty.
    fn pass_on(
        &mut self,
        at: usize,
        id: Option<&str>,
        name: Option<&str>,
        arguments: String,
    ) -> Option<ToolCallDelta> {
        let call = self.calls.get_mut(at)?;
        let is_new = call.number.is_none();
        let extra_content = call.extra_content.take();
        if !is_new && id.is_none() && name.is_none() && arguments.is_empty() && extra_content.is_none() {
            return None;
        }
        let number = *call.number.get_or_insert(self.passed_on);
        if is_new {
            self.passed_on = self.passed_on.saturating_add(1);
        }
        let delta = ToolCallDelta::new(number, id.map(str::to_owned), name.map(str::to_owned), arguments);
        Some(delta.with_extra_content(extra_content.map(|boxed| *boxed)))
    }
}

impl OpenCall {
    fn held(&self) -> usize {
        let held_back = self.repeats.as_ref().map_or(0, |repeats| repeats.1.len());
        self.arguments.held().saturating_add(held_back)
    }
}

/// Returns the id, name and arguments of a fragment. Empty ones count as missing.
fn parts(piece: &HuggingFaceToolCall) -> (Option<&str>, Option<&str>, &str) {
    let (name, arguments) = piece.name_and_arguments();
    let id = piece.id().as_deref().filter(|id| !id.is_empty());
    (id, name.filter(|name| !name.is_empty()), arguments.unwrap_or_default())
}
