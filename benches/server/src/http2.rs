//! An HTTP/2 connection, with concurrent requests.

use crate::Answers;
use bytes::Bytes;
use h2::RecvStream;
use h2::server::{Builder, SendResponse};
use http::{Request, Response, StatusCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until};

/// Connection window for request bodies. With the usual 64 KiB, a thousand concurrent requests arrive in
/// frames so small that `h2` takes them for an attack and closes the connection.
const WINDOW: u32 = 1 << 20;

/// Responds until the client closes the connection. Counts the connection if it carried a request.
pub(crate) async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    answers: Arc<Answers>,
    used: &AtomicUsize,
) -> Result<(), h2::Error> {
    let mut connection = Builder::new().initial_connection_window_size(WINDOW).handshake(stream).await?;
    let mut is_first = true;
    while let Some(accepted) = connection.accept().await {
        let (request, respond) = accepted?;
        used.fetch_add(usize::from(std::mem::take(&mut is_first)), Ordering::Relaxed);
        tokio::spawn(answer(request, respond, answers.clone()));
    }
    Ok(())
}

async fn answer(
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    answers: Arc<Answers>,
) -> Result<(), h2::Error> {
    let (head, mut body) = request.into_parts();
    while let Some(bytes) = body.data().await {
        let length = bytes?.len();
        body.flow_control().release_capacity(length)?;
    }
    let mut response = Response::new(());
    let scenario = head.uri.path().split('/').nth(1).unwrap_or_default();
    let Some(answer) = answers.get(scenario) else {
        *response.status_mut() = StatusCode::NOT_FOUND;
        return respond.send_response(response, true).map(drop);
    };
    response.headers_mut().clone_from(&answer.headers);
    let mut stream = respond.send_response(response, false)?;
    let mut next = Instant::now();
    for (at, part) in answer.body.iter().enumerate() {
        if let Some(pause) = answer.pause {
            next += pause;
            sleep_until(next).await;
        }
        // Data beyond the window of the client is kept at no cost, because it is the prepared response itself.
        stream.send_data(part.clone(), at + 1 == answer.body.len())?;
    }
    Ok(())
}
