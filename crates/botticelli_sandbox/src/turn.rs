//! Response to one chat call.

use crate::faults::Fault;
use crate::script::Script;

/// The response to one chat or text completion call.
///
/// ```
/// use botticelli_sandbox::{Fault, Sandbox, Turn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// // The first response is cut after three events. All others are default responses.
/// let sandbox = Sandbox::builder().with_turn(Fault::cut_after(3)).with_turn(Turn::Default).start().await?;
/// # drop(sandbox);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Turn {
    /// This script. The call and its token are ignored.
    Script(Script),
    /// The default response with this fault in it. A fault that replaces the response, such as
    /// every status fault, ignores the call.
    Fault(Fault),
    /// The default response.
    Default,
}

impl From<Script> for Turn {
    fn from(script: Script) -> Self {
        Self::Script(script)
    }
}

impl From<Fault> for Turn {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}
