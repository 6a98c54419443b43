//! A whole response as a stream.

use crate::ChunkStream;
use botticelli_core::{Delta, GenerateResponse, Output, StreamChunk, ToolCallDelta};
use botticelli_error::BotticelliError;
use futures::StreamExt;
use futures::stream;

/// Returns a stream of a response that is already whole, for drivers and wrappers: one chunk for each output, and the final chunk.
///
/// ```
/// use botticelli_core::{GenerateResponse, Output};
/// use botticelli_interface::response_stream;
/// use futures::StreamExt;
///
/// # async fn example() -> Result<(), botticelli_error::BotticelliError> {
/// let response = GenerateResponse::builder().outputs(vec![Output::Text("Hi".into())]).build()?;
/// let mut stream = response_stream(response);
/// while let Some(chunk) = stream.next().await {
///     print!("{}", chunk?.text());
/// }
/// # Ok(())
/// # }
/// ```
pub fn response_stream(response: GenerateResponse) -> ChunkStream {
    let alternatives = response.alternatives().iter().map(|choice| (choice.index, choice.outputs.as_slice()));
    let choices = std::iter::once((0, response.outputs())).chain(alternatives);
    let mut chunks: Vec<Result<_, BotticelliError>> =
        choices.flat_map(|(choice, outputs)| chunks_of(choice, outputs)).map(Ok).collect();
    chunks.push(Ok(StreamChunk::last(response)));
    stream::iter(chunks).boxed()
}

fn chunks_of(choice: u32, outputs: &[Output]) -> Vec<StreamChunk> {
    let mut calls = 0..;
    let delta = |output: &Output| match output {
        Output::Text(text) => Delta::Text(text.clone()),
        Output::Reasoning(text) => Delta::Reasoning(text.clone()),
        Output::Refusal(text) => Delta::Refusal(text.clone()),
        Output::ToolCall(call) => {
            let (id, name) = (call.id().to_owned(), call.name().to_owned());
            let index = calls.next().unwrap_or_default();
            let delta = ToolCallDelta::new(index, Some(id), Some(name), call.arguments_text());
            Delta::ToolCall(delta.with_extra_content(call.extra_content().cloned()))
        }
        _ => Delta::None,
    };
    outputs.iter().map(delta).map(|delta| StreamChunk::of(delta).of_choice(choice)).collect()
}
