//! Upper bounds of a request in tokens.

use crate::huggingface::dto::{
    HuggingFaceCompletionRequest, HuggingFaceContent, HuggingFaceGenerateRequest, HuggingFaceMessage,
    HuggingFacePart, HuggingFaceRequest, HuggingFaceToolCall,
};
use botticelli_core::Usage;
use serde::Serialize;
use serde_json::ser::PrettyFormatter;
use serde_json::{Map, Serializer, Value};
use std::io;

/// Tokens that a chat template adds to a conversation, which are mostly a default system prompt.
const PER_CHAT: u64 = 1_024;

/// Tokens that a chat template adds to a message: its role and its limits.
const PER_MESSAGE: u64 = 16;

/// Tokens that a chat template adds to explain how tools are called.
const FOR_TOOLS: u64 = 512;

/// Tokens that a chat template adds to a tool.
const PER_TOOL: u64 = 32;

/// Tokens that a server adds to explain a schema.
const PER_SCHEMA: u64 = 256;

/// Upper bounds of a request in tokens. `None` is unknown.
///
/// A token is at least one byte of the text that the server makes from the request. The size of a text in bytes is therefore an
/// upper bound. A tokenizer may normalize the text (NFC), so that a character which then takes more bytes counts three times. JSON is counted
/// with indentation, and each byte that a server may escape as `\u1234` counts as three. The text that a chat template adds has a constant
/// bound. An image, audio or a document makes the prompt unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::huggingface) struct TokenBounds {
    prompt: Option<u64>,
    /// Bound of each choice. `None` is the context length of the provider.
    completion: Option<u64>,
    choices: Option<u64>,
}

impl TokenBounds {
    /// Returns the bounds of a chat.
    pub(in crate::huggingface) fn of_chat(request: &HuggingFaceRequest) -> Self {
        let messages =
            request.messages().iter().try_fold(PER_CHAT, |sum, message| add(sum, of_message(message)));
        let tools = request.tools().iter().map(|tool| add(PER_TOOL, json(tool)?)).try_fold(0, add);
        let for_tools = if request.tools().is_empty() { Some(0) } else { add(FOR_TOOLS, tools) };
        let schema =
            request.response_format().as_ref().map_or(Some(0), |format| add(PER_SCHEMA, json(format)));
        let parts = [messages, for_tools, schema, json(request.extra())];
        let limits = [request.max_tokens(), request.max_completion_tokens()];
        Self {
            prompt: parts.into_iter().try_fold(0, add),
            completion: limit(limits.into_iter().flatten().map(u64::from), request.extra()),
            choices: choices(request.n(), request.extra()),
        }
    }

    /// Returns the bounds of a text completion.
    pub(in crate::huggingface) fn of_completion(request: &HuggingFaceCompletionRequest) -> Self {
        let max_tokens = request.max_tokens().map(u64::from);
        Self::of_text(request.prompt(), max_tokens, request.extra())
    }

    /// Returns the bounds of a text completion with text-generation-inference's own API.
    pub(in crate::huggingface) fn of_generate(request: &HuggingFaceGenerateRequest) -> Self {
        let parameters = request.parameters();
        let max_tokens = Some(u64::from(parameters.max_new_tokens()));
        Self::of_text(request.inputs(), max_tokens, parameters.extra())
    }

    fn of_text(prompt: &str, max_tokens: Option<u64>, extra: &Map<String, Value>) -> Self {
        let prompt = add(PER_MESSAGE, text(prompt)).and_then(|sum| add(sum, json(extra)));
        let completion = limit(max_tokens.into_iter(), extra);
        // The server repeats the prompt before the completion, and counts it again.
        let repeats = ["echo", "return_full_text", "decoder_input_details"];
        let is_repeated =
            repeats.iter().any(|name| extra.get(*name).is_some_and(|value| *value != Value::Bool(false)));
        let repeated = if is_repeated { prompt } else { Some(0) };
        let completion = completion.and_then(|tokens| add(tokens, repeated));
        Self { prompt, completion, choices: choices(None, extra) }
    }

    /// Returns the bounds at a provider with this context length. `None` if the prompt or the completion has no bound.
    pub(in crate::huggingface) fn usage(&self, context_length: Option<u64>) -> Option<Usage> {
        let prompt = self.prompt?;
        let completion = self.completion.or(context_length)?.checked_mul(self.choices?)?;
        Some(Usage::new(Some(prompt), Some(completion), prompt.checked_add(completion)))
    }

    /// Returns whether the bounds do not depend on the context length.
    pub(in crate::huggingface) fn has_limit(&self) -> bool {
        self.completion.is_some()
    }

    /// Returns whether the size of the prompt is known.
    pub(in crate::huggingface) fn has_prompt(&self) -> bool {
        self.prompt.is_some()
    }
}

