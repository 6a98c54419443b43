//! What several calls took together.

use botticelli_core::{Cost, CostSource, GenerateResponse, Usage};

/// Tokens and money of all answers so far. What one of them did not say is unknown of all.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals(Option<(Option<Usage>, Cost)>);

impl Totals {
    pub(super) fn add(&mut self, response: &GenerateResponse) {
        let (usage, cost) = (response.usage().copied(), response.cost());
        self.0 = Some(match self.0 {
            None => (usage, cost),
            Some((before, cost_before)) => {
                (before.zip(usage).map(both_usages), both_costs(cost_before, cost))
            }
        });
    }

    pub(super) fn usage(&self) -> Option<Usage> {
        self.0.and_then(|(usage, _)| usage)
    }

    pub(super) fn cost(&self) -> Cost {
        self.0.map_or(Cost::unknown(), |(_, cost)| cost)
    }
}

fn both_usages((one, other): (Usage, Usage)) -> Usage {
    let both = |count: fn(&Usage) -> Option<u64>| count(&one)?.checked_add(count(&other)?);
    Usage::new(both(Usage::prompt_tokens), both(Usage::completion_tokens), both(Usage::total_tokens))
        .with_details(both(Usage::cached_tokens), both(Usage::reasoning_tokens))
}

fn both_costs(one: Cost, other: Cost) -> Cost {
    let sum = one.nano_dollars().zip(other.nano_dollars()).and_then(|(one, other)| one.checked_add(other));
    match (sum, one.source(), other.source()) {
        (Some(sum), CostSource::Reported, CostSource::Reported) => Cost::reported(sum),
        (Some(sum), _, _) => Cost::priced(sum),
        (None, _, _) => Cost::unknown(),
    }
}
