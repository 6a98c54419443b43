//! A chat call: what is asked, whether it may be asked, what is said.

mod check;
mod choices;
mod content;
mod default_text;
mod endpoint;
mod envelope;
mod format;
mod generation;
mod media;
mod message;
mod reasoning;
mod request;
mod respond;
mod tokens;
mod tool_calls;

pub(crate) use endpoint::{HF_INFERENCE, MODEL_OF_TGI, Site, Way};
pub(crate) use envelope::Envelope;
pub(crate) use generation::{Bit, Call, Choice, Completion, Ending, pieces_of};
pub(crate) use respond::{Form, LARGEST_FOR_TGI, complete, fits};
pub(crate) use tokens::tokens;
