//! The tools of a run.

use super::approval::Approval;
use super::callable::{Callable, Closure, PendingCall, ToolObject};
use super::model_messages;
use super::output::ToolOutput;
use super::result::ToolOutcome;
use super::tool::Tool;
use botticelli_core::{ToolCall, ToolDefinition};
use botticelli_error::BotticelliError;
use futures::FutureExt;
use futures::future::BoxFuture;
#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use std::fmt;
use std::future::Future;

/// What the model may call in [`run_tools`](crate::DriverExt::run_tools): closures, and [types with state](Tool).
///
/// ```
/// use botticelli_core::ToolDefinition;
/// use botticelli_interface::Tools;
/// use serde_json::{Value, json};
///
/// # fn main() -> Result<(), botticelli_error::BotticelliError> {
/// let dice = ToolDefinition::new("roll", json!({"type": "object", "properties": {"sides": {"type": "integer"}}}))?
///     .with_description("Rolls a die");
/// let tools = Tools::new()
///     .with_definition(dice, |arguments: Value| async move { arguments["sides"].as_u64().unwrap_or(6) / 2 });
/// # let _ = tools;
/// # Ok(())
/// # }
/// ```
///
/// With the feature `schema`, `with(name, closure)` finds the schema and what the tool is for from the type that the closure takes.
///
/// Two tools of one name, or a name that services do not take, are the error of the run, before anything is sent.
#[derive(Default)]
pub struct Tools {
    tools: Vec<RegisteredTool>,
    approve: Option<Approve>,
    returns_reasoning: bool,
    /// The first tool that cannot be: the error of the run.
    first_error: Option<BotticelliError>,
}

struct RegisteredTool {
    definition: ToolDefinition,
    callable: Box<dyn Callable>,
}

type Approve = Box<dyn Fn(ToolCall) -> BoxFuture<'static, Approval> + Send + Sync>;

impl Tools {
    /// No tools yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the tool `name`. What its arguments are, and what it is for, come from the type that the closure takes
    /// ([`tool_definition`](crate::tool_definition)); what it may give back is told by [`ToolOutput`].
    #[cfg(feature = "schema")]
    #[track_caller]
    pub fn with<A, F, Fut, Kind>(self, name: impl Into<String>, run: F) -> Self
    where
        A: DeserializeOwned + JsonSchema + Send + 'static,
        F: Fn(A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: ToolOutput<Kind>> + Send + 'static,
        Kind: 'static,
    {
        self.register(super::tool_definition::<A>(name), Closure::<F, A, Kind>::new(run))
    }

    /// Adds a tool by its definition. The closure takes `serde_json::Value`, or any type that the arguments can be read into.
    pub fn with_definition<A, F, Fut, Kind>(self, definition: ToolDefinition, run: F) -> Self
    where
        A: DeserializeOwned + Send + 'static,
        F: Fn(A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: ToolOutput<Kind>> + Send + 'static,
        Kind: 'static,
    {
        self.register(Ok(definition), Closure::<F, A, Kind>::new(run))
    }

    /// Adds a tool with state.
    #[expect(clippy::should_implement_trait, reason = "it adds to a list, and is no sum")]
    pub fn add(self, tool: impl Tool + 'static) -> Self {
        self.register(tool.definition(), ToolObject(tool))
    }

    /// Asks before a call is run: one call after the other, in the order of the model, and before any of the turn is run. Calls
    /// that cannot be run, because there is no such tool or its arguments cannot be read, are not asked about. There is one such
    /// hook: the last one counts.
    ///
    /// ```
    /// use botticelli_interface::{Approval, Tools};
    ///
    /// let tools = Tools::new().approve(|call| async move {
    ///     match call.name() {
    ///         "delete" => Approval::refuse("nothing is deleted today"),
    ///         _ => Approval::Run,
    ///     }
    /// });
    /// ```
    pub fn approve<F, Fut>(mut self, approve: F) -> Self
    where
        F: Fn(ToolCall) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Approval> + Send + 'static,
    {
        self.approve = Some(Box::new(move |call| approve(call).boxed()));
        self
    }

    /// Whether the model's reasoning goes back to it in the turns of this run that call tools (default: no).
    ///
    /// Some thinking models require it there or answer worse without it, as `DeepSeek` and Kimi do; most services refuse it.
    /// The turn that ends the run does not carry it, because a later conversation does not need it.
    pub fn with_reasoning(mut self, returns_reasoning: bool) -> Self {
        self.returns_reasoning = returns_reasoning;
        self
    }

    /// Whether the model's reasoning goes back to it in the turns that call tools.
    pub fn returns_reasoning(&self) -> bool {
        self.returns_reasoning
    }

    /// The definitions of all tools, as the model is told of them.
    pub fn definitions(&self) -> impl Iterator<Item = &ToolDefinition> {
        self.tools.iter().map(|known| &known.definition)
    }

    /// The first mistake in the tools, if there is one.
    pub(super) fn check(&self) -> Result<(), BotticelliError> {
        self.first_error.clone().map_or(Ok(()), Err)
    }

    /// A call that may be run, or what became of it and what the model is told.
    pub(super) async fn prepare(&self, call: &ToolCall) -> Result<PendingCall<'_>, (ToolOutcome, String)> {
        let Some(known) = self.tools.iter().find(|known| known.definition.name() == call.name()) else {
            let names = self.definitions().map(ToolDefinition::name);
            return Err((ToolOutcome::UnknownTool, model_messages::unknown_tool(call.name(), names)));
        };
        let prepared = known.callable.prepare(call).map_err(|told| (ToolOutcome::BadArguments, told))?;
        let approval = match &self.approve {
            Some(approve) => approve(call.clone()).await,
            None => Approval::Run,
        };
        match approval {
            Approval::Run => Ok(prepared),
            Approval::Refuse(reason) => Err((ToolOutcome::Refused, model_messages::refused(&reason))),
        }
    }

    fn register(
        mut self,
        definition: Result<ToolDefinition, BotticelliError>,
        callable: impl Callable + 'static,
    ) -> Self {
        match definition {
            Ok(definition) => self.tools.push(RegisteredTool { definition, callable: Box::new(callable) }),
            Err(error) => self.first_error = self.first_error.or(Some(error)),
        }
        self
    }
}

impl fmt::Debug for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tools")
            .field("tools", &self.definitions().map(ToolDefinition::name).collect::<Vec<_>>())
            .field("approve", &self.approve.as_ref().map(|_| "…"))
            .field("returns_reasoning", &self.returns_reasoning)
            .field("first_error", &self.first_error)
            .finish()
    }
}
