//! Objects under a provider's own key.

use super::HuggingFaceUsage;
use super::lenient;
use derive_getters::Getters;
use serde_json::Value;

/// Object under a provider's own key, such as Groq's `x_groq`. In a stream, it may hold the usage and an error.
#[derive(Clone, Debug, Default, PartialEq, Getters)]
pub struct HuggingFaceVendorFields {
    /// Token usage.
    usage: Option<HuggingFaceUsage>,
    /// An error of any shape.
    error: Option<Value>,
}

lenient::read_object! {
    HuggingFaceVendorFields {
        usage: Option<HuggingFaceUsage> = lenient::object, "usage";
        error: Option<Value> = lenient::error, "error";
    }
}
