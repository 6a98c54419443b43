//! `ask`: one answer.

use crate::Exit;
use crate::attachment::attachment;
use crate::cli::{AskArgs, ReasoningDisplay};
use crate::connect::{Connected, connect};
use crate::conversation::Conversation;
use crate::failure::{Failure, Outcome};
use crate::output::{AnswerPrinter, Console, Form, error_json, response_json, usage_line};
use crate::prompt::{PromptSource, text_or_file};
use crate::schema_words::schema;
use crate::settings::Settings;
use botticelli::{
    BotticelliDriver, BotticelliError, DriverExt, Environment, FinishReason, GenerateRequest,
    GenerateResponse, Message, OutputSchema, StreamExt,
};
use serde_json::{Map, Value, json};

/// Answers one prompt.
pub(crate) async fn ask(
    arguments: &AskArgs,
    settings: Settings,
    environment: &Environment,
    console: &mut Console,
) -> Outcome<Exit> {
    let schema = arguments.schema.as_deref().map(schema).transpose()?;
    let mut conversation = match &arguments.conversation {
        Some(name) => Some(Conversation::named(name, environment)?),
        None => None,
    };
    if let (Some(conversation), true) = (&mut conversation, arguments.new) {
        conversation.clear();
    }
    // Wrong usage is an error before a missing token is.
    let messages = messages(arguments, conversation.as_ref(), console).await?;
    let connected =
        connect(settings, &arguments.connection, &arguments.request.options, environment, console).await?;
    let request = connected.apply(GenerateRequest::default().with_messages(messages));
    request.validate().map_err(|error| Failure::from(error).with_exit(Exit::Usage))?;
    if arguments.dry_run {
        return dry_run(&connected, &request, schema, console).await;
    }
    let answer = tokio::select! {
        // A stream handles Ctrl-C itself, because it knows what has arrived.
        biased;
        answer = answer(arguments, &connected, request.clone(), schema, console) => answer,
        _ = tokio::signal::ctrl_c() => Err(Failure::interrupted("interrupted before the answer began")),
    };
    let response = match answer {
        Ok(response) => response,
        Err(failure) => return Err(report(arguments, failure, console)?),
    };
    for warning in response.warnings() {
        console.note(&format!("Warning: {warning}"));
    }
    if let Some(routing) = response.routing() {
        console.detail(&format!("Route {}: {}", routing.model(), routing.reason()));
    }
    for route in response.skipped_routes() {
        console.detail(&format!("Skipped {route:?}"));
    }
    if arguments.usage || console.is_verbose(1) {
        console.note(&usage_line(&response));
    }
    if let Some(conversation) = &mut conversation {
        let messages = request.with_message(response.to_message()).messages().to_vec();
        conversation.save(messages)?;
        console.detail(&format!("The conversation is in {}", conversation.path().display()));
    }
    end(&response, console)
}

/// Returns the exit code of a response, and explains an incomplete one.
fn end(response: &GenerateResponse, console: &Console) -> Outcome<Exit> {
    let exit = Exit::of_finish(response.finish_reason());
    let line = match response.finish_reason() {
        FinishReason::Length => {
            "the answer is incomplete: the token limit cut it. Set a higher one with -o max_tokens=N."
        }
        FinishReason::ContentFilter => "the answer is incomplete: a content filter of the service cut it.",
        _ => match response.refusal() {
            Some(refusal) => {
                return Err(Failure::new(Exit::Refused, format!("the model declines to answer: {refusal}")));
            }
            None if response.text().is_empty() && response.tool_calls().next().is_none() => {
                console.note("The answer has no text.");
                return Ok(exit);
            }
            None => return Ok(exit),
        },
    };
    Err(Failure::new(exit, line))
}

/// Adds what a program needs to a failure.
fn report(arguments: &AskArgs, failure: Failure, console: &mut Console) -> Outcome<Failure> {
    if !(arguments.json || arguments.jsonl) {
        return Ok(failure);
    }
    let mut object = match failure.error() {
        Some(error) => error_json(error, failure.exit()),
        None if failure.exit() == Exit::Complete => return Ok(failure),
        None => {
            let mut object = Map::new();
            object.insert("complete".to_owned(), false.into());
            let message = failure.lines().join(" ");
            object
                .insert("error".to_owned(), json!({"message": message, "exit_code": failure.exit().code()}));
            object
        }
    };
    if arguments.jsonl {
        object.insert("type".to_owned(), "error".into());
    }
    console.print_line(&Value::Object(object).to_string())?;
    Ok(failure)
}

/// Returns the messages of the request.
async fn messages(
    arguments: &AskArgs,
    conversation: Option<&Conversation>,
    console: &Console,
) -> Outcome<Vec<Message>> {
    let source = PromptSource {
        words: &arguments.prompt,
        files: &arguments.files,
        ignores_stdin: arguments.no_stdin || arguments.attachments.iter().any(|source| source == "-"),
    };
    let prompt = source.read(console).await?;
    let mut messages = conversation.map(|conversation| conversation.messages().to_vec()).unwrap_or_default();
    if let Some(system) = &arguments.system {
        // The new instructions replace the old ones.
        messages.retain(|message| message.role() != botticelli::Role::System);
        messages.insert(0, Message::system(text_or_file(system)?));
    }
    let mut message = Message::user(prompt);
    for source in &arguments.attachments {
        message = message.with(attachment(source, console).await?);
    }
    messages.push(message);
    Ok(messages)
}

