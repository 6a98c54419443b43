//! Merging of neighboring symbols, the best pair first.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// A part of a text that is a token, or may become one.
#[derive(Clone, Debug)]
pub(super) struct Symbol {
    /// First byte in the text.
    pub(super) start: usize,
    /// Byte after the last one.
    pub(super) end: usize,
    /// Token with this text, if there is one.
    pub(super) id: Option<u32>,
    previous: Option<usize>,
    next: Option<usize>,
    is_merged: bool,
}

/// A possible merge. The greatest priority is merged first, and the leftmost of equal ones.
struct Candidate {
    priority: f64,
    left: usize,
    right: usize,
    start: usize,
    end: usize,
    id: u32,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = self.priority.total_cmp(&other.priority);
        order.then_with(|| Reverse(self.left).cmp(&Reverse(other.left)))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Candidate {}

/// Splits `text` into its characters, and merges them while `join` returns a priority and a token for two neighbors.
///
/// The time grows with n log n, because a text without spaces may be long.
pub(super) fn merge(
    text: &str,
    token: impl Fn(&str) -> Option<u32>,
    join: impl Fn(&Symbol, &Symbol) -> Option<(f64, u32)>,
) -> Vec<Symbol> {
    let mut symbols: Vec<Symbol> = Vec::with_capacity(text.len());
    for (at, (start, character)) in text.char_indices().enumerate() {
        let end = start + character.len_utf8();
        let id = text.get(start..end).and_then(&token);
        let next = (end < text.len()).then_some(at + 1);
        symbols.push(Symbol { start, end, id, previous: at.checked_sub(1), next, is_merged: false });
    }
    let candidate = |symbols: &[Symbol], left: Option<usize>, right: Option<usize>| {
        let (left, right) = (left?, right?);
        let (first, second) = (symbols.get(left)?, symbols.get(right)?);
        let (priority, id) = join(first, second)?;
        Some(Candidate { priority, left, right, start: first.start, end: second.end, id })
    };
    let mut heap: BinaryHeap<Candidate> = (1..symbols.len())
        .filter_map(|right| candidate(&symbols, right.checked_sub(1), Some(right)))
        .collect();
    while let Some(best) = heap.pop() {
        let is_current = symbols
            .get(best.left)
            .is_some_and(|left| !left.is_merged && left.start == best.start && left.next == Some(best.right))
            && symbols.get(best.right).is_some_and(|right| right.end == best.end);
        if !is_current {
            continue;
        }
        let next = symbols.get(best.right).and_then(|right| right.next);
        if let Some(right) = symbols.get_mut(best.right) {
            right.is_merged = true;
        }
        if let Some(after) = next.and_then(|next| symbols.get_mut(next)) {
            after.previous = Some(best.left);
        }
        let mut previous = None;
        if let Some(left) = symbols.get_mut(best.left) {
            left.end = best.end;
            left.id = Some(best.id);
            left.next = next;
            previous = left.previous;
        }
        heap.extend(candidate(&symbols, previous, Some(best.left)));
        heap.extend(candidate(&symbols, Some(best.left), next));
    }
    symbols.retain(|symbol| !symbol.is_merged);
    symbols
}
