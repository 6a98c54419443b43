//! Whose turn it is to answer.

use crate::faults::Fault;
use crate::script::Script;

/// How one chat call is answered.
///
/// ```
/// use botticelli_sandbox::{Fault, Sandbox, Turn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// // The first call is cut after three events, all others are answered as usual.
/// let sandbox = Sandbox::builder().on_chat(Fault::cut_after(3)).on_chat(Turn::Answer).start().await?;
/// # drop(sandbox);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Turn {
    /// By this script, whatever the call says and whichever token it carries.
    Script(Script),
    /// By the sandbox's own answer with this fault in it. A fault that is an answer of its own, as
    /// every refusal is, does not look at the call either.
    Fault(Fault),
    /// By the sandbox itself.
    Answer,
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
