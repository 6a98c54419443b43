//! Comfort that every driver has.

use crate::BotticelliDriver;
use crate::tools::{self, ToolLimits, ToolRun, ToolRunError, ToolStream, Tools};
use botticelli_core::GenerateRequest;
use std::future::Future;
use std::sync::Arc;

/// What can be done with any [`BotticelliDriver`], `dyn` and wrappers included: bring it into scope, and every driver has it.
pub trait DriverExt: BotticelliDriver {
    /// Answers a request with the help of tools: asks, runs the [`Tools`] that the model calls, tells it what they gave back,
    /// and asks again, until it answers without a call or one of the [limits](ToolLimits) is reached.
    ///
    /// The calls of one turn run concurrently, on the task that polls this: a tool that blocks its thread holds up the others.
    /// What goes wrong in a tool, a call of a tool that is not there, and arguments that cannot be read go back to the model as
    /// the result of its call; it may do better in the next turn. A tool that panics is not caught: the panic goes through
    /// to the caller.
    ///
    /// `tool_choice` of the request holds for the first turn, if it demands a call: in all turns, it would never end.
    /// Dropping the future drops the tools that are running.
    ///
    /// # Errors
    ///
    /// Whatever kept the run from its end, with [the run so far](ToolRunError::run): a limit was reached
    /// ([`LimitReached`](botticelli_error::ErrorCategory::LimitReached)), the driver failed; and, before anything is sent, two
    /// tools of one name, a name or a schema that is none, a request with tools of its own, or with several choices (`n`).
    fn run_tools(
        &self,
        request: GenerateRequest,
        tools: &Tools,
        limits: ToolLimits,
    ) -> impl Future<Output = Result<ToolRun, ToolRunError>> + Send {
        tools::run(self, request, tools, limits)
    }

    /// The same as [`run_tools`](Self::run_tools), told as it happens: pieces of answers, calls, results; the last item is
    /// [`Finished`](crate::ToolEvent::Finished) or an error, and nothing follows it.
    ///
    /// The stream owns the driver, which is cheap to clone, as `Arc<dyn BotticelliDriver>` is. Nothing is sent before it is
    /// polled, and dropping it drops the call to the service and the tools that are running.
    fn stream_tools(
        self,
        request: GenerateRequest,
        tools: impl Into<Arc<Tools>>,
        limits: ToolLimits,
    ) -> ToolStream
    where
        Self: Sized + 'static,
    {
        tools::stream(self, request, tools.into(), limits)
    }
}

impl<D: BotticelliDriver + ?Sized> DriverExt for D {}
