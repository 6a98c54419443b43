//! Converts a one-shot response.

use super::ChunkReader;
use super::Piece;
use super::broken_json::close;
use super::failure_in_response;
use super::json_reader;
use super::non_finite;
use super::refusal_in_response;
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

    /// Converts a response. Fails on an error object, and on a response without choices.
    ///
    /// The same code reads streams: a one-shot response is read as a stream of one event.
    fn try_from(mut dto: HuggingFaceResponse) -> Result<Self, BotticelliError> {
        response(&mut dto, &ErrorContext::default(), &ExpectedResponse::default())
    }
}

/// Returns the response to a request. Text next to an error has arrived all the same, and is part of the error.
fn response(
    dto: &mut HuggingFaceResponse,
    context: &ErrorContext,
    expected: &ExpectedResponse,
) -> Result<GenerateResponse, BotticelliError> {
    let error = refusal_in_response(dto, context).or_else(|| failure_in_response(dto, context));
    let mut reader = ChunkReader::new(expected).whole();
    let collector = read(dto, &mut reader);
    let too_large = reader.exceeded().map(|limit| too_large(limit, context));
    if let Some(error) = error.or(too_large) {
        return Err(error.with_partial(partial_response(&reader, &collector)));
    }
    if !reader.has_spoken() {
        return Err(JsonError::new(JsonErrorKind::NoChoices, context.host()).into());
    }
    Ok(reader.finish(collector))
}

/// Builds the error for a response that exceeds its size limit.
fn too_large(limit: usize, context: &ErrorContext) -> BotticelliError {
    HttpError::new(HttpErrorKind::TooLarge { what: "response", limit }, context.host()).into()
}

/// Parses a whole response, in the format that is expected, and converts it.
pub(in crate::huggingface) fn response_of_text(
    text: &str,
    context: &ErrorContext,
    expected: &ExpectedResponse,
) -> Result<Result<GenerateResponse, BotticelliError>, serde_json::Error> {
    let mut dto = HuggingFaceResponse::default();
    Ok(decode(text, &mut dto, context, expected)?.and_then(|()| response(&mut dto, context, expected)))
}

/// Parses a whole response into `dto`, in the format that is expected.
fn decode(
    text: &str,
    dto: &mut HuggingFaceResponse,
    context: &ErrorContext,
    expected: &ExpectedResponse,
) -> Result<Result<(), BotticelliError>, serde_json::Error> {
    let Decoder::Tgi(reader) = &expected.decoder else {
        if !json_reader::read(text, dto) {
            *dto = parse_generated(text)?;
        }
        return Ok(Ok(()));
    };
    let mut reader = reader.clone().with_limit(expected.limit);
    let converted = reader.whole(parse_generated(text)?);
    Ok(converted.and_then(|converted| {
        *dto = converted;
        match reader.exceeded() {
            Some(limit) => Err(too_large(limit, context).with_partial(partial(dto, expected))),
            None => Ok(()),
        }
    }))
}

/// Parses JSON in which a surrogate half can be alone.
pub(in crate::huggingface) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    serde_json::from_str(text).or_else(|error| match Surrogates::default().mend(text) {
        Some(mended) => serde_json::from_str(&mended),
        None => Err(error),
    })
}

/// Parses JSON as [`parse`]. A number that is not finite counts as null, because it stands next to the text of the model. In the response of
/// another task, such a number can be the result.
fn parse_generated<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    parse(text).or_else(|error| match non_finite::mend(text) {
        Some(mended) => parse(&mended),
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
    let mut dto = HuggingFaceResponse::default();
    let text = text.trim_start_matches('\u{feff}');
    let is_decoded = matches!(decode(text, &mut dto, &ErrorContext::default(), expected), Ok(Ok(())));
    drop(bytes);
    if is_decoded { partial(&mut dto, expected) } else { PartialResponse::default() }
}

/// Returns the part of an incomplete response that has arrived.
fn partial(dto: &mut HuggingFaceResponse, expected: &ExpectedResponse) -> PartialResponse {
    let mut reader = ChunkReader::new(expected).whole();
    let collector = read(dto, &mut reader);
    partial_response(&reader, &collector)
}

/// Reads a whole response, and returns its content.
fn read(dto: &mut HuggingFaceResponse, reader: &mut ChunkReader) -> ChunkCollector {
    let mut collector = ChunkCollector::default();
    for Piece { choice, delta } in reader.read(dto) {
        collector.take_to(choice, delta);
    }
    for Piece { choice, delta } in reader.flush() {
        collector.take_to(choice, delta);
    }
    collector
}

fn partial_response(reader: &ChunkReader, collector: &ChunkCollector) -> PartialResponse {
    let usage = reader.usage().unwrap_or_default();
    collector.partial().with_tokens(usage.prompt_tokens(), usage.completion_tokens())
}
