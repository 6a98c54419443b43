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
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn transcribe(
        &self,
        request: TranscriptionRequest,
    ) -> Result<TranscriptionResponse, BotticelliError>;

    /// Returns the labels of audio, with the labels of the model.
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
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn convert_audio(
        &self,
        request: AudioToAudioRequest,
    ) -> Result<AudioToAudioResponse, BotticelliError>;
}
