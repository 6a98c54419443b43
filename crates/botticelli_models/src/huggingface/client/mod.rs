//! Sends requests with credentials, and records where their responses came from.

pub(in crate::huggingface) mod accept;
pub(in crate::huggingface) mod api_client;
pub(in crate::huggingface) mod body_kind;
pub(in crate::huggingface) mod canonical;
pub(in crate::huggingface) mod chat_body;
pub(in crate::huggingface) mod chat_form;
pub(in crate::huggingface) mod json_body;
pub(in crate::huggingface) mod lookup;
pub(in crate::huggingface) mod prepared_request;
pub(in crate::huggingface) mod response_metadata;
pub(in crate::huggingface) mod stream_options;
