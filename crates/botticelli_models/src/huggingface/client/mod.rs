//! Sends requests with credentials, and records where their responses came from.

pub(in crate::huggingface) mod api_client;
pub(in crate::huggingface) mod response_metadata;
pub(in crate::huggingface) mod stream_options;
