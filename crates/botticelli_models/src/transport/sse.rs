//! Bytes to server-sent events, by the grammar of the WHATWG.

use std::fmt;

/// A server-sent event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// What `event:` said; empty where it said nothing.
    pub name: String,
    /// The lines of `data:`, joined with line feeds.
    pub data: String,
    /// Whether the stream ended before the blank line that closes an event.
    pub unclosed: bool,
}

/// Bytes that are no events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// An event is larger than the limit.
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The data of an event is no UTF-8.
    NotUtf8,
}

/// Turns bytes into events, wherever they are cut.
///
/// Lines end in LF, CRLF or CR; a byte order mark at the beginning, comments and unknown fields are passed over. It keeps the
/// beginning of an event whose end has not come, and nothing else. Two forms that the grammar lacks are read, because servers write
/// them: the field `error:` is an event of that name, and a line that begins with `{` is data.
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
/// `Debug` shows how much is waiting in it, and nothing of what.
pub struct EventDecoder {
    limit: usize,
    /// The bytes of the line that has not ended yet.
    line: Vec<u8>,
    /// The data of the event that has not been closed yet, if there was any, be it empty.
    data: Option<Vec<u8>>,
    name: String,
    /// The last byte was a CR: a LF that follows belongs to it.
    after_cr: bool,
    first_line: bool,
    /// An event was larger than the limit: what follows cannot be told from what is left of it.
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
    /// A decoder that refuses events of more than `limit` bytes, however they arrive. What comes after one is not read.
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

    /// The limit, in bytes.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Whether the next byte begins an event, with nothing before it that counts.
    pub fn is_between_events(&self) -> bool {
        let is_begun = self.first_line || self.after_cr || self.failed;
        !is_begun && self.line.is_empty() && self.data.is_none() && self.name.is_empty()
    }

    /// The next event of `bytes`, which then begin after it; `None` when all of them are read, and its end is still to come.
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

    /// The bytes have ended: a last line without its end, and an event without its blank line, count. Called until there is none.
    pub fn finish(&mut self) -> Option<Result<Event, DecodeError>> {
        let last = if self.line.is_empty() { None } else { self.end_line(&[]) };
        last.or_else(|| self.close_event(true))
    }

    fn end_line(&mut self, end: &[u8]) -> Option<Result<Event, DecodeError>> {
        if let Err(error) = self.fits(self.line.len().saturating_add(end.len())) {
            return Some(Err(error));
        }
        // Most lines arrive whole: they are read where they lie.
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
            // Not in the grammar: llama-server of 2025 writes an error under this name. It ends an event that is still open.
            b"error" => {
                let open = self.close_event(false);
                "error".clone_into(&mut self.name);
                self.push_data(value);
                return open;
            }
            // Not in the grammar either: a gateway that writes its error as bare JSON into a stream that has begun.
            field if field.starts_with(b"{") => self.push_data(line),
            // A comment (no field at all), `id`, `retry`, and what is not known.
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
            // The bytes ended in the middle of a character: what is wrong is that they ended.
            Err(_) if unclosed => None,
            Err(_) => Some(Err(DecodeError::NotUtf8)),
        }
    }

    /// A server that never ends a line, or an event, must not fill the memory. The line counts with the name of its field,
    /// so that one that arrives in pieces is refused where a whole one is.
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
