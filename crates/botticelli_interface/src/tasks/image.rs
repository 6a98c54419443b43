//! Tasks of images.

use super::TaskDriver;
use async_trait::async_trait;
use botticelli_core::tasks::{
    ClassificationResponse, DocumentQuestionRequest, ImageClassificationRequest, ImageSegmentationRequest,
    ImageSegmentationResponse, ImageToTextRequest, ImageToTextResponse, ObjectDetectionRequest,
    ObjectDetectionResponse, QuestionAnsweringResponse, VisualQuestionRequest, ZeroShotImageRequest,
};
use botticelli_error::BotticelliError;

/// A driver with models that read images.
///
/// ```
/// use botticelli_core::tasks::Media;
/// use botticelli_error::BotticelliError;
/// use botticelli_interface::tasks::ImageTaskDriver;
///
/// async fn caption(driver: &dyn ImageTaskDriver, file: Vec<u8>) -> Result<String, BotticelliError> {
///     let response = driver.describe_image(Media::new(file).into()).await?;
///     Ok(response.text().to_owned())
/// }
/// ```
#[async_trait]
pub trait ImageTaskDriver: TaskDriver {
    /// Returns the labels of an image, with the labels of the model.
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn classify_image(
        &self,
        request: ImageClassificationRequest,
    ) -> Result<ClassificationResponse, BotticelliError>;

    /// Returns the scores of the caller's labels for an image.
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn classify_image_zero_shot(
        &self,
        request: ZeroShotImageRequest,
    ) -> Result<ClassificationResponse, BotticelliError>;

    /// Returns the objects in an image.
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn detect_objects(
        &self,
        request: ObjectDetectionRequest,
    ) -> Result<ObjectDetectionResponse, BotticelliError>;

    /// Returns the segments of an image, each with a mask.
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn segment_image(
        &self,
        request: ImageSegmentationRequest,
    ) -> Result<ImageSegmentationResponse, BotticelliError>;

    /// Returns a caption of an image, or the text that it shows.
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn describe_image(
        &self,
        request: ImageToTextRequest,
    ) -> Result<ImageToTextResponse, BotticelliError>;

    /// Returns the answers to a question about an image.
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn answer_about_image(
        &self,
        request: VisualQuestionRequest,
    ) -> Result<QuestionAnsweringResponse, BotticelliError>;

    /// Returns the answers to a question about a document.
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn answer_about_document(
        &self,
        request: DocumentQuestionRequest,
    ) -> Result<QuestionAnsweringResponse, BotticelliError>;
}
