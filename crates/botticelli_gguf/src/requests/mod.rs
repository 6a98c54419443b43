//! From requests to jobs. Everything that the model cannot do is refused by name.

mod call;
mod extra;

pub(crate) use call::{Call, Options};
pub(crate) use extra::ExtraSettings;
