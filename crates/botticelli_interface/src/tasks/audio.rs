//! Tasks of audio.

use super::TaskDriver;
use async_trait::async_trait;
use botticelli_core::tasks::{
    AudioClassificationRequest, AudioToAudioRequest, AudioToAudioResponse, ClassificationResponse,
    TranscriptionRequest, TranscriptionResponse,
};
use botticelli_error::BotticelliError;

/// A driver with models that read audio.
///
/// ```
/// use botticelli_core::tasks::Media;
/// use botticelli_error::BotticelliError;
/// use botticelli_interface::tasks::AudioTaskDriver;
///
/// async fn transcript(driver: &dyn AudioTaskDriver, file: Vec<u8>) -> Result<String, BotticelliError> {
///     let response = driver.transcribe(Media::new(file).into()).await?;
///     Ok(response.text().to_owned())
/// }
/// ```
#[async_trait]
pub trait AudioTaskDriver: TaskDriver {
    /// Returns the text of speech.
    ///
    /// ```
    /// # use botticelli_core::tasks::{Media, TranscriptionRequest};
    /// # async fn example(driver: &dyn botticelli_interface::tasks::AudioTaskDriver) -> botticelli_error::ModelsResult<()> {
    /// # let file = Vec::new();
    /// let request = TranscriptionRequest::from(Media::new(file)).with_return_timestamps(true);
    /// for part in driver.transcribe(request).await?.chunks() {
    ///     println!("{:?}: {}", part.start(), part.text());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn transcribe(
        &self,
        request: TranscriptionRequest,
    ) -> Result<TranscriptionResponse, BotticelliError>;

    /// Returns the labels of audio, with the labels of the model.
    ///
    /// ```
    /// # use botticelli_core::tasks::Media;
    /// # async fn example(driver: &dyn botticelli_interface::tasks::AudioTaskDriver) -> botticelli_error::ModelsResult<()> {
    /// # let file = Vec::new();
    /// let response = driver.classify_audio(Media::new(file).into()).await?;
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
    async fn classify_audio(
        &self,
        request: AudioClassificationRequest,
    ) -> Result<ClassificationResponse, BotticelliError>;

    /// Returns the tracks that the model makes from audio, such as one for each speaker.
    ///
    /// ```
    /// # use botticelli_core::tasks::Media;
    /// # async fn example(driver: &dyn botticelli_interface::tasks::AudioTaskDriver) -> botticelli_error::ModelsResult<()> {
    /// # let file = Vec::new();
    /// let response = driver.convert_audio(Media::new(file).into()).await?;
    /// for track in response.tracks() {
    ///     println!("{}: {} bytes", track.label(), track.audio().data().len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn convert_audio(
        &self,
        request: AudioToAudioRequest,
    ) -> Result<AudioToAudioResponse, BotticelliError>;
}
