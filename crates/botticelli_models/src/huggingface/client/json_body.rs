//! Response bodies that are read as a whole, as JSON.

use crate::huggingface::client::body_kind::BodyKind;
use crate::huggingface::conversions::{ErrorContext, parse, refusal_in_response, refusal_in_text};
use crate::huggingface::dto::HuggingFaceResponse;
use crate::transport::{BrokenBody, HttpResponse};
use botticelli_core::redact;
use botticelli_error::{BotticelliError, JsonError, JsonErrorKind};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use std::io;
use std::sync::Arc;

/// A whole response body.
pub(in crate::huggingface) struct JsonBody {
    bytes: Bytes,
    host: Arc<str>,
    is_html: bool,
    encoding: Option<String>,
}

/// The content of a parsed JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::huggingface) enum Content {
    /// The expected object.
    Expected,
    /// The expected object, without entries.
    Empty,
    /// Another JSON object.
    Unexpected,
}

/// Longest plain text that is read as an error message, in bytes.
const LONGEST_TEXT: usize = 1_000;

impl JsonBody {
    /// Reads a body to its end.
    pub(in crate::huggingface) async fn read(response: HttpResponse) -> Result<Self, BrokenBody> {
        let kind = BodyKind::of(&response);
        Self::read_kind(response, kind).await
    }

    /// Reads a body whose kind is known.
    pub(in crate::huggingface) async fn read_kind(
        response: HttpResponse,
        kind: BodyKind,
    ) -> Result<Self, BrokenBody> {
        let (host, encoding) = (response.host().clone(), response.encoding());
        Ok(Self { bytes: response.read_all().await?, host, is_html: kind == BodyKind::Html, encoding })
    }

    /// Returns the text that should be JSON, without a byte order mark and surrounding white space.
    pub(in crate::huggingface) fn text(&self, context: &ErrorContext) -> Result<&str, BotticelliError> {
        let error = |kind| Err(JsonError::new(kind, &*self.host).into());
        let Ok(text) = std::str::from_utf8(&self.bytes) else {
            let compressed = self.encoding.as_ref().map(|encoding| {
                let encoding = header_excerpt(encoding, context);
                JsonErrorKind::Compressed { encoding }
            });
            return error(compressed.unwrap_or(JsonErrorKind::NotUtf8));
        };
        match text.trim_start_matches('\u{feff}').trim() {
            "" => error(JsonErrorKind::Empty),
            text if self.is_html || text.starts_with('<') => error(JsonErrorKind::Html),
            text => Ok(text),
        }
    }

    /// Returns the error of a text that is not the expected JSON.
    ///
    /// A short text can be an error message, for example that the path is wrong.
    pub(in crate::huggingface) fn mismatch(
        &self,
        text: &str,
        context: &ErrorContext,
        error: &serde_json::Error,
    ) -> BotticelliError {
        let message = Some(text).filter(|text| text.len() <= LONGEST_TEXT && !text.starts_with('{'));
        message
            .and_then(|text| refusal_in_text(text, context))
            .unwrap_or_else(|| self.unreadable(text, context).with_source(position(error)).into())
    }

    /// Returns the first `offset` bytes of the body.
    pub(in crate::huggingface) fn into_beginning(self, offset: usize) -> Vec<u8> {
        let mut bytes = Vec::from(self.bytes);
        bytes.truncate(offset);
        bytes
    }

    /// Returns the number of bytes before `text`, which is the trimmed text of the body.
    pub(in crate::huggingface) fn bytes_before(&self, text: &str) -> usize {
        let first = text.as_bytes().first();
        self.bytes.iter().position(|byte| Some(byte) == first).unwrap_or_default()
    }

    /// Returns the bytes as they arrived.
    #[cfg(feature = "tasks")]
    pub(in crate::huggingface) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Returns the size in bytes.
    pub(in crate::huggingface) fn len(&self) -> usize {
        self.bytes.len()
    }

    fn unreadable(&self, text: &str, context: &ErrorContext) -> JsonError {
        let beginning = excerpt(text, context);
        JsonError::new(JsonErrorKind::Unreadable { what: "response", beginning }, &*self.host)
    }
}

/// Reads a whole body as JSON.
pub(in crate::huggingface) async fn read_json<T: DeserializeOwned>(
    response: HttpResponse,
    context: &ErrorContext,
) -> Result<T, BotticelliError> {
    let body = JsonBody::read(response).await.map_err(|broken| broken.error)?;
    let text = body.text(context)?;
    parse(text).map_err(|error| body.mismatch(text, context, &error))
}

/// Reads a whole body as a JSON object that is not a chat completion.
///
/// The body of a successful status can be an error or unexpected JSON: `classify` classifies the parsed object.
pub(in crate::huggingface) async fn read_object<T: DeserializeOwned>(
    response: HttpResponse,
    context: &ErrorContext,
    classify: impl FnOnce(&T) -> Content + Send,
) -> Result<T, BotticelliError> {
    let body = JsonBody::read(response).await.map_err(|broken| broken.error)?;
    // The catalog's labels are shown to the user, so a token that the server repeats is redacted from them.
    let text = &*context.redact(body.text(context)?);
    // Serde reads a list as the fields of a struct, in order.
    if !text.starts_with('{') {
        return Err(refusal_in_text(text, context).unwrap_or_else(|| body.unreadable(text, context).into()));
    }
    let object: T = serde_json::from_str(text).map_err(|error| body.mismatch(text, context, &error))?;
    let found = classify(&object);
    if found == Content::Expected {
        return Ok(object);
    }
    let response = serde_json::from_str::<HuggingFaceResponse>(text).ok();
    if let Some(refusal) = response.and_then(|response| refusal_in_response(&response, context)) {
        return Err(refusal);
    }
    match found {
        Content::Unexpected => Err(body.unreadable(text, context).into()),
        Content::Expected | Content::Empty => Ok(object),
    }
}

/// Returns a header's value for an error message: short, and with tokens redacted.
pub(in crate::huggingface) fn header_excerpt(value: &str, context: &ErrorContext) -> String {
    redact::tokens(&context.redact(value)).to_lowercase().chars().take(80).collect()
}

/// Returns the first 80 characters of a text for an error message, with tokens redacted.
pub(in crate::huggingface) fn excerpt(text: &str, context: &ErrorContext) -> String {
    // Redacts a longer part first, so that a token at its end is recognized before it is cut.
    let beginning: String = text.chars().take(400).collect();
    let beginning: String = context.redact(&beginning).chars().take(80).collect();
    // The last word can be the beginning of a token.
    redact::tokens(&beginning)
}

/// Returns where JSON is invalid. Serde's own message can repeat a value of the text, so it is not used.
pub(in crate::huggingface) fn position(error: &serde_json::Error) -> io::Error {
    let kind = match error.classify() {
        Category::Eof => "the JSON ends early",
        Category::Syntax => "the text is not JSON",
        Category::Data | Category::Io => "the JSON has an unexpected shape",
    };
    io::Error::other(format!("{kind} at line {}, column {}", error.line(), error.column()))
}
