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
    /// ```
    /// # use botticelli_core::tasks::Media;
    /// # async fn example(driver: &dyn botticelli_interface::tasks::ImageTaskDriver) -> botticelli_error::ModelsResult<()> {
    /// # let file = Vec::new();
    /// let response = driver.classify_image(Media::new(file).into()).await?;
    /// if let Some(best) = response.best() {
    ///     println!("{} ({:.2})", best.label(), best.score());
    /// }
    /// # Ok(())
    /// # }
    /// ```
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
    /// ```
    /// # use botticelli_core::tasks::{Media, ZeroShotImageRequest};
    /// # async fn example(driver: &dyn botticelli_interface::tasks::ImageTaskDriver) -> botticelli_error::ModelsResult<()> {
    /// # let file = Vec::new();
    /// let request = ZeroShotImageRequest::new(Media::new(file), ["a painting", "a photograph"]);
    /// for label in driver.classify_image_zero_shot(request).await?.labels() {
    ///     println!("{} ({:.2})", label.label(), label.score());
    /// }
    /// # Ok(())
    /// # }
    /// ```
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
    /// ```
    /// # use botticelli_core::tasks::Media;
    /// # async fn example(driver: &dyn botticelli_interface::tasks::ImageTaskDriver) -> botticelli_error::ModelsResult<()> {
    /// # let file = Vec::new();
    /// let response = driver.detect_objects(Media::new(file).into()).await?;
    /// for object in response.objects() {
    ///     println!("{}: {} pixels wide", object.label(), object.bounding_box().width());
    /// }
    /// # Ok(())
    /// # }
    /// ```
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
    /// ```
    /// # use botticelli_core::tasks::Media;
    /// # async fn example(driver: &dyn botticelli_interface::tasks::ImageTaskDriver) -> botticelli_error::ModelsResult<()> {
    /// # let file = Vec::new();
    /// let response = driver.segment_image(Media::new(file).into()).await?;
    /// for segment in response.segments() {
    ///     println!("{}: a mask of type {}", segment.label(), segment.mask().media_type());
    /// }
    /// # Ok(())
    /// # }
    /// ```
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
    /// ```
    /// # use botticelli_core::tasks::Media;
    /// # async fn example(driver: &dyn botticelli_interface::tasks::ImageTaskDriver) -> botticelli_error::ModelsResult<()> {
    /// # let file = Vec::new();
    /// let response = driver.describe_image(Media::new(file).into()).await?;
    /// println!("{}", response.text());
    /// # Ok(())
    /// # }
    /// ```
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
    /// ```
    /// # use botticelli_core::tasks::{Media, VisualQuestionRequest};
    /// # async fn example(driver: &dyn botticelli_interface::tasks::ImageTaskDriver) -> botticelli_error::ModelsResult<()> {
    /// # let file = Vec::new();
    /// let request = VisualQuestionRequest::new("What stands in the shell?", Media::new(file));
    /// if let Some(best) = driver.answer_about_image(request).await?.best() {
    ///     println!("{}", best.text());
    /// }
    /// # Ok(())
    /// # }
    /// ```
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
    /// ```
    /// # use botticelli_core::tasks::{DocumentQuestionRequest, Media};
    /// # async fn example(driver: &dyn botticelli_interface::tasks::ImageTaskDriver) -> botticelli_error::ModelsResult<()> {
    /// # let file = Vec::new();
    /// let request = DocumentQuestionRequest::new("What is the total?", Media::new(file));
    /// if let Some(best) = driver.answer_about_document(request).await?.best() {
    ///     println!("{}", best.text());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn answer_about_document(
        &self,
        request: DocumentQuestionRequest,
    ) -> Result<QuestionAnsweringResponse, BotticelliError>;
}
