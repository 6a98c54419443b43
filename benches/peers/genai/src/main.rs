//! genai as its users call it, with its adapter for chat completions, `OpenAI`. It strips surrounding blanks from plain
//! responses, so that their text differs from the one sent.

use bench_contract::{MODEL, PROMPT, Received, TOKEN, Task};
use futures::StreamExt;
use genai::Client;
use genai::adapter::AdapterKind;
use genai::chat::{ChatMessage, ChatRequest, ChatStreamEvent};
use genai::resolver::{AuthData, Endpoint};
use std::rc::Rc;

fn main() {
    let task = Task::from_arguments();
    // It joins paths to the URL, so the URL must end in a slash.
    let endpoint = Endpoint::from_owned(format!("{}/", task.base_url));
    let client = Client::builder()
        .with_adapter_kind(AdapterKind::OpenAI)
        .append_provider_config(AdapterKind::OpenAI, (endpoint, AuthData::from_single(TOKEN)))
        .build();
    task.run(client.expect("a client"), |client, streamed| async move { ask(&client, streamed).await });
}

async fn ask(client: &Rc<Client>, streamed: bool) -> genai::Result<Received> {
    let mut received = Received::begin();
    let request = ChatRequest::new(vec![ChatMessage::user(PROMPT)]);
    if !streamed {
        let answer = client.exec_chat(MODEL, request, None).await?;
        received.piece(answer.first_text().unwrap_or_default());
        return Ok(received);
    }
    let mut stream = client.exec_chat_stream(MODEL, request, None).await?.stream;
    while let Some(event) = stream.next().await {
        match event? {
            ChatStreamEvent::Chunk(chunk) => received.piece(&chunk.content),
            ChatStreamEvent::ToolCallChunk(chunk) => {
                received.piece(chunk.tool_call.fn_arguments.as_str().unwrap_or_default());
            }
            _ => {}
        }
    }
    Ok(received)
}
