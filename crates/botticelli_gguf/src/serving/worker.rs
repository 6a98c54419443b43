//! The thread that decodes.

use super::event::Item;
use super::sequence::{Sequence, expired};
use super::shared::{Shared, failure};
use super::slots::Slots;
use crate::model::{Row, Transformer};
use crate::tokenizer::Tokenizer;
use botticelli_interface::Clock;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Maximum number of prompt tokens in one step. A dropped call ends within one step.
const PROMPT_BLOCK: usize = 64;

/// Decodes all choices together.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) model: Arc<Transformer>,
    pub(super) tokenizer: Arc<Tokenizer>,
    pub(super) shared: Arc<Shared>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) slots: Slots,
    pub(super) sequences: Vec<Sequence>,
    pub(super) context: usize,
    pub(super) max_concurrent: usize,
    pub(super) provider: &'static str,
    pub(super) name: String,
}

/// The part of a sequence in a step.
struct Part {
    sequence: usize,
    tokens: Vec<u32>,
    /// Place for the event, if the logits are needed.
    permit: Option<mpsc::OwnedPermit<Item>>,
}

impl Worker {
    /// Decodes until the driver is dropped and all choices are complete.
    pub(super) fn run(&mut self) {
        loop {
            self.admit();
            self.remove_ended();
            if self.sequences.is_empty() {
                let state = self.shared.state();
                let (is_closed, is_idle) = (state.is_closed, state.waiting.is_empty());
                drop(state);
                if is_closed && is_idle {
                    return;
                }
                self.shared.sleep_unless(|state| !state.waiting.is_empty() || state.is_closed);
                continue;
            }
            let parts = self.parts();
            if parts.is_empty() {
                let sequences = &self.sequences;
                self.shared.sleep_unless(|state| {
                    let can_admit = !state.waiting.is_empty() && sequences.len() < self.max_concurrent;
                    can_admit || sequences.iter().any(Sequence::can_send)
                });
                continue;
            }
            self.step(parts);
        }
    }

    /// Starts waiting choices, if there is a free cache.
    fn admit(&mut self) {
        let now = self.clock.now();
        let mut state = self.shared.state();
        // Calls that were dropped or timed out leave the queue at once.
        state.waiting.retain(|(_, sender)| !sender.is_closed());
        while self.sequences.len() < self.max_concurrent {
            let Some((job, sender)) = state.waiting.pop_front() else { break };
            if let Some(error) = expired(&job.deadlines, now, &self.name) {
                drop(sender.try_send(Err(error)));
                continue;
            }
            let Some((slot, cached)) = self.slots.acquire(self.model.parameters(), &job.prompt) else {
                state.waiting.push_front((job, sender));
                break;
            };
            self.sequences.push(Sequence::new(job, sender, slot, cached, self.context));
        }
        state.waiting.retain(|(job, sender)| match expired(&job.deadlines, now, &self.name) {
            Some(error) => {
                drop(sender.try_send(Err(error)));
                false
            }
            None => true,
        });
        state.active = self.sequences.len();
    }

    /// Removes sequences whose callers dropped them, and sequences whose timeouts expired.
    fn remove_ended(&mut self) {
        let now = self.clock.now();
        let mut at = 0;
        while let Some(sequence) = self.sequences.get(at) {
            let error = sequence.expired(now, &self.name);
            if sequence.is_dropped() || error.is_some() {
                let sequence = self.sequences.swap_remove(at);
                self.slots.release(sequence.slot);
                if let Some(error) = error {
                    sequence.fail(error);
                }
            } else {
                at += 1;
            }
        }
        self.shared.state().active = self.sequences.len();
    }

    /// Returns the tokens of the next step: one of each response, and a block of prompts.
    fn parts(&self) -> Vec<Part> {
        let mut block = PROMPT_BLOCK;
        let mut parts = Vec::with_capacity(self.sequences.len());
        for (at, sequence) in self.sequences.iter().enumerate() {
            let (pending, _) = sequence.pending();
            let count = if pending.len() <= 1 { pending.len() } else { pending.len().min(block) };
            if count == 0 {
                continue;
            }
            let is_last = count == pending.len();
            let permit = if is_last { sequence.reserve() } else { None };
            if is_last && permit.is_none() {
                // The caller reads slowly: the sequence pauses.
                continue;
            }
            if pending.len() > 1 {
                block -= count;
            }
            let tokens = pending.get(..count).unwrap_or_default().to_vec();
            parts.push(Part { sequence: at, tokens, permit });
        }
        parts
    }

    fn step(&mut self, parts: Vec<Part>) {
        let mut rows = Vec::new();
        for part in &parts {
            let Some(sequence) = self.sequences.get(part.sequence) else { continue };
            let (_, first) = sequence.pending();
            let last = part.tokens.len().saturating_sub(1);
            rows.extend(part.tokens.iter().enumerate().map(|(at, token)| Row {
                token: *token,
                position: first + at,
                cache: sequence.slot,
                needs_logits: at == last && part.permit.is_some(),
            }));
        }
        let logits = match self.model.step(&rows, &mut self.slots.caches()) {
            Ok(logits) => logits,
            Err(error) => {
                tracing::error!(%error, "a step of the model failed");
                for sequence in std::mem::take(&mut self.sequences) {
                    self.slots.release(sequence.slot);
                    sequence.fail(failure(self.provider));
                }
                return;
            }
        };
        let mut logits = logits.into_iter();
        let (mut complete, mut events) = (Vec::new(), Vec::new());
        for part in parts {
            let Some(sequence) = self.sequences.get_mut(part.sequence) else { continue };
            sequence.advance(part.tokens.len());
            self.slots.extend(sequence.slot, &part.tokens);
            let Some(permit) = part.permit else { continue };
            let Some(logits) = logits.next() else { continue };
            let item = match sequence.next(logits, &self.tokenizer) {
                Ok(Some(event)) => Ok(event),
                Ok(None) => continue,
                Err(error) => Err(error),
            };
            if item.as_ref().map_or(true, |event| event.end.is_some()) {
                complete.push(part.sequence);
            }
            events.push((permit, item));
        }
        for at in complete.into_iter().rev() {
            let sequence = self.sequences.swap_remove(at);
            self.slots.release(sequence.slot);
        }
        // When the caller has its response, the place is free again.
        self.shared.state().active = self.sequences.len();
        for (permit, item) in events {
            permit.send(item);
        }
    }
}
