//! A plain answer, read.

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

    /// Refuses what is no answer: an error object, or no choice at all.
    ///
    /// It is read by the same code as a stream of one event, so that both give the same.
    fn try_from(dto: HuggingFaceResponse) -> Result<Self, BotticelliError> {
        response(dto, &Asked::default())
    }
}

/// The answer to what was asked. What it says beside an error had arrived all the same.
pub(in crate::huggingface) fn response(
    dto: HuggingFaceResponse,
    asked: &Asked,
) -> Result<GenerateResponse, BotticelliError> {
    let error = refusal_in_answer(&dto, asked).or_else(|| failure_in_answer(&dto, asked));
    let (reader, collector) = read(dto, asked);
    let too_large = reader.exceeded().map(|limit| too_large(limit, asked));
    if let Some(error) = error.or(too_large) {
        return Err(error.with_partial(told(&reader, &collector)));
    }
    if !reader.has_spoken() {
        let host = asked.host.as_deref().unwrap_or(PROVIDER);
        return Err(JsonError::new(JsonErrorKind::NoChoices, host).into());
    }
    Ok(reader.finish(collector))
}

/// An answer that takes more memory than it may.
pub(in crate::huggingface) fn too_large(limit: usize, asked: &Asked) -> BotticelliError {
    let host = asked.host.as_deref().unwrap_or(PROVIDER);
    HttpError::new(HttpErrorKind::TooLarge { what: "answer", limit }, host).into()
}

/// What had arrived of an answer that is not whole.
pub(in crate::huggingface) fn partial(dto: HuggingFaceResponse, asked: &Asked) -> PartialResponse {
    let (reader, collector) = read(dto, asked);
    told(&reader, &collector)
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

fn told(reader: &ChunkReader, collector: &ChunkCollector) -> PartialResponse {
    let usage = reader.usage().unwrap_or_default();
    collector.partial().with_tokens(usage.prompt_tokens(), usage.completion_tokens())
}
