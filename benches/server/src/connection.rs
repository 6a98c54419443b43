//! One connection: requests in, answers out, one after the other.

use crate::Answers;
use crate::answer::Answer;
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};

/// Answers until the client hangs up.
pub(crate) async fn serve(mut stream: TcpStream, answers: Arc<Answers>) {
    if stream.set_nodelay(true).is_ok() {
        // Whatever is wrong with a connection, its client sees for itself.
        let _ = converse(&mut stream, &answers).await;
    }
}

async fn converse(stream: &mut TcpStream, answers: &Answers) -> io::Result<()> {
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
            Some(answer) => write(stream, answer).await?,
            None => stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").await?,
        }
    }
}

async fn write(stream: &mut TcpStream, answer: &Answer) -> io::Result<()> {
    let mut next = Instant::now();
    for bytes in &answer.writes {
        stream.write_all(bytes).await?;
        if let Some(pause) = answer.pause {
            next += pause;
            sleep_until(next).await;
        }
    }
    Ok(())
}
