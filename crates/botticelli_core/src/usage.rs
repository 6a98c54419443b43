//! Token counts of a response.

use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde::{Deserialize, Serialize};
use std::iter::Sum;
use std::ops::{Add, AddAssign};

/// Token counts of a response, as sent by the service.
///
/// A count that the service did not send is `None`, never 0.
///
/// Usages add up. If a part lacks a count, the sum lacks it too. An incomplete sum therefore never looks complete. The sum of no
/// usages is zero in every count.
///
/// ```
/// use botticelli::Usage;
///
/// let first = Usage::new(Some(10), Some(20), Some(30));
/// let second = Usage::new(Some(1), None, Some(5));
/// let total: Usage = [first, second].iter().sum();
/// assert_eq!(total, Usage::new(Some(11), None, Some(35)));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Builder, Getters, Serialize, Deserialize)]
#[builder(pattern = "owned", default, setter(strip_option), build_fn(error = "BotticelliError"))]
#[serde(default)]
pub struct Usage {
    /// Prompt tokens.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_tokens: Option<u64>,
    /// Completion tokens, including reasoning.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    completion_tokens: Option<u64>,
    /// Sum of prompt and completion tokens.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    total_tokens: Option<u64>,
    /// Prompt tokens that the service read from its cache.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    cached_tokens: Option<u64>,
    /// Completion tokens that were reasoning.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_tokens: Option<u64>,
}

impl Usage {
    /// Returns a builder with all counts unset.
    pub fn builder() -> UsageBuilder {
        UsageBuilder::default()
    }

    /// Returns counts of prompt tokens, completion tokens, and both.
    pub const fn new(
        prompt_tokens: Option<u64>,
        completion_tokens: Option<u64>,
        total_tokens: Option<u64>,
    ) -> Self {
        Self { prompt_tokens, completion_tokens, total_tokens, cached_tokens: None, reasoning_tokens: None }
    }

    /// Sets the counts of cached prompt tokens and of reasoning tokens.
    pub const fn with_details(mut self, cached_tokens: Option<u64>, reasoning_tokens: Option<u64>) -> Self {
        self.cached_tokens = cached_tokens;
        self.reasoning_tokens = reasoning_tokens;
        self
    }

    /// Returns whether all counts are unset.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Usage {
    const ZERO: Self = Self::new(Some(0), Some(0), Some(0)).with_details(Some(0), Some(0));
}

/// Adds each count. A count that either side lacks, or that overflows, is unknown.
impl Add for Usage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let sum = |ours: Option<u64>, theirs: Option<u64>| ours?.checked_add(theirs?);
        Self {
            prompt_tokens: sum(self.prompt_tokens, other.prompt_tokens),
            completion_tokens: sum(self.completion_tokens, other.completion_tokens),
            total_tokens: sum(self.total_tokens, other.total_tokens),
            cached_tokens: sum(self.cached_tokens, other.cached_tokens),
            reasoning_tokens: sum(self.reasoning_tokens, other.reasoning_tokens),
        }
    }
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Usage {
    fn sum<I: Iterator<Item = Self>>(usages: I) -> Self {
        usages.fold(Self::ZERO, Self::add)
    }
}

impl<'a> Sum<&'a Self> for Usage {
    fn sum<I: Iterator<Item = &'a Self>>(usages: I) -> Self {
        usages.copied().sum()
    }
}
