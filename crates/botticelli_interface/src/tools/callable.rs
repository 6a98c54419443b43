//! Whatever can be called, behind one pointer.

use super::model_messages;
use super::output::ToolOutput;
use super::spoken::spoken;
use super::tool::Tool;
use crate::error_location::locate_error;
use crate::whole_number::with_integers_for_floats;
use botticelli_core::ToolCall;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::future::Future;
use std::marker::PhantomData;

/// A call that has its arguments and has not begun: what it gives back, or what went wrong.
pub(super) type PendingCall<'a> = BoxFuture<'a, Result<String, String>>;

pub(super) trait Callable: Send + Sync {
    /// Reads the arguments. What comes back does nothing before it is polled. The error is for the model.
    fn prepare<'a>(&'a self, call: &ToolCall) -> Result<PendingCall<'a>, String>;
}

/// A closure.
pub(super) struct Closure<F, A, Kind> {
    run: F,
    kind: PhantomData<fn(A) -> Kind>,
}

impl<F, A, Kind> Closure<F, A, Kind> {
    pub(super) fn new(run: F) -> Self {
        Self { run, kind: PhantomData }
    }
}

impl<F, A, Fut, Kind> Callable for Closure<F, A, Kind>
where
    F: Fn(A) -> Fut + Send + Sync,
    A: DeserializeOwned + Send,
    Fut: Future<Output: ToolOutput<Kind>> + Send,
{
    fn prepare<'a>(&'a self, call: &ToolCall) -> Result<PendingCall<'a>, String> {
        let arguments: A = arguments(call)?;
        Ok(Box::pin(async move { (self.run)(arguments).await.into_text() }))
    }
}

/// A tool with state.
pub(super) struct ToolObject<T>(pub(super) T);

impl<T: Tool> Callable for ToolObject<T> {
    fn prepare<'a>(&'a self, call: &ToolCall) -> Result<PendingCall<'a>, String> {
        let arguments = arguments(call)?;
        Ok(Box::pin(async move {
            match self.0.call(arguments).await {
                Ok(output) => spoken(&output),
                Err(error) => Err(error.to_string()),
            }
        }))
    }
}

/// The arguments of a call, or what the model is told of them. Models write `null` for none, and `3.0` for `3`.
fn arguments<A: DeserializeOwned>(call: &ToolCall) -> Result<A, String> {
    let (name, text) = (call.name(), call.arguments_text());
    let value = match serde_json::from_str(text) {
        Ok(Value::Null) => Value::Object(serde_json::Map::new()),
        Ok(object @ Value::Object(_)) => object,
        Ok(_) => return Err(model_messages::not_an_object(name, text)),
        Err(error) => return Err(model_messages::invalid_json(name, text, error)),
    };
    let read = |value: &Value| A::deserialize(value).map_err(|error| error.to_string());
    read(&value).or_else(|reason| {
        if let Some(arguments) = with_integers_for_floats(&value).and_then(|value| read(&value).ok()) {
            return Ok(arguments);
        }
        let place = locate_error(&value, &reason, read);
        let reason = if place.is_empty() { reason } else { format!("{place}: {reason}") };
        Err(model_messages::invalid_arguments(name, reason))
    })
}
