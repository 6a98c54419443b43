//! The request of a row: templates, images, chats, and the key of the content.

mod content;
mod fingerprint;
mod images;
mod key;
mod plan;
mod shared_text;
mod template;

pub(crate) use content::{MoreContent, RowContent, file_name};
pub(crate) use fingerprint::Fingerprint;
pub(crate) use key::RowKey;
pub(crate) use plan::{Prepared, PromptPlan, Rendered, Repeats, RowFailure};
pub(crate) use shared_text::SharedText;
pub(crate) use template::PromptTemplate;
