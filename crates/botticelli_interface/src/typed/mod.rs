//! Typed responses: requested, parsed, validated and repaired.
//!
//! The files form a pipeline. Only `generate`, `stream`, `typed_schema` and `mode_selection` do I/O.
//!
//! | file | step |
//! | --- | --- |
//! | `type_schema` | the schema of a Rust type |
//! | `strict`, `inline`, `merge`, `hint`, `schema_error` | the strict schema: closed, without references, all properties required |
//! | `reference`, `recursion`, `schema_depth` | targets of references, recursive types, recursion depth |
//! | `floats`, `integers`, `walk` | bounds of `f32` and of integers, which generated schemas omit |
//! | `target_schema` | the schema as sent, and the validator |
//! | `mode`, `options`, `mode_selection`, `mode_request` | the modes, and the request of each mode |
//! | `find_values`, `value_end` | JSON values in a text |
//! | `read` | the value in a response |
//! | `validator`, `violation`, `normalize` | violations, and corrections that do not change the meaning |
//! | `repair` | the request for a repair |
//! | `typed_response`, `history`, `totals`, `failure` | the value with its history, or the error |
//! | `partial_json`, `escape`, `partial` | incomplete JSON, and the items of a stream |
//! | `generate`, `stream` | the call, and the stream |
//! | `typed_schema` | a schema that is compiled once for many calls |

mod escape;
mod failure;
mod find_values;
mod floats;
mod generate;
mod hint;
mod history;
mod inline;
mod integers;
mod merge;
mod mode;
mod mode_request;
mod mode_selection;
mod normalize;
mod options;
mod partial;
mod partial_json;
mod read;
mod recursion;
mod reference;
mod repair;
mod schema_depth;
mod schema_error;
mod stream;
mod strict;
mod target_schema;
mod totals;
mod type_schema;
mod typed_response;
mod typed_schema;
mod validator;
mod value_end;
mod violation;
mod walk;

pub use history::{Fallback, Repair};
pub use mode::TypedMode;
pub use options::TypedOptions;
pub use partial::{Partial, PartialStream};
pub use partial_json::PartialJson;
pub use typed_response::TypedResponse;
pub use typed_schema::TypedSchema;
pub use violation::Violation;

pub(crate) use generate::{generate_as, generate_json};
pub(crate) use integers::add_bounds;
pub(crate) use stream::stream_as;
