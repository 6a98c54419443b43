//! Puts a script onto the wire.

use std::io;

use super::connection::Connection;
use super::reason::reason;
use super::request::Request;
use crate::script::{Act, Answer, Body, Script, Step};

/// What the connection is good for afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    NextRequest,
    Close,
}

/// Plays the script as the answer to this request.
pub(crate) async fn play(
    script: &Script,
    request: &Request,
    connection: &mut Connection,
) -> io::Result<After> {
    let answer = match script.act() {
        Act::Answer(answer) => answer,
        Act::Hang => {
            connection.fall_silent().await;
            return Ok(After::Close);
        }
        Act::Close => return Ok(After::Close),
    };
    // HTTP/1.0 has no chunks: there the end of the connection is the end of the answer.
    let is_chunked = matches!(answer.body, Body::Steps(_)) && !request.is_http_1_0;
    let stays_open = request.keeps_alive()
        && !answer.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
    let mut head = head(answer, is_chunked, stays_open);
    let after = if stays_open { After::NextRequest } else { After::Close };
    if request.method == "HEAD" {
        connection.send(&head).await?;
        return Ok(after);
    }
    match &answer.body {
        Body::Whole(bytes) => {
            head.extend_from_slice(bytes);
            connection.send(&head).await?;
            Ok(after)
        }
        Body::Steps(steps) => {
            connection.send(&head).await?;
            let ended = walk(steps, is_chunked, connection).await?;
            Ok(if ended { after } else { After::Close })
        }
    }
}

/// Sends step after step; true if the answer came to its regular end.
async fn walk(steps: &[Step], is_chunked: bool, connection: &mut Connection) -> io::Result<bool> {
    for step in steps {
        match step {
            // A chunk of no bytes would be the last one.
            Step::Piece(bytes) | Step::Repeat(bytes) if bytes.is_empty() => {}
            Step::Piece(bytes) => connection.send(&chunk(bytes, is_chunked)).await?,
            Step::Repeat(bytes) => {
                connection.send_for_ever(&chunk(bytes, is_chunked)).await;
                return Ok(false);
            }
            Step::Silence => {
                connection.fall_silent().await;
                return Ok(false);
            }
            Step::Cut => return Ok(false),
        }
    }
    if is_chunked {
        connection.send(b"0\r\n\r\n").await?;
    }
    Ok(true)
}

fn chunk(bytes: &[u8], is_chunked: bool) -> Vec<u8> {
    if !is_chunked {
        return bytes.to_vec();
    }
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    chunk
}

/// The status line and the headers, the script's own winning over ours.
fn head(answer: &Answer, is_chunked: bool, stays_open: bool) -> Vec<u8> {
    let mut lines = format!("HTTP/1.1 {} {}\r\n", answer.status, reason(answer.status));
    let mut ours = |name: &str, value: &str| {
        if answer.header(name).is_none() {
            push(&mut lines, name, value);
        }
    };
    ours("content-type", &answer.content_type);
    match &answer.body {
        Body::Whole(bytes) => ours("content-length", &bytes.len().to_string()),
        Body::Steps(_) if is_chunked => ours("transfer-encoding", "chunked"),
        Body::Steps(_) => {}
    }
    if !stays_open {
        ours("connection", "close");
    }
    for (name, value) in &answer.headers {
        push(&mut lines, name, value);
    }
    lines.push_str("\r\n");
    lines.into_bytes()
}

fn push(lines: &mut String, name: &str, value: &str) {
    for part in [name, ": ", value, "\r\n"] {
        lines.push_str(part);
    }
}
