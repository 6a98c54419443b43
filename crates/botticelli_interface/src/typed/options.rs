//! How a form is asked for.

use super::TypedMode;
use botticelli_error::{BotticelliError, BuilderError};

/// How a form is asked for, and how often.
///
/// ```
/// use botticelli_interface::{TypedMode, TypedOptions};
///
/// let options = TypedOptions::default().with_modes([TypedMode::ToolCall, TypedMode::Prompt]).with_max_repairs(1);
/// assert_eq!(options.modes(), [TypedMode::ToolCall, TypedMode::Prompt]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedOptions {
    modes: Vec<TypedMode>,
    max_repairs: u32,
    strict: bool,
    catalog: bool,
}

impl TypedOptions {
    /// How often a model is told what is wrong, where nothing else is said.
    pub const MAX_REPAIRS: u32 = 2;

    /// Tries these modes, in this order; the next one where the service refuses the one before.
    pub fn with_modes(mut self, modes: impl IntoIterator<Item = TypedMode>) -> Self {
        self.modes = modes.into_iter().collect();
        self
    }

    /// Tells the model so many times what is wrong with its answer; each time is another call, and is billed. 0: never.
    pub fn with_max_repairs(mut self, max_repairs: u32) -> Self {
        self.max_repairs = max_repairs;
        self
    }

    /// Whether the schema of a type is made strict (the default), which not every type can be: a map with free keys,
    /// a type that holds itself. Without it such types work, but the service does not keep the model to the target. A schema
    /// of one's own is made strict where [it says so itself](botticelli_core::OutputSchema::with_strict).
    pub fn with_strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Whether to look into the driver's catalogue first (default: no), and leave out modes that none of the model's
    /// providers has. It is one more call, which costs no tokens; a catalogue that cannot be read is done without.
    pub fn with_catalog(mut self, catalog: bool) -> Self {
        self.catalog = catalog;
        self
    }

    /// The modes, in the order in which they are tried.
    pub fn modes(&self) -> &[TypedMode] {
        &self.modes
    }

    /// How often the model is told what is wrong.
    pub fn max_repairs(&self) -> u32 {
        self.max_repairs
    }

    /// Whether the schema of a type is made strict.
    pub fn is_strict(&self) -> bool {
        self.strict
    }

    /// Whether the driver's catalogue is looked into.
    pub fn uses_catalog(&self) -> bool {
        self.catalog
    }

    pub(super) fn validate(&self) -> Result<(), BotticelliError> {
        if self.modes.is_empty() {
            let remedy = "name at least one, or leave it out for all";
            return Err(BuilderError::missing("TypedOptions", "modes", remedy).into());
        }
        Ok(())
    }
}

impl Default for TypedOptions {
    fn default() -> Self {
        Self { modes: TypedMode::ALL.to_vec(), max_repairs: Self::MAX_REPAIRS, strict: true, catalog: false }
    }
}
