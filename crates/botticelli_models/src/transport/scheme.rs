//! Detects whether a server uses TLS or plain http, if the base URL may have the wrong scheme.
//!
//! A plain http server often takes the TLS greeting for half a line and waits for the rest. Only a request in plain http tells
//! such a server from a slow network. The probes contain no token, path or prompt.

use botticelli_interface::Clock;
use futures::future::{Either, select};
use reqwest::Url;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;

/// Time for a TLS connection before the server is probed in plain http.
const PROBE_DELAY: Duration = Duration::from_millis(500);

/// Timeout of a probe.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

/// Shortest request that every HTTP server answers.
const PLAIN_PROBE: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

/// A TLS record with half a greeting. A TLS server responds with an alert.
const TLS_PROBE: &[u8] = &[0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0];

/// First byte of a TLS alert.
const TLS_ALERT: u8 = 0x15;

/// Returns whether the server at `url` may use plain http. Port 443 is never suspect.
pub(super) fn is_suspect(url: &Url) -> bool {
    url.scheme() == "https" && url.port().is_some()
}

/// Waits for `response`; `None` if the probe finds that the server uses plain http.
pub(super) async fn unless_plain<T>(
    response: impl Future<Output = T> + Send,
    url: &Url,
    clock: &Arc<dyn Clock>,
) -> Option<T> {
    let probe = async {
        clock.sleep(PROBE_DELAY).await;
        if !speaks_plain_http(url, clock).await {
            std::future::pending::<()>().await;
        }
    };
    match select(pin!(response), pin!(probe)).await {
        Either::Left((response, _)) => Some(response),
        Either::Right(((), _)) => None,
    }
}

/// Returns whether the server responds in plain http, other than with an error that demands TLS.
pub(super) async fn speaks_plain_http(url: &Url, clock: &Arc<dyn Clock>) -> bool {
    let response = probe(url, PLAIN_PROBE, clock).await;
    let text = String::from_utf8_lossy(&response).to_lowercase();
    let is_tls = text.lines().next().is_some_and(|line| line.contains(" 400")) && text.contains("https");
    text.starts_with("http/") && !is_tls
}

/// Returns whether the server responds to the TLS probe with a TLS alert.
pub(super) async fn speaks_tls(url: &Url, clock: &Arc<dyn Clock>) -> bool {
    probe(url, TLS_PROBE, clock).await.starts_with(&[TLS_ALERT, 3])
}

/// Returns the beginning of the response to a probe. Empty if the server does not respond in time.
async fn probe(url: &Url, probe: &[u8], clock: &Arc<dyn Clock>) -> Vec<u8> {
    match select(pin!(exchange(url, probe)), clock.sleep(PROBE_TIMEOUT)).await {
        Either::Left((response, _)) => response.unwrap_or_default(),
        Either::Right(_) => Vec::new(),
    }
}

/// Bytes of a response that suffice to recognize it.
const PREFIX: usize = 1_024;

async fn exchange(url: &Url, probe: &[u8]) -> io::Result<Vec<u8>> {
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Ok(Vec::new());
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((host, port)).await?;
    let mut probe = probe;
    while !probe.is_empty() {
        stream.writable().await?;
        match stream.try_write(probe) {
            Ok(written) => probe = probe.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    let mut response = Vec::new();
    while response.len() < PREFIX {
        stream.readable().await?;
        let mut bytes = [0; PREFIX];
        match stream.try_read(&mut bytes) {
            Ok(0) => break,
            Ok(read) => response.extend(bytes.iter().take(read)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            // The bytes before the broken connection are enough.
            Err(_) => break,
        }
    }
    Ok(response)
}
