//! A driver that replays a cassette.

use super::difference::Difference;
use super::tape::{self, Call, Problem, RecordedResponse, VERSION};
use crate::tokens::counted_tokens;
use async_trait::async_trait;
use botticelli_core::{
    CompletionRequest, Cost, CostEstimate, GenerateRequest, GenerateResponse, GenerationConfig, ModelInfo,
    PricedRoute, StreamChunk, Usage,
};
use botticelli_error::{
    BotticelliError, ConfigError, ErrorCategory, ErrorDetails, InterruptedError, ModelsError,
    ModelsErrorKind, StoreError, StoreErrorKind,
};
use botticelli_interface::{BotticelliDriver, ChunkStream, CompletionDriver, response_stream};
use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The name of the driver.
const NAME: &str = "cassette";

/// The remedy for a cassette that cannot be replayed.
const AGAIN: &str = "record the calls again, with `with_recording` or the mode `record`";

/// The choice of the recorded call that answers a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Match {
    /// The next call, whose request must be equal.
    #[default]
    InOrder,
    /// The first call with an equal request that was not replayed yet. If all these calls were replayed, the last one is replayed
    /// again.
    AnyOrder,
}

/// A driver that replays a cassette. Clones share the position.
///
/// A plain call can replay a stream, and a stream a plain call. A stream has the recorded chunks.
///
/// A request that is not on the cassette is an error of the category [`NotFound`](ErrorCategory::NotFound). Its message names the
/// nearest recorded call, and the first difference.
#[derive(Clone)]
pub struct Player {
    tape: Arc<Tape>,
    matching: Match,
}

struct Tape {
    path: String,
    model: String,
    /// The most tokens that a recorded call used.
    most_tokens: u64,
    calls: Vec<Call>,
    /// The calls that were replayed.
    played: Mutex<Vec<bool>>,
}

impl fmt::Debug for Player {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Player")
            .field("path", &self.tape.path)
            .field("calls", &self.tape.calls.len())
            .field("matching", &self.matching)
            .finish_non_exhaustive()
    }
}

