//! Text classification, zero-shot classification and token classification.

use crate::support::{answering, at, hosted, last_body, last_path};
use botticelli_core::tasks::{
    AggregationStrategy, ClassificationRequest, Entity, LabelScore, ScoreFunction,
    TokenClassificationRequest, ZeroShotRequest,
};
use botticelli_interface::tasks::ClassificationDriver;
use botticelli_models::huggingface::TaskApi;
use botticelli_sandbox::Sandbox;
use serde_json::json;

const SENTIMENT: &str = "distilbert/distilbert-base-uncased-finetuned-sst-2-english";
const ZERO_SHOT: &str = "facebook/bart-large-mnli";
const NER: &str = "dslim/bert-base-NER";

fn names(labels: &[LabelScore]) -> Vec<&str> {
    labels.iter().map(LabelScore::label).collect()
}

#[tokio::test]
async fn texts_are_classified_one_by_one_because_two_of_them_would_be_a_pair() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, SENTIMENT);
    let response = driver.classify(["I love you", "I hate this"].into()).await.unwrap();
    assert_eq!(names(&response.results()[0]), ["POSITIVE", "NEGATIVE"]);
    assert_eq!(names(&response.results()[1]), ["NEGATIVE", "POSITIVE"]);
    assert_eq!(response.best().unwrap().label(), "POSITIVE");
    let bodies: Vec<_> = sandbox.requests().iter().map(|request| request.body().clone()).collect();
    assert!(bodies.contains(&json!({ "inputs": "I love you" })), "{bodies:?}");
    assert_eq!(bodies.len(), 2);
    let request =
        ClassificationRequest::from("x").with_top_k(1).with_function_to_apply(ScoreFunction::Sigmoid);
    assert_eq!(driver.classify(request).await.unwrap().labels().len(), 1);
    let parameters = json!({ "top_k": 1, "function_to_apply": "sigmoid" });
    assert_eq!(last_body(&sandbox), json!({ "inputs": "x", "parameters": parameters }));
    assert_eq!(last_path(&sandbox), format!("/hf-inference/models/{SENTIMENT}"));
}

#[tokio::test]
async fn text_embeddings_inference_gets_a_list_around_each_text() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = at(&sandbox, TaskApi::Tei, SENTIMENT);
    let request = ClassificationRequest::from(["I love you", "I hate this"])
        .with_top_k(1)
        .with_function_to_apply(ScoreFunction::None);
    let response = driver.classify(request).await.unwrap();
    assert_eq!(last_path(&sandbox), "/predict");
    assert_eq!(
        last_body(&sandbox),
        json!({ "inputs": [["I love you"], ["I hate this"]], "raw_scores": true })
    );
    assert_eq!(sandbox.requests().len(), 1);
    assert_eq!(names(&response.results()[1]), ["NEGATIVE"]);
}

#[tokio::test]
async fn labels_are_read_with_and_without_a_list_around_them() {
    let recorded = r#"[[{"label":"POSITIVE","score":0.9998763799667358},{"label":"NEGATIVE","score":0.00012365408474579453}]]"#;
    let flat = r#"[{"label":"NEGATIVE","score":0.00012365408474579453},{"label":"POSITIVE","score":0.9998763799667358}]"#;
    for body in [recorded, flat] {
        let sandbox = answering(body).await;
        let response = hosted(&sandbox, SENTIMENT).classify("I like you. I love you.".into()).await.unwrap();
        let expected = [
            LabelScore::new("POSITIVE", 0.999_876_379_966_735_8),
            LabelScore::new("NEGATIVE", 0.000_123_654_084_745_794_53),
        ];
        assert_eq!(response.labels(), expected, "{body}");
    }
}

#[tokio::test]
async fn the_labels_of_the_caller_are_scored() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, ZERO_SHOT);
    let mails = ["I want a refund", "This is a legal matter"];
    let labels = ["refund", "legal", "faq"];
    let request = ZeroShotRequest::builder()
        .inputs(["I want a refund"])
        .labels(labels)
        .multi_label(true)
        .hypothesis_template("This text is about {}.")
        .build()
        .unwrap();
    let one = driver.classify_zero_shot(request).await.unwrap();
    assert_eq!(one.best().unwrap().label(), "refund");
    let parameters = json!({
        "candidate_labels": labels,
        "multi_label": true,
        "hypothesis_template": "This text is about {}.",
    });
    assert_eq!(last_body(&sandbox), json!({ "inputs": "I want a refund", "parameters": parameters }));
    // The sandbox answers a list in the older form.
    let both = driver.classify_zero_shot(ZeroShotRequest::new(mails, labels)).await.unwrap();
    assert_eq!(last_body(&sandbox)["inputs"], json!(mails));
    let best: Vec<_> = both.results().iter().map(|labels| labels[0].label()).collect();
    assert_eq!(best, ["refund", "legal"]);
}

