//! Methods of every driver.

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

/// Runs with tools and typed responses, for every [`BotticelliDriver`], including `dyn` drivers and wrappers.
///
/// Import the trait to use its methods.
#[async_trait::async_trait]
pub trait DriverExt: BotticelliDriver {
    /// Sends a request with tools, and runs the [`Tools`] that the model calls.
    ///
    /// The run sends the results back to the model, and repeats this until the model answers without a call or a
    /// [limit](ToolLimits) is reached.
    ///
    /// The calls of one turn run concurrently, on the task that polls this future. A tool that blocks its thread delays the
    /// others. A failed tool, an unknown tool and invalid arguments do not end the run: the model receives a message as the result
    /// of its call, and may try again. The panic of a tool is not caught.
    ///
    /// A `tool_choice` that requires a call applies only to the first turn, because otherwise the run would never end. Dropping
    /// the future drops the running tools.
    ///
    /// # Errors
    ///
    /// Every error has [the run so far](ToolRunError::run).
    ///
    /// - Before anything is sent: two tools with the same name, an invalid name or schema, or a request that sets `tools` or
    ///   several choices (`n`).
    /// - The error of the driver.
    /// - A limit that is reached ([`LimitReached`](botticelli_error::ErrorCategory::LimitReached)).
    fn run_tools(
        &self,
        request: GenerateRequest,
        tools: &Tools,
        limits: ToolLimits,
    ) -> impl Future<Output = Result<ToolRun, ToolRunError>> + Send {
        tools::run(self, request, tools, limits)
    }

    /// Returns the same run as [`run_tools`](Self::run_tools) as a stream of chunks, calls and results.
    ///
    /// The last item is [`Finished`](crate::ToolEvent::Finished) or an error. The stream owns the driver; an
    /// `Arc<dyn BotticelliDriver>` is cheap to clone. Nothing is sent before the stream is polled. Dropping the stream drops the
    /// call to the service and the running tools.
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

    /// Sends a request and returns the response as a value of type `T`.
    ///
    /// The driver sends the strict schema of `T` in the first [mode](crate::TypedMode) that the service supports, and checks the
    /// response against the schema. If the response does not match, the driver sends the violations to the model, up to
    /// [two times](TypedOptions::MAX_REPAIRS). Non-object values are wrapped in `{"value": …}` and unwrapped.
    ///
    /// ```
    /// use botticelli_error::BotticelliError;
    /// use botticelli_interface::{BotticelliDriver, DriverExt, TypedResponse};
    /// use schemars::JsonSchema;
    /// use serde::Deserialize;
    ///
    /// /// A social event.
    /// #[derive(Deserialize, JsonSchema)]
    /// struct Event {
    ///     /// The name of the event.
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
    /// - A [`BuilderError`](botticelli_error::BuilderError) before anything is sent, if the request sets `response_format`, `tools` or
    ///   several choices (`n`).
    /// - A [`BuilderError`](botticelli_error::BuilderError) before anything is sent, if the type has no strict schema. Recursive
    ///   types, maps with any keys, and types that allow any value have no strict schema.
    /// - The error of the driver, unless the service rejects the mode and another mode is left.
    /// - A [`JsonError`](botticelli_error::JsonError): no response matches, or the last one was cut, filtered, stopped early or
    ///   refused. [`partial`](BotticelliError::partial) has that response, with the tokens of all responses.
    #[cfg(feature = "schema")]
    async fn generate_as<T>(&self, request: GenerateRequest) -> Result<TypedResponse<T>, BotticelliError>
    where
        T: DeserializeOwned + schemars::JsonSchema + Send,
    {
        typed::generate_as(self, request, &TypedOptions::default()).await
    }

    /// Does the same as [`generate_as`](Self::generate_as), with options.
    ///
    /// # Errors
    ///
    /// The same as for [`generate_as`](Self::generate_as).
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

    /// Sends a request and returns the response as a JSON value that matches `schema`.
    ///
    /// The schema is made strict if [`with_strict`](OutputSchema::with_strict) says so. Otherwise it is sent unchanged.
    ///
    /// # Errors
    ///
    /// The same as for [`generate_as`](Self::generate_as), and a [`BuilderError`](botticelli_error::BuilderError) if the schema is
    /// invalid.
    #[cfg(feature = "schema")]
    async fn generate_json(
        &self,
        request: GenerateRequest,
        schema: OutputSchema,
    ) -> Result<TypedResponse<serde_json::Value>, BotticelliError> {
        typed::generate_json(self, request, &schema, &TypedOptions::default()).await
    }

    /// Does the same as [`generate_json`](Self::generate_json), with options.
    ///
    /// # Errors
    ///
    /// The same as for [`generate_json`](Self::generate_json).
    #[cfg(feature = "schema")]
    async fn generate_json_with(
        &self,
        request: GenerateRequest,
        schema: OutputSchema,
        options: &TypedOptions,
    ) -> Result<TypedResponse<serde_json::Value>, BotticelliError> {
        typed::generate_json(self, request, &schema, options).await
    }

    /// Sends a request and streams the response as a growing value of type `T`.
    ///
    /// The model gets no chance to repair its response, because the caller has already seen the values.
    ///
    /// # Errors
    ///
    /// The same as for [`generate_as`](Self::generate_as): problems before the first chunk as the error of this call, later
    /// problems as the last item.
    #[cfg(feature = "schema")]
    async fn stream_as<T>(&self, request: GenerateRequest) -> Result<PartialStream<T>, BotticelliError>
    where
        T: DeserializeOwned + schemars::JsonSchema + Send + 'static,
    {
        typed::stream_as(self, request, &TypedOptions::default()).await
    }

    /// Does the same as [`stream_as`](Self::stream_as), with options. The number of repairs is ignored.
    ///
    /// # Errors
    ///
    /// The same as for [`stream_as`](Self::stream_as).
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