impl Player {
    /// Opens a cassette, to replay its calls [in order](Match::InOrder).
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] if the file is missing or not a cassette, with the line of the problem. A [`StoreError`] if a newer version of
    /// this library wrote it.
    #[track_caller]
    pub fn open(path: impl AsRef<Path>) -> Result<Self, BotticelliError> {
        let path = path.as_ref().display().to_string();
        let refused = |reason: String, remedy: &str| ConfigError::new(reason, remedy).with_file(path.clone());
        let text = fs::read_to_string(&path)
            .map_err(|error| refused(format!("the cassette cannot be read ({error})"), AGAIN))?;
        // Some editors put a mark at the beginning of a file.
        let calls = match tape::read(text.strip_prefix('\u{feff}').unwrap_or(&text)) {
            Ok(calls) => calls,
            Err(Problem::Newer(found)) => {
                let kind = StoreErrorKind::NewerVersion { found, supported: VERSION };
                return Err(StoreError::new(NAME, path, kind).into());
            }
            Err(Problem::Foreign) => {
                return Err(refused("it is not a cassette".to_owned(), "give the path of a cassette").into());
            }
            Err(Problem::Document { line, reason }) => {
                return Err(refused(format!("the call is damaged: {reason}"), AGAIN).with_line(line).into());
            }
        };
        let model =
            calls.iter().find_map(|call| call.call_header.model.clone()).unwrap_or_else(|| NAME.to_owned());
        let most_tokens = calls.iter().filter_map(tokens_of).max().unwrap_or_default();
        let played = Mutex::new(vec![false; calls.len()]);
        Ok(Self {
            tape: Arc::new(Tape { path, model, most_tokens, calls, played }),
            matching: Match::default(),
        })
    }

    /// Sets the choice of the recorded call that answers a request.
    pub fn with_match(mut self, matching: Match) -> Self {
        self.matching = matching;
        self
    }

    /// Returns whether the cassette has no calls.
    pub(super) fn is_empty(&self) -> bool {
        self.tape.calls.is_empty()
    }

    /// Returns the number of calls that were not replayed yet. A test can check that it is 0.
    pub fn remaining(&self) -> usize {
        self.tape.played().iter().filter(|is_played| !**is_played).count()
    }

    #[track_caller]
    fn play(&self, verb: &str, request: &impl Serialize, is_stream: bool) -> Result<&Call, BotticelliError> {
        let request = tape::request(request).unwrap_or(Value::Null);
        let calls = &self.tape.calls;
        let is_equal = |call: &Call| call.call_header.verb == verb && call.call_header.request == request;
        let mut played = self.tape.played();
        let next = played.iter().position(|is_played| !is_played);
        let found = match self.matching {
            Match::InOrder => next.filter(|number| calls.get(*number).is_some_and(is_equal)),
            Match::AnyOrder => {
                let equal = calls.iter().enumerate().filter(|(_, call)| is_equal(call));
                // Of the calls that were replayed, the last one is best.
                let best = equal.min_by_key(|(number, call)| {
                    let is_played = played.get(*number) == Some(&true);
                    let place = if is_played { calls.len().saturating_sub(*number) } else { *number };
                    (is_played, call.call_header.is_stream != is_stream, place)
                });
                best.map(|(number, _)| number)
            }
        };
        let Some((call, is_played)) =
            found.and_then(|number| Some((calls.get(number)?, played.get_mut(number)?)))
        else {
            let mut open = calls.iter().zip(&*played).filter(|(_, is_played)| !**is_played);
            let is_later = open.any(|(call, _)| is_equal(call));
            return Err(self.not_found(verb, &request, next, is_later));
        };
        *is_played = true;
        Ok(call)
    }

    #[track_caller]
    fn not_found(&self, verb: &str, request: &Value, next: Option<usize>, is_later: bool) -> BotticelliError {
        let Tape { path, calls, .. } = &*self.tape;
        let difference = |call: &Call| Difference::between(&call.call_header.request, request);
        let numbered = |number: usize| calls.get(number).map(|call| (number, call));
        let nearest = match self.matching {
            Match::InOrder => next.and_then(numbered),
            Match::AnyOrder => {
                let same = calls.iter().enumerate().filter(|(_, call)| call.call_header.verb == verb);
                same.min_by_key(|(_, call)| difference(call).count)
            }
        };
        let what = match nearest {
            None if self.matching == Match::InOrder => match calls.len() {
                0 => format!("{path} has no calls"),
                1 => format!("the only call of {path} was replayed"),
                number => format!("all {number} calls of {path} were replayed"),
            },
            None => format!("{path} has no call of the kind `{verb}`"),
            Some((number, call)) => {
                let place = match self.matching {
                    Match::InOrder => "the next call of",
                    Match::AnyOrder => "the request is not in the cassette, and the nearest call of",
                };
                let number = number.saturating_add(1);
                if call.call_header.verb == verb {
                    format!("{place} {path}, number {number}, has {}", difference(call))
                } else {
                    format!(
                        "{place} {path}, number {number}, is of the kind `{}` instead of `{verb}`",
                        call.call_header.verb
                    )
                }
            }
        };
        let other = if is_later {
            "make the calls in the recorded order, replay them in any order (`Match::AnyOrder`, or `match = \"any_order\"`)"
        } else {
            "send the recorded request"
        };
        let remedy = format!("{other}, or {AGAIN}");
        let kind = ModelsErrorKind::Rejected { category: ErrorCategory::NotFound, what, remedy };
        ModelsError::new(kind, ErrorDetails::new(NAME)).into()
    }

    fn plain(&self, verb: &str, request: &impl Serialize) -> Result<GenerateResponse, BotticelliError> {
        replayed(&self.play(verb, request, false)?.outcome)
    }

    /// Returns a recorded response of a task, at the cost of its replay.
    #[cfg(feature = "tasks")]
    fn task<V: crate::tasks::TaskVerb<Self>>(
        &self,
        request: &V::Request,
    ) -> Result<V::Response, BotticelliError> {
        use crate::tasks::TaskResponse;
        let response = match &self.play(V::NAME, request, false)?.outcome {
            Ok(RecordedResponse::Task(response)) => V::Response::deserialize(response),
            Ok(RecordedResponse::Text(_)) => Err(serde::de::Error::custom("it has the response of a chat")),
            Err(error) => return Err(error.clone()),
        };
        let response = response.map_err(|error| {
            let reason = format!("the response of the call `{}` is damaged: {error}", V::NAME);
            ConfigError::new(reason, AGAIN).with_file(self.tape.path.clone())
        })?;
        let metadata = response.metadata().clone();
        let usage = metadata.usage().copied();
        Ok(response.with_metadata(metadata.with_usage(usage, Cost::free())))
    }

    fn streamed(&self, verb: &str, request: &impl Serialize) -> Result<ChunkStream, BotticelliError> {
        let call = self.play(verb, request, true)?;
        let outcome = replayed(&call.outcome);
        let Some(chunks) = call.chunks.clone() else { return outcome.map(response_stream) };
        let last = outcome.map(StreamChunk::last);
        Ok(stream::iter(chunks.into_iter().map(Ok).chain([last])).boxed())
    }

    /// Returns the bound of every replay, which is free, and has the usage of the original.
    fn bound(&self) -> CostEstimate {
        CostEstimate::at_most(0).with_tokens(Some(self.tape.most_tokens))
    }
}