/// Prints the request as the driver would send it, and its estimated cost.
async fn dry_run(
    connected: &Connected,
    request: &GenerateRequest,
    schema: Option<OutputSchema>,
    console: &mut Console,
) -> Outcome<Exit> {
    let mut request = request.clone();
    if let Some(schema) = schema {
        request = request.with_response_format(botticelli::ResponseFormat::JsonSchema(schema));
    }
    match connected.driver.canonical_request(&request)? {
        Some(bytes) => {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let mut lines = text.lines();
            console.print_line(&format!("POST {}", lines.next().unwrap_or_default()))?;
            for line in lines {
                // The body; other lines are headers.
                match serde_json::from_str::<Value>(line) {
                    Ok(body) => console.print_line(&format!("{body:#}"))?,
                    Err(_) => console.print_line(line)?,
                }
            }
        }
        None => console.note("The model runs in this process. There is no HTTP request."),
    }
    super::estimate::print_estimate(connected, &request, console).await?;
    console.note("Nothing was sent.");
    Ok(Exit::Complete)
}

async fn answer(
    arguments: &AskArgs,
    connected: &Connected,
    request: GenerateRequest,
    schema: Option<OutputSchema>,
    console: &mut Console,
) -> Outcome<GenerateResponse> {
    if let Some(schema) = schema {
        let typed = connected.driver.generate_json(request, schema).await?;
        let response = typed.response().clone().with_cost(typed.cost());
        if arguments.json {
            let mut object = response_json(&response, true);
            object.insert("value".to_owned(), typed.into_value());
            console.print_line(&Value::Object(object).to_string())?;
        } else if console.is_terminal() {
            console.print_line(&format!("{:#}", typed.into_value()))?;
        } else {
            console.print_line(&typed.into_value().to_string())?;
        }
        return Ok(response);
    }
    let response = if arguments.no_stream {
        whole(arguments, connected, request, console).await?
    } else {
        streamed(arguments, connected, request, console).await?
    };
    if arguments.json {
        console.print_line(&Value::Object(response_json(&response, true)).to_string())?;
    }
    if arguments.jsonl {
        let mut object = response_json(&response, false);
        object.insert("type".to_owned(), "end".into());
        console.print_line(&Value::Object(object).to_string())?;
    }
    Ok(response)
}

async fn whole(
    arguments: &AskArgs,
    connected: &Connected,
    request: GenerateRequest,
    console: &mut Console,
) -> Outcome<GenerateResponse> {
    let mut sink = Sink::new(arguments, console);
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
    result.map_err(|error| sink.failure(error))
}

async fn streamed(
    arguments: &AskArgs,
    connected: &Connected,
    request: GenerateRequest,
    console: &mut Console,
) -> Outcome<GenerateResponse> {
    let mut sink = Sink::new(arguments, console);
    let mut stream = connected.driver.generate_stream(request).await?;
    let interrupt = tokio::signal::ctrl_c();
    tokio::pin!(interrupt);
    loop {
        let chunk = tokio::select! {
            biased;
            _ = &mut interrupt => {
                drop(stream);
                sink.finish(console)?;
                return Err(sink.interrupted());
            }
            chunk = stream.next() => chunk,
        };
        match chunk {
            Some(Ok(chunk)) => {
                sink.push(console, chunk.text(), chunk.reasoning())?;
                if let Some(response) = chunk.into_response() {
                    sink.finish(console)?;
                    return Ok(response);
                }
            }
            Some(Err(error)) => {
                sink.finish(console)?;
                return Err(sink.failure(error));
            }
            None => {
                sink.finish(console)?;
                return Err(Failure::new(Exit::Incomplete, "the stream ended without a final chunk"));
            }
        }
    }
}

/// The output of a stream.
struct Sink {
    printer: AnswerPrinter,
    reasoning: ReasoningDisplay,
    has_reasoning: bool,
    is_json: bool,
    is_jsonl: bool,
}

impl Sink {
    fn new(arguments: &AskArgs, console: &Console) -> Self {
        Self {
            printer: AnswerPrinter::new(Form::of(console, arguments.raw)),
            reasoning: arguments.reasoning,
            has_reasoning: false,
            is_json: arguments.json,
            is_jsonl: arguments.jsonl,
        }
    }

    fn push(&mut self, console: &mut Console, text: &str, reasoning: &str) -> Outcome<()> {
        if self.is_json {
            return Ok(());
        }
        if self.is_jsonl {
            for (kind, text) in [("reasoning", reasoning), ("text", text)] {
                if !text.is_empty() {
                    console.print_line(&json!({"type": kind, "text": text}).to_string())?;
                }
            }
            return Ok(());
        }
        if !reasoning.is_empty() {
            self.has_reasoning = true;
            match self.reasoning {
                ReasoningDisplay::Hide => {}
                ReasoningDisplay::Show => console.note_part(reasoning),
                ReasoningDisplay::Only => self.printer.push(console, reasoning)?,
            }
        }
        if self.reasoning == ReasoningDisplay::Only || text.is_empty() {
            return Ok(());
        }
        if std::mem::take(&mut self.has_reasoning) && self.reasoning == ReasoningDisplay::Show {
            console.note_part("\n\n");
        }
        self.printer.push(console, text)
    }

    fn finish(&mut self, console: &mut Console) -> Outcome<()> {
        self.printer.finish(console)
    }

    /// Returns the failure of an error, which is an incomplete answer if a part of it was printed.
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
}
