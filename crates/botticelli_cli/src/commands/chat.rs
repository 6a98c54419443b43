//! `chat`: a conversation with memory.

use super::chat_line::{ChatLine, LineReader, NAMES};
use crate::Exit;
use crate::attachment::attachment;
use crate::cli::ChatArgs;
use crate::command_tools::tools;
use crate::connect::{Connected, connect};
use crate::conversation::Conversation;
use crate::failure::{Failure, Outcome};
use crate::output::{Console, cost_text, usage_line};
use crate::prompt::text_or_file;
use crate::settings::Settings;
use crate::turn::{Answered, Sink, TurnForm, streamed, with_tools};
use botticelli::{BotticelliDriver, Cost, Environment, GenerateRequest, Input, Message, Role, Tools};
use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;

/// Runs a conversation until the user ends it.
pub(crate) async fn chat(
    arguments: &ChatArgs,
    settings: Settings,
    environment: &Environment,
    console: &mut Console,
) -> Outcome<Exit> {
    let tools = arguments.tools.as_deref().map(|path| tools(path, arguments.yes)).transpose()?;
    let conversation = match &arguments.conversation {
        Some(name) => Some(Conversation::named(name, environment)?),
        None => None,
    };
    let connected =
        connect(settings, &arguments.connection, &arguments.request.options, environment, console).await?;
    let messages = conversation.as_ref().map(|stored| stored.messages().to_vec()).unwrap_or_default();
    let mut session = Session {
        connected,
        conversation,
        messages,
        attachments: Vec::new(),
        model: None,
        cost: Cost::free(),
        tools,
        form: TurnForm { reasoning: arguments.reasoning, is_raw: arguments.raw, ..TurnForm::default() },
        shows_usage: arguments.usage,
    };
    if let Some(system) = &arguments.system {
        session.set_system(&text_or_file(system)?);
    }
    let is_terminal = std::io::stdin().is_terminal();
    if is_terminal {
        let model = session.connected.config.model();
        console.note(&format!("{model}. /help lists the commands, Ctrl-D ends the chat."));
    }
    let mut reader = LineReader::new(arguments.history.as_deref(), is_terminal, console)?;
    loop {
        let line = match reader.read() {
            Ok(ChatLine::Text(line)) => line,
            Ok(ChatLine::Nothing) => continue,
            Ok(ChatLine::End) => break,
            Err(failure) => return Err(failure),
        };
        let result = match line.strip_prefix('/') {
            Some(command) if is_command(command) => match session.command(command, console).await {
                Ok(true) => break,
                Ok(false) => Ok(()),
                Err(failure) => Err(failure),
            },
            _ => session.turn(line, console).await,
        };
        if let Err(failure) = result {
            // A script must stop after a failure, but a person may try again.
            if !is_terminal || failure.is_closed_pipe() {
                return Err(failure);
            }
            console.failure(&failure);
        }
    }
    reader.save()?;
    Ok(Exit::Complete)
}

/// Returns whether a line names a command. Other lines with a slash, such as paths, are prompts.
fn is_command(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default();
    NAMES.iter().any(|(name, ..)| name.trim_start_matches('/') == word)
}

/// The state of a chat.
struct Session {
    connected: Connected,
    conversation: Option<Conversation>,
    messages: Vec<Message>,
    attachments: Vec<Input>,
    model: Option<String>,
    cost: Cost,
    tools: Option<Arc<Tools>>,
    form: TurnForm,
    shows_usage: bool,
}

