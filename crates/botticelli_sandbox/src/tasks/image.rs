//! Tasks of images.

use serde::Deserialize;
use serde_json::{Value, json};

use super::bytes::{Input, PNG, decoded, encoded, file};
use super::input::parse;
use super::models::Task;
use crate::error_response::validation;
use crate::http::Request;
use crate::script::Script;

#[derive(Deserialize)]
struct QuestionRequest {
    inputs: Question,
    #[serde(default)]
    parameters: QuestionParameters,
}

#[derive(Deserialize)]
struct Question {
    question: String,
    image: String,
}

#[derive(Default, Deserialize)]
struct QuestionParameters {
    top_k: Option<usize>,
}

/// Returns labels, objects, segments or text. They contain the size of the image.
pub(super) fn respond(task: Task, request: &Request) -> Result<Script, Script> {
    let input = Input::read(request)?.image()?;
    let size = input.data.len();
    let label = |name: &str, score: f64| json!({ "score": score, "label": name });
    let response = match task {
        Task::ImageClassification => {
            let labels = [label("cheetah", 0.9), label("cat", 0.08), label("dog", 0.02)];
            labels.into_iter().take(input.number("top_k").unwrap_or(5)).collect()
        }
        Task::ZeroShotImageClassification => {
            let names = input.parameters.get("candidate_labels").and_then(Value::as_array);
            let names = names.filter(|names| names.len() > 1);
            let names = names.ok_or_else(|| validation("`candidate_labels` needs two labels"))?;
            let mut score = 1.0;
            let mut scored = |name: &Value| {
                score /= 2.0;
                label(name.as_str().unwrap_or_default(), score)
            };
            names.iter().map(&mut scored).collect()
        }
        Task::ObjectDetection => {
            let cat = json!({ "xmin": 506, "ymin": 233, "xmax": 629, "ymax": 405 });
            let whole = json!({ "xmin": 0.4, "ymin": -1, "xmax": size, "ymax": 10.6 });
            let threshold = input.parameters.get("threshold").and_then(Value::as_f64).unwrap_or(0.5);
            let objects = [("cat", 0.99, cat), ("couch", 0.6, whole)];
            let found = objects.into_iter().filter(|(_, score, _)| *score >= threshold);
            found.map(|(name, score, place)| json!({ "score": score, "label": name, "box": place })).collect()
        }
        Task::ImageSegmentation => {
            let mask = encoded(&file(PNG, "mask"));
            json!([{ "score": 0.99, "label": "wall", "mask": mask }, { "label": "sky", "mask": mask }])
        }
        _ => json!([{ "generated_text": format!("an image of {size} bytes") }]),
    };
    Ok(Script::json(200, response))
}

/// Returns answers to a question. Some models of documents return only the text.
pub(super) fn answer(task: Task, is_text_only: bool, request: &Request) -> Result<Script, Script> {
    let QuestionRequest { inputs, parameters } = parse(&request.body)?;
    let image = Input { data: decoded(&inputs.image)?, parameters: serde_json::Map::new() }.image()?;
    let words = inputs.question.split_whitespace().count();
    let response = match task {
        Task::DocumentQuestionAnswering if is_text_only => json!([{ "answer": "us-001" }]),
        Task::DocumentQuestionAnswering => {
            json!([{ "score": 0.6, "answer": "us-001", "start": 16, "end": 16 }])
        }
        _ => {
            let answers = [(0.5, image.data.len()), (0.35, words)];
            let answers = answers.into_iter().take(parameters.top_k.unwrap_or(5));
            answers.map(|(score, answer)| json!({ "score": score, "answer": answer.to_string() })).collect()
        }
    };
    Ok(Script::json(200, response))
}
