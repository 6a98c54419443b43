//! The body of a request, by its length or in chunks.

use httparse::Status;

use super::connection::Connection;
use super::head::Head;
use super::request_error::Unreadable;

/// Bodies above this are answered with 413. Images travel as base64 inside the JSON.
const LARGEST_BODY: usize = 8 * 1024 * 1024;

/// A chunk's size with its extensions, or a trailer, in bytes.
const LONGEST_LINE: usize = 16 * 1024;

#[derive(Clone, Copy, Debug)]
enum Framing {
    Length(usize),
    Chunked,
}

/// Reads the whole body, also when there is none.
pub(crate) async fn read_body(head: &Head, connection: &mut Connection) -> Result<Vec<u8>, Unreadable> {
    let framing = framing(head)?;
    if matches!(framing, Framing::Length(length) if length > LARGEST_BODY) {
        return Err(Unreadable::BodyTooLarge);
    }
    // A client that sends a large body may ask first whether it is welcome.
    let asks_first = head.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue"));
    if asks_first && connection.arrived().is_empty() && !head.is_http_1_0 {
        connection.send(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    match framing {
        Framing::Length(length) => exactly(length, connection).await,
        Framing::Chunked => chunks(connection).await,
    }
}

fn framing(head: &Head) -> Result<Framing, Unreadable> {
    let mut lengths = head
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map(|(_, value)| value.trim());
    let length = lengths.next();
    if lengths.any(|other| Some(other) != length) {
        return Err(Unreadable::Malformed("two different lengths"));
    }
    match (head.header("transfer-encoding"), length) {
        (None, None) => Ok(Framing::Length(0)),
        (None, Some(length)) if length.bytes().all(|byte| byte.is_ascii_digit()) => {
            length.parse().map(Framing::Length).map_err(|_| Unreadable::BodyTooLarge)
        }
        (None, Some(_)) => Err(Unreadable::Malformed("content-length is not a number")),
        (Some(_), Some(_)) => Err(Unreadable::Malformed("a length beside a transfer coding")),
        (Some(coding), None) if coding.trim().eq_ignore_ascii_case("chunked") => Ok(Framing::Chunked),
        (Some(_), None) => Err(Unreadable::UnknownCoding),
    }
}

async fn exactly(length: usize, connection: &mut Connection) -> Result<Vec<u8>, Unreadable> {
    while connection.arrived().len() < length {
        more(connection).await?;
    }
    Ok(connection.take(length))
}

async fn chunks(connection: &mut Connection) -> Result<Vec<u8>, Unreadable> {
    let mut body = Vec::new();
    loop {
        let size = chunk_size(connection).await?;
        if size > LARGEST_BODY.saturating_sub(body.len()) {
            return Err(Unreadable::BodyTooLarge);
        }
        if size == 0 {
            // Trailers say nothing that anyone here would read.
            while !line(connection).await?.is_empty() {}
            return Ok(body);
        }
        body.append(&mut exactly(size, connection).await?);
        if !line(connection).await?.is_empty() {
            return Err(Unreadable::Malformed("a chunk longer than its size"));
        }
    }
}

async fn chunk_size(connection: &mut Connection) -> Result<usize, Unreadable> {
    loop {
        match httparse::parse_chunk_size(connection.arrived()) {
            Ok(Status::Complete((length, size))) => {
                connection.take(length);
                return usize::try_from(size).map_err(|_| Unreadable::BodyTooLarge);
            }
            Ok(Status::Partial) if connection.arrived().len() < LONGEST_LINE => {
                more(connection).await?;
            }
            _ => return Err(Unreadable::Malformed("not the size of a chunk")),
        }
    }
}

/// The next line without its end.
async fn line(connection: &mut Connection) -> Result<Vec<u8>, Unreadable> {
    loop {
        let end = connection.arrived().windows(2).position(|pair| pair == b"\r\n");
        if let Some(end) = end {
            let line = connection.take(end);
            connection.take(2);
            return Ok(line);
        }
        if connection.arrived().len() >= LONGEST_LINE {
            return Err(Unreadable::Malformed("a line without an end"));
        }
        more(connection).await?;
    }
}

async fn more(connection: &mut Connection) -> Result<(), Unreadable> {
    match connection.fill().await? {
        0 => Err(Unreadable::Gone),
        _ => Ok(()),
    }
}
