//! Tolerant readers for the JSON that servers really send.
//!
//! The functions are for `#[serde(deserialize_with)]`. A value of an unexpected type reads as `None` or as an empty list, so that
//! one wrong field does not make the whole response unreadable.

mod error_body;
mod fill;
mod merge;
mod objects;
mod raw_json;
mod read;
mod scalars;
mod text;

pub(in crate::huggingface) use error_body::ErrorBody;
pub(super) use error_body::{boxed_value, error};
pub(in crate::huggingface) use fill::{ReadFields, fill};
pub(super) use merge::{Merge, merge_present, read_object};
pub(super) use objects::{Weigh, boxed, list, object, objects, one_or_more};
pub(super) use scalars::{count, flag, number, reason, word};
pub(super) use text::{arguments, content, reasoning, text, words};
