//! A hand-written client: reqwest, lines found by memchr, `serde_json` into borrowed structs. It validates only the
//! necessary minimum, has no timeouts, and accepts anything as a response.

use bench_contract::{MODEL, PROMPT, Received, TOKEN, Task};
use reqwest::{Client, Response};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::rc::Rc;

type Failure = Box<dyn std::error::Error>;

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    messages: [Message<'a>; 1],
    stream: bool,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'a str,
    content: &'a str,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    choices: Vec<Choice<'a>>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow, alias = "message")]
    delta: Delta<'a>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow, default)]
    content: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    tool_calls: Vec<Call<'a>>,
}

#[derive(Deserialize)]
struct Call<'a> {
    #[serde(borrow)]
    function: Function<'a>,
}

#[derive(Deserialize)]
struct Function<'a> {
    #[serde(borrow, default)]
    arguments: Cow<'a, str>,
}

fn main() {
    let task = Task::from_arguments();
    let url = format!("{}/chat/completions", task.base_url);
    task.run(Client::new(), move |client, streamed| {
        let url = url.clone();
        async move { ask(&client, &url, streamed).await }
    });
}

async fn ask(client: &Rc<Client>, url: &str, streamed: bool) -> Result<Received, Failure> {
    let mut received = Received::begin();
    let messages = [Message { role: "user", content: PROMPT }];
    let request = Request { model: MODEL, messages, stream: streamed };
    let response = client.post(url).bearer_auth(TOKEN).json(&request).send().await?.error_for_status()?;
    if streamed {
        stream(response, &mut received).await?;
    } else {
        read_event(&response.bytes().await?, &mut received)?;
    }
    Ok(received)
}

async fn stream(mut response: Response, received: &mut Received) -> Result<(), Failure> {
    let mut buffer = Vec::new();
    while let Some(bytes) = response.chunk().await? {
        buffer.extend_from_slice(&bytes);
        let mut begin = 0;
        while let Some(length) = memchr::memchr(b'\n', &buffer[begin..]) {
            let line = &buffer[begin..begin + length];
            begin += length + 1;
            if let Some(data) = line.strip_prefix(b"data: ") {
                if data == b"[DONE]" {
                    return Ok(());
                }
                read_event(data, received)?;
            }
        }
        buffer.drain(..begin);
    }
    Ok(())
}

fn read_event(json: &[u8], received: &mut Received) -> Result<(), Failure> {
    let answer: Answer<'_> = serde_json::from_slice(json)?;
    if let Some(choice) = answer.choices.first() {
        received.piece(choice.delta.content.as_deref().unwrap_or_default());
        for call in &choice.delta.tool_calls {
            received.piece(&call.function.arguments);
        }
    }
    Ok(())
}
