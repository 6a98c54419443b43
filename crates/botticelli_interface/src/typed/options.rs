//! The options of a typed call.

use super::TypedMode;
use botticelli_error::{BotticelliError, BuilderError};

/// The modes and the number of repairs of a typed call.
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
    /// Default maximum number of repairs.
    pub const MAX_REPAIRS: u32 = 2;

    /// Returns the options with these modes, in the order in which they are tried.
    ///
    /// The next mode is tried if the service rejects the current one.
    pub fn with_modes(mut self, modes: impl IntoIterator<Item = TypedMode>) -> Self {
        self.modes = modes.into_iter().collect();
        self
    }

    /// Returns the options with a maximum number of repairs (default: 2).
    ///
    /// A repair sends the violations to the model and requests another response. Each repair is a billed call.
    pub fn with_max_repairs(mut self, max_repairs: u32) -> Self {
        self.max_repairs = max_repairs;
        self
    }

    /// Returns the options with or without a strict schema for types (default: strict).
    ///
    /// Maps with free keys and recursive types have no strict schema. Without a strict schema such types work, but the service
    /// does not enforce it. A schema of the caller is strict if its [`with_strict`](botticelli_core::OutputSchema::with_strict)
    /// is set.
    pub fn with_strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Returns the options with or without a catalog lookup before the call (default: without).
    ///
    /// The lookup removes modes that no provider of the model supports. The catalog takes one more request, which costs no
    /// tokens. A failed lookup is ignored.
    pub fn with_catalog(mut self, catalog: bool) -> Self {
        self.catalog = catalog;
        self
    }

    /// Returns the modes, in the order in which they are tried.
    pub fn modes(&self) -> &[TypedMode] {
        &self.modes
    }

    /// Returns the maximum number of repairs.
    pub fn max_repairs(&self) -> u32 {
        self.max_repairs
    }

    /// Returns whether types get a strict schema.
    pub fn is_strict(&self) -> bool {
        self.strict
    }

    /// Returns whether the call reads the catalog first.
    pub fn uses_catalog(&self) -> bool {
        self.catalog
    }

    pub(super) fn validate(&self) -> Result<(), BotticelliError> {
        if self.modes.is_empty() {
            let remedy = "name at least one, or omit it to allow all";
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
