//! Layers as methods of every driver.

#[cfg(feature = "budget")]
use crate::budget::{Budget, Budgeted};
use std::fmt::Debug;

/// Layers as methods of every driver. The last layer is the outermost.
///
/// ```
/// use botticelli_core::Usd;
/// use botticelli_interface::BotticelliDriver;
/// use botticelli_layers::LayerExt;
/// use botticelli_layers::budget::Budget;
///
/// fn limited<D: BotticelliDriver>(driver: D) -> Result<impl BotticelliDriver, botticelli_error::BotticelliError> {
///     Ok(driver.with_budget(Budget::per_month(Usd::parse("0.10")?)))
/// }
/// ```
pub trait LayerExt: Debug + Send + Sync + Sized {
    /// Keeps the calls of the driver within a budget.
    #[cfg(feature = "budget")]
    fn with_budget(self, budget: Budget) -> Budgeted<Self> {
        Budgeted::new(self, budget)
    }
}

impl<D: Debug + Send + Sync + Sized> LayerExt for D {}
