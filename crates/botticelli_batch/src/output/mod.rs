//! The columns of an answer, and their values.

mod extra;
mod kind;
#[cfg(feature = "schema")]
mod schema_columns;
mod values;

pub use extra::Extra;
pub(crate) use kind::OutputKind;
#[cfg(feature = "schema")]
pub(crate) use schema_columns::columns as schema_columns;
pub(crate) use values::OutputPlan;
