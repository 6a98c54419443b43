//! Media in files.

use botticelli_core::tasks::Media;
use botticelli_error::{BotticelliError, DataError};
use std::path::Path;

/// Reads and writes [`Media`] in files.
///
/// ```
/// use botticelli_core::tasks::Media;
/// use botticelli_models::MediaFile;
///
/// # fn main() -> Result<(), botticelli_error::BotticelliError> {
/// # let folder = std::env::temp_dir().join(format!("botticelli-media-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).ok();
/// let image = Media::new(&b"\x89PNG\r\n\x1a\n..."[..]);
/// image.save(folder.join("venus.png"))?;
/// assert_eq!(Media::open(folder.join("venus.png"))?, image);
/// # std::fs::remove_dir_all(&folder).ok();
/// # Ok(())
/// # }
/// ```
pub trait MediaFile: Sized {
    /// Reads a file. The media type is found from the bytes.
    ///
    /// # Errors
    ///
    /// A [`DataError`] if the file cannot be read.
    fn open(path: impl AsRef<Path>) -> Result<Self, BotticelliError>;

    /// Writes the bytes to a file, and replaces the content of an existing one. The call blocks until they are written.
    ///
    /// # Errors
    ///
    /// A [`DataError`] if the file cannot be written.
    fn save(&self, path: impl AsRef<Path>) -> Result<(), BotticelliError>;
}

impl MediaFile for Media {
    fn open(path: impl AsRef<Path>) -> Result<Self, BotticelliError> {
        let path = path.as_ref();
        std::fs::read(path).map(Self::new).map_err(|error| failed(path, error))
    }

    fn save(&self, path: impl AsRef<Path>) -> Result<(), BotticelliError> {
        let path = path.as_ref();
        std::fs::write(path, self.data()).map_err(|error| failed(path, error))
    }
}

fn failed(path: &Path, error: std::io::Error) -> BotticelliError {
    DataError::io("the media file", path.display().to_string(), error).into()
}
