//! A plain answer, read.

use super::ChunkReader;
use super::Piece;
use super::broken_json::close;
use super::failure_in_answer;
use super::refusal_in_answer;
use super::surrogates::Surrogates;
use super::{Decoder, ErrorContext, ExpectedResponse};
use crate::huggingface::dto::HuggingFaceResponse;
use botticelli_core::{ChunkCollector, GenerateResponse};
use botticelli_error::{
    BotticelliError, HttpError, HttpErrorKind, JsonError, JsonErrorKind, PartialResponse,
};
use serde::de::DeserializeOwned;

impl TryFrom<HuggingFaceResponse> for GenerateResponse {
    type Error = BotticelliError;

    /// Refuses what is no answer: an error object, or no choice at all.
    ///
    /// It is read by the same code as a stream of one event, so that both give the same.
    fn try_from(dto: HuggingFaceResponse) -> Result<Self, BotticelliError> {
        response(dto, &ErrorContext::default(), &ExpectedResponse::default())
    }
}

/// The answer to what was asked. What it says beside an error had arrived all the same.
pub(in crate::huggingface) fn response(
    dto: HuggingFaceResponse,
    context: &ErrorContext,
    expected: &ExpectedResponse,
) -> Result<GenerateResponse, BotticelliError> {
    let error = refusal_in_answer(&dto, context).or_else(|| failure_in_answer(&dto, context));
    let (reader, collector) = read(dto, expected);
    let too_large = reader.exceeded().map(|limit| too_large(limit, context));
    if let Some(error) = error.or(too_large) {
        return Err(error.with_partial(told(&reader, &collector)));
    }
    if !reader.has_spoken() {
        return Err(JsonError::new(JsonErrorKind::NoChoices, context.host()).into());
    }
    Ok(reader.finish(collector))
}

/// An answer that takes more memory than it may.
fn too_large(limit: usize, context: &ErrorContext) -> BotticelliError {
    HttpError::new(HttpErrorKind::TooLarge { what: "answer", limit }, context.host()).into()
}

/// Parses a whole response, in the format that is expected.
pub(in crate::huggingface) fn decode(
    text: &str,
    context: &ErrorContext,
    expected: &ExpectedResponse,
) -> Result<Result<HuggingFaceResponse, BotticelliError>, serde_json::Error> {
    match &expected.decoder {
        Decoder::Chat | Decoder::Text => parse(text).map(Ok),
        Decoder::Tgi(reader) => {
            let mut reader = reader.clone().within(expected.limit);
            let dto = reader.whole(parse(text)?);
            Ok(match (dto, reader.exceeded()) {
                (Ok(dto), Some(limit)) => {
                    let error = too_large(limit, context);
                    Err(error.with_partial(partial(dto, expected)))
                }
                (dto, _) => dto,
            })
        }
    }
}

/// Parses JSON in which a surrogate half can be alone.
pub(in crate::huggingface) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    serde_json::from_str(text).or_else(|error| match Surrogates::default().mend(text) {
        Some(mended) => serde_json::from_str(&mended),
        None => Err(error),
    })
}

/// Returns the partial response in the first bytes of a body.
pub(in crate::huggingface) fn partial_of_bytes(
    mut bytes: Vec<u8>,
    expected: &ExpectedResponse,
) -> PartialResponse {
    close(&mut bytes);
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    let dto = decode(text.trim_start_matches('\u{feff}'), &ErrorContext::default(), expected);
    let dto = dto.ok().and_then(Result::ok);
    drop(bytes);
    dto.map(|dto| partial(dto, expected)).unwrap_or_default()
}

/// What had arrived of an answer that is not whole.
fn partial(dto: HuggingFaceResponse, expected: &ExpectedResponse) -> PartialResponse {
    let (reader, collector) = read(dto, expected);
    told(&reader, &collector)
}

fn read(dto: HuggingFaceResponse, expected: &ExpectedResponse) -> (ChunkReader, ChunkCollector) {
    let mut reader = ChunkReader::new(expected).whole();
    let mut collector = ChunkCollector::default();
    let mut pieces = reader.read(dto);
    pieces.extend(reader.flush());
    for Piece { choice, delta } in pieces {
        collector.take_to(choice, delta);
    }
    (reader, collector)
}

fn told(reader: &ChunkReader, collector: &ChunkCollector) -> PartialResponse {
    let usage = reader.usage().unwrap_or_default();
    collector.partial().with_tokens(usage.prompt_tokens(), usage.completion_tokens())
}
