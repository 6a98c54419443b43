//! Request bodies with a length or in chunks.

use httparse::Status;

use super::connection::Connection;
use super::head::Head;
use super::request_error::RequestError;

/// Maximum body size in bytes. Larger bodies get a 413. Images arrive as base64 in the JSON.
const LARGEST_BODY: usize = 8 * 1024 * 1024;

/// Maximum length of a chunk size line or a trailer, in bytes.
const LONGEST_LINE: usize = 16 * 1024;

#[derive(Clone, Copy, Debug)]
enum Framing {
    Length(usize),
    Chunked,
}

/// Reads the whole body, which may be empty.
pub(crate) async fn read_body(head: &Head, connection: &mut Connection) -> Result<Vec<u8>, RequestError> {
    let framing = framing(head)?;
    if matches!(framing, Framing::Length(length) if length > LARGEST_BODY) {
        return Err(RequestError::BodyTooLarge);
    }
    // A client with a large body may wait for `100 Continue`.
    let expects_continue =
        head.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue"));
    if expects_continue && connection.buffered().is_empty() && !head.is_http_1_0 {
        connection.send(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    match framing {
        Framing::Length(length) => read_exact(length, connection).await,
        Framing::Chunked => read_chunks(connection).await,
    }
}

fn framing(head: &Head) -> Result<Framing, RequestError> {
    let mut lengths = head
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map(|(_, value)| value.trim());
    let length = lengths.next();
    if lengths.any(|other| Some(other) != length) {
        return Err(RequestError::Malformed("two different lengths"));
    }
    match (head.header("transfer-encoding"), length) {
        (None, None) => Ok(Framing::Length(0)),
        (None, Some(length)) if length.bytes().all(|byte| byte.is_ascii_digit()) => {
            length.parse().map(Framing::Length).map_err(|_| RequestError::BodyTooLarge)
        }
        (None, Some(_)) => Err(RequestError::Malformed("content-length is not a number")),
        (Some(_), Some(_)) => Err(RequestError::Malformed("a length beside a transfer coding")),
        (Some(coding), None) if coding.trim().eq_ignore_ascii_case("chunked") => Ok(Framing::Chunked),
        (Some(_), None) => Err(RequestError::UnknownCoding),
    }
}

async fn read_exact(length: usize, connection: &mut Connection) -> Result<Vec<u8>, RequestError> {
    while connection.buffered().len() < length {
        fill_buffer(connection).await?;
    }
    Ok(connection.take(length))
}

async fn read_chunks(connection: &mut Connection) -> Result<Vec<u8>, RequestError> {
    let mut body = Vec::new();
    loop {
        let size = read_chunk_size(connection).await?;
        if size > LARGEST_BODY.saturating_sub(body.len()) {
            return Err(RequestError::BodyTooLarge);
        }
        if size == 0 {
            // Trailers are ignored.
            while !read_line(connection).await?.is_empty() {}
            return Ok(body);
        }
        body.append(&mut read_exact(size, connection).await?);
        if !read_line(connection).await?.is_empty() {
            return Err(RequestError::Malformed("a chunk longer than its size"));
        }
    }
}

async fn read_chunk_size(connection: &mut Connection) -> Result<usize, RequestError> {
    loop {
        match httparse::parse_chunk_size(connection.buffered()) {
            Ok(Status::Complete((length, size))) => {
                connection.take(length);
                return usize::try_from(size).map_err(|_| RequestError::BodyTooLarge);
            }
            Ok(Status::Partial) if connection.buffered().len() < LONGEST_LINE => {
                fill_buffer(connection).await?;
            }
            _ => return Err(RequestError::Malformed("not the size of a chunk")),
        }
    }
}

/// Reads the next line, without its line break.
async fn read_line(connection: &mut Connection) -> Result<Vec<u8>, RequestError> {
    loop {
        let end = connection.buffered().windows(2).position(|pair| pair == b"\r\n");
        if let Some(end) = end {
            let line = connection.take(end);
            connection.take(2);
            return Ok(line);
        }
        if connection.buffered().len() >= LONGEST_LINE {
            return Err(RequestError::Malformed("a line without an end"));
        }
        fill_buffer(connection).await?;
    }
}

async fn fill_buffer(connection: &mut Connection) -> Result<(), RequestError> {
    match connection.fill().await? {
        0 => Err(RequestError::Gone),
        _ => Ok(()),
    }
}
