//! Stored messages and tool calls, in Botticelli's format or in OpenAI's.

use crate::{Input, MediaSource, Message, Role, ToolCall};
use botticelli_error::{BotticelliError, BuilderError};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;

/// Stored message.
#[derive(Deserialize)]
pub(crate) struct StoredMessage {
    role: Role,
    #[serde(default)]
    content: Option<Value>,
    #[serde(default)]
    tool_calls: Option<Vec<ToolCall>>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    reasoning: Option<String>,
    /// Reasoning under the name that most services use.
    #[serde(default)]
    reasoning_content: Option<String>,
    /// OpenAI: a refusal.
    #[serde(default)]
    refusal: Option<String>,
    /// OpenAI: the call that a tool message belongs to.
    #[serde(default)]
    tool_call_id: Option<String>,
    /// OpenAI: a call in the format that preceded tools.
    #[serde(default)]
    function_call: Option<Value>,
    /// OpenAI: an audio response, as an id that expires.
    #[serde(default)]
    audio: Option<Value>,
    /// Other services: images next to the text.
    #[serde(default)]
    images: Option<Value>,
}

// Written by hand: `#[serde(try_from)]` would put a private type on the public page.
impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        StoredMessage::deserialize(deserializer)?.into_message().map_err(D::Error::custom)
    }
}

impl StoredMessage {
    fn into_message(self) -> Result<Message, BotticelliError> {
        self.check_fields()?;
        let Self { role, content, tool_calls, name, refusal, tool_call_id, .. } = self;
        let mut reasoning = self.reasoning.or(self.reasoning_content);
        let tool_calls = tool_calls.unwrap_or_default();
        let has_content = content.is_some();
        let mut inputs = match content {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::String(text)) => vec![Input::Text(text)],
            Some(Value::Array(parts)) => {
                let mut inputs = Vec::with_capacity(parts.len());
                for (position, part) in parts.into_iter().enumerate() {
                    match read_part(part, position)? {
                        Part::Content(input) => inputs.push(input),
                        Part::Thought(text) => reasoning.get_or_insert_with(String::new).push_str(&text),
                    }
                }
                inputs
            }
            Some(other) => {
                let remedy = "write a text, or a list of parts";
                return Err(refused("content", &other, "it is neither a text nor a list", remedy));
            }
        };
        inputs.extend(refusal.filter(|refusal| !refusal.is_empty()).map(Input::Text));
        let is_blank = |input: &Input| matches!(input, Input::Text(text) if text.trim().is_empty());
        if !tool_calls.is_empty() && inputs.iter().all(is_blank) {
            // Services send an empty text with tool calls. It has no meaning.
            inputs.clear();
        }
        if let Some(id) = tool_call_id {
            inputs = vec![Input::ToolResult { id, content: result_of(inputs)? }];
        } else if role == Role::Tool && !inputs.iter().all(|input| matches!(input, Input::ToolResult { .. }))
        {
            let remedy = "add the id of the tool call";
            return Err(BuilderError::missing(OWNER, "tool_call_id", remedy).into());
        }
        if inputs.is_empty() && tool_calls.is_empty() {
            match role {
                // An empty response was stored.
                Role::Assistant => inputs.push(Input::Text(String::new())),
                _ if has_content => {}
                _ => return Err(BuilderError::missing(OWNER, "content", "add the content").into()),
            }
        }
        let mut message = Message::of_parts(role, inputs).with_tool_calls(tool_calls);
        if let Some(name) = name {
            message = message.with_name(name);
        }
        Ok(match reasoning {
            Some(reasoning) => message.with_reasoning(reasoning),
            None => message,
        })
    }
}

