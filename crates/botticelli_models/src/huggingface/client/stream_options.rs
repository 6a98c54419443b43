//! Streams without `stream_options`, for servers that refuse the field.

use botticelli_error::{BotticelliError, BotticelliErrorKind};
use bytes::Bytes;
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// The field that requests usage at the end of a stream.
const FIELD: &str = "stream_options";

/// Maximum number of servers that are remembered.
const MAX_SERVERS: usize = 1_000;

/// Servers that reject `stream_options`, stored for the lifetime of the driver.
#[derive(Debug, Default)]
pub(in crate::huggingface) struct BareStreams {
    /// Most drivers never find such a server, and need no lock.
    has_any: AtomicBool,
    servers: Mutex<HashSet<String>>,
}

impl BareStreams {
    pub(in crate::huggingface) fn has(&self, server: &str) -> bool {
        self.has_any.load(Ordering::Acquire)
            && self.servers.lock().unwrap_or_else(PoisonError::into_inner).contains(server)
    }

    pub(in crate::huggingface) fn add(&self, server: &str) {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        if servers.len() < MAX_SERVERS {
            servers.insert(server.to_owned());
            self.has_any.store(true, Ordering::Release);
        }
    }
}

/// Returns the body of a request without the field; `None` if the request does not have it.
pub(in crate::huggingface) fn without_stream_options(body: &Bytes) -> Option<Bytes> {
    let mut request: Map<String, Value> = serde_json::from_slice(body).ok()?;
    // The other fields keep their order, because the router looks for the model in the first bytes.
    request.shift_remove(FIELD)?;
    serde_json::to_vec(&request).ok().map(Bytes::from)
}

/// Returns whether an error is about the field. A server that has started a response has accepted the field.
pub(in crate::huggingface) fn is_refused(error: &BotticelliError) -> bool {
    let BotticelliErrorKind::Models(models) = error.kind() else { return false };
    let message = models.details().message.as_deref().unwrap_or_default();
    error.partial().is_none() && message.contains(FIELD)
}
