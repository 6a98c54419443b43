//! A choice that is generated.

use super::event::{End, Event, Item};
use super::job::{Deadline, Job};
use crate::grammar::Constraint;
use crate::numbers::to_u64;
use crate::output::TextOutput;
use crate::sampling::{Sampled, Sampler};
use crate::tokenizer::Tokenizer;
use botticelli_core::{FinishReason, TokenLogprob};
use botticelli_error::{BotticelliError, HttpError, HttpErrorKind, TimeoutKind};
use std::time::Instant;
use tokio::sync::mpsc;

/// A choice that is generated.
#[derive(Debug)]
pub(super) struct Sequence {
    choice: u32,
    /// Number of choices that share the channel. Each keeps a place for an error.
    choices: usize,
    pub(super) slot: usize,
    /// Tokens of the prompt and of the response.
    tokens: Vec<u32>,
    prompt: usize,
    /// Tokens that are in the cache.
    computed: usize,
    cached: usize,
    max_tokens: usize,
    sampler: Sampler,
    output: TextOutput,
    constraint: Option<Constraint>,
    deadlines: Vec<Deadline>,
    sender: mpsc::Sender<Item>,
}

impl Sequence {
    /// Returns a sequence whose first `cached` tokens are in the cache `slot`.
    pub(super) fn new(
        job: Job,
        sender: mpsc::Sender<Item>,
        slot: usize,
        cached: usize,
        context: usize,
    ) -> Self {
        let room = context.saturating_sub(job.prompt.len());
        Self {
            choice: job.choice,
            choices: job.choices,
            slot,
            prompt: job.prompt.len(),
            tokens: job.prompt.to_vec(),
            computed: cached,
            cached,
            max_tokens: job.max_tokens.map_or(room, |max| max.min(room)),
            sampler: Sampler::new(job.sampling),
            output: TextOutput::new(job.stop, job.tags, job.tools),
            constraint: job.constraint,
            deadlines: job.deadlines,
            sender,
        }
    }

    /// Returns the tokens to compute, and the position of the first.
    pub(super) fn pending(&self) -> (&[u32], usize) {
        (self.tokens.get(self.computed..).unwrap_or_default(), self.computed)
    }

    /// Returns whether the caller dropped the response.
    pub(super) fn is_dropped(&self) -> bool {
        self.sender.is_closed()
    }

    /// Reserves the place for an event. `None` if the caller reads too slowly, or dropped the response.
    pub(super) fn reserve(&self) -> Option<mpsc::OwnedPermit<Item>> {
        if self.sender.capacity() <= self.choices {
            return None;
        }
        self.sender.clone().try_reserve_owned().ok()
    }

    /// Returns whether the caller has read enough to continue.
    pub(super) fn can_send(&self) -> bool {
        self.sender.capacity() > self.choices || self.sender.is_closed()
    }

    /// Returns the timeout that has expired.
    pub(super) fn expired(&self, now: Instant, host: &str) -> Option<BotticelliError> {
        expired(&self.deadlines, now, host)
    }

    /// Records that `count` tokens were computed.
    pub(super) fn advance(&mut self, count: usize) {
        self.computed += count;
    }

    /// Chooses the next token from the logits. Returns its event; `None` if there is nothing to report.
    pub(super) fn next(
        &mut self,
        logits: Vec<f32>,
        tokenizer: &Tokenizer,
    ) -> Result<Option<Event>, BotticelliError> {
        self.deadlines.retain(|deadline| deadline.kind != TimeoutKind::FirstToken);
        let mut logits = logits;
        logits.truncate(tokenizer.len());
        // Reasoning is free. The grammar is for the text after it.
        let mut constraint = self.constraint.as_mut().filter(|_| !self.output.is_reasoning());
        let sampled = self.sampler.sample(logits, &self.tokens, self.prompt, constraint.as_deref_mut())?;
        self.tokens.push(sampled.token);
        let completion = self.tokens.len() - self.prompt;
        let is_end = tokenizer.is_end(sampled.token);
        let mut is_complete = false;
        if let Some(constraint) = constraint.filter(|_| !is_end) {
            constraint.accept(sampled.token)?;
            is_complete = constraint.is_complete();
        }
        let (mut deltas, is_stopped) =
            if is_end { (Vec::new(), false) } else { self.output.push(tokenizer.piece(sampled.token)) };
        let finish_reason = match completion >= self.max_tokens {
            _ if is_end || is_stopped || is_complete => Some(FinishReason::Stop),
            true => Some(FinishReason::Length),
            false => None,
        };
        let end = finish_reason.map(|finish_reason| {
            deltas.extend(self.output.finish(is_stopped));
            End {
                finish_reason,
                prompt_tokens: to_u64(self.prompt),
                cached_tokens: to_u64(self.cached),
                completion_tokens: to_u64(completion),
                reasoning_tokens: self.output.reasoning_tokens(),
            }
        });
        let logprob = if is_end { None } else { logprob(&sampled, tokenizer) };
        let is_reported = !deltas.is_empty() || logprob.is_some() || end.is_some();
        Ok(is_reported.then_some(Event { choice: self.choice, deltas, logprob, end }))
    }

    /// Ends the choice with an error.
    pub(super) fn fail(self, error: BotticelliError) {
        // The channel has a place for it.
        drop(self.sender.try_send(Err(error)));
    }
}

/// Returns the first timeout that has expired.
pub(super) fn expired(deadlines: &[Deadline], now: Instant, host: &str) -> Option<BotticelliError> {
    let deadline = deadlines.iter().find(|deadline| deadline.at <= now)?;
    let kind = HttpErrorKind::Timeout { kind: deadline.kind, limit: deadline.limit };
    Some(HttpError::new(kind, host).into())
}

fn logprob(sampled: &Sampled, tokenizer: &Tokenizer) -> Option<TokenLogprob> {
    let entry = |token: u32, logprob: f64| {
        let bytes = tokenizer.piece(token);
        let mut entry = TokenLogprob::new(String::from_utf8_lossy(bytes), logprob);
        entry.bytes = Some(bytes.to_vec());
        entry
    };
    let mut chosen = entry(sampled.token, sampled.logprob?);
    chosen.top = sampled.top.iter().map(|(token, logprob)| entry(*token, *logprob)).collect();
    Some(chosen)
}
