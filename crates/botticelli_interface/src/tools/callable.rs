//! Closures and [`Tool`]s behind one trait object.

use super::model_messages;
use super::output::{ToolOutput, render};
use super::tool::Tool;
use crate::error_location::locate_error;
use crate::whole_number::with_integers_for_floats;
use botticelli_core::ToolCall;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::future::Future;
use std::marker::PhantomData;

/// A call with parsed arguments that has not started. The future returns the output, or the message of an error.
pub(super) type PendingCall<'a> = BoxFuture<'a, Result<String, String>>;

pub(super) trait Callable: Send + Sync {
    /// Parses the arguments. The returned future does nothing before it is polled. The error is a message for the model.
    fn prepare<'a>(&'a self, call: &ToolCall) -> Result<PendingCall<'a>, String>;
}

/// A closure with arguments of type `A`.
pub(super) struct Closure<F, A> {
    run: F,
    arguments: PhantomData<fn(A)>,
}

impl<F, A> Closure<F, A> {
    pub(super) fn new(run: F) -> Self {
        Self { run, arguments: PhantomData }
    }
}

impl<F, A, Fut> Callable for Closure<F, A>
where
    F: Fn(A) -> Fut + Send + Sync,
    A: DeserializeOwned + Send,
    Fut: Future<Output: ToolOutput> + Send,
{
    fn prepare<'a>(&'a self, call: &ToolCall) -> Result<PendingCall<'a>, String> {
        let arguments: A = parse_arguments(call)?;
        Ok(Box::pin(async move { (self.run)(arguments).await.into_text() }))
    }
}

/// An implementation of [`Tool`].
pub(super) struct ToolObject<T>(pub(super) T);

impl<T: Tool> Callable for ToolObject<T> {
    fn prepare<'a>(&'a self, call: &ToolCall) -> Result<PendingCall<'a>, String> {
        let arguments = parse_arguments(call)?;
        Ok(Box::pin(async move {
            match self.0.call(arguments).await {
                Ok(output) => render(&output),
                Err(error) => Err(error.to_string()),
            }
        }))
    }
}

/// Parses the arguments of a call. The error is a message for the model.
///
/// Some models write `null` for no arguments, and `3.0` for `3`.
fn parse_arguments<A: DeserializeOwned>(call: &ToolCall) -> Result<A, String> {
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
