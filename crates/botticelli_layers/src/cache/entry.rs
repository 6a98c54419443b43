//! The responses of a cache.

use super::key::CacheLookup;
use botticelli_core::{Choice, Cost, FinishReason, GenerateResponse, Output, Timings};
use std::borrow::Cow;
use std::time::{Duration, SystemTime};

/// The name of the store in errors.
pub(super) const CACHE: &str = "cache";

/// A response in a cache.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) response: GenerateResponse,
    pub(super) stored_at: SystemTime,
    /// The kind of the request, such as `chat` or `embedding`. Older files and Redis servers do not have it.
    pub(super) kind: Option<Cow<'static, str>>,
}

impl Entry {
    /// Returns whether the entry is older than a time to live, or as far in the future: one of the clocks was wrong then, and the age
    /// is unknown.
    pub(super) fn is_expired(&self, now: SystemTime, time_to_live: Option<Duration>) -> bool {
        let age = now.duration_since(self.stored_at).unwrap_or_else(|error| error.duration());
        time_to_live.is_some_and(|time_to_live| age >= time_to_live)
    }
}

/// Returns whether a response is complete and worth to be kept.
pub(super) fn is_storable(response: &GenerateResponse, lookup: &CacheLookup) -> bool {
    let is_complete = |reason: &FinishReason| match reason {
        FinishReason::Stop | FinishReason::ToolCalls => true,
        FinishReason::Length => lookup.is_limited,
        _ => false,
    };
    let has_content = |outputs: &[Output]| {
        let is_refusal = |output: &Output| matches!(output, Output::Refusal(_));
        let is_content = |output: &Output| match output {
            Output::Text(text) => !text.is_empty(),
            output => matches!(output, Output::ToolCall(_)),
        };
        outputs.iter().any(is_content) && !outputs.iter().any(is_refusal)
    };
    let is_good = |choice: &Choice| is_complete(&choice.finish_reason) && has_content(&choice.outputs);
    is_complete(response.finish_reason())
        && has_content(response.outputs())
        && response.alternatives().iter().all(is_good)
}

/// Returns a response as a cache stores it: without the data of the original call, but with its cost.
pub(super) fn stored(response: GenerateResponse) -> GenerateResponse {
    response.without_call_details()
}

/// Returns a response as a cache gives it: without the data of the original call, at a cost of 0.
///
/// 0 is the sum of no costs, so it does not change the source of a sum.
pub(super) fn cached(response: GenerateResponse) -> GenerateResponse {
    response.without_call_details().with_cached(true).with_cost(Cost::reported(0))
}

/// Returns a response from the cache with the times of the lookup.
pub(super) fn with_times(response: GenerateResponse, elapsed: Duration, is_stream: bool) -> GenerateResponse {
    response.with_timings(Timings::new(is_stream.then_some(elapsed), Some(elapsed)))
}

/// Returns a response whose text is the JSON of a value, because the stores keep responses. `None` if JSON changes the value, and if it
/// is larger than `most` bytes.
#[cfg(feature = "tasks")]
pub(super) fn json_entry<T>(value: &T, model: Option<&str>, most: u64) -> Option<GenerateResponse>
where
    T: PartialEq + serde::Serialize + serde::de::DeserializeOwned,
{
    let json = serde_json::to_string(value).ok()?;
    let is_small = u64::try_from(json.len()).is_ok_and(|size| size <= most);
    let is_faithful = is_small && serde_json::from_str::<T>(&json).is_ok_and(|read| read == *value);
    if !is_faithful {
        return None;
    }
    let builder =
        GenerateResponse::builder().outputs(vec![Output::Text(json)]).finish_reason(FinishReason::Stop);
    let builder = match model {
        Some(model) => builder.model(model.to_owned()),
        None => builder,
    };
    builder.build().ok()
}
