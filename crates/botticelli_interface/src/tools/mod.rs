//! Tools: code that the model may call, and the bounded loop that runs it.
//!
//! | file | what is in it |
//! | --- | --- |
//! | `set`, `tool` | [`Tools`], what the model may call; [`Tool`], one with state |
//! | `callable`, `output`, `spoken` | arguments to types, and what a tool gives back to text |
//! | `definition` | the schema of a type (feature `schema`) |
//! | `turns` | the loop, plain and streamed |
//! | `conversation`, `spending`, `calls` | what it keeps: turns, money, the calls of one turn |
//! | `limits`, `approval` | what holds it back |
//! | `run`, `result`, `run_error`, `events` | what comes of it |
//! | `words` | what the model is told when a call came to nothing |

mod approval;
mod callable;
mod calls;
mod conversation;
mod cost_tracker;
#[cfg(feature = "schema")]
mod definition;
mod events;
mod limits;
mod model_messages;
mod output;
mod result;
mod run;
mod run_error;
mod set;
mod spoken;
mod tool;
mod turns;

pub use approval::Approval;
#[cfg(feature = "schema")]
pub use definition::tool_definition;
pub use events::{ToolEvent, ToolStream};
pub use limits::ToolLimits;
pub use output::{FailsWith, FailsWithAny, Plain, ToolOutput};
pub use result::{ToolOutcome, ToolResult};
pub use run::{ToolRun, ToolStep};
pub use run_error::ToolRunError;
pub use set::Tools;
pub use tool::Tool;

pub(crate) use events::stream;
pub(crate) use turns::run;
