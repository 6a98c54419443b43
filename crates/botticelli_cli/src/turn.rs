//! One turn of a conversation: the call, and its output as it arrives.

use crate::Exit;
use crate::cli::ReasoningDisplay;
use crate::connect::Connected;
use crate::failure::{Failure, Outcome};
use crate::output::{AnswerPrinter, Console, Form};
use botticelli::{
    BotticelliDriver, BotticelliError, DriverExt, GenerateRequest, GenerateResponse, Message, StreamExt,
    ToolEvent, ToolLimits, Tools,
};
use serde_json::json;
use std::pin::Pin;
use std::sync::Arc;

/// The form of the output of a turn.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TurnForm {
    pub(crate) reasoning: ReasoningDisplay,
    /// Markdown is not rendered.
    pub(crate) is_raw: bool,
    /// The caller prints one JSON object at the end.
    pub(crate) is_json: bool,
    /// Each chunk is a line of JSON.
    pub(crate) is_jsonl: bool,
}

/// The result of a turn.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) response: GenerateResponse,
    /// The conversation, with the answer.
    pub(crate) messages: Vec<Message>,
}

impl Answered {
    fn new(response: GenerateResponse, mut messages: Vec<Message>) -> Self {
        messages.push(response.to_message());
        Self { response, messages }
    }
}

/// Waits for a whole answer.
pub(crate) async fn whole(
    connected: &Connected,
    request: GenerateRequest,
    sink: &mut Sink,
    console: &mut Console,
) -> Outcome<Answered> {
    let messages = request.messages().to_vec();
    let result = connected.driver.generate(request).await;
    let (text, reasoning) = match &result {
        Ok(response) => (response.text().into_owned(), response.reasoning().into_owned()),
        Err(error) => error
            .partial()
            .map(|partial| (partial.text().to_owned(), partial.reasoning().to_owned()))
            .unwrap_or_default(),
    };
    sink.push(console, &text, &reasoning)?;
    sink.finish(console)?;
    let response = result.map_err(|error| sink.failure(error))?;
    Ok(Answered::new(response, messages))
}

/// Prints an answer while it arrives.
pub(crate) async fn streamed(
    connected: &Connected,
    request: GenerateRequest,
    sink: &mut Sink,
    console: &mut Console,
) -> Outcome<Answered> {
    let messages = request.messages().to_vec();
    let mut stream = connected.driver.generate_stream(request).await?;
    let interrupt = tokio::signal::ctrl_c();
    tokio::pin!(interrupt);
    loop {
        match next(stream.next(), interrupt.as_mut(), sink, console).await? {
            Some(Ok(chunk)) => {
                sink.push(console, chunk.text(), chunk.reasoning())?;
                if let Some(response) = chunk.into_response() {
                    sink.finish(console)?;
                    return Ok(Answered::new(response, messages));
                }
            }
            Some(Err(error)) => {
                sink.finish(console)?;
                return Err(sink.failure(error));
            }
            None => return sink.broken_off(console),
        }
    }
}

/// Prints the answer of a run with tools while it arrives.
pub(crate) async fn with_tools(
    connected: &Connected,
    request: GenerateRequest,
    tools: Arc<Tools>,
    sink: &mut Sink,
    console: &mut Console,
) -> Outcome<Answered> {
    let mut stream = connected.driver.clone().stream_tools(request, tools, ToolLimits::default());
    let interrupt = tokio::signal::ctrl_c();
    tokio::pin!(interrupt);
    loop {
        match next(stream.next(), interrupt.as_mut(), sink, console).await? {
            Some(Ok(ToolEvent::Chunk(chunk))) => sink.push(console, chunk.text(), chunk.reasoning())?,
            Some(Ok(ToolEvent::Called(call))) => {
                console.note(&format!("Tool {}({})", call.name(), call.arguments_text()));
            }
            Some(Ok(ToolEvent::Returned(result))) => {
                let first: String =
                    result.content().lines().next().unwrap_or_default().chars().take(100).collect();
                console.detail(&format!("Tool {}: {first}", result.call().name()));
            }
            Some(Ok(ToolEvent::Finished(run))) => {
                sink.finish(console)?;
                let messages = run.messages().to_vec();
                let cost = run.cost();
                let Some(response) = run.into_response() else { return sink.broken_off(console) };
                return Ok(Answered { response: response.with_cost(cost), messages });
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                sink.finish(console)?;
                return Err(sink.failure(error.into_parts().0));
            }
            None => return sink.broken_off(console),
        }
    }
}

/// Returns the next item of a stream. After Ctrl-C, returns a failure, and the caller drops the stream, which cancels the call.
async fn next<T>(
    item: impl Future<Output = Option<T>>,
    interrupt: Pin<&mut impl Future>,
    sink: &mut Sink,
    console: &mut Console,
) -> Outcome<Option<T>> {
    tokio::select! {
        biased;
        _ = interrupt => {
            sink.finish(console)?;
            Err(sink.interrupted())
        }
        item = item => Ok(item),
    }
}

/// The output of a turn.
#[derive(Debug)]
pub(crate) struct Sink {
    printer: AnswerPrinter,
    form: TurnForm,
    has_reasoning: bool,
}

impl Sink {
    pub(crate) fn new(form: TurnForm, console: &Console) -> Self {
        Self { printer: AnswerPrinter::new(Form::of(console, form.is_raw)), form, has_reasoning: false }
    }

    fn push(&mut self, console: &mut Console, text: &str, reasoning: &str) -> Outcome<()> {
        if self.form.is_json {
            return Ok(());
        }
        if self.form.is_jsonl {
            for (kind, text) in [("reasoning", reasoning), ("text", text)] {
                if !text.is_empty() {
                    console.print_line(&json!({"type": kind, "text": text}).to_string())?;
                }
            }
            return Ok(());
        }
        if !reasoning.is_empty() {
            self.has_reasoning = true;
            match self.form.reasoning {
                ReasoningDisplay::Hide => {}
                ReasoningDisplay::Show => console.note_part(reasoning),
                ReasoningDisplay::Only => self.printer.push(console, reasoning)?,
            }
        }
        if self.form.reasoning == ReasoningDisplay::Only || text.is_empty() {
            return Ok(());
        }
        if std::mem::take(&mut self.has_reasoning) && self.form.reasoning == ReasoningDisplay::Show {
            console.note_part("\n\n");
        }
        self.printer.push(console, text)
    }

    fn finish(&mut self, console: &mut Console) -> Outcome<()> {
        self.printer.finish(console)
    }

    /// Returns the failure for an error. If a part of the answer was printed, the failure says that the answer is incomplete.
    fn failure(&self, error: BotticelliError) -> Failure {
        let has_text = self.printer.characters() > 0
            || error.partial().is_some_and(|partial| !partial.text().is_empty());
        let failure = Failure::from(error);
        if !has_text {
            return failure;
        }
        let failure = failure.with_exit(Exit::Incomplete);
        match self.printer.characters() {
            0 => failure,
            characters => {
                failure.with_line(format!("The answer is incomplete: {characters} characters arrived."))
            }
        }
    }

    fn interrupted(&self) -> Failure {
        Failure::interrupted(match self.printer.characters() {
            0 => "interrupted before any text arrived".to_owned(),
            characters => format!("interrupted: the answer is incomplete, {characters} characters arrived"),
        })
    }

    fn broken_off(&mut self, console: &mut Console) -> Outcome<Answered> {
        self.finish(console)?;
        Err(Failure::new(Exit::Incomplete, "the stream ended without a final chunk"))
    }
}
