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

/// The tools that the model may call in [`run_tools`](crate::DriverExt::run_tools): closures, and types that implement [`Tool`].
///
/// ```
/// use botticelli_core::ToolDefinition;
/// use botticelli_interface::Tools;
/// use serde_json::{Value, json};
///
/// # fn main() -> Result<(), botticelli_error::BotticelliError> {
/// let dice = ToolDefinition::new("roll", json!({"type": "object", "properties": {"sides": {"type": "integer"}}}))?
///     .with_description("Returns half the number of sides");
/// let tools = Tools::new()
///     .with_definition(dice, |arguments: Value| async move { arguments["sides"].as_u64().unwrap_or(6) / 2 });
/// # let _ = tools;
/// # Ok(())
/// # }
/// ```
///
/// With the feature `schema`, `with(name, closure)` takes the schema and the description from the argument type of the closure.
///
/// Two tools with the same name, or an invalid name, make the run fail before anything is sent.
#[derive(Default)]
pub struct Tools {
    tools: Vec<RegisteredTool>,
    approve: Option<Approve>,
    returns_reasoning: bool,
    /// The error of the first invalid tool, which becomes the error of the run.
    first_error: Option<BotticelliError>,
}

struct RegisteredTool {
    definition: ToolDefinition,
    callable: Box<dyn Callable>,
}

type Approve = Box<dyn Fn(ToolCall) -> BoxFuture<'static, Approval> + Send + Sync>;

impl Tools {
    /// Returns an empty set of tools.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the tool `name`.
    ///
    /// The argument type of the closure gives the schema and the description ([`tool_definition`](crate::tool_definition)).
    /// [`ToolOutput`] lists the types that the closure may return.
    #[cfg(feature = "schema")]
    #[track_caller]
    pub fn with<A, F, Fut>(self, name: impl Into<String>, run: F) -> Self
    where
        A: DeserializeOwned + JsonSchema + Send + 'static,
        F: Fn(A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: ToolOutput> + Send + 'static,
    {
        self.register(super::tool_definition::<A>(name), Closure::<F, A>::new(run))
    }

    /// Adds a tool with this definition.
    ///
    /// The closure takes a `serde_json::Value`, or any other type that deserializes from the arguments.
    pub fn with_definition<A, F, Fut>(self, definition: ToolDefinition, run: F) -> Self
    where
        A: DeserializeOwned + Send + 'static,
        F: Fn(A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: ToolOutput> + Send + 'static,
    {
        self.register(Ok(definition), Closure::<F, A>::new(run))
    }

    /// Adds a value whose type implements [`Tool`], for example one with state.
    pub fn with_tool(self, tool: impl Tool + 'static) -> Self {
        self.register(tool.definition(), ToolObject(tool))
    }

    /// Adds a hook that approves or refuses each call before it runs.
    ///
    /// The hook sees the calls of a turn one after the other, in the order in which the model made them, before any runs. It does not see
    /// calls of unknown tools or calls with invalid arguments. A second hook replaces the first.
    ///
    /// ```
    /// use botticelli_interface::{Approval, Tools};
    ///
    /// let tools = Tools::new().with_approval(|call| async move {
    ///     match call.name() {
    ///         "delete" => Approval::refuse("nothing is deleted today"),
    ///         _ => Approval::Run,
    ///     }
    /// });
    /// ```
    pub fn with_approval<F, Fut>(mut self, approve: F) -> Self
    where
        F: Fn(ToolCall) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Approval> + Send + 'static,
    {
        self.approve = Some(Box::new(move |call| approve(call).boxed()));
        self
    }

    /// Sets whether the model receives its own reasoning again after a turn with calls. Default: `false`.
    ///
    /// Some reasoning models, such as `DeepSeek` and Kimi, require it or give worse responses without it. Many services reject
    /// it. The last message of the run omits it, because a later conversation does not need it.
    pub fn with_reasoning(mut self, returns_reasoning: bool) -> Self {
        self.returns_reasoning = returns_reasoning;
        self
    }

    /// Returns whether the model receives its own reasoning again after a turn with calls.
    pub fn returns_reasoning(&self) -> bool {
        self.returns_reasoning
    }

    /// Returns the definitions of all tools, as the model receives them.
    pub fn definitions(&self) -> impl Iterator<Item = &ToolDefinition> {
        self.tools.iter().map(|known| &known.definition)
    }

    /// Returns the error of the first invalid tool, if any.
    pub(super) fn check(&self) -> Result<(), BotticelliError> {
        self.first_error.clone().map_or(Ok(()), Err)
    }

    /// Prepares a call. If it cannot run, returns its outcome and a message for the model.
    pub(super) async fn prepare(&self, call: &ToolCall) -> Result<PendingCall<'_>, (ToolOutcome, String)> {
        let Some(known) = self.tools.iter().find(|known| known.definition.name() == call.name()) else {
            let names = self.definitions().map(ToolDefinition::name);
            return Err((ToolOutcome::UnknownTool, model_messages::unknown_tool(call.name(), names)));
        };
        let pending = known.callable.prepare(call).map_err(|message| (ToolOutcome::BadArguments, message))?;
        let approval = match &self.approve {
            Some(approve) => approve(call.clone()).await,
            None => Approval::Run,
        };
        match approval {
            Approval::Run => Ok(pending),
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
