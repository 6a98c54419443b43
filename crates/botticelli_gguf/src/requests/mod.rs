//! From requests to jobs. Everything that the model cannot do is refused by name.

mod call;
mod extra;
mod logit_bias;

pub(crate) use call::{Call, Options};
pub(crate) use extra::ExtraSettings;
pub(crate) use logit_bias::check_tokens;
