//! A chat call: what is asked, whether it may be asked, what is said.

mod check;
mod complete;
mod completion;
mod content;
mod message;
mod reply;
mod request;
mod strict;
mod tokens;

pub(crate) use complete::{Form, complete};
pub(crate) use completion::{Completion, Ending};
