//! `ask`: one answer.

use crate::Exit;
use crate::attachment::attachment;
use crate::cli::AskArgs;
use crate::command_tools::tools;
use crate::connect::{Connected, check_token, connect, connect_for_lookups};
use crate::conversation::Conversation;
use crate::failure::{Failure, Outcome};
use crate::output::{Console, error_json, response_json, usage_line};
use crate::prompt::{PromptSource, text_or_file};
use crate::schema_words::schema;
use crate::settings::Settings;
use crate::turn::{Answered, Sink, TurnForm, streamed, whole, with_tools};
use botticelli::{
    BotticelliDriver, DriverExt, Environment, FinishReason, GenerateRequest, GenerateResponse, Message,
    OutputSchema, Tools,
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Answers one prompt.
pub(crate) async fn ask(
    arguments: &AskArgs,
    settings: Settings,
    environment: &Environment,
    console: &mut Console,
) -> Outcome<Exit> {
    let schema = arguments.schema.as_deref().map(schema).transpose()?;
    let tools = arguments.tools.as_deref().map(|path| tools(path, arguments.yes)).transpose()?;
    let mut conversation = match &arguments.conversation {
        Some(name) => Some(Conversation::named(name, environment)?),
        None => None,
    };
    if let (Some(conversation), true) = (&mut conversation, arguments.new) {
        conversation.clear();
    }
    // Wrong usage is reported before a missing token.
    let check = || {
        if arguments.dry_run {
            return Ok(());
        }
        check_token(settings.clone(), &arguments.connection, environment)
    };
    let messages = messages(arguments, conversation.as_ref(), &check, console).await?;
    let (connection, pairs) = (&arguments.connection, &arguments.request.options);
    let connected = if arguments.dry_run {
        // A request that is only printed needs no token.
        connect_for_lookups(settings, connection, pairs, environment, console).await?
    } else {
        connect(settings, connection, pairs, environment, console).await?
    };
    let request = connected.apply(GenerateRequest::default().with_messages(messages));
    request.validate().map_err(|error| Failure::from(error).with_exit(Exit::Usage))?;
    if arguments.dry_run {
        return dry_run(&connected, &request, schema, console).await;
    }
    let answer = tokio::select! {
        // A stream handles Ctrl-C itself, because it knows what has arrived.
        biased;
        answer = answer(arguments, &connected, request, schema, tools, console) => answer,
        _ = tokio::signal::ctrl_c() => Err(Failure::interrupted("interrupted before the answer began")),
    };
    let Answered { response, messages } = match answer {
        Ok(answered) => answered,
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
    if arguments.usage {
        console.note(&usage_line(&response));
    }
    if let Some(conversation) = &mut conversation {
        conversation.save(messages)?;
        console.detail(&format!("The conversation is in {}", conversation.path().display()));
    }
    end(&response, console)
}

/// Returns the form of the output.
fn form(arguments: &AskArgs) -> TurnForm {
    TurnForm {
        reasoning: arguments.reasoning,
        is_raw: arguments.raw,
        is_json: arguments.json,
        is_jsonl: arguments.jsonl,
    }
}

/// Returns the exit code of a response, and explains an incomplete one.
fn end(response: &GenerateResponse, console: &Console) -> Outcome<Exit> {
    let exit = Exit::of_finish(response.finish_reason());
    let line = match response.finish_reason() {
        FinishReason::Length => {
            "the answer is incomplete: the token limit cut it off. Set a higher one with -o max_tokens=N."
        }
        FinishReason::ContentFilter => {
            "the answer is incomplete: a content filter of the service cut it off."
        }
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

/// Prints a failure as JSON, if the options request JSON.
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
    check: &dyn Fn() -> Outcome<()>,
    console: &Console,
) -> Outcome<Vec<Message>> {
    let source = PromptSource {
        words: &arguments.prompt,
        files: &arguments.files,
        ignores_stdin: arguments.no_stdin || arguments.attachments.iter().any(|source| source == "-"),
        check: Some(check),
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
    // The canonical form of a local model is not an HTTP request.
    let canonical = connected.driver.canonical_request(&request)?.filter(|bytes| bytes.starts_with(b"http"));
    match canonical {
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
    tools: Option<Arc<Tools>>,
    console: &mut Console,
) -> Outcome<Answered> {
    if let Some(schema) = schema {
        let mut messages = request.messages().to_vec();
        let typed = connected.driver.generate_json(request, schema).await?;
        let response = typed.response().clone().with_cost(typed.cost());
        messages.push(response.to_message());
        if arguments.json {
            let mut object = response_json(&response, true);
            object.insert("value".to_owned(), typed.into_value());
            console.print_line(&Value::Object(object).to_string())?;
        } else if console.is_terminal() {
            console.print_line(&format!("{:#}", typed.into_value()))?;
        } else {
            console.print_line(&typed.into_value().to_string())?;
        }
        return Ok(Answered { response, messages });
    }
    let mut sink = Sink::new(form(arguments), console);
    let answered = match tools {
        Some(tools) => with_tools(connected, request, tools, &mut sink, console).await?,
        None if arguments.no_stream => whole(connected, request, &mut sink, console).await?,
        None => streamed(connected, request, &mut sink, console).await?,
    };
    let response = &answered.response;
    if arguments.json {
        console.print_line(&Value::Object(response_json(response, true)).to_string())?;
    }
    if arguments.jsonl {
        let mut object = response_json(response, false);
        object.insert("type".to_owned(), "end".into());
        console.print_line(&Value::Object(object).to_string())?;
    }
    Ok(answered)
}
