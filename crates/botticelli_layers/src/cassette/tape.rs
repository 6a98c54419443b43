//! The format of cassettes.

use super::secrets;
use super::stored_error::StoredError;
use botticelli_core::{Delta, GenerateResponse, StreamChunk, Timings};
use botticelli_error::BotticelliError;
use botticelli_interface::response_stream;
use futures::{FutureExt, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::{Deserializer, Value};
use std::fmt::Write;

/// The mark of a cassette.
pub(super) const FORMAT: &str = "botticelli cassette";

/// The newest version that this library reads.
pub(super) const VERSION: u32 = 1;

/// The calls whose responses are texts. The responses of all others are JSON until they are replayed.
const TEXT_VERBS: [&str; 2] = ["chat", "text"];

/// The first document of a cassette.
#[derive(Deserialize)]
struct Header {
    format: String,
    version: u32,
}

/// A call that has begun.
#[derive(Clone, Debug)]
pub(super) struct CallHeader {
    pub(super) verb: String,
    pub(super) provider: Option<String>,
    pub(super) model: Option<String>,
    pub(super) is_stream: bool,
    pub(super) request: Value,
}

/// A recorded response.
#[derive(Clone, Debug)]
pub(super) enum RecordedResponse {
    /// The response of a chat or a text completion.
    Text(GenerateResponse),
    /// The response of another task, as it is in the file. Its type depends on the call.
    Task(Value),
}

/// A recorded call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) call_header: CallHeader,
    /// The chunks of a stream before its end. `None` if the call failed before the stream.
    pub(super) chunks: Option<Vec<StreamChunk>>,
    pub(super) outcome: Result<RecordedResponse, BotticelliError>,
}

/// A recorded call as it is in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredCall {
    call: String,
    #[serde(default)]
    provider: Option<String>,
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    stream: bool,
    request: Value,
    #[serde(default)]
    chunks: Option<Vec<StreamChunk>>,
    #[serde(default)]
    response: Option<Value>,
    #[serde(default)]
    error: Option<StoredError>,
}

/// A problem of a cassette, with the line of the document that has it.
#[derive(Debug)]
pub(super) enum Problem {
    /// The file is not a cassette.
    Foreign,
    /// A newer version of this library wrote the cassette.
    Newer(u32),
    /// A document is wrong.
    Document { line: usize, reason: String },
}

/// Returns the first document of a cassette.
pub(super) fn header() -> String {
    format!("{{\n  \"format\": \"{FORMAT}\",\n  \"version\": {VERSION}\n}}\n")
}

/// Returns a request as it is in a cassette.
pub(super) fn request<R: Serialize>(request: &R) -> Result<Value, serde_json::Error> {
    let mut request = serde_json::to_value(request)?;
    secrets::hide(&mut request);
    Ok(request)
}

/// Reads a cassette.
pub(super) fn read(text: &str) -> Result<Vec<Call>, Problem> {
    let line_of =
        |offset: usize| text.get(..offset).unwrap_or_default().matches('\n').count().saturating_add(1);
    let mut documents = Deserializer::from_str(text).into_iter::<Value>();
    let header = documents.next().and_then(Result::ok).and_then(|first| Header::deserialize(first).ok());
    match header {
        Some(header) if header.format != FORMAT => return Err(Problem::Foreign),
        Some(header) if header.version > VERSION => return Err(Problem::Newer(header.version)),
        Some(_) => {}
        None => return Err(Problem::Foreign),
    }
    let mut calls = Vec::new();
    loop {
        // The white space before a document belongs to the previous document.
        let begin = documents.byte_offset();
        let space = text.as_bytes().get(begin..).unwrap_or_default();
        let begin = begin + space.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let wrong = |line, reason| Problem::Document { line, reason };
        match documents.next() {
            None => return Ok(calls),
            Some(Err(error)) => return Err(wrong(error.line(), format!("it is not JSON ({error})"))),
            Some(Ok(document)) => {
                let call = Call::read(document).map_err(|reason| wrong(line_of(begin), reason))?;
                calls.push(call);
            }
        }
    }
}

