//! Tasks of images.

use crate::support::{answering, hosted, last_body, last_path};
use botticelli_core::tasks::{
    Answer, BoundingBox, DetectedObject, DocumentQuestionRequest, ImageClassificationRequest,
    ImageSegmentationRequest, LabelScore, Media, ObjectDetectionRequest, SegmentationSubtask,
    VisualQuestionRequest, WordBox, ZeroShotImageRequest,
};
use botticelli_interface::tasks::ImageTaskDriver;
use botticelli_sandbox::Sandbox;
use serde_json::{Value, json};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n fourteen bytes";
const BASE64: &str = "iVBORw0KGgogZm91cnRlZW4gYnl0ZXM=";

fn png() -> Media {
    Media::new(PNG)
}

#[tokio::test]
async fn an_image_without_parameters_is_sent_as_it_is_and_with_parameters_as_base64() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, "google/vit-base-patch16-224");
    let response = driver.classify_image(png().into()).await.unwrap();
    assert_eq!(response.labels().len(), 3);
    assert_eq!(response.best(), Some(&LabelScore::new("cheetah", 0.9)));
    let sent = sandbox.requests().pop().unwrap();
    assert_eq!(sent.header("content-type"), Some("image/png"));
    assert_eq!(sent.text(), String::from_utf8_lossy(PNG));
    assert_eq!(sent.body(), &Value::Null);
    let response =
        driver.classify_image(ImageClassificationRequest::from(png()).with_top_k(1)).await.unwrap();
    assert_eq!(response.labels().len(), 1);
    assert_eq!(last_body(&sandbox), json!({ "inputs": BASE64, "parameters": { "top_k": 1 } }));
    let sent = sandbox.requests().pop().unwrap();
    assert_eq!(sent.header("content-type"), Some("application/json"));
    assert_eq!(last_path(&sandbox), "/hf-inference/models/google/vit-base-patch16-224");
}

#[tokio::test]
async fn objects_have_boxes_in_pixels() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, "facebook/detr-resnet-50");
    let response = driver.detect_objects(png().into()).await.unwrap();
    let cat = DetectedObject::new("cat", 0.99, BoundingBox::new((506, 233), (629, 405)));
    assert_eq!(response.objects()[0], cat);
    assert_eq!((cat.bounding_box().width(), cat.bounding_box().height()), (123, 172));
    // Floats are rounded, and a box can begin outside of the image.
    assert_eq!(response.objects()[1].bounding_box(), BoundingBox::new((0, -1), (23, 11)));
    let request = ObjectDetectionRequest::from(png()).with_threshold(0.9);
    assert_eq!(driver.detect_objects(request).await.unwrap().objects().len(), 1);
    assert_eq!(last_body(&sandbox)["parameters"], json!({ "threshold": 0.9 }));
}

#[tokio::test]
async fn the_recorded_objects_are_read() {
    let body =
        r#"[{"score":0.9957962036132812,"label":"cat","box":{"xmin":506,"ymin":233,"xmax":629,"ymax":405}}]"#;
    let sandbox = answering(body).await;
    let response = hosted(&sandbox, "any/model").detect_objects(png().into()).await.unwrap();
    let place = BoundingBox::new((506, 233), (629, 405));
    assert_eq!(response.objects(), [DetectedObject::new("cat", 0.995_796_203_613_281_2, place)]);
}

#[tokio::test]
async fn segments_have_masks_as_images() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, "nvidia/segformer-b0-finetuned-ade-512-512");
    let request = ImageSegmentationRequest::builder()
        .image(png())
        .subtask(SegmentationSubtask::Panoptic)
        .threshold(0.5)
        .mask_threshold(0.25)
        .overlap_mask_area_threshold(1.0)
        .build()
        .unwrap();
    let response = driver.segment_image(request).await.unwrap();
    let parameters = json!({
        "mask_threshold": 0.25, "overlap_mask_area_threshold": 1.0, "subtask": "panoptic", "threshold": 0.5,
    });
    assert_eq!(last_body(&sandbox)["parameters"], parameters);
    let [wall, sky] = response.segments() else { panic!("{response:?}") };
    assert_eq!((wall.label(), wall.score(), wall.mask().media_type()), ("wall", Some(0.99), "image/png"));
    assert_eq!(sky.score(), None);
    let error = answering(r#"[{"label":"sky","mask":"not base64!"}]"#).await;
    let error = hosted(&error, "any/model").segment_image(png().into()).await.unwrap_err();
    assert!(error.to_string().contains("cannot be parsed"), "{error}");
}

