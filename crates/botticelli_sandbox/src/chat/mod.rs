//! A chat call: what is asked, whether it may be asked, what is said.

mod answer;
mod calls;
mod check;
mod complete;
mod completion;
mod content;
mod format;
mod media;
mod message;
mod reply;
mod request;
mod site;
mod strict;
mod thought;
mod tokens;

pub(crate) use complete::{Form, LARGEST_FOR_TGI, complete, fits};
pub(crate) use completion::{Bit, Call, Choice, Completion, Ending, pieces_of};
pub(crate) use site::{HF_INFERENCE, MODEL_OF_TGI, Site, Way};
pub(crate) use strict::Envelope;
pub(crate) use tokens::tokens;
