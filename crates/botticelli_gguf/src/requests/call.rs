//! The jobs of a request.

use super::extra::ExtraSettings;
use crate::grammar::Constraint;
use crate::numbers::to_usize;
use crate::output::{ReasoningTags, ToolCalls, ToolDialect};
use crate::sampling::Sampling;
use crate::serving::{Deadline, Job};
use botticelli_core::{GenerationConfig, Timeouts};
use botticelli_error::TimeoutKind;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

/// Defaults of llama.cpp, which the authors of small models test with.
const TEMPERATURE: f64 = 0.8;
const TOP_K: usize = 40;
const TOP_P: f64 = 0.95;
const MIN_P: f64 = 0.05;

/// A request whose prompt is tokenized.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) prompt: Vec<u32>,
    pub(crate) tags: ReasoningTags,
    /// Names of the tools that the model may call, and the form of the calls.
    pub(crate) tools: Option<(ToolDialect, Vec<String>)>,
    pub(crate) constraint: Option<Constraint>,
    pub(crate) generation: GenerationConfig,
    pub(crate) options: Options,
}

/// Options that chat and text completion share.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) extra: ExtraSettings,
    pub(crate) choices: u32,
    pub(crate) logprobs: Option<usize>,
    pub(crate) logit_bias: BTreeMap<u32, f64>,
    pub(crate) timeouts: Timeouts,
    pub(crate) is_stream: bool,
}

impl Call {
    /// Returns one job per choice. `seed` is for requests without a seed.
    pub(crate) fn into_jobs(self, started: Instant, seed: u64) -> Vec<Job> {
        let Self { prompt, tags, tools, constraint, generation, options } = self;
        let prompt: Arc<[u32]> = prompt.into();
        // Ids differ between the turns of a conversation, and are the same for the same request and seed.
        let fold = |id: u64, token: &u32| (id ^ u64::from(*token)).wrapping_mul(0x0100_0000_01b3);
        let seed = generation.seed().unwrap_or(seed);
        let id = prompt.iter().fold(seed, fold);
        let job = |choice: u32| Job {
            choice,
            choices: to_usize(options.choices),
            prompt: Arc::clone(&prompt),
            max_tokens: generation.max_tokens().map(to_usize),
            stop: generation.stop().to_vec(),
            sampling: sampling(&generation, &options, seed.wrapping_add(u64::from(choice))),
            tags,
            tools: tools.clone().map(|(dialect, names)| ToolCalls {
                dialect,
                names,
                id: id.wrapping_add(u64::from(choice) << 32),
            }),
            constraint: constraint.as_ref().map(Constraint::fork),
            deadlines: deadlines(&options, started),
        };
        (0..options.choices).map(job).collect()
    }
}

fn sampling(generation: &GenerationConfig, options: &Options, seed: u64) -> Sampling {
    Sampling {
        temperature: generation.temperature().unwrap_or(TEMPERATURE),
        top_k: options.extra.top_k.unwrap_or(TOP_K),
        top_p: generation.top_p().unwrap_or(TOP_P),
        min_p: options.extra.min_p.unwrap_or(MIN_P),
        repetition_penalty: options.extra.repetition_penalty.unwrap_or(1.0),
        frequency_penalty: generation.frequency_penalty().unwrap_or_default(),
        presence_penalty: generation.presence_penalty().unwrap_or_default(),
        logit_bias: options.logit_bias.clone(),
        seed,
        logprobs: options.logprobs,
    }
}

fn deadlines(options: &Options, started: Instant) -> Vec<Deadline> {
    let timeouts = options.timeouts;
    let kinds = if options.is_stream {
        [
            (TimeoutKind::FirstToken, timeouts.first_token()),
            (TimeoutKind::StreamTotal, timeouts.stream_total()),
        ]
    } else {
        [(TimeoutKind::Total, timeouts.total()), (TimeoutKind::Total, None)]
    };
    let deadline = |(kind, limit): (TimeoutKind, Option<_>)| {
        let limit = limit?;
        Some(Deadline { kind, limit, at: started.checked_add(limit)? })
    };
    kinds.into_iter().filter_map(deadline).collect()
}
