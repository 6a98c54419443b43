//! The sampler of one response.

use super::log_probability::{greatest, log_sum};
use super::random::Random;
use super::settings::Sampling;
use crate::grammar::Constraint;
use crate::numbers::{to_f32, to_f64};
use botticelli_error::BotticelliError;
use std::collections::HashMap;

/// Number of last tokens that the repetition penalty applies to.
const REPETITION_WINDOW: usize = 64;

/// Chooses the tokens of one response.
#[derive(Debug)]
pub(crate) struct Sampler {
    settings: Sampling,
    random: Random,
}

/// A chosen token, with log probabilities if they are requested.
#[derive(Clone, Debug)]
pub(crate) struct Sampled {
    pub(crate) token: u32,
    /// Natural logarithm of the probability.
    pub(crate) logprob: Option<f64>,
    /// Most likely tokens.
    pub(crate) top: Vec<(u32, f64)>,
}

impl Sampler {
    pub(crate) fn new(settings: Sampling) -> Self {
        let random = Random::new(settings.seed);
        Self { settings, random }
    }

    /// Chooses a token. `tokens` are all tokens of the conversation, `prompt` of which are the prompt.
    pub(crate) fn sample(
        &mut self,
        mut logits: Vec<f32>,
        tokens: &[u32],
        prompt: usize,
        constraint: Option<&mut Constraint>,
    ) -> Result<Sampled, BotticelliError> {
        for logit in &mut logits {
            if logit.is_nan() {
                *logit = f32::NEG_INFINITY;
            }
        }
        let report = self.settings.logprobs.map(|count| (log_sum(&logits), greatest(&logits, count)));
        let raw = report.is_some().then(|| logits.clone());
        self.adjust(&mut logits, tokens, prompt);
        if let Some(constraint) = constraint {
            constraint.restrict(&mut logits)?;
        }
        let token = if self.settings.temperature > 0.0 { self.draw(&logits) } else { most_likely(&logits) };
        let logprob = |sum: f64, logit: f32| f64::from(logit) - sum;
        let chosen = raw.and_then(|raw| raw.get(crate::numbers::to_usize(token)).copied());
        Ok(match report {
            Some((sum, top)) => Sampled {
                token,
                logprob: chosen.map(|logit| logprob(sum, logit)),
                top: top.into_iter().map(|(token, logit)| (token, logprob(sum, logit))).collect(),
            },
            None => Sampled { token, logprob: None, top: Vec::new() },
        })
    }

    /// Applies penalties and biases.
    fn adjust(&self, logits: &mut [f32], tokens: &[u32], prompt: usize) {
        let Sampling { repetition_penalty, frequency_penalty, presence_penalty, .. } = self.settings;
        if repetition_penalty.to_bits() != 1.0_f64.to_bits() {
            let mut last =
                tokens.get(tokens.len().saturating_sub(REPETITION_WINDOW)..).unwrap_or_default().to_vec();
            last.sort_unstable();
            last.dedup();
            let penalty = to_f32(repetition_penalty);
            for token in last {
                if let Some(logit) = logits.get_mut(crate::numbers::to_usize(token)) {
                    *logit = if *logit > 0.0 { *logit / penalty } else { *logit * penalty };
                }
            }
        }
        if frequency_penalty != 0.0 || presence_penalty != 0.0 {
            let mut counts: HashMap<u32, usize> = HashMap::new();
            for token in tokens.get(prompt..).unwrap_or_default() {
                *counts.entry(*token).or_default() += 1;
            }
            for (token, count) in counts {
                if let Some(logit) = logits.get_mut(crate::numbers::to_usize(token)) {
                    *logit -= to_f32(frequency_penalty * to_f64(count) + presence_penalty);
                }
            }
        }
        for (token, bias) in &self.settings.logit_bias {
            if let Some(logit) = logits.get_mut(crate::numbers::to_usize(*token)) {
                // The extremes forbid and force a token.
                *logit = if *bias <= -100.0 { f32::NEG_INFINITY } else { *logit + to_f32(*bias) };
            }
        }
    }

    fn draw(&mut self, logits: &[f32]) -> u32 {
        let Sampling { temperature, top_k, top_p, min_p, .. } = self.settings;
        let count = if top_k == 0 { logits.len() } else { top_k };
        let mut candidates = greatest(logits, count);
        let first = candidates.first().map_or(f32::NEG_INFINITY, |(_, logit)| *logit);
        let weight = |logit: f32, temperature: f64| (f64::from(logit - first) / temperature).exp();
        if top_p < 1.0 {
            let total: f64 = candidates.iter().map(|(_, logit)| weight(*logit, 1.0)).sum();
            let mut sum = 0.0;
            let enough = candidates.iter().position(|(_, logit)| {
                sum += weight(*logit, 1.0) / total;
                sum >= top_p
            });
            candidates.truncate(enough.map_or(candidates.len(), |at| at + 1));
        }
        if min_p > 0.0 {
            candidates.retain(|(_, logit)| weight(*logit, 1.0) >= min_p);
        }
        let total: f64 = candidates.iter().map(|(_, logit)| weight(*logit, temperature)).sum();
        let mut rest = self.random.fraction() * total;
        for (token, logit) in &candidates {
            rest -= weight(*logit, temperature);
            if rest < 0.0 {
                return *token;
            }
        }
        candidates.first().map(|(token, _)| *token).unwrap_or_default()
    }
}

/// Returns the most likely token, the first of equal ones.
fn most_likely(logits: &[f32]) -> u32 {
    let mut best = (0, f32::NEG_INFINITY);
    for (token, logit) in (0_u32..).zip(logits) {
        if *logit > best.1 {
            best = (token, *logit);
        }
    }
    best.0
}
