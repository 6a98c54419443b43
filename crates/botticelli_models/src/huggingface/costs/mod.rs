//! Costs: upper bounds before a request is sent, and prices of responses.

pub(super) mod call_price;
pub(super) mod estimate;
pub(super) mod price_fetch;
pub(super) mod price_source;
pub(super) mod token_bounds;