impl Call {
    #[track_caller]
    fn read(document: Value) -> Result<Self, String> {
        let stored = StoredCall::deserialize(document).map_err(|error| error.to_string())?;
        let outcome = match (stored.response, stored.error) {
            (Some(response), None) if TEXT_VERBS.contains(&&*stored.call) => {
                let response = GenerateResponse::deserialize(response).map_err(|error| error.to_string())?;
                Ok(RecordedResponse::Text(response))
            }
            (Some(response), None) => Ok(RecordedResponse::Task(response)),
            (None, Some(error)) => Err(error.read().ok_or("its error has an unknown category or wait")?),
            _ => return Err("it has neither a response nor an error, or both".to_owned()),
        };
        let call_header = CallHeader {
            verb: stored.call,
            provider: stored.provider,
            model: stored.model,
            is_stream: stored.stream,
            request: stored.request,
        };
        Ok(Self { call_header, chunks: stored.chunks, outcome })
    }

    /// Returns the document of the call, without secrets.
    pub(super) fn write(&self) -> Result<String, serde_json::Error> {
        let (name, mut outcome) = match &self.outcome {
            Ok(RecordedResponse::Text(response)) => {
                let response = GenerateResponse::clone(response).with_timings(Timings::default());
                ("response", serde_json::to_value(response)?)
            }
            Ok(RecordedResponse::Task(response)) => ("response", response.clone()),
            Err(error) => ("error", serde_json::to_value(StoredError::new(error))?),
        };
        if let Value::Object(fields) = &mut outcome {
            fields.remove("timings");
            if let Some(Value::Object(metadata)) = fields.get_mut("metadata") {
                metadata.remove("timings");
            }
        }
        set_infinities(&mut outcome);
        let original = outcome.clone();
        secrets::hide(&mut outcome);
        let chunks = match &self.chunks {
            Some(chunks) if original == outcome => Some(chunks.clone()),
            // A token may span chunks.
            Some(_) => Some(redacted_chunks(&outcome)),
            None => None,
        };
        let mut out = String::from("{\n");
        // Writing to a string cannot fail.
        let mut field = |name: &str, value: String, end: &str| {
            let _ = writeln!(out, "  \"{name}\": {}{end}", value.replace('\n', "\n  "));
        };
        let CallHeader { verb, provider, model, is_stream, request } = &self.call_header;
        field("call", serde_json::to_string(verb)?, ",");
        for (name, value) in [("provider", provider), ("model", model)] {
            if let Some(value) = value {
                field(name, serde_json::to_string(value)?, ",");
            }
        }
        field("stream", is_stream.to_string(), ",");
        field("request", serde_json::to_string_pretty(request)?, ",");
        if let Some(chunks) = chunks {
            let lines = chunks.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
            let lines: Vec<String> = lines.iter().map(|line| format!("\n  {line}")).collect();
            let end = if lines.is_empty() { "" } else { "\n" };
            field("chunks", format!("[{}{end}]", lines.join(",")), ",");
        }
        field(name, serde_json::to_string_pretty(&outcome)?, "");
        out.push_str("}\n");
        Ok(out)
    }
}

/// Returns the chunks of a redacted response or partial response.
fn redacted_chunks(outcome: &Value) -> Vec<StreamChunk> {
    if let Some(partial) = outcome.get("partial") {
        let text = |name: &str| partial.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let deltas = [Delta::Reasoning(text("reasoning")), Delta::Text(text("text"))];
        return deltas.into_iter().filter(|delta| delta.size() > 0).map(StreamChunk::of).collect();
    }
    let Ok(response) = GenerateResponse::deserialize(outcome) else { return Vec::new() };
    // All chunks of the stream are available immediately.
    let chunks = response_stream(response).filter_map(async |chunk| chunk.ok()).boxed();
    let chunks = chunks.collect::<Vec<StreamChunk>>().now_or_never().unwrap_or_default();
    chunks.into_iter().filter(|chunk| !chunk.is_final()).collect()
}

/// Replaces log probabilities that JSON cannot express by the value that services use for them.
fn set_infinities(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(set_infinities),
        Value::Object(fields) => {
            for (name, value) in fields {
                if name == "logprob" && value.is_null() {
                    *value = (-9999.0).into();
                }
                set_infinities(value);
            }
        }
        _ => {}
    }
}
