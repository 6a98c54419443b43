//! llm as its users call it: its backend for Hugging Face, because the one for `OpenAI` uses another API. Of its streams,
//! the one that also yields the fragments of tool calls.

use bench_contract::{MODEL, PROMPT, Received, TOKEN, Task};
use futures::StreamExt;
use llm::LLMProvider;
use llm::builder::{LLMBackend, LLMBuilder};
use llm::chat::{ChatMessage, StreamChunk};
use llm::error::LLMError;
use std::rc::Rc;

fn main() {
    let task = Task::from_arguments();
    let provider = LLMBuilder::new()
        .backend(LLMBackend::HuggingFace)
        .base_url(&*task.base_url)
        .api_key(TOKEN)
        .model(MODEL)
        .build();
    task.run(
        provider.expect("a provider"),
        |provider, streamed| async move { ask(&provider, streamed).await },
    );
}

async fn ask(provider: &Rc<Box<dyn LLMProvider>>, streamed: bool) -> Result<Received, LLMError> {
    let mut received = Received::begin();
    let messages = [ChatMessage::user().content(PROMPT).build()];
    if !streamed {
        let answer = provider.chat(&messages).await?;
        received.piece(&answer.text().unwrap_or_default());
        return Ok(received);
    }
    let mut stream = provider.chat_stream_with_tools(&messages, None).await?;
    while let Some(chunk) = stream.next().await {
        match chunk? {
            StreamChunk::Text(text) => received.piece(&text),
            StreamChunk::ToolUseInputDelta { partial_json, .. } => received.piece(&partial_json),
            _ => {}
        }
    }
    Ok(received)
}
