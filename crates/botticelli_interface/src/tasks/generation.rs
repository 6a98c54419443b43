//! Images, speech and video from texts and images.

use super::TaskDriver;
use async_trait::async_trait;
use botticelli_core::tasks::{
    ImageToImageRequest, MediaResponse, TextToImageRequest, TextToSpeechRequest, VideoRequest,
};
use botticelli_error::BotticelliError;

/// A driver with models that generate images, speech and video.
///
/// ```
/// use botticelli_core::tasks::{Media, TextToImageRequest};
/// use botticelli_error::BotticelliError;
/// use botticelli_interface::tasks::MediaGenerationDriver;
///
/// async fn paint(driver: &dyn MediaGenerationDriver) -> Result<Media, BotticelliError> {
///     let request = TextToImageRequest::from("Venus in a sea shell").with_size(1024, 768);
///     Ok(driver.generate_image(request).await?.into_media())
/// }
/// ```
#[async_trait]
pub trait MediaGenerationDriver: TaskDriver {
    /// Returns an image of a description.
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn generate_image(&self, request: TextToImageRequest) -> Result<MediaResponse, BotticelliError>;

    /// Returns an image that is changed by a description.
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn edit_image(&self, request: ImageToImageRequest) -> Result<MediaResponse, BotticelliError>;

    /// Returns the speech of a text.
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn generate_speech(&self, request: TextToSpeechRequest) -> Result<MediaResponse, BotticelliError>;

    /// Returns a video of a description or of an image. Providers take seconds to minutes.
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn generate_video(&self, request: VideoRequest) -> Result<MediaResponse, BotticelliError>;
}
