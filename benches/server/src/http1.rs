//! An HTTP/1.1 connection, with one request at a time.

use crate::Answers;
use crate::answer::Answer;
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep_until};

/// Responds until the client closes the connection.
pub(crate) async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    answers: Arc<Answers>,
) -> io::Result<()> {
    let mut received = Vec::with_capacity(4096);
    loop {
        let head = loop {
            if let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            if stream.read_buf(&mut received).await? == 0 {
                return Ok(());
            }
        };
        let (length, answer) = {
            let text = String::from_utf8_lossy(&received[..head]).to_ascii_lowercase();
            let scenario = text.split('/').nth(1).unwrap_or_default().to_owned();
            let length =
                text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            (length.unwrap_or(0), answers.get(scenario.as_str()))
        };
        while received.len() < head + length {
            if stream.read_buf(&mut received).await? == 0 {
                return Ok(());
            }
        }
        received.drain(..head + length);
        match answer {
            Some(answer) => write(&mut stream, answer).await?,
            None => send(&mut stream, b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").await?,
        }
    }
}

async fn write(stream: &mut (impl AsyncWrite + Unpin), answer: &Answer) -> io::Result<()> {
    let mut next = Instant::now();
    for bytes in &answer.writes {
        send(stream, bytes).await?;
        if let Some(pause) = answer.pause {
            next += pause;
            sleep_until(next).await;
        }
    }
    Ok(())
}

async fn send(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    // TLS may have buffered a part.
    stream.flush().await
}
