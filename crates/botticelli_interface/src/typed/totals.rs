//! Tokens and cost of several calls.

use botticelli_core::{Cost, GenerateResponse, Usage};

/// The tokens and the cost of all responses so far. A count that one response does not report is unknown in total.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals(Option<(Option<Usage>, Cost)>);

impl Totals {
    pub(super) fn add(&mut self, response: &GenerateResponse) {
        let (usage, cost) = (response.usage().copied(), response.cost());
        self.0 = Some(match self.0 {
            None => (usage, cost),
            Some((before, cost_before)) => {
                (before.zip(usage).map(|(before, usage)| before + usage), cost_before + cost)
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