#[tokio::test]
async fn an_image_is_described() {
    let sandbox = Sandbox::start().await.unwrap();
    let response =
        hosted(&sandbox, "Salesforce/blip-image-captioning-base").describe_image(png().into()).await;
    assert_eq!(response.unwrap().text(), "an image of 23 bytes");
    for body in [
        r#"[{"generated_text":"a cat"}]"#,
        r#"{"generated_text":"a cat"}"#,
        r#"[[{"generated_text":"a cat"}]]"#,
    ] {
        let sandbox = answering(body).await;
        let response = hosted(&sandbox, "any/model").describe_image(png().into()).await.unwrap();
        assert_eq!(response.text(), "a cat", "{body}");
    }
    let sandbox = answering("[]").await;
    let error = hosted(&sandbox, "any/model").describe_image(png().into()).await.unwrap_err();
    assert!(error.to_string().contains("the list of texts is empty"), "{error}");
}

#[tokio::test]
async fn the_labels_of_the_caller_are_scored_for_an_image() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, "openai/clip-vit-base-patch32");
    let request = ZeroShotImageRequest::new(png(), ["cat", "dog"]).with_hypothesis_template("a photo of {}");
    let response = driver.classify_image_zero_shot(request).await.unwrap();
    assert_eq!(response.labels(), [LabelScore::new("cat", 0.5), LabelScore::new("dog", 0.25)]);
    let parameters = json!({ "candidate_labels": ["cat", "dog"], "hypothesis_template": "a photo of {}" });
    assert_eq!(last_body(&sandbox), json!({ "inputs": BASE64, "parameters": parameters }));
}

#[tokio::test]
async fn questions_about_images_and_documents_are_answered() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, "dandelin/vilt-b32-finetuned-vqa");
    let request = VisualQuestionRequest::new("How many cats?", png()).with_top_k(2);
    let response = driver.answer_about_image(request).await.unwrap();
    assert_eq!(response.answers(), [Answer::new("23", Some(0.5)), Answer::new("3", Some(0.35))]);
    let inputs = json!({ "question": "How many cats?", "image": BASE64 });
    assert_eq!(last_body(&sandbox), json!({ "inputs": inputs, "parameters": { "top_k": 2 } }));
    let request = DocumentQuestionRequest::builder()
        .question("What is the number?")
        .image(png())
        .top_k(1)
        .doc_stride(2)
        .max_answer_len(3)
        .max_question_len(4)
        .max_seq_len(5)
        .handle_impossible_answer(false)
        .lang("eng")
        .word_boxes([WordBox::new("us-001", (120, 80), (210, 104))])
        .build()
        .unwrap();
    let request = request.with_model("impira/layoutlm-document-qa");
    let response = driver.answer_about_document(request.clone()).await.unwrap();
    assert_eq!(response.answers(), [Answer::new("us-001", Some(0.6)).with_span(Some(16), Some(16))]);
    let parameters = json!({
        "top_k": 1, "doc_stride": 2, "max_answer_len": 3, "max_question_len": 4, "max_seq_len": 5,
        "handle_impossible_answer": false, "lang": "eng", "word_boxes": [["us-001", [120, 80, 210, 104]]],
    });
    assert_eq!(last_body(&sandbox)["parameters"], parameters);
    // Donut models give only the text.
    let request = request.with_model("naver-clova-ix/donut-base-finetuned-docvqa");
    let response = driver.answer_about_document(request).await.unwrap();
    assert_eq!(response.answers(), [Answer::new("us-001", None)]);
}
