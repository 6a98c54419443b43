//! The chat template of a model.

use super::conversation::Conversation;
use super::{json_text, time_text};
use crate::file::Metadata;
use crate::output::ToolDialect;
use crate::tokenizer::Tokenizer;
use botticelli_error::{BotticelliError, BuilderError};
use botticelli_interface::Clock;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Serde, Value};
use minijinja::{Environment, Error, ErrorKind, context};
use std::sync::Arc;

/// Maximum size of a template, in bytes. The largest known templates have about 20,000.
const MAX_SIZE: usize = 1 << 20;
/// Work of a rendering, in the unit of the template engine: about one instruction, or 64 bytes of data.
const FUEL: u64 = 1_000_000;
const NAME: &str = "chat_template";

/// The chat template of a model.
pub(crate) struct ChatTemplate {
    environment: Environment<'static>,
    source: String,
    path: String,
    begin: String,
    end: String,
}

/// A rendered conversation.
#[derive(Debug)]
pub(crate) struct Rendering {
    /// Text that the model reads.
    pub(crate) text: String,
    /// `true` if the text ends with an open tag of reasoning.
    pub(crate) opens_reasoning: bool,
}

impl ChatTemplate {
    /// Reads the template of a model file. `None` if the model has none: a base model.
    pub(crate) fn read(
        metadata: &Metadata,
        tokenizer: &Tokenizer,
        clock: &Arc<dyn Clock>,
    ) -> Result<Option<Self>, BotticelliError> {
        let Some(source) = metadata.text("tokenizer.chat_template")? else { return Ok(None) };
        if source.len() > MAX_SIZE {
            return Err(metadata.damaged(format!("the chat template has {} bytes", source.len())));
        }
        let mut environment = Environment::new();
        // The settings of the libraries that the templates are written for.
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|error| {
            metadata.unsupported(format!("the chat template ({error})"), "report this error")
        })?);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_filter("tojson", to_json);
        environment.add_function("raise_exception", |message: String| -> Result<Value, Error> {
            Err(Error::new(ErrorKind::InvalidOperation, message))
        });
        let clock = Arc::clone(clock);
        environment.add_function("strftime_now", move |pattern: String| {
            time_text::format(clock.wall_time(), &pattern)
        });
        environment.add_template_owned(NAME, source.to_owned()).map_err(|error| {
            let what = format!("the chat template ({error})");
            metadata.unsupported(what, "use `complete`, or a file with another template")
        })?;
        let end = metadata.token("tokenizer.ggml.eos_token_id")?;
        Ok(Some(Self {
            environment,
            source: source.to_owned(),
            path: metadata.path().to_owned(),
            begin: tokenizer.text_of(tokenizer.begin_id()).to_owned(),
            end: tokenizer.text_of(end).to_owned(),
        }))
    }

    /// Returns whether the template mentions `word`.
    pub(crate) fn mentions(&self, word: &str) -> bool {
        self.source.contains(word)
    }

    /// Returns the form in which the model writes tool calls. `None` if the template has no tools.
    pub(crate) fn tool_dialect(&self) -> Option<ToolDialect> {
        if !self.mentions("tools") {
            return None;
        }
        Some(match () {
            () if self.mentions("<tool_call>") => ToolDialect::Tagged,
            () if self.mentions("[TOOL_CALLS]") => ToolDialect::List,
            () if self.mentions("parameters") || self.mentions("<|python_tag|>") => ToolDialect::Whole,
            () => return None,
        })
    }

    /// Renders a conversation, with the beginning of the response at the end.
    pub(crate) fn render(&self, conversation: &Conversation) -> Result<Rendering, BotticelliError> {
        let mut environment = self.environment.clone();
        let size = u64::try_from(conversation.size).unwrap_or(u64::MAX);
        environment.set_fuel(Some(FUEL.saturating_add(size)));
        let tools = Some(&conversation.tools).filter(|tools| !tools.is_empty());
        let values = context! {
            messages => Value::from(Serde(&conversation.messages)),
            tools => tools.map(|tools| Value::from(Serde(tools))),
            bos_token => self.begin.as_str(),
            eos_token => self.end.as_str(),
            add_generation_prompt => true,
            ..Value::from(Serde(&conversation.settings))
        };
        let rendered = environment.get_template(NAME).and_then(|template| template.render(values));
        let mut text = rendered.map_err(|error| failure(&error))?;
        let opens_reasoning = text.trim_end().ends_with("<think>") && conversation.prefix.is_empty();
        text.push_str(&conversation.prefix);
        Ok(Rendering { text, opens_reasoning })
    }
}

fn failure(error: &Error) -> BotticelliError {
    let (reason, remedy) = if error.kind() == ErrorKind::OutOfFuel {
        (
            "the chat template of the model needs too much work".to_owned(),
            "send a shorter conversation, or use another model file",
        )
    } else {
        let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
        let detail: String = detail.chars().take(300).collect();
        (
            format!("the chat template of the model rejects it ({detail})"),
            "change the roles and the order of the messages",
        )
    };
    BuilderError::refused("GenerateRequest", "messages", "this conversation", reason, remedy).into()
}

impl std::fmt::Debug for ChatTemplate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChatTemplate").field("path", &self.path).finish_non_exhaustive()
    }
}

/// The filter `tojson`, with the arguments of Python's `json.dumps` that templates use.
#[expect(clippy::needless_pass_by_value, reason = "the template engine passes the arguments by value")]
fn to_json(value: &Value, arguments: Kwargs) -> Result<Value, Error> {
    let indent = arguments.get::<Option<usize>>("indent")?.filter(|indent| *indent <= 16);
    // Accepted and ignored: the text is never escaped.
    let _ = arguments.get::<Option<bool>>("ensure_ascii")?;
    let _ = arguments.get::<Option<bool>>("sort_keys")?;
    let json = serde_json::to_value(value).map_err(|error| {
        Error::new(ErrorKind::InvalidOperation, "the value has no JSON form").with_source(error)
    })?;
    Ok(Value::from(json_text::to_text(&json, indent)))
}
