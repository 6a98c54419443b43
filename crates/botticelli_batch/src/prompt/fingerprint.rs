//! The identity of a run.

use super::RowKey;
use serde::{Deserialize, Serialize};

/// The identity of a run: answers of another prompt, model or schema do not belong to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fingerprint {
    /// Hash of the templates and of the columns with images and chats.
    pub(crate) prompt: String,
    /// The provider and the model.
    pub(crate) model: String,
    /// Hash of the output: its kind and its schema.
    pub(crate) schema: String,
    /// Hash of the options of the request.
    pub(crate) options: String,
    /// Names of the input files, without their folders.
    pub(crate) inputs: Vec<String>,
}

impl Fingerprint {
    /// Maximum number of file names that are compared.
    pub(crate) const MAX_INPUTS: usize = 100;

    /// Returns the hash of a part, as text.
    pub(crate) fn hash<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
        RowKey::of_parts(parts).to_string()
    }

    /// Returns the names of the parts in which `self`, the present run, differs from an earlier one. `None` if it does not.
    ///
    /// An input may move, grow, and be corrected: only an input without a common file is another one.
    pub(crate) fn difference(&self, earlier: &Self) -> Option<String> {
        let mut changed = Vec::new();
        if self.prompt != earlier.prompt {
            changed.push("prompt".to_owned());
        }
        if self.model != earlier.model {
            changed.push(format!("model ({}, and now {})", earlier.model, self.model));
        }
        if self.schema != earlier.schema {
            changed.push("schema".to_owned());
        }
        if self.options != earlier.options {
            changed.push("set of options".to_owned());
        }
        if !self.inputs.iter().any(|name| earlier.inputs.contains(name)) {
            let first = |names: &[String]| names.first().cloned().unwrap_or_default();
            changed.push(format!("input ({}, and now {})", first(&earlier.inputs), first(&self.inputs)));
        }
        match changed.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            [first @ .., last] => Some(format!("{} and {last}", first.join(", "))),
        }
    }
}
