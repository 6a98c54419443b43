//! Streams without `stream_options`: for servers that refuse the field.

use botticelli_error::{BotticelliError, BotticelliErrorKind};
use bytes::Bytes;
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// The field with which the driver asks for usage at the end of a stream.
const FIELD: &str = "stream_options";

/// The most servers that are remembered.
const MOST: usize = 1_000;

/// The servers that refuse `stream_options`. Known for as long as the driver lives.
#[derive(Debug, Default)]
pub(in crate::huggingface) struct BareStreams {
    /// Most drivers never meet one.
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
        if servers.len() < MOST {
            servers.insert(server.to_owned());
            self.has_any.store(true, Ordering::Release);
        }
    }
}

/// The body of a request without the field; `None` where it has none.
pub(in crate::huggingface) fn bare_of(body: &Bytes) -> Option<Bytes> {
    let mut request: Map<String, Value> = serde_json::from_slice(body).ok()?;
    // The order of the others stays: the router looks for the model in the first bytes.
    request.shift_remove(FIELD)?;
    serde_json::to_vec(&request).ok().map(Bytes::from)
}

/// Whether a refusal is about the field. A server that has begun to answer has not refused it.
pub(in crate::huggingface) fn refuses_stream_options(error: &BotticelliError) -> bool {
    let BotticelliErrorKind::Models(refused) = error.kind() else { return false };
    let said = refused.details().message.as_deref().unwrap_or_default();
    error.partial().is_none() && said.contains(FIELD)
}
