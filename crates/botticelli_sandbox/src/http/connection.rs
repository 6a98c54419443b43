//! One client's connection, with what was read ahead.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::ReadHalf;

use crate::activity::{Activity, CountGuard};

/// How much is read at once, at least.
const READ_AHEAD: usize = 8 * 1024;

/// How much of an unread request is thrown away before the connection is closed anyway.
const MOST_DRAINED: usize = 64 * 1024 * 1024;

/// A connection. Fields are dropped in order: the socket is closed before it stops to count.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    activity: Activity,
    /// There from the first byte of a request to the end of its answer.
    busy: Option<CountGuard>,
    _open: CountGuard,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream, activity: &Activity) -> Self {
        // Pieces are to leave one by one. Where the option is unknown they still arrive.
        let _ = stream.set_nodelay(true);
        Self {
            stream,
            buffer: Vec::new(),
            activity: activity.clone(),
            busy: None,
            _open: activity.count_open(),
        }
    }

    /// What has arrived and was not taken yet.
    pub(crate) fn buffered(&self) -> &[u8] {
        &self.buffer
    }

    /// Waits for more bytes; zero means that the client sends no more.
    pub(crate) async fn fill(&mut self) -> io::Result<usize> {
        self.buffer.reserve(READ_AHEAD);
        let count = self.stream.read_buf(&mut self.buffer).await?;
        if count > 0 && self.busy.is_none() {
            self.busy = Some(self.activity.count_busy());
        }
        Ok(count)
    }

    /// Takes the first `count` of the arrived bytes, or all if there are fewer.
    pub(crate) fn take(&mut self, count: usize) -> Vec<u8> {
        let rest = self.buffer.split_off(count.min(self.buffer.len()));
        std::mem::replace(&mut self.buffer, rest)
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// The answer is out. Nothing is under way any more, unless the next request is here already.
    pub(crate) fn mark_idle(&mut self) {
        if self.buffer.is_empty() {
            self.busy = None;
        }
    }

    /// Makes the end of this connection a reset.
    pub(crate) fn reset_when_closed(&self) {
        // Where it cannot be had, the client sees an end instead.
        let _ = self.stream.set_zero_linger();
    }

    /// Waits for the next request, reads none of it, and makes the end a reset.
    pub(crate) async fn reset_on_next_request(&mut self) {
        if self.buffer.is_empty() {
            let _ = self.stream.readable().await;
        }
        self.reset_when_closed();
    }

    /// Sends the same bytes until the client leaves: then a write fails, a waiting one as well.
    pub(crate) async fn send_until_hang_up(&mut self, bytes: &[u8]) {
        while self.send(bytes).await.is_ok() {}
    }

    /// Counts as silent until the client leaves.
    pub(crate) async fn stay_silent(&mut self) {
        let _silent = self.activity.count_silent();
        discard_until_end(&mut self.stream.split().0, usize::MAX).await;
    }

    /// Ends our side, and throws away what the client still sends.
    pub(crate) async fn drain(&mut self) {
        self.busy = None;
        if self.stream.shutdown().await.is_ok() {
            discard_until_end(&mut self.stream.split().0, MOST_DRAINED).await;
        }
    }
}

/// Reads and forgets, until the client leaves or `limit` bytes came.
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
