//! Grammars: JSON that is enforced while a response is decoded (feature `grammar`).

#[cfg(feature = "grammar")]
mod constraint;
#[cfg(feature = "grammar")]
mod grammars;
#[cfg(feature = "grammar")]
mod lark;
#[cfg(feature = "grammar")]
mod subject;
#[cfg(not(feature = "grammar"))]
mod unavailable;

#[cfg(feature = "grammar")]
pub(crate) use constraint::Constraint;
#[cfg(feature = "grammar")]
pub(crate) use grammars::Grammars;
#[cfg(feature = "grammar")]
use subject::Subject;
#[cfg(not(feature = "grammar"))]
pub(crate) use unavailable::{Constraint, Grammars};