impl StoredMessage {
    /// Rejects fields that a message cannot hold. Without them, the conversation would be another one.
    fn check_fields(&self) -> Result<(), BotticelliError> {
        let fields = [
            ("function_call", &self.function_call, "write it as one of `tool_calls`, with an id"),
            ("audio", &self.audio, "leave it out, and write what was said as `content`"),
            ("images", &self.images, "write each as a part of `content` with the type image_url"),
        ];
        let is_set = |value: &Value| match value {
            Value::Null => false,
            Value::Array(items) => !items.is_empty(),
            _ => true,
        };
        for (field, value, remedy) in fields {
            if let Some(value) = value.as_ref().filter(|value| is_set(value)) {
                return Err(refused(field, value, "a message has no place for it", remedy));
            }
        }
        Ok(())
    }
}

/// One part of a stored message.
enum Part {
    Content(Input),
    Thought(String),
}

fn read_part(part: Value, position: usize) -> Result<Part, BotticelliError> {
    let field = format!("content[{position}]");
    let Some(kind) = part.get("type").and_then(Value::as_str) else {
        // Botticelli's format: the name of the only field is the type.
        let shown = shown(&part);
        return serde_json::from_value(part).map(Part::Content).map_err(|error| {
            let reason = format!("it is not a part of a message ({error})");
            BuilderError::refused_json(OWNER, field, shown, reason, KNOWN).into()
        });
    };
    let text = |name: &str| -> Result<String, BotticelliError> {
        let value = part.get(name).unwrap_or(&Value::Null);
        let text = value.as_str().map(str::to_owned);
        text.ok_or_else(|| refused(format!("{field}.{name}"), value, "it is not a text", "write a text"))
    };
    Ok(Part::Content(match kind {
        "text" | "input_text" | "output_text" => Input::Text(text("text")?),
        "refusal" => Input::Text(text("refusal")?),
        "image_url" | "input_image" => Input::Image(address(&part, "image_url", &field)?),
        "audio_url" => Input::Audio(address(&part, "audio_url", &field)?),
        "video_url" => Input::Video(address(&part, "video_url", &field)?),
        "input_audio" => Input::Audio(sound(&part, &field)?),
        "file" => Input::Document(document(&part, &field)?),
        "thinking" => return thought(&part, &field).map(Part::Thought),
        _ => {
            let field = format!("{field}.type");
            return Err(refused(field, &Value::from(kind), "it is not a known type of part", KNOWN));
        }
    }))
}

/// Reads a URL, as text or as `{"url": …}`.
fn address(part: &Value, name: &str, field: &str) -> Result<MediaSource, BotticelliError> {
    let value = part.get(name).unwrap_or(&Value::Null);
    let url = value.get("url").unwrap_or(value);
    match url.as_str() {
        Some(url) => Ok(source(url)),
        None => Err(refused(format!("{field}.{name}"), value, "it has no address", "write {\"url\": \"…\"}")),
    }
}

/// Returns the content of a `data:` URL, or the URL itself.
fn source(url: &str) -> MediaSource {
    let encoded = url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
    match encoded {
        Some((media_type, data)) if !media_type.is_empty() => {
            MediaSource::Base64 { media_type: media_type.to_owned(), data: data.to_owned() }
        }
        _ => MediaSource::Url(url.to_owned()),
    }
}

fn sound(part: &Value, field: &str) -> Result<MediaSource, BotticelliError> {
    let value = part.get("input_audio").unwrap_or(&Value::Null);
    let word = |name: &str| value.get(name).and_then(Value::as_str);
    let (Some(data), Some(format)) = (word("data"), word("format")) else {
        let remedy = "write {\"data\": \"…\", \"format\": \"wav\"}";
        return Err(refused(format!("{field}.input_audio"), value, "it has no data or no format", remedy));
    };
    let media_type = match format {
        "mp3" => "audio/mpeg".to_owned(),
        format => format!("audio/{format}"),
    };
    Ok(MediaSource::Base64 { media_type, data: data.to_owned() })
}

