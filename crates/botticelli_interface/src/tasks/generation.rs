//! Images, speech, audio and video from texts and images.

use super::TaskDriver;
use async_trait::async_trait;
use botticelli_core::tasks::{
    ImageToImageRequest, MediaResponse, TextToAudioRequest, TextToImageRequest, TextToSpeechRequest,
    VideoRequest,
};
use botticelli_error::BotticelliError;

/// A driver with models that generate images, speech, music and video.
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
    /// ```
    /// # use botticelli_core::tasks::TextToImageRequest;
    /// # async fn example(driver: &dyn botticelli_interface::tasks::MediaGenerationDriver) -> botticelli_error::ModelsResult<()> {
    /// let request = TextToImageRequest::from("Venus in a sea shell").with_size(1024, 768);
    /// let image = driver.generate_image(request).await?.into_media();
    /// println!("{} bytes of {}", image.data().len(), image.media_type());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn generate_image(&self, request: TextToImageRequest) -> Result<MediaResponse, BotticelliError>;

    /// Returns an image that is changed by a description.
    ///
    /// ```
    /// # use botticelli_core::tasks::{ImageToImageRequest, Media};
    /// # async fn example(driver: &dyn botticelli_interface::tasks::MediaGenerationDriver) -> botticelli_error::ModelsResult<()> {
    /// # let file = Vec::new();
    /// let request = ImageToImageRequest::new(Media::new(file), "Add a second shell.");
    /// let image = driver.edit_image(request).await?.into_media();
    /// println!("{} bytes of {}", image.data().len(), image.media_type());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn edit_image(&self, request: ImageToImageRequest) -> Result<MediaResponse, BotticelliError>;

    /// Returns the speech of a text.
    ///
    /// ```
    /// # async fn example(driver: &dyn botticelli_interface::tasks::MediaGenerationDriver) -> botticelli_error::ModelsResult<()> {
    /// let speech = driver.generate_speech("Welcome to the Uffizi.".into()).await?.into_media();
    /// println!("{} bytes of {}", speech.data().len(), speech.media_type());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn generate_speech(&self, request: TextToSpeechRequest) -> Result<MediaResponse, BotticelliError>;

    /// Returns music or a sound of a description.
    ///
    /// ```
    /// # async fn example(driver: &dyn botticelli_interface::tasks::MediaGenerationDriver) -> botticelli_error::ModelsResult<()> {
    /// let audio = driver.generate_audio("A lute in a quiet courtyard".into()).await?.into_media();
    /// println!("{} bytes of {}", audio.data().len(), audio.media_type());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn generate_audio(&self, request: TextToAudioRequest) -> Result<MediaResponse, BotticelliError>;

    /// Returns a video of a description or of an image. Providers take seconds to minutes.
    ///
    /// ```
    /// # use botticelli_core::tasks::{Media, VideoRequest};
    /// # async fn example(driver: &dyn botticelli_interface::tasks::MediaGenerationDriver) -> botticelli_error::ModelsResult<()> {
    /// # let file = Vec::new();
    /// // From a description (text-to-video), or from an image (image-to-video).
    /// let waves = driver.generate_video("Slow waves at a beach".into()).await?;
    /// let moving = driver.generate_video(VideoRequest::from(Media::new(file))).await?;
    /// println!("{} and {} bytes", waves.media().data().len(), moving.media().data().len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn generate_video(&self, request: VideoRequest) -> Result<MediaResponse, BotticelliError>;
}
