//! How far a run may go.

/// How far a run may go: 10 turns, at any cost, and results of up to 256 KiB, unless it is said otherwise.
///
/// ```
/// use botticelli_interface::ToolLimits;
///
/// // At most five answers of the model, and no turn after a tenth of a dollar is spent.
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
    /// How often the model is asked at most, unless it is said otherwise.
    pub const TURNS: u32 = 10;
    /// How many bytes of a result the model is told at most, unless it is said otherwise: 256 KiB.
    pub const RESULT_BYTES: usize = 256 * 1024;

    /// The model is asked at most so often. The calls of an answer after which it may not be asked again are not run.
    pub fn turns(turns: u32) -> Self {
        Self { turns, ..Self::default() }
    }

    /// The run may cost at most so many nano-dollars (10⁻⁹ USD).
    ///
    /// Looked at before each turn. A turn whose [estimate](crate::BotticelliDriver::estimate) would go over it is not sent;
    /// where the driver has no estimate, the last turn may go over it. An answer that does not say what it cost is priced
    /// by the [catalogue](crate::BotticelliDriver::model_info), asked once a run; where that cannot be done either, the
    /// run ends before the next turn. An answer that ends the run is given out whatever it cost: it is paid already.
    pub fn with_cost(mut self, nano_dollars: u64) -> Self {
        self.cost = Some(nano_dollars);
        self
    }

    /// The model is told at most so many bytes of a result; a longer one is cut, with a note that says so.
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
