//! The limits of a run.

/// The limits of a run with tools.
///
/// The default is 10 turns, an unlimited cost, and results of up to 256 KiB.
///
/// ```
/// use botticelli_interface::ToolLimits;
///
/// // At most five responses of the model, and no further turn after 0.10 USD.
/// let limits = ToolLimits::turns(5).with_cost(100_000_000);
/// assert_ne!(limits, ToolLimits::default());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToolLimits {
    pub(super) turns: u32,
    pub(super) cost: Option<u64>,
    pub(super) result_bytes: usize,
}

impl ToolLimits {
    /// Default maximum number of requests to the model.
    pub const TURNS: u32 = 10;
    /// Default maximum size of a result, in bytes: 256 KiB.
    pub const RESULT_BYTES: usize = 256 * 1024;

    /// Returns the default limits with a maximum number of requests to the model.
    ///
    /// After the last response, its calls are not run, because the model could not receive their results.
    pub fn turns(turns: u32) -> Self {
        Self { turns, ..Self::default() }
    }

    /// Returns the limits with a maximum cost, in nano-dollars (10⁻⁹ USD).
    ///
    /// The run checks the cost before each turn. A turn is not sent if its [estimate](crate::BotticelliDriver::estimate) would
    /// exceed the limit. If the driver has no estimate, the last turn may exceed the limit.
    ///
    /// If a response does not report its cost, the run computes it from the
    /// [catalog](crate::BotticelliDriver::model_info), which it reads once. If that fails too, the run ends before the next turn.
    /// The final response is returned whatever it cost, because it is paid already.
    pub fn with_cost(mut self, nano_dollars: u64) -> Self {
        self.cost = Some(nano_dollars);
        self
    }

    /// Returns the limits with a maximum size of a result, in bytes. A longer result is cut, with a note for the model.
    pub fn with_result_bytes(mut self, bytes: usize) -> Self {
        self.result_bytes = bytes;
        self
    }
}

impl Default for ToolLimits {
    fn default() -> Self {
        Self { turns: Self::TURNS, cost: None, result_bytes: Self::RESULT_BYTES }
    }
}
