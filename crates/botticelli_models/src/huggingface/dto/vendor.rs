//! Fields that a provider adds under a key of its own.

use super::HuggingFaceUsage;
use super::lenient;
use derive_getters::Getters;
use serde_json::Value;

/// What a provider writes under a key of its own, such as Groq's `x_groq`: in a stream, the usage and the error may stand there.
#[derive(Clone, Debug, Default, PartialEq, Getters)]
pub struct HuggingFaceVendorFields {
    /// How many tokens it took.
    usage: Option<HuggingFaceUsage>,
    /// An error, in any of its shapes.
    error: Option<Value>,
}

lenient::read_object! {
    HuggingFaceVendorFields {
        usage: Option<HuggingFaceUsage> = lenient::object, "usage";
        error: Option<Value> = lenient::told, "error";
    }
}