fn of_message(message: &HuggingFaceMessage) -> Option<u64> {
    let is_result = message.role() == "tool";
    let of_text = |content: &str| if is_result { quoted(content) } else { text(content) };
    let content = match message.content() {
        Some(HuggingFaceContent::Text(content)) => of_text(content),
        Some(HuggingFaceContent::Parts(parts)) => parts
            .iter()
            .map(|part| match part {
                HuggingFacePart::Text { text } => add(PER_MESSAGE, of_text(text)),
                _ => None,
            })
            .try_fold(0, add),
        Some(HuggingFaceContent::Null) | None => Some(0),
    };
    let labels = [message.name(), message.reasoning_content(), message.tool_call_id()];
    let labels = labels.into_iter().flatten().map(|label| text(label)).try_fold(0, add);
    let calls = message.tool_calls().iter().map(of_call).try_fold(0, add);
    [content, labels, calls].into_iter().try_fold(PER_MESSAGE, add)
}

/// Returns the bound of an earlier call. A server may read the text of the arguments, and write it again with indentation.
fn of_call(call: &HuggingFaceToolCall) -> Option<u64> {
    let arguments = call.name_and_arguments().1.and_then(|text| serde_json::from_str::<Value>(text).ok());
    let rewritten = arguments.map_or(Some(0), |arguments| json(&arguments))?;
    add(PER_TOOL, json(call)?.checked_add(rewritten))
}

/// Returns the largest token limit of the request and of its `extra`, because servers use different names. `None` without a limit, and
/// if one of them is not a whole number: a server may read it in its own way.
fn limit(typed: impl Iterator<Item = u64>, extra: &Map<String, Value>) -> Option<u64> {
    let names = ["max_tokens", "max_completion_tokens", "max_new_tokens", "max_output_tokens"];
    typed.map(Some).chain(numbers(&names, extra)).reduce(|most, next| Some(most?.max(next?)))?
}

/// Returns the number of choices that the server generates, which may be more than it returns. `None` if it is not a whole number.
fn choices(n: Option<u32>, extra: &Map<String, Value>) -> Option<u64> {
    let typed = n.map(|n| Some(u64::from(n)));
    typed.into_iter().chain(numbers(&["n", "best_of"], extra)).try_fold(1, |most, next| Some(most.max(next?)))
}

/// Returns the values of these fields; `None` for a value that is not a whole number. A null is not sent.
fn numbers<'a>(names: &'a [&str], extra: &'a Map<String, Value>) -> impl Iterator<Item = Option<u64>> {
    let values = names.iter().filter_map(|name| extra.get(*name));
    values.filter(|value| !value.is_null()).map(Value::as_u64)
}

fn add(sum: u64, tokens: impl Into<Option<u64>>) -> Option<u64> {
    sum.checked_add(tokens.into()?)
}

fn text(text: &str) -> Option<u64> {
    let growing: usize = if text.is_ascii() {
        0
    } else {
        text.chars().filter(|character| grows(*character)).map(char::len_utf8).sum()
    };
    u64::try_from(growing).ok()?.checked_mul(2)?.checked_add(u64::try_from(text.len()).ok()?)
}

/// Returns whether a character takes more bytes in the normalization form C, which is at most three times as long.
fn grows(character: char) -> bool {
    matches!(character,
        '\u{344}'
        | '\u{958}'..='\u{95f}' | '\u{9dc}'..='\u{9dd}' | '\u{9df}'
        | '\u{a33}' | '\u{a36}' | '\u{a59}'..='\u{a5b}' | '\u{a5e}' | '\u{b5c}'..='\u{b5d}'
        | '\u{f43}' | '\u{f4d}' | '\u{f52}' | '\u{f57}' | '\u{f5c}' | '\u{f69}'
        | '\u{f73}' | '\u{f75}'..='\u{f76}' | '\u{f78}' | '\u{f81}'
        | '\u{f93}' | '\u{f9d}' | '\u{fa2}' | '\u{fa7}' | '\u{fac}' | '\u{fb9}'
        | '\u{2adc}' | '\u{fa6c}' | '\u{facf}'..='\u{fad1}' | '\u{fad5}'..='\u{fad7}'
        | '\u{fb1d}'..='\u{fb4e}' | '\u{1d15e}'..='\u{1d164}' | '\u{1d1bb}'..='\u{1d1c0}')
}

/// Returns the bound of a text that a server may write as a JSON string.
fn quoted(text: &str) -> Option<u64> {
    let in_string = |byte: u8| match byte {
        b'"' | b'\\' => 2,
        byte if byte.is_ascii_control() => ESCAPE,
        byte => in_json(byte),
    };
    text.bytes().map(in_string).try_fold(0, add)
}

/// Size of `\u1234`.
const ESCAPE: u64 = 6;

/// Returns the bound of a byte of JSON, which a server may write in another way.
fn in_json(byte: u8) -> u64 {
    match byte {
        // Templates that are made for HTML escape these.
        b'<' | b'>' | b'&' | b'\'' => ESCAPE,
        byte if byte.is_ascii() => 1,
        // A character of two bytes becomes one escape, and one of four bytes becomes two.
        _ => 3,
    }
}

/// Returns the bound of a value that a server may write as indented JSON.
fn json(value: &impl Serialize) -> Option<u64> {
    let mut size = Size(0);
    let formatter = PrettyFormatter::with_indent(b"    ");
    value.serialize(&mut Serializer::with_formatter(&mut size, formatter)).ok()?;
    Some(size.0)
}

/// A writer that counts.
struct Size(u64);

impl io::Write for Size {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let size = bytes.iter().map(|byte| in_json(*byte)).try_fold(self.0, add);
        self.0 = size.ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
