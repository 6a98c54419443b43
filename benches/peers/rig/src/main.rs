//! rig as its users call it: a model of its `OpenAI` client, with chat completions.

use bench_contract::{MODEL, PROMPT, Received, TOKEN, Task};
use futures::StreamExt;
use rig_core::completion::CompletionRequest;
use rig_core::driver::Model;
use rig_core::error::ProviderError;
use rig_core::providers::openai::OpenAIConfig;
use rig_core::providers::openai::wire::Chat;
use rig_core::streaming::{Item, StreamEvent};
use std::rc::Rc;

fn main() {
    let task = Task::from_arguments();
    let model = OpenAIConfig::new(TOKEN).with_base_url(&*task.base_url).client().chat(MODEL);
    task.run(model, |model, streamed| async move { ask(&model, streamed).await });
}

async fn ask(model: &Rc<Model<Chat>>, streamed: bool) -> Result<Received, ProviderError> {
    let mut received = Received::begin();
    let request = CompletionRequest::new(PROMPT);
    if !streamed {
        received.piece(&model.call(request).await?.text());
        return Ok(received);
    }
    let mut stream = model.stream(request)?;
    while let Some(item) = stream.next().await {
        match item? {
            Item::Event(StreamEvent::Text { text, .. }) => received.piece(&text),
            Item::Event(StreamEvent::Arguments { json, .. }) => received.piece(&json),
            _ => {}
        }
    }
    Ok(received)
}
