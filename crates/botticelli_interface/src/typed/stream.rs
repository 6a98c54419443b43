//! A value, shown while it is written.

use super::generate::{modes, read_as};
use super::partial::{Partial, PartialStream};
use super::partial_json::PartialJson;
use super::read::{output_text, read_value};
use super::target_schema::{TargetSchema, WRAP};
use super::typed_response::{Fallback, History, TypedResponse};
use super::{TypedMode, TypedOptions, failure, mode_request};
use crate::{BotticelliDriver, ChunkStream};
use botticelli_core::{Delta, GenerateRequest, GenerateResponse, StreamChunk};
use botticelli_error::{BotticelliError, InterruptedError, ModelsError};
use futures::StreamExt;
use futures::stream;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::marker::PhantomData;

/// A value of the type `T`, as it is written.
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
    let mut modes = modes(driver, &request, options).await?.into_iter().peekable();
    while let Some(mode) = modes.next() {
        let asked = mode_request::request_for_mode(&request, &target, mode)?;
        let mut begun = driver.generate_stream(asked.clone()).await;
        if begun.as_ref().is_err_and(failure::allows_second_attempt) {
            history.second_attempts = history.second_attempts.saturating_add(1);
            begun = driver.generate_stream(asked).await;
        }
        match begun {
            Ok(chunks) => {
                history.mode = Some(mode);
                let writing = StreamState::new(chunks, request, target, mode, history);
                return Ok(stream::unfold(writing, StreamState::next).boxed());
            }
            Err(error) if failure::allows_next_mode(&error) && modes.peek().is_some() => {
                history.fallbacks.push(Fallback { mode, error });
            }
            Err(error) => return Err(error),
        }
    }
    // Not reached: the last mode returns its own error.
    Err(ModelsError::unsupported(driver.provider_name(), "a typed answer", "allow another mode").into())
}

/// How many bytes of values may be copied before the copies are spaced out: a value of up to some 3 KB is given letter by letter.
const INITIAL_COPY_BUDGET: usize = 4 << 20;
/// How many bytes of values may be copied for every byte that is written. Each value is a copy of all that is there, so that
/// giving all of them would take time in proportion to the square of the answer.
const COPY_BUDGET_PER_BYTE: usize = 64;

/// A value that is being written.
struct StreamState<T> {
    /// `None` after the end.
    chunks: Option<ChunkStream>,
    request: GenerateRequest,
    target: TargetSchema,
    mode: TypedMode,
    history: History,
    json: PartialJson,
    /// Whether the first bracket has come: prose before it is not looked at.
    has_started: bool,
    /// The version of the value that was given last.
    sent_version: u64,
    /// How many bytes of the value were written.
    written: usize,
    /// How many bytes of values may be copied before more is written.
    copy_budget: usize,
    of: PhantomData<fn() -> T>,
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
            written: 0,
            copy_budget: INITIAL_COPY_BUDGET,
            of: PhantomData,
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
                Some(Ok(chunk)) => match self.more(&chunk) {
                    Some(value) => Ok(Partial::Value(value)),
                    None => continue,
                },
                Some(Err(error)) => {
                    self.chunks = None;
                    Err(error)
                }
                // A driver that breaks its promise: neither a final chunk nor an error.
                None => {
                    self.chunks = None;
                    Err(InterruptedError::new("the driver").into())
                }
            };
            return Some((item, self));
        }
    }

    /// What is there so far, if there is more of it than before.
    fn more(&mut self, chunk: &StreamChunk) -> Option<Value> {
        let text = match (self.mode, chunk.delta()) {
            (TypedMode::ToolCall, Delta::ToolCall(call)) if call.index() == 0 => call.arguments(),
            (TypedMode::ToolCall, _) => "",
            _ => chunk.text(),
        };
        let text = if self.has_started { text } else { self.beginning(text)? };
        self.json.push(text);
        self.written = self.written.saturating_add(text.len());
        self.copy_budget = self.copy_budget.saturating_add(text.len().saturating_mul(COPY_BUDGET_PER_BYTE));
        if self.json.version() == self.sent_version {
            return None;
        }
        if self.copy_budget < self.written && !self.json.is_complete() {
            return None;
        }
        self.copy_budget = self.copy_budget.saturating_sub(self.written);
        self.sent_version = self.json.version();
        let value = self.json.value()?;
        if !self.target.is_wrapped {
            return Some(value);
        }
        match value {
            Value::Object(mut fields) => fields.shift_remove(WRAP),
            // The model left the object out.
            bare => Some(bare),
        }
    }

    /// The text from its first bracket on.
    fn beginning<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        let is_bracket = |c: char| c == '{' || (c == '[' && self.target.is_wrapped);
        let begin = text.find(is_bracket).and_then(|at| text.get(at..))?;
        self.has_started = true;
        Some(begin)
    }

    /// The whole, read from the answer itself.
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
