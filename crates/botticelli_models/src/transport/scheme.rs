//! Finds out whether a server speaks TLS or plain http, if the base URL seems to say the wrong one.
//!
//! A server that speaks plain http often reads the beginning of TLS as half a line, and waits for the rest. Nothing tells
//! that from a slow network but a question in plain http. The questions here carry neither token nor path nor prompt.

use botticelli_interface::Clock;
use futures::future::{Either, select};
use reqwest::Url;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;

/// How long a TLS connection may take before the server is asked in plain http.
const SUSPICION: Duration = Duration::from_millis(500);

/// How long the answer to a question may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Shortest request that every HTTP server answers.
const PLAIN_QUESTION: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

/// A TLS record with half a greeting in it: a server that speaks TLS answers with an alert.
const TLS_QUESTION: &[u8] = &[0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0];

/// First byte of a TLS alert.
const TLS_ALERT: u8 = 0x15;

/// Returns whether the port in `url` may be that of a server that speaks plain http: nobody does that on 443.
pub(super) fn is_suspect(url: &Url) -> bool {
    url.scheme() == "https" && url.port().is_some()
}

/// Waits for `answer`; `None` if the server turns out to speak plain http meanwhile.
pub(super) async fn unless_plain<T>(
    answer: impl Future<Output = T> + Send,
    url: &Url,
    clock: &Arc<dyn Clock>,
) -> Option<T> {
    let suspicion = async {
        clock.sleep(SUSPICION).await;
        if !speaks_plain_http(url, clock).await {
            std::future::pending::<()>().await;
        }
    };
    match select(pin!(answer), pin!(suspicion)).await {
        Either::Left((answer, _)) => Some(answer),
        Either::Right(((), _)) => None,
    }
}

/// Returns whether the server answers a question in plain http, other than by saying that it wants TLS.
pub(super) async fn speaks_plain_http(url: &Url, clock: &Arc<dyn Clock>) -> bool {
    let said = ask(url, PLAIN_QUESTION, clock).await;
    let text = String::from_utf8_lossy(&said).to_lowercase();
    let is_tls = text.lines().next().is_some_and(|line| line.contains(" 400")) && text.contains("https");
    text.starts_with("http/") && !is_tls
}

/// Returns whether the server answers a question in TLS as such.
pub(super) async fn speaks_tls(url: &Url, clock: &Arc<dyn Clock>) -> bool {
    ask(url, TLS_QUESTION, clock).await.starts_with(&[TLS_ALERT, 3])
}

/// Returns the beginning of what the server answers; nothing if it does not answer in time.
async fn ask(url: &Url, question: &[u8], clock: &Arc<dyn Clock>) -> Vec<u8> {
    match select(pin!(exchange(url, question)), clock.sleep(PATIENCE)).await {
        Either::Left((said, _)) => said.unwrap_or_default(),
        Either::Right(_) => Vec::new(),
    }
}

/// Enough of an answer to tell what it is, in bytes.
const ENOUGH: usize = 1_024;

async fn exchange(url: &Url, question: &[u8]) -> io::Result<Vec<u8>> {
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Ok(Vec::new());
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((host, port)).await?;
    let mut question = question;
    while !question.is_empty() {
        stream.writable().await?;
        match stream.try_write(question) {
            Ok(written) => question = question.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    let mut said = Vec::new();
    while said.len() < ENOUGH {
        stream.readable().await?;
        let mut bytes = [0; ENOUGH];
        match stream.try_read(&mut bytes) {
            Ok(0) => break,
            Ok(read) => said.extend(bytes.iter().take(read)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            // What came before the connection broke has been said.
            Err(_) => break,
        }
    }
    Ok(said)
}
