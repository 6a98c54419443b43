//! Sends prepared responses in the formats of the Hugging Face router.
//!
//! The server is a separate process, so that its cost is not counted with a contender. Its first line of output contains
//! the ports for plain http and TLS, the file of the certificate authority, and the checksums of all responses. For each
//! line of input, it prints the number of TLS connections since the previous line. It ends with its input. The base URL
//! of a scenario is `http://127.0.0.1:PORT/SCENARIO/v1` or `https://127.0.0.1:TLS_PORT/SCENARIO/v1`.

mod answer;
mod http1;
mod http2;
mod scenario;
mod text;
mod tls;

use answer::Answer;
use serde_json::json;
use std::collections::BTreeMap;
use std::error::Error;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tls::Connections;
use tokio::io::{AsyncBufReadExt, BufReader, stdin};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

type Answers = BTreeMap<&'static str, Answer>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let answers: Arc<Answers> = Arc::new(scenario::all().collect());
    let connections = Arc::new(Connections::default());
    let (acceptor, authority) = tls::identity()?;
    let plain = listen()?;
    let secure = listen()?;
    let scenarios: BTreeMap<_, _> = answers
        .iter()
        .map(|(name, answer)| (name, json!({"checksum": answer.checksum, "pieces": answer.pieces})))
        .collect();
    let first = json!({
        "port": plain.local_addr()?.port(),
        "tls_port": secure.local_addr()?.port(),
        "authority": authority.path(),
        "scenarios": scenarios,
    });
    println!("{first}");

    tokio::select! {
        result = report_connections(&connections) => result?,
        () = accept(plain, |stream| http1::serve(stream, answers.clone())) => {}
        () = accept(secure, |stream| {
            tls::serve(stream, acceptor.clone(), answers.clone(), connections.clone())
        }) => {}
    }
    Ok(())
}

/// Prints the number of connections for each line of input.
async fn report_connections(connections: &Connections) -> io::Result<()> {
    let mut lines = BufReader::new(stdin()).lines();
    while lines.next_line().await?.is_some() {
        let taken = json!({
            "http1": connections.http1.swap(0, Ordering::Relaxed),
            "http2": connections.http2.swap(0, Ordering::Relaxed),
            "http2_used": connections.http2_used.swap(0, Ordering::Relaxed),
        });
        println!("{taken}");
    }
    Ok(())
}

fn listen() -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, 1], 0).into())?;
    // Thousands of clients connect at once.
    socket.listen(4096)
}

async fn accept<F, E>(listener: TcpListener, serve: impl Fn(TcpStream) -> F)
where
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: Send + 'static,
{
    while let Ok((stream, _)) = listener.accept().await {
        if stream.set_nodelay(true).is_ok() {
            // The client reports a failed connection.
            tokio::spawn(serve(stream));
        }
    }
}