/// Returns a recorded outcome of a chat or a text completion at the cost of its replay.
fn replayed(
    outcome: &Result<RecordedResponse, BotticelliError>,
) -> Result<GenerateResponse, BotticelliError> {
    match outcome {
        Ok(RecordedResponse::Text(response)) => Ok(GenerateResponse::clone(response).with_cost(Cost::free())),
        // A call with this name has no other response.
        Ok(RecordedResponse::Task(_)) => Err(InterruptedError::new("a replay").into()),
        Err(error) => Err(error.clone()),
    }
}

/// Returns the tokens of a recorded call.
fn tokens_of(call: &Call) -> Option<u64> {
    match call.outcome.as_ref().ok()? {
        RecordedResponse::Text(response) => counted_tokens(response.usage()?),
        RecordedResponse::Task(response) => {
            counted_tokens(&Usage::deserialize(response.pointer("/metadata/usage")?).ok()?)
        }
    }
}

impl Tape {
    fn played(&self) -> MutexGuard<'_, Vec<bool>> {
        self.played.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl BotticelliDriver for Player {
    async fn generate(&self, request: GenerateRequest) -> Result<GenerateResponse, BotticelliError> {
        self.plain("chat", &request)
    }

    async fn generate_stream(&self, request: GenerateRequest) -> Result<ChunkStream, BotticelliError> {
        self.streamed("chat", &request)
    }

    fn provider_name(&self) -> &'static str {
        NAME
    }

    /// Returns the model of the driver that was recorded.
    fn model_name(&self) -> &str {
        &self.tape.model
    }

    async fn model_info(&self, _: &str) -> Result<Option<ModelInfo>, BotticelliError> {
        Ok(None)
    }

    /// Returns a cost of 0, and the tokens of the largest recorded call.
    async fn estimate(&self, _: &GenerateRequest) -> Result<CostEstimate, BotticelliError> {
        Ok(self.bound())
    }

    async fn cheaper_routes(&self, _: &GenerateRequest, _: u64) -> Result<Vec<PricedRoute>, BotticelliError> {
        Ok(Vec::new())
    }

    fn generation_defaults(&self) -> GenerationConfig {
        GenerationConfig::default()
    }

    fn canonical_request(&self, _: &GenerateRequest) -> Result<Option<Vec<u8>>, BotticelliError> {
        Ok(None)
    }

    /// Returns `true`: nothing is ever sent.
    fn reports_sends(&self) -> bool {
        true
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl CompletionDriver for Player {
    async fn complete(&self, request: CompletionRequest) -> Result<GenerateResponse, BotticelliError> {
        self.plain("text", &request)
    }

    async fn complete_stream(&self, request: CompletionRequest) -> Result<ChunkStream, BotticelliError> {
        self.streamed("text", &request)
    }

    async fn estimate_completion(&self, _: &CompletionRequest) -> Result<CostEstimate, BotticelliError> {
        Ok(self.bound())
    }

    fn canonical_completion(&self, _: &CompletionRequest) -> Result<Option<Vec<u8>>, BotticelliError> {
        Ok(None)
    }

    fn reports_completion_sends(&self) -> bool {
        true
    }
}

#[cfg(feature = "tasks")]
#[deny(clippy::missing_trait_methods)]
impl botticelli_interface::tasks::TaskDriver for Player {
    fn provider_name(&self) -> &'static str {
        NAME
    }

    /// Returns the model of the driver that was recorded.
    fn model_name(&self) -> &str {
        &self.tape.model
    }

    fn canonical_server(&self) -> Option<Vec<u8>> {
        None
    }

    fn estimate_task(&self, _: Option<u64>) -> CostEstimate {
        self.bound()
    }

    fn reports_task_sends(&self) -> bool {
        true
    }
}

#[cfg(feature = "tasks")]
macro_rules! replay_tasks {
    ({} $($driver:ident { $($verb:ident $method:ident($request:ident) -> $response:ident;)+ })+) => {$(
        #[deny(clippy::missing_trait_methods)]
        #[async_trait]
        impl botticelli_interface::tasks::$driver for Player {
            $(
                async fn $method(
                    &self,
                    request: botticelli_core::tasks::$request,
                ) -> Result<botticelli_core::tasks::$response, BotticelliError> {
                    self.task::<crate::tasks::call::$verb>(&request)
                }
            )+
        }
    )+};
}

#[cfg(feature = "tasks")]
crate::tasks::all_tasks!(replay_tasks, {});
