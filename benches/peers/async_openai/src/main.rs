//! async-openai as its users call it: typed requests and responses. They know only the service tiers of `OpenAI`, so
//! streams of a provider with other tiers fail.

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::types::chat::{ChatCompletionRequestUserMessage, CreateChatCompletionRequestArgs};
use bench_contract::{MODEL, PROMPT, Received, TOKEN, Task};
use futures::StreamExt;
use std::rc::Rc;

fn main() {
    let task = Task::from_arguments();
    let config = OpenAIConfig::new().with_api_base(&*task.base_url).with_api_key(TOKEN);
    task.run(Client::with_config(config), |client, streamed| async move { ask(&client, streamed).await });
}

async fn ask(client: &Rc<Client<OpenAIConfig>>, streamed: bool) -> Result<Received, OpenAIError> {
    let mut received = Received::begin();
    let messages = [ChatCompletionRequestUserMessage::from(PROMPT).into()];
    let request = CreateChatCompletionRequestArgs::default().model(MODEL).messages(messages).build()?;
    if !streamed {
        let answer = client.chat().create(request).await?;
        for choice in &answer.choices {
            received.piece(choice.message.content.as_deref().unwrap_or_default());
        }
        return Ok(received);
    }
    let mut stream = client.chat().create_stream(request).await?;
    while let Some(chunk) = stream.next().await {
        for choice in chunk?.choices {
            received.piece(choice.delta.content.as_deref().unwrap_or_default());
            for call in choice.delta.tool_calls.into_iter().flatten() {
                let arguments = call.function.and_then(|function| function.arguments);
                received.piece(arguments.as_deref().unwrap_or_default());
            }
        }
    }
    Ok(received)
}
