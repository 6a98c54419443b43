//! Chat templates: from a conversation to the text that the model reads.
//!
//! A template comes from the model file and is untrusted. Its work and its memory are limited.

mod chat_template;
mod conversation;
mod json_text;
mod time_text;

pub(crate) use chat_template::ChatTemplate;
pub(crate) use conversation::Conversation;
