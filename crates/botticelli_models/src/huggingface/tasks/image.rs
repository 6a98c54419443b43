//! Tasks of images.

use super::body::Parameters;
use super::call::{Answer, TaskCall};
use super::classification::labels;
use super::driver::HuggingFaceTasks;
use super::lists::flat;
use super::provider_bodies::{self, Parts};
use super::question_answering::AnswerDto;
use super::task::Task;
use async_trait::async_trait;
use botticelli_core::tasks::{
    Answer as AnswerOf, BoundingBox, ClassificationResponse, DetectedObject, DocumentQuestionRequest,
    ImageClassificationRequest, ImageSegment, ImageSegmentationRequest, ImageSegmentationResponse,
    ImageToTextRequest, ImageToTextResponse, Media, ObjectDetectionRequest, ObjectDetectionResponse,
    QuestionAnsweringResponse, VisualQuestionRequest, ZeroShotImageRequest,
};
use botticelli_error::BotticelliError;
use botticelli_interface::tasks::ImageTaskDriver;
use serde::{Deserialize, Serialize};

pub(super) const CLASSIFICATION: Task = Task::hosted("image-classification");
pub(super) const ZERO_SHOT: Task = Task::hosted("zero-shot-image-classification");
pub(super) const DETECTION: Task = Task::hosted("object-detection");
pub(super) const SEGMENTATION: Task =
    Task { providers: &["hf-inference", "fal-ai"], ..Task::hosted("image-segmentation") };
pub(super) const TO_TEXT: Task = Task {
    aliases: &["image-text-to-text"],
    providers: &["hf-inference", "zai-org"],
    ..Task::hosted("image-to-text")
};
pub(super) const VISUAL_QUESTION: Task = Task::hosted("visual-question-answering");
pub(super) const DOCUMENT_QUESTION: Task = Task::hosted("document-question-answering");

#[derive(Serialize)]
struct ImageQuestion<'a> {
    question: &'a str,
    image: String,
}

#[derive(Debug, Deserialize)]
struct ObjectDto {
    label: String,
    score: f64,
    r#box: BoxDto,
}

/// A box in pixels. Some servers write floats.
#[derive(Debug, Deserialize)]
struct BoxDto {
    xmin: f64,
    ymin: f64,
    xmax: f64,
    ymax: f64,
}

impl From<ObjectDto> for DetectedObject {
    fn from(dto: ObjectDto) -> Self {
        // Via the decimal text, because a cast is not allowed here.
        let pixel = |number: f64| format!("{number:.0}").parse().unwrap_or_default();
        let BoxDto { xmin, ymin, xmax, ymax } = dto.r#box;
        let corners = BoundingBox::new((pixel(xmin), pixel(ymin)), (pixel(xmax), pixel(ymax)));
        Self::new(dto.label, dto.score, corners)
    }
}

#[derive(Debug, Deserialize)]
struct SegmentDto {
    label: String,
    #[serde(default)]
    score: Option<f64>,
    mask: Media,
}

#[derive(Debug, Deserialize)]
struct TextDto {
    generated_text: String,
}

#[async_trait]
impl ImageTaskDriver for HuggingFaceTasks {
    async fn classify_image(
        &self,
        request: ImageClassificationRequest,
    ) -> Result<ClassificationResponse, BotticelliError> {
        request.validate()?;
        let call =
            TaskCall::start(self, &CLASSIFICATION, "ImageClassificationRequest", request.options()).await?;
        let parameters = Parameters::default()
            .with("top_k", request.top_k())
            .with("function_to_apply", request.function_to_apply());
        let read = |answer: &Answer<'_>| labels(&answer.reply()?, 1);
        let (results, facts) = call.send_media(request.image(), parameters, read).await?;
        Ok(ClassificationResponse::new(results).with_metadata(facts))
    }

    async fn classify_image_zero_shot(
        &self,
        request: ZeroShotImageRequest,
    ) -> Result<ClassificationResponse, BotticelliError> {
        request.validate()?;
        let call = TaskCall::start(self, &ZERO_SHOT, "ZeroShotImageRequest", request.options()).await?;
        let parameters = Parameters::default()
            .with("candidate_labels", Some(request.labels()))
            .with("hypothesis_template", request.hypothesis_template());
        let body = call.json(&parameters.body(request.image().to_base64()), Some("parameters"))?;
        let read = |answer: &Answer<'_>| labels(&answer.reply()?, 1);
        let (results, facts) = call.send(&call.hosted_url()?, &body, None, read).await?;
        Ok(ClassificationResponse::new(results).with_metadata(call.with_usage(facts, None, None)))
    }

    async fn detect_objects(
        &self,
        request: ObjectDetectionRequest,
    ) -> Result<ObjectDetectionResponse, BotticelliError> {
        request.validate()?;
        let call = TaskCall::start(self, &DETECTION, "ObjectDetectionRequest", request.options()).await?;
        let parameters = Parameters::default().with("threshold", request.threshold());
        let read = |answer: &Answer<'_>| flat::<ObjectDto>(&answer.reply()?);
        let (objects, facts) = call.send_media(request.image(), parameters, read).await?;
        let objects = objects.into_iter().map(DetectedObject::from).collect();
        Ok(ObjectDetectionResponse::new(objects).with_metadata(facts))
    }

