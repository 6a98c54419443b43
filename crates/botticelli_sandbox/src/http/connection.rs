//! Client connection with a read buffer.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::ReadHalf;

use crate::activity::{Activity, CountGuard};

/// Minimum size of a read, in bytes.
const READ_AHEAD: usize = 8 * 1024;

/// Maximum number of unread bytes to discard before closing a connection.
const MOST_DRAINED: usize = 64 * 1024 * 1024;

/// A connection. Fields drop in order, so the socket closes before the counts decrease.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    activity: Activity,
    /// Present from the first byte of a request to the end of its response.
    busy: Option<CountGuard>,
    _open: CountGuard,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream, activity: &Activity) -> Self {
        // Each piece should be sent immediately. If the option is unavailable, pieces still arrive.
        let _ = stream.set_nodelay(true);
        Self {
            stream,
            buffer: Vec::new(),
            activity: activity.clone(),
            busy: None,
            _open: activity.count_open(),
        }
    }

    /// Returns the received bytes that are not consumed yet.
    pub(crate) fn buffered(&self) -> &[u8] {
        &self.buffer
    }

    /// Waits for more bytes. Returns zero if the client sends no more.
    pub(crate) async fn fill(&mut self) -> io::Result<usize> {
        self.buffer.reserve(READ_AHEAD);
        let count = self.stream.read_buf(&mut self.buffer).await?;
        if count > 0 && self.busy.is_none() {
            self.busy = Some(self.activity.count_busy());
        }
        Ok(count)
    }

    /// Consumes the first `count` buffered bytes, or all if there are fewer.
    pub(crate) fn take(&mut self, count: usize) -> Vec<u8> {
        let rest = self.buffer.split_off(count.min(self.buffer.len()));
        std::mem::replace(&mut self.buffer, rest)
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Marks the connection as idle, unless part of the next request is already buffered.
    pub(crate) fn mark_idle(&mut self) {
        if self.buffer.is_empty() {
            self.busy = None;
        }
    }

    /// Makes closing this connection a reset.
    pub(crate) fn reset_when_closed(&self) {
        // If the option is unavailable, the client sees a normal end.
        let _ = self.stream.set_zero_linger();
    }

    /// Waits for the next request without reading it, and makes closing a reset.
    pub(crate) async fn reset_on_next_request(&mut self) {
        if self.buffer.is_empty() {
            let _ = self.stream.readable().await;
        }
        self.reset_when_closed();
    }

    /// Sends the same bytes until the client disconnects and the write fails.
    pub(crate) async fn send_until_hang_up(&mut self, bytes: &[u8]) {
        while self.send(bytes).await.is_ok() {}
    }

    /// Counts as silent until the client disconnects.
    pub(crate) async fn stay_silent(&mut self) {
        let _silent = self.activity.count_silent();
        discard_until_end(&mut self.stream.split().0, usize::MAX).await;
    }

    /// Shuts down the write side, and discards further data from the client.
    pub(crate) async fn drain(&mut self) {
        self.busy = None;
        if self.stream.shutdown().await.is_ok() {
            discard_until_end(&mut self.stream.split().0, MOST_DRAINED).await;
        }
    }
}

/// Discards input until the client disconnects or `limit` bytes have arrived.
async fn discard_until_end(reader: &mut ReadHalf<'_>, limit: usize) {
    let mut scratch = [0; 4096];
    let mut drained = 0_usize;
    while let Ok(count) = reader.read(&mut scratch).await {
        drained = drained.saturating_add(count);
        if count == 0 || drained >= limit {
            return;
        }
    }
}
