//! The pieces of tool calls, put where they belong.
//!
//! Servers number calls, name them by id, do both, or neither; text-generation-inference gives all of them the id `0`. Which call a
//! piece belongs to is decided by these rules, in this order:
//!
//! 1. A whole list (`message`) holds whole calls, one per entry.
//! 2. A piece belongs to the last call under its `index`; without an index to the last call under its `id`; without either to the
//!    last call of all, if it is the first in its list. An unknown index or id without a name says nothing new either: the other of
//!    the two decides, or the last call.
//! 3. A piece without a name goes on with that call, whatever its id: some servers make up an id for each piece.
//! 4. A piece with a name goes on with that call while its arguments are unfinished, if the name is the same. Before the arguments
//!    have begun, another name is the rest of the name, unless the id differs, or both names are tools that were offered.
//! 5. A piece with the same name, after arguments that are complete, and without an id of its own, may repeat the call: it is held
//!    back until it is complete, and dropped if its arguments are the same.
//! 6. Any other piece with a name begins a call.

use super::arguments::{Arguments, Stage};
use crate::huggingface::dto::HuggingFaceToolCall;
use botticelli_core::ToolCallDelta;
use std::collections::HashMap;
use std::sync::Arc;

/// The tool calls of an answer whose pieces are arriving.
#[derive(Debug, Default)]
pub(super) struct OpenCalls {
    calls: Vec<OpenCall>,
    /// The last call under each of the server's numbers, and under each id.
    by_index: HashMap<u64, usize>,
    by_id: HashMap<String, usize>,
    /// How many calls have been passed on.
    passed_on: usize,
    /// How many bytes are held back, in all calls.
    held: usize,
    /// The names of the tools that the request offers.
    tools: Arc<[String]>,
}

/// One call, as far as it came.
#[derive(Debug, Default)]
struct OpenCall {
    id: Option<String>,
    name: String,
    arguments: Arguments,
    /// The number under which it has been passed on, from 0.
    number: Option<usize>,
    /// The call that this one may repeat, and its arguments, held back until that is certain.
    repeats: Option<Box<(usize, String)>>,
}

/// Whether a list of calls is the whole of it, or holds pieces of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Whole,
    Pieces,
}

/// What a piece is to the call to which its index or id points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    GoesOn,
    MayRepeat,
    IsAnother,
}

impl OpenCalls {
    /// Notes the names of the tools that the request offers.
    pub(super) fn offered(tools: Arc<[String]>) -> Self {
        Self { tools, ..Self::default() }
    }

    /// How many bytes are kept here: what is held back, and what is noted of each call.
    pub(super) fn held(&self) -> usize {
        self.held.saturating_add(self.calls.len().saturating_mul(size_of::<OpenCall>()))
    }

    /// Reads the list of one message, or of one delta.
    pub(super) fn read(&mut self, list: &[HuggingFaceToolCall], extent: Extent) -> Vec<ToolCallDelta> {
        // A list has one entry for each call: without a number, only calls of earlier lists are gone on with.
        let earlier = self.calls.len();
        let mut deltas = Vec::with_capacity(list.len());
        for (position, piece) in list.iter().enumerate() {
            if extent == Extent::Whole {
                self.read_whole(piece, earlier, &mut deltas);
                continue;
            }
            let may_go_on = if piece.index().is_some() { usize::MAX } else { earlier };
            self.read_piece(piece, may_go_on, position == 0, &mut deltas);
        }
        deltas
    }

    /// Whether an ordinary piece of the call `number` would be its next part, and change nothing else here.
    pub(super) fn is_steady(&self, number: usize) -> bool {
        self.numbered(number).is_some_and(|call| call.arguments.is_steady())
    }

    /// Takes the next part of the arguments of the call `number`, which [is steady](Self::is_steady). Returns how many bytes of it
    /// are to be passed on, and whether the call still is steady.
    pub(super) fn extend(&mut self, number: usize, part: &str) -> (usize, bool) {
        let Some(call) = self.calls.iter_mut().rev().find(|call| call.number == Some(number)) else {
            return (part.len(), false);
        };
        let passed_on = call.arguments.advance(part);
        self.held = self.held.saturating_add(part.len().saturating_sub(passed_on));
        (passed_on, call.arguments.is_steady())
    }

