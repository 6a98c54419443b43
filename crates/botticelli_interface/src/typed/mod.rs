//! Answers with a target: asked for, read, checked, and asked for again.
//!
//! One pipeline, each step in a file of its own, all but the last two without I/O:
//!
//! | file | step |
//! | --- | --- |
//! | `type_schema` | the schema of a Rust type |
//! | `strict`, `inline`, `merge`, `hint` | the schema as services want it: closed, without references, all required |
//! | `reference`, `recursion`, `levels` | what a reference names, whether a type holds itself, and how deep a schema goes |
//! | `floats`, `integers`, `walk` | the bounds of an `f32` and of integers, which their schemas do not say |
//! | `form` | both schemas, and the object around what is no object |
//! | `ask` | the request that asks for it, in one of the modes |
//! | `scan`, `skim` | the JSON in a text |
//! | `read` | the value in an answer |
//! | `check`, `mend` | what does not fit, and what says the same and fits |
//! | `repair` | the request that says so |
//! | `extracted`, `fail` | the value and how it came, or why none came |
//! | `complete`, `escape` | JSON that is still being written |
//! | `generate`, `stream` | the loop, and the stream |

mod escape;
mod failure;
mod find_values;
mod floats;
mod generate;
mod hint;
mod inline;
mod integers;
mod merge;
mod mode;
mod mode_request;
mod normalize;
mod options;
mod partial;
mod partial_json;
mod read;
mod recursion;
mod reference;
mod repair;
mod schema_depth;
mod stream;
mod strict;
mod target_schema;
mod totals;
mod type_schema;
mod typed_response;
mod validator;
mod value_end;
mod violation;
mod walk;

pub use mode::TypedMode;
pub use options::TypedOptions;
pub use partial::{Partial, PartialStream};
pub use partial_json::PartialJson;
pub use typed_response::{Fallback, Repair, TypedResponse};
pub use violation::Violation;

pub(crate) use generate::{generate_as, generate_json};
pub(crate) use integers::add_bounds;
pub(crate) use stream::stream_as;
