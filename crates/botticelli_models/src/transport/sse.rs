//! A decoder for server-sent events, after the WHATWG grammar.

use std::fmt;

/// A server-sent event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// Value of the `event:` field; empty if the event has none.
    pub name: String,
    /// Lines of the `data:` fields, joined with line feeds.
    pub data: String,
    /// Set if the stream ended before the blank line that closes an event.
    pub unclosed: bool,
}

/// An error in the bytes of an event stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// An event is larger than the limit.
    TooLarge {
        /// Maximum size, in bytes.
        limit: usize,
    },
    /// The data of an event is not UTF-8.
    NotUtf8,
}

/// Decodes bytes into events, however the bytes are split.
///
/// Lines end in LF, CRLF or CR. A leading byte order mark, comments and unknown fields are skipped. Only the bytes of an
/// unfinished event are kept. Two extensions of the grammar are read, because servers write them: the field `error:` is an event of
/// that name, and a line that begins with `{` is data.
///
/// ```
/// use botticelli_models::transport::EventDecoder;
///
/// let mut decoder = EventDecoder::new(1024);
/// assert!(decoder.next_event(&mut "data: {\"tr".as_bytes()).is_none());
/// let mut arrived = "ès\":1}\n\ndata: [DONE]".as_bytes();
/// let event = decoder.next_event(&mut arrived).and_then(Result::ok);
/// assert_eq!(event.map(|event| event.data).as_deref(), Some("{\"très\":1}"));
/// assert_eq!(arrived, b"data: [DONE]");
/// ```
///
/// `Debug` shows the number of buffered bytes, never their content.
pub struct EventDecoder {
    limit: usize,
    /// Bytes of the unfinished line.
    line: Vec<u8>,
    /// Data of the unfinished event; `Some` once it has a `data:` field, even an empty one.
    data: Option<Vec<u8>>,
    name: String,
    /// Set if the last byte was a CR, so that a following LF belongs to it.
    after_cr: bool,
    first_line: bool,
    /// Set once an event was too large. The decoder cannot find the next event after it.
    failed: bool,
}

impl fmt::Debug for EventDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventDecoder")
            .field("limit", &self.limit)
            .field("bytes", &self.line.len().saturating_add(self.data.as_ref().map_or(0, Vec::len)))
            .finish_non_exhaustive()
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

impl EventDecoder {
    /// Returns a decoder that rejects events of more than `limit` bytes. The decoder stops at the first such event.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            line: Vec::new(),
            data: None,
            name: String::new(),
            after_cr: false,
            first_line: true,
            failed: false,
        }
    }

    /// Returns the maximum size of an event, in bytes.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Returns whether the next byte certainly begins a new event. `false` before the first line, which may have a byte order
    /// mark, and after a CR, whose LF may follow.
    pub fn is_between_events(&self) -> bool {
        let is_begun = self.first_line || self.after_cr || self.failed;
        !is_begun && self.line.is_empty() && self.data.is_none() && self.name.is_empty()
    }

    /// Returns the next event and advances `bytes` past it; `None` if all bytes are read and the event is incomplete.
    pub fn next_event(&mut self, bytes: &mut &[u8]) -> Option<Result<Event, DecodeError>> {
        if self.failed {
            *bytes = &[];
            return None;
        }
        if self.after_cr && !bytes.is_empty() {
            self.after_cr = false;
            *bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
        }
        while let Some(end) = memchr::memchr2(b'\n', b'\r', bytes) {
            let (line, rest) = bytes.split_at(end);
            *bytes = match rest {
                [b'\r'] => {
                    self.after_cr = true;
                    &[]
                }
                [b'\r', b'\n', rest @ ..] | [_, rest @ ..] => rest,
                [] => &[],
            };
            if let Some(event) = self.end_line(line) {
                return Some(event);
            }
        }
        let rest = std::mem::take(bytes);
        if let Err(error) = self.fits(self.line.len().saturating_add(rest.len())) {
            return Some(Err(error));
        }
        self.line.extend_from_slice(rest);
        None
    }

    /// Ends the input: an unfinished line and an unclosed event count. Call it until it returns `None`.
    pub fn finish(&mut self) -> Option<Result<Event, DecodeError>> {
        let last = if self.line.is_empty() { None } else { self.end_line(&[]) };
        last.or_else(|| self.close_event(true))
    }

    fn end_line(&mut self, end: &[u8]) -> Option<Result<Event, DecodeError>> {
        if let Err(error) = self.fits(self.line.len().saturating_add(end.len())) {
            return Some(Err(error));
        }
        // Most lines arrive whole and need no copy.
        if self.line.is_empty() {
            return self.read_line(end);
        }
        let mut line = std::mem::take(&mut self.line);
        line.extend_from_slice(end);
        let event = self.read_line(&line);
        line.clear();
        self.line = line;
        event
    }

    fn read_line(&mut self, mut line: &[u8]) -> Option<Result<Event, DecodeError>> {
        if self.first_line {
            self.first_line = false;
            line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        }
        if line.is_empty() {
            return self.close_event(false);
        }
        let (field, value) = match line.iter().position(|byte| *byte == b':') {
            Some(colon) => {
                let (field, value) = line.split_at(colon);
                let value = value.strip_prefix(b":").unwrap_or(value);
                (field, value.strip_prefix(b" ").unwrap_or(value))
            }
            None => (line, &[][..]),
        };
        match field {
            b"data" => self.push_data(value),
            b"event" => self.name = String::from_utf8_lossy(value).into_owned(),
            // This field is not in the grammar. llama-server of 2025 writes an error in it. The field ends an event that is still
            // open.
            b"error" => {
                let open = self.close_event(false);
                "error".clone_into(&mut self.name);
                self.push_data(value);
                return open;
            }
            // This line is not in the grammar. A gateway writes its error as bare JSON into a stream that has begun.
            field if field.starts_with(b"{") => self.push_data(line),
            // A comment (an empty field name), `id`, `retry` or an unknown field.
            _ => {}
        }
        None
    }

    fn push_data(&mut self, value: &[u8]) {
        match &mut self.data {
            Some(data) => {
                data.push(b'\n');
                data.extend_from_slice(value);
            }
            None => self.data = Some(value.to_vec()),
        }
    }

    fn close_event(&mut self, unclosed: bool) -> Option<Result<Event, DecodeError>> {
        let name = std::mem::take(&mut self.name);
        match String::from_utf8(self.data.take()?) {
            Ok(data) => Some(Ok(Event { name, data, unclosed })),
            // The bytes ended in the middle of a character. The missing end is the error, not the encoding.
            Err(_) if unclosed => None,
            Err(_) => Some(Err(DecodeError::NotUtf8)),
        }
    }

    /// Rejects an event that exceeds the limit, so that a server that never ends a line cannot fill the memory. The line counts
    /// with its field name: this way the result does not depend on how the bytes are split.
    fn fits(&mut self, line: usize) -> Result<(), DecodeError> {
        if line.saturating_add(self.data.as_ref().map_or(0, Vec::len)) <= self.limit {
            return Ok(());
        }
        self.line = Vec::new();
        self.data = None;
        self.failed = true;
        Err(DecodeError::TooLarge { limit: self.limit })
    }
}
