//! A large body, piece by piece.

use super::ByteStream;
use botticelli_error::BotticelliError;
use bytes::Bytes;
use std::time::Duration;

/// The bytes of a body that has no size limit, such as a file. Dropping it closes the connection.
#[derive(Debug)]
pub(crate) struct Pieces {
    body: Box<ByteStream>,
    idle: Option<Duration>,
}

impl Pieces {
    pub(super) fn new(mut body: Box<ByteStream>, idle: Option<Duration>) -> Self {
        body.tracker().record_event(idle, None);
        Self { body, idle }
    }

    /// Waits for the next bytes; `None` at the end of the body. The timeout pauses until the next call.
    ///
    /// # Errors
    ///
    /// An [`HttpError`](botticelli_error::HttpError) if the connection breaks, or if no bytes arrive in time.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, BotticelliError> {
        let bytes = self.body.next().await?;
        self.body.tracker().record_event(self.idle, None);
        Ok(bytes)
    }
}
