//! A plain answer, read.

use super::{Asked, ChunkReader, refusal_in_answer};
use crate::huggingface::PROVIDER;
use crate::huggingface::dto::HuggingFaceResponse;
use botticelli_core::{ChunkCollector, GenerateResponse};
use botticelli_error::{BotticelliError, JsonError, JsonErrorKind};

impl TryFrom<HuggingFaceResponse> for GenerateResponse {
    type Error = BotticelliError;

    /// Refuses what is no answer: an error object, or no choice at all.
    ///
    /// It is read by the same code as a stream of one event, so that both give the same.
    fn try_from(dto: HuggingFaceResponse) -> Result<Self, BotticelliError> {
        if let Some(error) = refusal_in_answer(&dto, &Asked::default()) {
            return Err(error);
        }
        if dto.choices().is_empty() {
            return Err(JsonError::new(JsonErrorKind::NoChoices, PROVIDER).into());
        }
        let mut reader = ChunkReader::default();
        let mut collector = ChunkCollector::default();
        for delta in reader.read(dto) {
            collector.push(&delta);
        }
        if !reader.has_spoken() {
            return Err(JsonError::new(JsonErrorKind::NoChoices, PROVIDER).into());
        }
        Ok(reader.finish(collector))
    }
}