    /// Returns what was held back. Nothing follows.
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

    /// Reads an entry of a whole list. A list that comes again, with more in it, brings only what is new.
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
        call.id = id.map(str::to_owned);
        let at = self.add(call);
        deltas.extend(self.pass_on(at, id, name, text));
    }

    fn read_piece(
        &mut self,
        piece: &HuggingFaceToolCall,
        may_go_on: usize,
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
        let known = known.filter(|call| *call < may_go_on);
        let is_linked = piece.index().is_some() || id.is_some();
        let relation = known
            .and_then(|at| Some((at, self.relation(self.calls.get(at)?, id, name, arguments, is_linked))));
        let at = match relation {
            Some((at, Relation::GoesOn)) => at,
            // Neither an id nor a name: a piece of nothing.
            None if id.is_none() && name.is_none() && arguments.is_empty() => return,
            Some((at, Relation::MayRepeat)) => {
                let repeats = Some(Box::new((at, String::new())));
                self.add(OpenCall { repeats, ..OpenCall::default() })
            }
            Some((_, Relation::IsAnother)) | None => self.add(OpenCall::default()),
        };
        let Some(call) = self.calls.get_mut(at) else { return };
        let (id, held) = (id.filter(|_| call.id.is_none()), call.held());
        if let Some(index) = piece.index() {
            self.by_index.insert(index, at);
        }
        if let Some(id) = id {
            call.id = Some(id.to_owned());
            self.by_id.insert(id.to_owned(), at);
        }
        // A name that is restated is not passed on again.
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
        let Some(name) = name else { return Relation::GoesOn };
        let is_same_name = name == call.name;
        let goes_on = match call.arguments.stage() {
            _ if call.name.is_empty() => !has_other_id,
            Stage::Empty if is_same_name => true,
            Stage::Empty if has_other_id || !is_linked => false,
            Stage::Empty => !(self.offers(name) && self.offers(&call.name)),
            Stage::Placeholder => is_same_name && !has_other_id,
            Stage::Unfinished => {
                let begins_anew =
                    arguments.trim_start().starts_with('{') && !call.arguments.may_begin_object();
                is_same_name && !(has_other_id && begins_anew)
            }
            Stage::Complete if is_same_name && !has_other_id => {
                if !arguments.trim().is_empty() {
                    return Relation::MayRepeat;
                }
                true
            }
            Stage::Complete => false,
        };
        if goes_on { Relation::GoesOn } else { Relation::IsAnother }
    }

    fn offers(&self, name: &str) -> bool {
        self.tools.iter().any(|tool| tool == name)
    }

    fn add(&mut self, call: OpenCall) -> usize {
        self.calls.push(call);
        self.calls.len().saturating_sub(1)
    }

    /// Decides whether a call repeats another: it does if its arguments are complete and the same.
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

    /// The delta of a call that is passed on; `None` if it would say nothing.
    fn pass_on(
        &mut self,
        at: usize,
        id: Option<&str>,
        name: Option<&str>,
        arguments: String,
    ) -> Option<ToolCallDelta> {
        let call = self.calls.get_mut(at)?;
        let is_new = call.number.is_none();
        if !is_new && id.is_none() && name.is_none() && arguments.is_empty() {
            return None;
        }
        let number = *call.number.get_or_insert(self.passed_on);
        if is_new {
            self.passed_on = self.passed_on.saturating_add(1);
        }
        Some(ToolCallDelta::new(number, id.map(str::to_owned), name.map(str::to_owned), arguments))
    }
}

impl OpenCall {
    fn held(&self) -> usize {
        let held_back = self.repeats.as_ref().map_or(0, |repeats| repeats.1.len());
        self.arguments.held().saturating_add(held_back)
    }
}

/// The id, the name and the arguments of a piece, with what is empty left out.
fn parts(piece: &HuggingFaceToolCall) -> (Option<&str>, Option<&str>, &str) {
    let (name, arguments) = piece.called();
    let id = piece.id().as_deref().filter(|id| !id.is_empty());
    (id, name.filter(|name| !name.is_empty()), arguments.unwrap_or_default())
}
