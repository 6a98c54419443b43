//! Sends answers that were written down beforehand, in the shapes of the Hugging Face router.
//!
//! It is a process of its own, so that what it costs is not counted with a contender. Its first line of output says where it
//! listens, and what is in each answer; it ends when its standard input does. The base URL of a scenario is
//! `http://127.0.0.1:PORT/SCENARIO/v1`.

mod answer;
mod connection;
mod scenario;
mod text;

use answer::Answer;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpSocket};

type Answers = BTreeMap<&'static str, Answer>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let answers: Arc<Answers> = Arc::new(scenario::all().collect());
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, 1], 0).into())?;
    // Thousands call at once.
    let listener = socket.listen(4096)?;
    let port = listener.local_addr()?.port();
    let told: BTreeMap<_, _> = answers
        .iter()
        .map(|(name, answer)| (name, json!({"checksum": answer.checksum, "pieces": answer.pieces})))
        .collect();
    println!("{}", json!({"port": port, "scenarios": told}));

    let ended = tokio::spawn(async { tokio::io::stdin().read_to_end(&mut Vec::new()).await });
    tokio::select! {
        _ = ended => {}
        () = accept(listener, answers) => {}
    }
    Ok(())
}

async fn accept(listener: TcpListener, answers: Arc<Answers>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connection::serve(stream, answers.clone()));
    }
}
