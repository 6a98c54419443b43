//! Size limits for data from a server.

/// Size limits for data from a server, in bytes. More than that is an error. A compressed body counts after decompression.
///
/// ```
/// use botticelli_models::transport::Limits;
///
/// let limits = Limits::default().with_response(1 << 20);
/// assert_eq!((limits.response(), limits.event()), (1 << 20, 8 << 20));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    event: usize,
    response: usize,
    error_body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { event: 8 << 20, response: 64 << 20, error_body: 64 << 10 }
    }
}

impl Limits {
    /// Returns the limit for one event of a stream. Default: 8 MiB.
    pub const fn event(&self) -> usize {
        self.event
    }

    /// Returns the limit for a whole response: the body of a plain one, the text of a streamed one. Default: 64 MiB.
    pub const fn response(&self) -> usize {
        self.response
    }

    /// Returns the limit for the body of an error response. The rest is not read. Default: 64 KiB.
    pub const fn error_body(&self) -> usize {
        self.error_body
    }

    /// Sets the limit for one event of a stream, in bytes.
    pub fn with_event(mut self, event: usize) -> Self {
        self.event = event;
        self
    }

    /// Sets the limit for a whole response, in bytes.
    pub fn with_response(mut self, response: usize) -> Self {
        self.response = response;
        self
    }

    /// Sets the limit for the body of an error response, in bytes.
    pub fn with_error_body(mut self, error_body: usize) -> Self {
        self.error_body = error_body;
        self
    }
}