#[tokio::test]
async fn every_form_of_zero_shot_classification_is_read() {
    let recorded = r#"[{"sequence":"Hi, I recently bought a device …","labels":["refund","faq","legal"],"scores":[0.8777875304222107,0.10522652417421341,0.01698593609035015]}]"#;
    let object = r#"{"sequence":"Hi","labels":["refund","faq","legal"],"scores":[0.8777875304222107,0.10522652417421341,0.01698593609035015]}"#;
    let new = r#"[{"label":"faq","score":0.10522652417421341},{"label":"refund","score":0.8777875304222107},{"label":"legal","score":0.01698593609035015}]"#;
    for body in [recorded, object, new] {
        let sandbox = answering(body).await;
        let request = ZeroShotRequest::new(["Hi"], ["refund", "legal", "faq"]);
        let response = hosted(&sandbox, ZERO_SHOT).classify_zero_shot(request).await.unwrap();
        assert_eq!(names(response.labels()), ["refund", "faq", "legal"], "{body}");
        assert_eq!(response.labels()[0], LabelScore::new("refund", 0.877_787_530_422_210_7), "{body}");
    }
    for body in
        [r#"{"labels":["a","b"],"scores":[1]}"#, r#"[{"labels":[],"scores":[]},{"labels":[],"scores":[]}]"#]
    {
        let sandbox = answering(body).await;
        let request = ZeroShotRequest::new(["Hi"], ["a", "b"]);
        let error = hosted(&sandbox, ZERO_SHOT).classify_zero_shot(request).await.unwrap_err();
        assert!(error.to_string().contains("The problem: the labels"), "{body}: {error}");
    }
}

#[tokio::test]
async fn entities_have_their_place_in_characters() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, NER);
    let request = TokenClassificationRequest::builder()
        .inputs(["möin Sarah Jessica lebt"])
        .aggregation_strategy(AggregationStrategy::Simple)
        .ignore_labels(vec!["O".into()])
        .stride(16)
        .build()
        .unwrap();
    let response = driver.classify_tokens(request).await.unwrap();
    let expected = Entity::new("PER", "Sarah Jessica", 0.999).with_span(Some(5), Some(18));
    assert_eq!(response.entities(), [expected]);
    let parameters = json!({ "aggregation_strategy": "simple", "ignore_labels": ["O"], "stride": 16 });
    assert_eq!(last_body(&sandbox), json!({ "inputs": "möin Sarah Jessica lebt", "parameters": parameters }));
    let response = driver.classify_tokens(["none here", "Anna und Berta"].into()).await.unwrap();
    let words: Vec<Vec<_>> =
        response.results().iter().map(|found| found.iter().map(Entity::word).collect()).collect();
    assert_eq!(words, [vec![], vec!["Anna", "Berta"]]);
}

#[tokio::test]
async fn recorded_entities_and_single_tokens_are_read() {
    let group = r#"[{"entity_group":"PER","score":0.9991335868835449,"word":"Sarah Jessica Parker","start":11,"end":31}]"#;
    let token =
        r#"[{"entity":"B-PER","score":0.9991335868835449,"index":4,"word":"Sarah","start":null,"end":null}]"#;
    for (body, expected) in [
        (
            group,
            vec![
                Entity::new("PER", "Sarah Jessica Parker", 0.999_133_586_883_544_9)
                    .with_span(Some(11), Some(31)),
            ],
        ),
        (token, vec![Entity::new("B-PER", "Sarah", 0.999_133_586_883_544_9)]),
        ("[]", vec![]),
        ("[[]]", vec![]),
    ] {
        let sandbox = answering(body).await;
        let response = hosted(&sandbox, NER).classify_tokens("text".into()).await.unwrap();
        assert_eq!(response.entities(), expected, "{body}");
        assert_eq!(response.results().len(), 1, "{body}");
    }
}

#[tokio::test]
async fn one_list_for_several_texts_is_an_error() {
    let sandbox = answering(r#"[{"entity_group":"PER","score":0.9,"word":"Anna"}]"#).await;
    let error = hosted(&sandbox, NER).classify_tokens(["a", "b"].into()).await.unwrap_err();
    assert!(error.to_string().contains("one list of results for several inputs"), "{error}");
}
