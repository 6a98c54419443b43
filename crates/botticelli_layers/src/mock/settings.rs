//! The fixed answers of a mock: its names, its catalog, its prices, its clock.

use crate::clock::SystemClock;
use botticelli_core::{Cost, CostEstimate, ModelInfo, PricedRoute};
use botticelli_interface::Clock;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) provider: &'static str,
    pub(super) model: String,
    pub(super) models: Vec<ModelInfo>,
    pub(super) estimate: CostEstimate,
    pub(super) cost: Cost,
    pub(super) cheaper: Vec<PricedRoute>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            provider: "mock",
            model: "mock-model".to_owned(),
            models: Vec::new(),
            estimate: CostEstimate::at_most(0),
            cost: Cost::free(),
            cheaper: Vec::new(),
            clock: Arc::new(SystemClock),
        }
    }
}
