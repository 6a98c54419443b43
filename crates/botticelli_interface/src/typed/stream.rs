//! Typed responses as streams.

use super::generate::read_as;
use super::history::{Fallback, History};
use super::mode_selection::select_modes;
use super::partial::{Partial, PartialStream};
use super::partial_json::PartialJson;
use super::read::{output_text, read_value};
use super::target_schema::{TargetSchema, WRAP};
use super::typed_response::TypedResponse;
use super::{TypedMode, TypedOptions, failure, mode_request};
use crate::{BotticelliDriver, ChunkStream};
use botticelli_core::{Delta, GenerateRequest, GenerateResponse, StreamChunk};
use botticelli_error::{BotticelliError, InterruptedError, ModelsError};
use futures::StreamExt;
use futures::stream;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::marker::PhantomData;

/// Streams a value of type `T`.
pub(crate) async fn stream_as<D, T>(
    driver: &D,
    request: GenerateRequest,
    options: &TypedOptions,
) -> Result<PartialStream<T>, BotticelliError>
where
    D: BotticelliDriver + ?Sized,
    T: DeserializeOwned + schemars::JsonSchema + Send + 'static,
{
    let target = TargetSchema::of_type::<T>(options)?;
    let mut history = History::default();
    let mut modes = select_modes(driver, &request, options).await?.into_iter().peekable();
    while let Some(mode) = modes.next() {
        let first_request = mode_request::request_for_mode(&request, &target, mode)?;
        let mut result = driver.generate_stream(first_request.clone()).await;
        if result.as_ref().is_err_and(failure::allows_second_attempt) {
            history.second_attempts += 1;
            result = driver.generate_stream(first_request).await;
        }
        match result {
            Ok(chunks) => {
                history.mode = Some(mode);
                let state = StreamState::new(chunks, request, target, mode, history);
                return Ok(stream::unfold(state, StreamState::next).boxed());
            }
            Err(error) if failure::allows_next_mode(&error) && modes.peek().is_some() => {
                history.fallbacks.push(Fallback { mode, error });
            }
            Err(error) => return Err(error),
        }
    }
    // Unreachable, because the last mode returns its own error.
    Err(ModelsError::unsupported(driver.provider_name(), "a typed response", "allow another mode").into())
}

/// The number of bytes that may be copied before values are skipped. A value of up to about 3 KB is returned after every chunk.
const INITIAL_COPY_BUDGET: usize = 4 << 20;
/// The number of bytes that may be copied for every received byte.
///
/// Each value is a copy of everything so far. To return a value for every chunk would take quadratic time.
const COPY_BUDGET_PER_BYTE: usize = 64;

/// The state of a typed stream.
struct StreamState<T> {
    /// `None` after the end of the stream.
    chunks: Option<ChunkStream>,
    request: GenerateRequest,
    target: TargetSchema,
    mode: TypedMode,
    history: History,
    json: PartialJson,
    /// `true` after the first bracket. Text before it is ignored.
    has_started: bool,
    /// The version of the last returned value.
    sent_version: u64,
    /// The number of received bytes.
    received: usize,
    /// The number of bytes that may be copied before more bytes arrive.
    copy_budget: usize,
    value: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> StreamState<T> {
    fn new(
        chunks: ChunkStream,
        request: GenerateRequest,
        target: TargetSchema,
        mode: TypedMode,
        history: History,
    ) -> Self {
        let json = PartialJson::default();
        let chunks = Some(chunks);
        Self {
            chunks,
            request,
            target,
            mode,
            history,
            json,
            has_started: false,
            sent_version: 0,
            received: 0,
            copy_budget: INITIAL_COPY_BUDGET,
            value: PhantomData,
        }
    }

    async fn next(mut self) -> Option<(Result<Partial<T>, BotticelliError>, Self)> {
        loop {
            let item = match self.chunks.as_mut()?.next().await {
                Some(Ok(chunk)) if chunk.is_final() => {
                    self.chunks = None;
                    match chunk.into_response() {
                        Some(response) => {
                            self.complete(response).map(|whole| Partial::Complete(Box::new(whole)))
                        }
                        None => continue,
                    }
                }
                Some(Ok(chunk)) => match self.add_chunk(&chunk) {
                    Some(value) => Ok(Partial::Value(value)),
                    None => continue,
                },
                Some(Err(error)) => {
                    self.chunks = None;
                    Err(error)
                }
                // The driver breaks the stream contract: neither a final chunk nor an error.
                None => {
                    self.chunks = None;
                    Err(InterruptedError::new("the driver").into())
                }
            };
            return Some((item, self));
        }
    }

    /// Adds a chunk, and returns the value so far if it has changed.
    fn add_chunk(&mut self, chunk: &StreamChunk) -> Option<Value> {
        let text = match (self.mode, chunk.delta()) {
            (TypedMode::ToolCall, Delta::ToolCall(call)) if call.index() == 0 => call.arguments(),
            (TypedMode::ToolCall, _) => "",
            _ => chunk.text(),
        };
        let text = if self.has_started { text } else { self.skip_to_first_bracket(text)? };
        self.json.push(text);
        self.received += text.len();
        self.copy_budget = self.copy_budget.saturating_add(text.len().saturating_mul(COPY_BUDGET_PER_BYTE));
        if self.json.version() == self.sent_version {
            return None;
        }
        if self.copy_budget < self.received && !self.json.is_complete() {
            return None;
        }
        self.copy_budget = self.copy_budget.saturating_sub(self.received);
        self.sent_version = self.json.version();
        let value = self.json.value()?;
        if !self.target.is_wrapped {
            return Some(value);
        }
        match value {
            Value::Object(mut fields) => fields.shift_remove(WRAP),
            // The model omitted the object around the value.
            bare => Some(bare),
        }
    }

    /// Returns the text from its first bracket on.
    fn skip_to_first_bracket<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        let is_bracket = |c: char| c == '{' || (c == '[' && self.target.is_wrapped);
        let start = text.find(is_bracket).and_then(|at| text.get(at..))?;
        self.has_started = true;
        Some(start)
    }

    /// Returns the final value, parsed from the whole response.
    fn complete(&mut self, response: GenerateResponse) -> Result<TypedResponse<T>, BotticelliError> {
        let (target, mode) = (&self.target, self.mode);
        let mut history = std::mem::take(&mut self.history);
        history.totals.add(&response);
        if let Some(kind) = failure::final_failure(&response, target, &self.request) {
            return Err(failure::typed_error(kind, &response, &history));
        }
        let written = output_text(&response, target, mode);
        match read_value(&response, &written, target, mode, read_as::<T>) {
            Ok(value) => Ok(TypedResponse::new(value, response, history)),
            Err(violations) => {
                let kind = failure::stopped_early(&response, target)
                    .unwrap_or_else(|| failure::mismatch(target, mode, &history, &violations));
                Err(failure::typed_error(kind, &response, &history))
            }
        }
    }
}
