//! Byte ranges of HTTP.

/// The range of a response with status 206: its first byte, and the size of the whole content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::hub) struct ContentRange {
    pub(in crate::hub) start: u64,
    pub(in crate::hub) total: Option<u64>,
}

impl ContentRange {
    /// Parses the header `Content-Range`: `bytes 0-99/1000` or `bytes 0-99/*`.
    pub(in crate::hub) fn parse(text: &str) -> Option<Self> {
        let (range, total) = text.trim().strip_prefix("bytes")?.trim().split_once('/')?;
        let (start, _) = range.split_once('-')?;
        Some(Self { start: start.trim().parse().ok()?, total: total.trim().parse().ok() })
    }
}

/// Returns the header `Range` of the bytes from `start` to `end`, which is not included; `None` for the whole content.
pub(in crate::hub) fn range_header(start: u64, end: Option<u64>) -> Option<String> {
    match end.and_then(|end| end.checked_sub(1)) {
        Some(last) => Some(format!("bytes={start}-{last}")),
        None if start == 0 => None,
        None => Some(format!("bytes={start}-")),
    }
}