impl Session {
    /// Sends a prompt. The conversation stays as it was if the call fails.
    async fn turn(&mut self, prompt: String, console: &mut Console) -> Outcome<()> {
        let mut message = Message::user(prompt);
        for input in self.attachments.clone() {
            message = message.with(input);
        }
        let mut messages = self.messages.clone();
        messages.push(message);
        let mut request = self.connected.apply(GenerateRequest::default().with_messages(messages));
        if let Some(model) = &self.model {
            request = request.with_model(model);
        }
        let mut sink = Sink::new(self.form, console);
        let answer = async {
            match self.tools.clone() {
                Some(tools) => with_tools(&self.connected, request, tools, &mut sink, console).await,
                None => streamed(&self.connected, request, &mut sink, console).await,
            }
        };
        let answered = tokio::select! {
            // A stream handles Ctrl-C itself, because it knows what has arrived.
            biased;
            answered = answer => answered?,
            _ = tokio::signal::ctrl_c() => {
                return Err(Failure::interrupted("interrupted before the answer began"));
            }
        };
        let Answered { response, messages } = answered;
        self.cost += response.cost();
        self.attachments.clear();
        self.messages = messages;
        for warning in response.warnings() {
            console.note(&format!("Warning: {warning}"));
        }
        if Exit::of_finish(response.finish_reason()) == Exit::Incomplete {
            console.note(&format!("The answer is incomplete (finish reason {}).", response.finish_reason()));
        }
        if self.shows_usage {
            console.note(&usage_line(&response));
        }
        self.store()
    }

    fn store(&mut self) -> Outcome<()> {
        match &mut self.conversation {
            Some(conversation) => conversation.save(self.messages.clone()),
            None => Ok(()),
        }
    }

    fn set_system(&mut self, text: &str) {
        self.messages.retain(|message| message.role() != Role::System);
        if !text.is_empty() {
            self.messages.insert(0, Message::system(text));
        }
    }

    /// Runs a command, and returns whether the chat ends.
    async fn command(&mut self, line: &str, console: &mut Console) -> Outcome<bool> {
        let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        match name {
            "quit" | "exit" => return Ok(true),
            "help" => {
                let rows: Vec<Vec<String>> = NAMES
                    .iter()
                    .map(|(name, arguments, help)| vec![format!("{name} {arguments}"), (*help).to_owned()])
                    .collect();
                console.note(crate::output::columns(&rows, None).trim_end());
            }
            "model" if rest.is_empty() => {
                let model = self.model.as_deref().unwrap_or(self.connected.config.model());
                console.note(model);
            }
            "model" => {
                let request = GenerateRequest::from("x").with_model(rest);
                // The driver checks whether the name is valid.
                self.connected.driver.canonical_request(&request)?;
                self.model = Some(rest.to_owned());
            }
            "system" => {
                let text = text_or_file(rest)?;
                self.set_system(&text);
                self.store()?;
            }
            "attach" => {
                let input = attachment(need(rest, "/attach FILE")?.as_ref(), console).await?;
                self.attachments.push(input);
                console.note("The next message has the attachment.");
            }
            "cost" => console.note(&cost_text(self.cost)),
            "save" => {
                let mut file = Conversation::open(Path::new(need(rest, "/save FILE")?))?;
                file.save(self.messages.clone())?;
            }
            "load" => {
                let path = Path::new(need(rest, "/load FILE")?);
                if !path.exists() {
                    return Err(Failure::usage(format!("{rest}: there is no such file")));
                }
                self.messages = Conversation::open(path)?.messages().to_vec();
                console.note(&format!("{} messages", self.messages.len()));
                self.store()?;
            }
            "undo" => {
                let last = self.messages.iter().rposition(|message| message.role() == Role::User);
                match last {
                    Some(at) => self.messages.truncate(at),
                    None => console.note("There is nothing to undo."),
                }
                self.store()?;
            }
            "clear" => {
                self.messages.retain(|message| message.role() == Role::System);
                self.store()?;
            }
            _ => {}
        }
        Ok(false)
    }
}

fn need<'a>(rest: &'a str, usage: &str) -> Outcome<&'a str> {
    if rest.is_empty() {
        Err(Failure::usage(format!("the command needs a value: {usage}")))
    } else {
        Ok(rest)
    }
}
