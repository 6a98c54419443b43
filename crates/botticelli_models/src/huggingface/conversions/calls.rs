//! The pieces of tool calls, put where they belong.
//!
//! Servers number calls, name them by id, do both, or neither; TGI gives all of them the id `0`.

use crate::huggingface::dto::HuggingFaceToolCall;
use botticelli_core::ToolCallDelta;
use std::collections::HashMap;

/// The tool calls of an answer whose pieces are arriving.
#[derive(Debug, Default)]
pub(super) struct OpenCalls {
    /// The id of each call, if it has told one.
    ids: Vec<Option<String>>,
    /// The last call under each of the server's numbers, and under each id.
    by_number: HashMap<u64, usize>,
    by_id: HashMap<String, usize>,
}

/// Whether a list of calls is the whole of it, or holds pieces of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Whole,
    Pieces,
}

impl OpenCalls {
    /// Reads the list of one message, or of one delta.
    pub(super) fn read(&mut self, list: &[HuggingFaceToolCall], extent: Extent) -> Vec<ToolCallDelta> {
        // A list has one entry for each call: without a number, only calls of earlier lists are gone on with.
        let earlier = self.ids.len();
        let mut deltas = Vec::with_capacity(list.len());
        for (position, piece) in list.iter().enumerate() {
            let may_go_on = match (extent, piece.index()) {
                (Extent::Whole, _) => 0,
                (Extent::Pieces, Some(_)) => usize::MAX,
                (Extent::Pieces, None) => earlier,
            };
            deltas.extend(self.read_piece(piece, may_go_on, position == 0));
        }
        deltas
    }

    fn read_piece(
        &mut self,
        piece: &HuggingFaceToolCall,
        may_go_on: usize,
        is_first: bool,
    ) -> Option<ToolCallDelta> {
        let id = piece.id().as_deref().filter(|id| !id.is_empty());
        let known = match (piece.index(), id) {
            (Some(number), _) => self.by_number.get(&number).copied(),
            (None, Some(id)) => self.by_id.get(id).copied(),
            (None, None) if is_first => self.ids.len().checked_sub(1),
            (None, None) => None,
        };
        let known = known.filter(|call| *call < may_go_on).filter(|call| {
            // Another id under a number that is taken is another call.
            let open = self.ids.get(*call).and_then(Option::as_deref);
            id.is_none() || open.is_none() || open == id
        });
        let (name, arguments) = piece.called();
        let name = name.filter(|name| !name.is_empty());
        let arguments = arguments.unwrap_or_default();
        let call = match known {
            Some(call) => call,
            // Neither an id nor a name: a piece of nothing.
            None if id.is_none() && name.is_none() && arguments.is_empty() => return None,
            None => {
                self.ids.push(None);
                self.ids.len().saturating_sub(1)
            }
        };
        if let Some(number) = piece.index() {
            self.by_number.insert(number, call);
        }
        if let (Some(open @ None), Some(id)) = (self.ids.get_mut(call), id) {
            *open = Some(id.to_owned());
            self.by_id.insert(id.to_owned(), call);
        }
        Some(ToolCallDelta::new(call, id.map(str::to_owned), name.map(str::to_owned), arguments))
    }
}
