//! Tools: code that the model may call, and the loop that runs it within limits.
//!
//! | file | content |
//! | --- | --- |
//! | `set`, `tool` | [`Tools`], the tools of a run; [`Tool`], a tool as a type |
//! | `callable`, `output` | arguments from JSON to Rust types, and outputs to text |
//! | `definition` | the definition of a tool from the type of its arguments (feature `schema`) |
//! | `turns` | the loop, for plain and streamed runs |
//! | `conversation`, `cost_tracker`, `calls` | the state of the loop: messages, money, the calls of one turn |
//! | `limits`, `approval` | limits of a run, and approval of a call |
//! | `run`, `result`, `run_error` | the results of a run |
//! | `stream`, `event`, `event_sink` | a run as a stream of events |
//! | `model_messages` | messages to the model about failed calls |

mod approval;
mod callable;
mod calls;
mod conversation;
mod cost_tracker;
#[cfg(feature = "schema")]
mod definition;
mod event;
mod event_sink;
mod limits;
mod model_messages;
mod output;
mod result;
mod run;
mod run_error;
mod set;
mod stream;
mod tool;
mod turns;

pub use approval::Approval;
#[cfg(feature = "schema")]
pub use definition::tool_definition;
pub use event::{ToolEvent, ToolStream};
pub use limits::ToolLimits;
pub use output::{JsonOutput, ToolOutput};
pub use result::{ToolOutcome, ToolResult};
pub use run::{ToolRun, ToolStep};
pub use run_error::ToolRunError;
pub use set::Tools;
pub use tool::Tool;

pub(crate) use stream::stream;
pub(crate) use turns::run;
