//! Comfort that every driver has.

use crate::BotticelliDriver;
use crate::tools::{self, ToolLimits, ToolRun, ToolRunError, ToolStream, Tools};
#[cfg(feature = "schema")]
use crate::typed::{self, PartialStream, TypedOptions, TypedResponse};
use botticelli_core::GenerateRequest;
#[cfg(feature = "schema")]
use botticelli_core::OutputSchema;
#[cfg(feature = "schema")]
use botticelli_error::BotticelliError;
#[cfg(feature = "schema")]
use serde::de::DeserializeOwned;
use std::future::Future;
use std::sync::Arc;

/// What can be done with any [`BotticelliDriver`], `dyn` and wrappers included: bring it into scope, and every driver has it.
#[async_trait::async_trait]
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

    /// Answers with a value of the type `T`.
    ///
    /// The schema of `T` is made strict and sent in the first of the [modes](crate::TypedMode) that the service takes. The
    /// answer is checked here; where it does not fit, the model is told what is wrong and asked again, up to
    /// [twice](TypedOptions::MAX_REPAIRS). What is no object travels in one and is taken out again.
    ///
    /// ```
    /// use botticelli_error::BotticelliError;
    /// use botticelli_interface::{BotticelliDriver, DriverExt, TypedResponse};
    /// use schemars::JsonSchema;
    /// use serde::Deserialize;
    ///
    /// /// Something to go to.
    /// #[derive(Deserialize, JsonSchema)]
    /// struct Event {
    ///     /// What it is called.
    ///     title: String,
    ///     guests: Vec<String>,
    ///     place: Option<String>,
    /// }
    ///
    /// async fn read(driver: &dyn BotticelliDriver) -> Result<String, BotticelliError> {
    ///     let event: TypedResponse<Event> = driver.generate_as("Dinner with Ada on Friday".into()).await?;
    ///     println!("{} with {:?} ({} calls)", event.title, event.guests, event.calls());
    ///     Ok(event.value.title)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// - Before anything is sent, a [`BuilderError`](botticelli_error::BuilderError): the request has a form or tools of its
    ///   own, or asks for several choices (`n`); the type has no strict form, because it holds
    ///   itself, or a map with free keys, or any value.
    /// - What the driver says, where it is not a refusal of the mode, or where no mode is left.
    /// - A [`JsonError`](botticelli_error::JsonError), where no answer fits, or the last one was cut, broken off, filtered or
    ///   refused; [`partial`](BotticelliError::partial) has that answer, with the tokens of all.
    #[cfg(feature = "schema")]
    async fn generate_as<T>(&self, request: GenerateRequest) -> Result<TypedResponse<T>, BotticelliError>
    where
        T: DeserializeOwned + schemars::JsonSchema + Send,
    {
        typed::generate_as(self, request, &TypedOptions::default()).await
    }

    /// [`generate_as`](Self::generate_as), with options.
    ///
    /// # Errors
    ///
    /// As [`generate_as`](Self::generate_as).
    #[cfg(feature = "schema")]
    async fn generate_as_with<T>(
        &self,
        request: GenerateRequest,
        options: &TypedOptions,
    ) -> Result<TypedResponse<T>, BotticelliError>
    where
        T: DeserializeOwned + schemars::JsonSchema + Send,
    {
        typed::generate_as(self, request, options).await
    }

    /// Answers with a value that fits `schema`, which is made strict [where it says so](OutputSchema::with_strict), and
    /// otherwise sent as it is.
    ///
    /// # Errors
    ///
    /// As [`generate_as`](Self::generate_as); and a [`BuilderError`](botticelli_error::BuilderError) where the schema is none.
    #[cfg(feature = "schema")]
    async fn generate_json(
        &self,
        request: GenerateRequest,
        schema: OutputSchema,
    ) -> Result<TypedResponse<serde_json::Value>, BotticelliError> {
        typed::generate_json(self, request, &schema, &TypedOptions::default()).await
    }

    /// [`generate_json`](Self::generate_json), with options.
    ///
    /// # Errors
    ///
    /// As [`generate_json`](Self::generate_json).
    #[cfg(feature = "schema")]
    async fn generate_json_with(
        &self,
        request: GenerateRequest,
        schema: OutputSchema,
        options: &TypedOptions,
    ) -> Result<TypedResponse<serde_json::Value>, BotticelliError> {
        typed::generate_json(self, request, &schema, options).await
    }

    /// Answers with a value of the type `T`, and shows it while it is written.
    ///
    /// The model is not asked again: what was shown stands.
    ///
    /// # Errors
    ///
    /// As [`generate_as`](Self::generate_as): of this call what is known before the first piece, else as the last item.
    #[cfg(feature = "schema")]
    async fn stream_as<T>(&self, request: GenerateRequest) -> Result<PartialStream<T>, BotticelliError>
    where
        T: DeserializeOwned + schemars::JsonSchema + Send + 'static,
    {
        typed::stream_as(self, request, &TypedOptions::default()).await
    }

    /// [`stream_as`](Self::stream_as), with options; repairs are none of them.
    ///
    /// # Errors
    ///
    /// As [`stream_as`](Self::stream_as).
    #[cfg(feature = "schema")]
    async fn stream_as_with<T>(
        &self,
        request: GenerateRequest,
        options: &TypedOptions,
    ) -> Result<PartialStream<T>, BotticelliError>
    where
        T: DeserializeOwned + schemars::JsonSchema + Send + 'static,
    {
        typed::stream_as(self, request, options).await
    }
}

impl<D: BotticelliDriver + ?Sized> DriverExt for D {}
