//! The settings of a driver.

use crate::simd::InstructionSet;
use crate::system::{SystemClock, SystemRandom};
use botticelli_core::{GenerationConfig, Timeouts};
use botticelli_interface::{Clock, RandomSource};
use serde::Deserialize;
use std::sync::Arc;

/// The settings of a [`GgufDriver`](crate::GgufDriver).
///
/// ```
/// use botticelli_gguf::GgufConfig;
///
/// let config = GgufConfig::default().with_context_length(8_192).with_max_concurrent(2);
/// assert_eq!(config.context_length(), Some(8_192));
/// ```
#[derive(Clone, Debug)]
pub struct GgufConfig {
    context_length: Option<u32>,
    max_concurrent: Option<u32>,
    queue_length: u32,
    memory_limit: Option<u64>,
    threads: Option<u32>,
    cache_type: CacheType,
    instruction_set: Option<InstructionSet>,
    model_name: Option<String>,
    defaults: GenerationConfig,
    timeouts: Timeouts,
    clock: Arc<dyn Clock>,
    random: Arc<dyn RandomSource>,
}

/// Number format of the keys and values of a conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CacheType {
    /// 16 bits, which need half of the memory. The texts are as good.
    #[default]
    F16,
    /// 32 bits, without rounding.
    F32,
}

impl CacheType {
    /// Returns the size of a number, in bytes.
    pub(crate) const fn bytes(self) -> usize {
        match self {
            Self::F16 => 2,
            Self::F32 => 4,
        }
    }
}

impl Default for GgufConfig {
    fn default() -> Self {
        Self {
            context_length: None,
            max_concurrent: None,
            queue_length: 64,
            memory_limit: None,
            threads: None,
            cache_type: CacheType::F16,
            instruction_set: None,
            model_name: None,
            defaults: GenerationConfig::default(),
            timeouts: Timeouts::default().with_first_token(None).with_total(None),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        }
    }
}

impl GgufConfig {
    /// Returns the maximum number of tokens of a conversation, prompt and response together. `None` is the smaller of 4,096 and the
    /// length that the model supports.
    pub const fn context_length(&self) -> Option<u32> {
        self.context_length
    }

    /// Sets the maximum number of tokens of a conversation. The memory for keys and values grows with it.
    pub fn with_context_length(mut self, tokens: impl Into<Option<u32>>) -> Self {
        self.context_length = tokens.into();
        self
    }

    /// Returns the maximum number of responses that are generated together. `None` is the largest number up to 4 that fits into the
    /// memory.
    pub const fn max_concurrent(&self) -> Option<u32> {
        self.max_concurrent
    }

    /// Sets the maximum number of responses that are generated together, at least 1. The memory for keys and values grows with it.
    pub fn with_max_concurrent(mut self, responses: impl Into<Option<u32>>) -> Self {
        self.max_concurrent = responses.into();
        self
    }

    /// Returns the maximum number of responses that wait for their turn. Default: 64.
    pub const fn queue_length(&self) -> u32 {
        self.queue_length
    }

    /// Sets the maximum number of responses that wait for their turn. Further requests are rejected as `rate_limited`.
    pub const fn with_queue_length(mut self, responses: u32) -> Self {
        self.queue_length = responses;
        self
    }

    /// Returns the maximum memory for weights, keys and values, in bytes. `None` is the memory that the system has available.
    pub const fn memory_limit(&self) -> Option<u64> {
        self.memory_limit
    }

    /// Sets the maximum memory for weights, keys and values, in bytes. A model that needs more is rejected before it is loaded.
    pub fn with_memory_limit(mut self, bytes: impl Into<Option<u64>>) -> Self {
        self.memory_limit = bytes.into();
        self
    }

    /// Returns the maximum number of threads. `None` is one for each core of the processor.
    pub const fn threads(&self) -> Option<u32> {
        self.threads
    }

    /// Sets the maximum number of threads, at least 1. More threads than cores are not started, because they would be slower.
    pub fn with_threads(mut self, threads: impl Into<Option<u32>>) -> Self {
        self.threads = threads.into();
        self
    }

    /// Returns the number format of keys and values. Default: [`CacheType::F16`].
    pub const fn cache_type(&self) -> CacheType {
        self.cache_type
    }

    /// Sets the number format of keys and values.
    pub const fn with_cache_type(mut self, cache_type: CacheType) -> Self {
        self.cache_type = cache_type;
        self
    }

    /// Returns the greatest set of instructions to use. `None` is the greatest one that the processor has.
    pub const fn instruction_set(&self) -> Option<InstructionSet> {
        self.instruction_set
    }

    /// Sets the greatest set of instructions to use, to compare the results or the speed of processors.
    pub fn with_instruction_set(mut self, limit: impl Into<Option<InstructionSet>>) -> Self {
        self.instruction_set = limit.into();
        self
    }

    /// Returns the name of the model. `None` is the name of the file without its extension.
    pub fn model_name(&self) -> Option<&str> {
        self.model_name.as_deref()
    }

    /// Sets the name of the model, which a request may repeat.
    pub fn with_model_name(mut self, name: impl Into<String>) -> Self {
        self.model_name = Some(name.into());
        self
    }

    /// Returns the generation parameters for requests that do not set them.
    pub const fn defaults(&self) -> &GenerationConfig {
        &self.defaults
    }

    /// Sets the generation parameters for requests that do not set them.
    pub fn with_defaults(mut self, defaults: GenerationConfig) -> Self {
        self.defaults = defaults;
        self
    }

    /// Returns the timeouts. `first_token`, `total` and `stream_total` apply. Default: none of them.
    pub const fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    /// Sets the timeouts. `first_token`, `total` and `stream_total` apply, and include the wait for a turn.
    pub const fn with_timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Returns the time source.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Sets the time source.
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Returns the source of seeds for requests without a seed.
    pub fn random(&self) -> &Arc<dyn RandomSource> {
        &self.random
    }

    /// Sets the source of seeds for requests without a seed.
    pub fn with_random(mut self, random: Arc<dyn RandomSource>) -> Self {
        self.random = random;
        self
    }
}
