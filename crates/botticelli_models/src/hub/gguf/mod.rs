//! The choice of a GGUF file.

pub(in crate::hub) mod candidate;
pub(in crate::hub) mod downloaded;
pub(in crate::hub) mod quantization;
pub(in crate::hub) mod selection;
