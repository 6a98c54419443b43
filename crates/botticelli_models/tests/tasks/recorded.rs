//! Recorded requests and answers of hf-inference: the request is the same, and the answer is read rightly.

use crate::common::{scripted, settings};
use crate::support::last_body;
use botticelli_core::tasks::{
    Answer, ClassificationRequest, FillMaskRequest, LabelScore, QuestionAnsweringRequest, ZeroShotRequest,
};
use botticelli_error::ErrorCategory;
use botticelli_interface::tasks::{ClassificationDriver, QuestionAnsweringDriver, TextTaskDriver};
use botticelli_models::huggingface::HuggingFaceTasks;
use botticelli_sandbox::{Sandbox, Script};
use serde_json::{Value, json};

async fn replaying(status: u16, body: &str) -> (Sandbox, HuggingFaceTasks) {
    let sandbox = scripted(Script::json(status, body)).await;
    let driver = settings(&sandbox).model("any/model").provider("hf-inference").build_tasks().unwrap();
    (sandbox, driver)
}

/// The recorded bodies have a field that clients no longer send.
fn without_options(recorded: &str) -> Value {
    let mut body: Value = serde_json::from_str(recorded).unwrap();
    body.as_object_mut().unwrap().remove("options");
    body
}

#[tokio::test]
async fn text_classification() {
    let answer = r#"[[{"label":"POSITIVE","score":0.9998763799667358},{"label":"NEGATIVE","score":0.00012365408474579453}]]"#;
    let (sandbox, driver) = replaying(200, answer).await;
    let request = ClassificationRequest::from("I like you. I love you.");
    let response = driver.classify(request).await.unwrap();
    let expected = [
        LabelScore::new("POSITIVE", 0.999_876_379_966_735_8),
        LabelScore::new("NEGATIVE", 0.000_123_654_084_745_794_53),
    ];
    assert_eq!(response.labels(), expected);
    assert_eq!(last_body(&sandbox), without_options(r#"{"inputs":"I like you. I love you.","options":{}}"#));
}

#[tokio::test]
async fn question_answering() {
    let answer = r#"{"score":0.9703431725502014,"start":25,"end":30,"answer":"Paris"}"#;
    let (sandbox, driver) = replaying(200, answer).await;
    let (question, context) = ("What is the capital of France?", "The capital of France is Paris.");
    let response = driver.answer(QuestionAnsweringRequest::new(question, context)).await.unwrap();
    let expected = Answer::new("Paris", Some(0.970_343_172_550_201_4)).with_span(Some(25), Some(30));
    assert_eq!(response.answers(), [expected]);
    assert_eq!(context.chars().skip(25).take(5).collect::<String>(), "Paris", "the span counts characters");
    let recorded = r#"{"inputs":{"question":"What is the capital of France?","context":"The capital of France is Paris."},"options":{}}"#;
    assert_eq!(last_body(&sandbox), without_options(recorded));
}

#[tokio::test]
async fn zero_shot_classification() {
    let text = "Hi, I recently bought a device from your company but it is not working as advertised and I would like to get reimbursed!";
    let answer = json!([{
        "sequence": text,
        "labels": ["refund", "faq", "legal"],
        "scores": [0.877_787_530_422_210_7, 0.105_226_524_174_213_41, 0.016_985_936_090_350_15],
    }]);
    let (sandbox, driver) = replaying(200, &answer.to_string()).await;
    let request = ZeroShotRequest::new([text], ["refund", "legal", "faq"]);
    let response = driver.classify_zero_shot(request).await.unwrap();
    assert_eq!(response.best(), Some(&LabelScore::new("refund", 0.877_787_530_422_210_7)));
    assert_eq!(response.labels().len(), 3);
    let sent = last_body(&sandbox);
    // The recorded client sent one text in a list.
    assert!(sent["inputs"] == json!([text]) || sent["inputs"] == json!(text), "{sent}");
    assert_eq!(sent["parameters"], json!({ "candidate_labels": ["refund", "legal", "faq"] }));
}

#[tokio::test]
async fn an_unknown_model() {
    let answer = r#"{"error":"Model this-model-does-not-exist-123 does not exist"}"#;
    let (sandbox, driver) = replaying(404, answer).await;
    let request = FillMaskRequest::from("[MASK] world!").with_model("this/model-does-not-exist-123");
    let error = driver.fill_mask(request).await.unwrap_err();
    assert_eq!((error.category(), error.status()), (ErrorCategory::NotFound, Some(404)), "{error}");
    assert!(error.to_string().contains("this/model-does-not-exist-123"), "{error}");
    assert_eq!(last_body(&sandbox), without_options(r#"{"inputs":"[MASK] world!","options":{}}"#));
}
