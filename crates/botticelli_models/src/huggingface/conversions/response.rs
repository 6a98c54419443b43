//! Converts a one-shot response.

use super::Asked;
use super::ChunkReader;
use super::Piece;
use super::failure_in_answer;
use super::refusal_in_answer;
use crate::huggingface::PROVIDER;
use crate::huggingface::dto::HuggingFaceResponse;
use botticelli_core::{ChunkCollector, GenerateResponse};
use botticelli_error::{
    BotticelliError, HttpError, HttpErrorKind, JsonError, JsonErrorKind, PartialResponse,
};

impl TryFrom<HuggingFaceResponse> for GenerateResponse {
    type Error = BotticelliError;

    /// Converts a response. Fails on an error object, and on a response without choices.
    ///
    /// The same code reads streams: a one-shot response is read as a stream of one event.
    fn try_from(dto: HuggingFaceResponse) -> Result<Self, BotticelliError> {
        response(dto, &Asked::default())
    }
}

/// Returns the response to a request. Text next to an error has arrived all the same, and is part of the error.
pub(in crate::huggingface) fn response(
    dto: HuggingFaceResponse,
    asked: &Asked,
) -> Result<GenerateResponse, BotticelliError> {
    let error = refusal_in_answer(&dto, asked).or_else(|| failure_in_answer(&dto, asked));
    let (reader, collector) = read(dto, asked);
    let too_large = reader.exceeded().map(|limit| too_large(limit, asked));
    if let Some(error) = error.or(too_large) {
        return Err(error.with_partial(partial_response(&reader, &collector)));
    }
    if !reader.has_spoken() {
        let host = asked.host.as_deref().unwrap_or(PROVIDER);
        return Err(JsonError::new(JsonErrorKind::NoChoices, host).into());
    }
    Ok(reader.finish(collector))
}

/// Builds the error for a response that exceeds its size limit.
pub(in crate::huggingface) fn too_large(limit: usize, asked: &Asked) -> BotticelliError {
    let host = asked.host.as_deref().unwrap_or(PROVIDER);
    HttpError::new(HttpErrorKind::TooLarge { what: "answer", limit }, host).into()
}

/// Returns the part of an incomplete response that has arrived.
pub(in crate::huggingface) fn partial(dto: HuggingFaceResponse, asked: &Asked) -> PartialResponse {
    let (reader, collector) = read(dto, asked);
    partial_response(&reader, &collector)
}

fn read(dto: HuggingFaceResponse, asked: &Asked) -> (ChunkReader, ChunkCollector) {
    let mut reader = ChunkReader::of(asked).whole();
    let mut collector = ChunkCollector::default();
    let mut pieces = reader.read(dto);
    pieces.extend(reader.flush());
    for Piece { choice, delta } in pieces {
        collector.take_to(choice, delta);
    }
    (reader, collector)
}

fn partial_response(reader: &ChunkReader, collector: &ChunkCollector) -> PartialResponse {
    let usage = reader.usage().unwrap_or_default();
    collector.partial().with_tokens(usage.prompt_tokens(), usage.completion_tokens())
}
