//! Invalid requests, which are rejected before anything is sent.

use crate::support::hosted;
use botticelli_core::tasks::{
    ClassificationRequest, DocumentQuestionRequest, EmbeddingRequest, ImageToImageRequest, Media,
    ObjectDetectionRequest, QuestionAnsweringRequest, RerankRequest, SimilarityRequest, Table,
    TableQuestionRequest, TabularRequest, TextToImageRequest, TranslationRequest, WordBox,
    ZeroShotImageRequest, ZeroShotRequest,
};
use botticelli_error::BotticelliError;
use botticelli_interface::tasks::{
    AudioTaskDriver, ClassificationDriver, EmbeddingDriver, ImageTaskDriver, MediaGenerationDriver,
    QuestionAnsweringDriver, RerankDriver, SimilarityDriver, SparseEmbeddingDriver, TabularDriver,
    TextTaskDriver,
};
use botticelli_sandbox::Sandbox;

fn shows(error: &BotticelliError, expected: &str) {
    assert_eq!(error.to_string(), expected);
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn invalid_requests_are_not_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, "BAAI/bge-small-en-v1.5");
    let none = EmbeddingRequest::new(Vec::<String>::new());
    let expected = "EmbeddingRequest: `inputs` is missing. Give at least one text.";
    shows(&driver.embed(none).await.unwrap_err(), expected);
    let error = driver.embed(["a", "", "c"].into()).await.unwrap_err();
    shows(
        &error,
        "EmbeddingRequest: `inputs[1]` cannot be \"\" because it is empty. Give a text, or leave it out.",
    );
    let error = driver.embed(EmbeddingRequest::from("a").with_dimensions(0)).await.unwrap_err();
    let expected = "EmbeddingRequest: `dimensions` cannot be 0 because it is zero. Give 1 or more, or leave it out for the model's own number.";
    shows(&error, expected);
    let error = driver.similarity(SimilarityRequest::new("", ["a"])).await.unwrap_err();
    shows(&error, "SimilarityRequest: `source` is missing. Give a text.");
    let error = driver.similarity(SimilarityRequest::new("a", [""])).await.unwrap_err();
    shows(
        &error,
        "SimilarityRequest: `sentences[0]` cannot be \"\" because it is empty. Give a text, or leave it out.",
    );
    let error = driver.rerank(RerankRequest::new("a", ["b"]).with_top_n(0)).await.unwrap_err();
    shows(&error, "RerankRequest: `top_n` cannot be 0 because it is zero. Give 1 or more, or leave it out.");
    let error =
        driver.embed(EmbeddingRequest::from("a").with_model("hf_AbCdEfGhIjKlMnOpQrStUvWxYz01234567")).await;
    let message = error.unwrap_err().to_string();
    assert!(message.contains("is a token"), "{message}");
    let error = driver.classify_zero_shot(ZeroShotRequest::new(["a"], ["only"])).await.unwrap_err();
    shows(
        &error,
        "ZeroShotRequest: `labels` cannot be \"only\" alone because the scores of a single label have no meaning. Give at least two \
         labels.",
    );
    let error = driver.classify_zero_shot(ZeroShotRequest::new(["a"], ["x", "y", "x"])).await.unwrap_err();
    shows(
        &error,
        "ZeroShotRequest: `labels[2]` cannot be \"x\" because another label is the same. Leave it out.",
    );
    let request = ZeroShotRequest::new(["a"], ["x", "y"]).with_hypothesis_template("about it");
    let message = driver.classify_zero_shot(request).await.unwrap_err().to_string();
    assert!(message.contains("it has no place for the label"), "{message}");
    let error = driver.classify(ClassificationRequest::from("a").with_top_k(0)).await.unwrap_err();
    shows(
        &error,
        "ClassificationRequest: `top_k` cannot be 0 because it is zero. Give 1 or more, or leave it out.",
    );
    let error = driver.answer(QuestionAnsweringRequest::new("a?", "")).await.unwrap_err();
    shows(&error, "QuestionAnsweringRequest: `context` is missing. Give a text.");
    let error = driver.answer_from_table(TableQuestionRequest::new("a?", Table::new())).await.unwrap_err();
    shows(
        &error,
        "TableQuestionRequest: `table` is missing. Give at least one column with at least one cell.",
    );
    let image = || Media::new(&b"\x89PNG\r\n\x1a\n"[..]);
    for corners in [((10, 0), (9, 5)), ((0, 0), (1001, 5))] {
        let words = [WordBox::new("a", (0, 0), (1, 1)), WordBox::new("b", corners.0, corners.1)];
        let request = DocumentQuestionRequest::new("a?", image()).with_word_boxes(words);
        let error = driver.answer_about_document(request).await.unwrap_err().to_string();
        assert!(error.starts_with("DocumentQuestionRequest: `word_boxes[1]` cannot be ["), "{error}");
    }
    let error = driver.generate_audio("".into()).await.unwrap_err();
    shows(&error, "TextToAudioRequest: `prompt` is missing. Give a text.");
    let error = driver.embed_sparse(["a", ""].into()).await.unwrap_err();
    assert!(error.to_string().starts_with("SparseEmbeddingRequest: `inputs[1]` cannot be"), "{error}");
    let uneven = Table::new().with_column("a", ["1", "2"]).with_column("b", ["1"]);
    let error = driver.classify_rows(TabularRequest::new(uneven)).await.unwrap_err();
    shows(
        &error,
        "TabularRequest: `table.b` cannot be 1 cells long because the first column has 2. Give every column as many cells.",
    );
    let request = TranslationRequest::from("a").with_source_language("en");
    let error = driver.translate(request).await.unwrap_err();
    shows(&error, "TranslationRequest: `target_language` is missing. Give both languages, or neither.");
    let error = driver.fill_mask("".into()).await.unwrap_err();
    shows(&error, "FillMaskRequest: `input` is missing. Give a text.");
    let error = driver.classify_image(Media::new(&b"hello"[..]).into()).await.unwrap_err();
    shows(
        &error,
        "ImageClassificationRequest: `image` cannot be these 5 bytes because their beginning belongs to no known format. Give a \
         PNG, JPEG, GIF, WebP, BMP, TIFF, AVIF or HEIC, or set another format with `Media::with_media_type`.",
    );
    let error = driver.detect_objects(Media::new(&b"fLaC"[..]).into()).await.unwrap_err();
    let expected =
        "ObjectDetectionRequest: `image` cannot be audio/flac (4 bytes) because it is not image data.";
    assert!(error.to_string().starts_with(expected), "{error}");
    let error = driver.transcribe(Media::default().into()).await.unwrap_err();
    assert!(error.to_string().starts_with("TranscriptionRequest: `audio` is missing. Give a WAV"), "{error}");
    let image = Media::new(&b"\x89PNG\r\n\x1a\n"[..]);
    let error = driver.detect_objects(ObjectDetectionRequest::from(image.clone()).with_threshold(1.5)).await;
    let expected = "ObjectDetectionRequest: `threshold` cannot be 1.5 because it is out of range. Give a number from 0 to 1.";
    shows(&error.unwrap_err(), expected);
    let error = driver
        .edit_image(ImageToImageRequest::from(image.clone()).with_target_size((0, 9)))
        .await
        .unwrap_err();
    shows(
        &error,
        "ImageToImageRequest: `target_size` cannot be 0 x 9 because a side is zero. Give both sides in pixels, or leave it out.",
    );
    let error = driver.generate_image(TextToImageRequest::from("a").with_size(0, 9)).await.unwrap_err();
    shows(
        &error,
        "TextToImageRequest: `width` cannot be 0 because it is zero. Give 1 or more, or leave it out.",
    );
    let error = driver.classify_image_zero_shot(ZeroShotImageRequest::new(image, ["one"])).await.unwrap_err();
    assert!(error.to_string().contains("Give at least two labels."), "{error}");
    let error = driver.generate_speech("".into()).await.unwrap_err();
    shows(&error, "TextToSpeechRequest: `text` is missing. Give a text.");
    assert!(sandbox.requests().is_empty());
}

#[test]
fn builders_reject_the_same() {
    assert!(EmbeddingRequest::builder().build().is_err());
    assert!(SimilarityRequest::builder().source("a").build().is_err());
    assert!(RerankRequest::builder().query("a").documents(["b"]).top_n(0).build().is_err());
}
