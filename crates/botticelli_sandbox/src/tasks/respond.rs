//! Response generation for a call of a task.

use serde_json::json;

use super::endpoint::{TaskEndpoint, TaskServer};
use super::models::{Task, TaskBehavior, TaskModel, find};
use super::{
    audio, classification, embedding, generation, image, question_answering, rerank, similarity, tabular,
    text,
};
use crate::error_response;
use crate::http::Request;
use crate::script::Script;

/// Returns the response to a call of a task. The error is an error response.
pub(crate) fn respond(endpoint: &TaskEndpoint, request: &Request) -> Result<Script, Script> {
    let body = request.body.as_slice();
    let model = hosted_model(endpoint)?;
    let behavior = model.map_or(TaskBehavior::Normal, |model| model.behavior);
    if behavior == TaskBehavior::ErrorInSuccess {
        return Ok(Script::json(200, json!({ "error": "CUDA out of memory", "error_type": "backend" })));
    }
    let script = match (endpoint.task, &endpoint.server) {
        (Task::FeatureExtraction, TaskServer::OpenAi | TaskServer::Provider { .. }) => {
            embedding::openai(endpoint, body)?
        }
        (Task::FeatureExtraction, TaskServer::Tei) if endpoint.is_sparse => embedding::sparse(body)?,
        (Task::FeatureExtraction, _) => embedding::native(endpoint, model, body)?,
        (Task::SentenceSimilarity, _) => similarity::respond(body)?,
        (Task::TextRanking, server) => rerank::respond(server, body)?,
        (Task::TextClassification, server) => classification::text(server, body)?,
        (Task::ZeroShotClassification, _) => classification::zero_shot(body)?,
        (Task::TokenClassification, _) => classification::tokens(body)?,
        (Task::FillMask, _) => text::fill_mask(body)?,
        (Task::Summarization, _) => text::summarize(body)?,
        (Task::Translation, _) => text::translate(body)?,
        (Task::QuestionAnswering, _) => question_answering::text(body)?,
        (Task::TableQuestionAnswering, _) => question_answering::table(body)?,
        (
            task @ (Task::ImageClassification
            | Task::ZeroShotImageClassification
            | Task::ObjectDetection
            | Task::ImageSegmentation
            | Task::ImageToText),
            _,
        ) => image::respond(task, request)?,
        (task @ (Task::VisualQuestionAnswering | Task::DocumentQuestionAnswering), _) => {
            image::answer(task, behavior == TaskBehavior::TextOnly, request)?
        }
        (task @ (Task::AutomaticSpeechRecognition | Task::AudioClassification | Task::AudioToAudio), _) => {
            audio::respond(task, request)?
        }
        (task @ (Task::TextToImage | Task::ImageToImage | Task::TextToSpeech | Task::TextToAudio), _) => {
            generation::respond(task, behavior, request)?
        }
        (Task::TextToVideo | Task::ImageToVideo, _) => {
            return Err(error_response::not_by_provider("hf-inference"));
        }
        (Task::TabularClassification, _) => tabular::respond(false, body)?,
        (Task::TabularRegression, _) => tabular::respond(true, body)?,
    };
    Ok(match &endpoint.server {
        TaskServer::Hosted(_) => script.header("x-inference-provider", "hf-inference"),
        TaskServer::Provider { name, is_direct: false } => script.header("x-inference-provider", &**name),
        TaskServer::Provider { .. } | TaskServer::OpenAi | TaskServer::Tei => script,
    })
}

/// Returns the model of hf-inference. Embedding models serve both tasks of embeddings.
fn hosted_model(endpoint: &TaskEndpoint) -> Result<Option<&'static TaskModel>, Script> {
    let TaskServer::Hosted(id) = &endpoint.server else { return Ok(None) };
    let model = find(id).ok_or_else(|| error_response::no_such_model(id))?;
    let are_embeddings = |task| matches!(task, Task::FeatureExtraction | Task::SentenceSimilarity);
    let is_served =
        model.task == endpoint.task || (are_embeddings(model.task) && are_embeddings(endpoint.task));
    if !is_served {
        let message = format!(
            "Model not supported for task {} and provider hf-inference. Supported task: {}.",
            endpoint.task.name(),
            model.task.name()
        );
        return Err(error_response::plain(400, &message));
    }
    Ok(Some(model))
}
