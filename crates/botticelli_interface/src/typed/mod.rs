//! Answers with a form: asked for, read, checked, and asked for again.
//!
//! One pipeline, each step in a file of its own, all but the last two without I/O:
//!
//! | file | step |
//! | --- | --- |
//! | `type_schema` | the schema of a Rust type |
//! | `strict`, `inline`, `hint` | the schema as services want it: closed, without references, all required |
//! | `floats` | the bounds of an `f32`, which its schema does not say |
//! | `form` | both schemas, and the object around what is no object |
//! | `ask` | the request that asks for it, in one of the modes |
//! | `scan` | the JSON in a text |
//! | `read` | the value in an answer |
//! | `check` | what does not fit |
//! | `repair` | the request that says so |
//! | `extracted`, `fail` | the value and how it came, or why none came |
//! | `complete`, `escape` | JSON that is still being written |
//! | `generate`, `stream` | the loop, and the stream |

mod ask;
mod check;
mod complete;
mod escape;
mod extracted;
mod fail;
mod floats;
mod form;
mod generate;
mod hint;
mod inline;
mod mode;
mod options;
mod partial;
mod read;
mod repair;
mod scan;
mod stream;
mod strict;
mod sum;
mod type_schema;
mod violation;

pub use complete::JsonCompleter;
pub use extracted::{Extracted, Fallback, Repair};
pub use mode::TypedMode;
pub use options::TypedOptions;
pub use partial::{Partial, PartialStream};
pub use violation::Violation;

pub(crate) use generate::{generate_as, generate_json};
pub(crate) use stream::stream_as;
