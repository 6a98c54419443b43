//! Botticelli as its users call it: the driver, its boxed stream, and the default timeouts and limits.

use bench_contract::{MODEL, PROMPT, Received, TOKEN, Task};
use botticelli::{BotticelliDriver, Delta, HuggingFaceDriver, ModelsResult, StreamExt};
use std::rc::Rc;

fn main() {
    let task = Task::from_arguments();
    let driver = HuggingFaceDriver::builder(MODEL).base_url(&*task.base_url).token(TOKEN).build();
    let driver = driver.expect("a driver");
    task.run(driver, |driver, streamed| async move { ask(&driver, streamed).await });
}

async fn ask(driver: &Rc<HuggingFaceDriver>, streamed: bool) -> ModelsResult<Received> {
    let mut received = Received::begin();
    if !streamed {
        let answer = driver.generate(PROMPT.into()).await?;
        received.piece(&answer.text());
        return Ok(received);
    }
    let mut stream = driver.generate_stream(PROMPT.into()).await?;
    while let Some(chunk) = stream.next().await {
        match chunk?.delta() {
            Delta::Text(text) => received.piece(text),
            Delta::ToolCall(call) => received.piece(call.arguments()),
            _ => {}
        }
    }
    Ok(received)
}