    async fn segment_image(
        &self,
        request: ImageSegmentationRequest,
    ) -> Result<ImageSegmentationResponse, BotticelliError> {
        request.validate()?;
        let mut call =
            TaskCall::start(self, &SEGMENTATION, "ImageSegmentationRequest", request.options()).await?;
        if let Some(provider) = call.provider_name().map(str::to_owned) {
            call.extend_deadline();
            let parts = Parts { image: Some(request.image()), ..call.parts() };
            let response = call.provider_media(provider_bodies::segmentation(&provider, parts)).await?;
            let facts = response.metadata().clone();
            // The provider returns one mask without a label.
            let segment = ImageSegment::new("mask", None, response.into_media());
            return Ok(ImageSegmentationResponse::new(vec![segment]).with_metadata(facts));
        }
        let parameters = Parameters::default()
            .with("mask_threshold", request.mask_threshold())
            .with("overlap_mask_area_threshold", request.overlap_mask_area_threshold())
            .with("subtask", request.subtask())
            .with("threshold", request.threshold());
        let read = |answer: &Answer<'_>| flat::<SegmentDto>(&answer.reply()?);
        let (segments, facts) = call.send_media(request.image(), parameters, read).await?;
        let segment = |dto: SegmentDto| ImageSegment::new(dto.label, dto.score, dto.mask);
        let segments = segments.into_iter().map(segment).collect();
        Ok(ImageSegmentationResponse::new(segments).with_metadata(facts))
    }

    async fn describe_image(
        &self,
        request: ImageToTextRequest,
    ) -> Result<ImageToTextResponse, BotticelliError> {
        request.validate()?;
        let call = TaskCall::start(self, &TO_TEXT, "ImageToTextRequest", request.options()).await?;
        if let Some(provider) = call.provider_name() {
            let parts = Parts { image: Some(request.image()), ..call.parts() };
            let (value, facts) = call.provider_json(provider_bodies::text_of_image(provider, &parts)).await?;
            let Some(text) = value.get("md_results").and_then(|text| text.as_str()) else {
                return Err(call.unreadable("text of the image", &value));
            };
            let facts = call.with_usage(facts, None, None);
            return Ok(ImageToTextResponse::new(text).with_metadata(facts));
        }
        let read = |answer: &Answer<'_>| {
            let reply = answer.reply()?;
            let text = flat::<TextDto>(&reply)?.into_iter().next();
            text.ok_or_else(|| reply.invalid("the list of texts is empty"))
        };
        let (text, facts) = call.send_media(request.image(), Parameters::default(), read).await?;
        Ok(ImageToTextResponse::new(text.generated_text).with_metadata(facts))
    }

    async fn answer_about_image(
        &self,
        request: VisualQuestionRequest,
    ) -> Result<QuestionAnsweringResponse, BotticelliError> {
        request.validate()?;
        let call =
            TaskCall::start(self, &VISUAL_QUESTION, "VisualQuestionRequest", request.options()).await?;
        let parameters = Parameters::default().with("top_k", request.top_k());
        ask(&call, request.question(), request.image(), parameters).await
    }

    async fn answer_about_document(
        &self,
        request: DocumentQuestionRequest,
    ) -> Result<QuestionAnsweringResponse, BotticelliError> {
        request.validate()?;
        let call =
            TaskCall::start(self, &DOCUMENT_QUESTION, "DocumentQuestionRequest", request.options()).await?;
        let parameters = Parameters::default()
            .with("top_k", request.top_k())
            .with("doc_stride", request.doc_stride())
            .with("max_answer_len", request.max_answer_len())
            .with("max_question_len", request.max_question_len())
            .with("max_seq_len", request.max_seq_len())
            .with("handle_impossible_answer", request.handle_impossible_answer())
            .with("lang", request.lang())
            .with("word_boxes", Some(request.word_boxes()).filter(|words| !words.is_empty()));
        ask(&call, request.question(), request.image(), parameters).await
    }
}

/// Sends a question about an image.
async fn ask(
    call: &TaskCall<'_>,
    question: &str,
    image: &Media,
    parameters: Parameters,
) -> Result<QuestionAnsweringResponse, BotticelliError> {
    let inputs = ImageQuestion { question, image: image.to_base64() };
    let body = call.json(&parameters.body(inputs), Some("parameters"))?;
    let read = |answer: &Answer<'_>| flat::<AnswerDto>(&answer.reply()?);
    let (answers, facts) = call.send(&call.hosted_url()?, &body, None, read).await?;
    let answers = answers.into_iter().map(AnswerOf::from).collect();
    Ok(QuestionAnsweringResponse::new(answers).with_metadata(call.with_usage(facts, None, None)))
}
