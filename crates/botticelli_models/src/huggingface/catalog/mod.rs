//! The router's model catalog with its file, and the Hub's provider mapping. Each is fetched once for all callers.

pub(in crate::huggingface) mod cached;
#[expect(clippy::module_inception, reason = "the file is named after its one public type")]
pub(in crate::huggingface) mod catalog;
pub(in crate::huggingface) mod catalog_file;
pub(in crate::huggingface) mod provider_mapping;