fn document(part: &Value, field: &str) -> Result<MediaSource, BotticelliError> {
    let value = part.get("file").unwrap_or(&Value::Null);
    if let Some(data) = value.get("file_data").and_then(Value::as_str) {
        return Ok(source(data));
    }
    let remedy = "write its content as `file_data`: files stored at a service are known there only";
    Err(refused(format!("{field}.file"), value, "it has no content", remedy))
}

/// Reads the text of a thought, as text or as a list of text parts.
fn thought(part: &Value, field: &str) -> Result<String, BotticelliError> {
    let value = part.get("thinking").unwrap_or(&Value::Null);
    let texts: Option<String> = match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => parts.iter().map(|part| part.get("text").and_then(Value::as_str)).collect(),
        _ => None,
    };
    let remedy = "write a text, or a list of texts";
    texts.ok_or_else(|| refused(format!("{field}.thinking"), value, "it is not a thought", remedy))
}

/// Returns the result of a tool call. The text may be split into parts.
fn result_of(inputs: Vec<Input>) -> Result<String, BotticelliError> {
    let mut whole = String::new();
    for (position, input) in inputs.into_iter().enumerate() {
        match input {
            Input::Text(text) | Input::ToolResult { content: text, .. } => whole.push_str(&text),
            other => {
                let remedy = "put it into a user message";
                let (field, reason) = (format!("content[{position}]"), "the result of a tool is text");
                return Err(BuilderError::refused(OWNER, field, other.describe(), reason, remedy).into());
            }
        }
    }
    Ok(whole)
}

/// Stored tool call.
#[derive(Deserialize)]
pub(crate) struct StoredCall {
    #[serde(default)]
    id: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    arguments: Option<Value>,
    /// OpenAI: name and arguments.
    #[serde(default)]
    function: Option<StoredFunction>,
    #[serde(default)]
    extra_content: Option<Value>,
}

#[derive(Deserialize)]
struct StoredFunction {
    name: String,
    #[serde(default)]
    arguments: Option<Value>,
}

impl<'de> Deserialize<'de> for ToolCall {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        StoredCall::deserialize(deserializer)?.into_call().map_err(D::Error::custom)
    }
}

impl StoredCall {
    fn into_call(self) -> Result<ToolCall, BotticelliError> {
        let owner = "ToolCall";
        if let Some(kind) = self.kind.as_deref().filter(|kind| *kind != "function") {
            let (reason, remedy) = ("only functions are called", "leave the call and its result out");
            return Err(BuilderError::refused(owner, "type", format!("{kind:?}"), reason, remedy).into());
        }
        let (name, arguments) = match self.function {
            Some(function) => (Some(function.name), function.arguments),
            None => (self.name, self.arguments),
        };
        let missing = |field, remedy: &'static str| BuilderError::missing(owner, field, remedy);
        let id = self.id.ok_or_else(|| missing("id", "add the id that the result of the call names"))?;
        let name = name.ok_or_else(|| missing("name", "add the name of the function"))?;
        let arguments = match arguments {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text,
            // Some services store the object instead of its text.
            Some(value) => value.to_string(),
        };
        Ok(ToolCall::new(id, name, arguments).with_extra_content(self.extra_content))
    }
}

const OWNER: &str = "Message";
const KNOWN: &str = "write one of text, image_url, audio_url, video_url, input_audio, file, refusal, thinking, or a part in \
                     Botticelli's own form, as {\"text\": \"Hello\"}";

fn shown(value: &Value) -> String {
    value.to_string().chars().take(80).collect()
}

fn refused(
    field: impl Into<String>,
    value: &Value,
    reason: &'static str,
    remedy: &'static str,
) -> BotticelliError {
    let (field, shown) = (field.into(), shown(value));
    if value.is_object() || value.is_array() {
        BuilderError::refused_json(OWNER, field, shown, reason, remedy).into()
    } else {
        BuilderError::refused(OWNER, field, shown, reason, remedy).into()
    }
}
