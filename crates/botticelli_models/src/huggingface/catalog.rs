//! What a model costs and can do, from the router's catalogue.

use super::answer::{Body, accepted, json};
use super::conversions::Asked;
use super::dto::HuggingFaceModel;
use crate::transport::Answer;
use botticelli_core::ModelInfo;
use botticelli_error::{BotticelliError, ErrorCategory};

/// The entry for a model; `None` where the server has no catalogue, or no such entry.
pub(super) async fn entry(answer: Answer, asked: &Asked) -> Result<Option<ModelInfo>, BotticelliError> {
    let answer = match accepted(answer, asked).await {
        Ok(answer) => answer,
        // A server without a catalogue says "not found", "not allowed", or serves its own front page.
        Err(error) if error.category() == ErrorCategory::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if Body::of(&answer) == Body::Html {
        return Ok(None);
    }
    let dto: HuggingFaceModel = json(answer, asked).await?;
    Ok(Some(ModelInfo::from(dto)).filter(|info| !info.id.is_empty()))
}
