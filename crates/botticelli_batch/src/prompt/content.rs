//! The content of a row's request.

use super::images::image_inputs;
use super::key::RowKey;
use super::shared_text::SharedText;
use botticelli_core::{GenerateRequest, Input, Message};
use botticelli_error::{BotticelliError, DataError, DataErrorKind};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;

/// The content of a row's request, as the row has it: images are not read yet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RowContent {
    pub(crate) system: Option<SharedText>,
    pub(crate) prompt: Option<SharedText>,
    /// `None` if the row has none of them.
    pub(crate) more: Option<Box<MoreContent>>,
    /// The file and the line of the row, for errors and relative paths.
    pub(crate) file: Arc<Path>,
    pub(crate) line: u64,
}

/// The content that few tables have. It is apart, so that a thread takes little memory of another one with most rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct MoreContent {
    /// The value of the column with images.
    pub(crate) images: Option<Value>,
    /// The value of the column with a chat.
    pub(crate) messages: Option<Value>,
    /// The request that the row is.
    pub(crate) request: Option<GenerateRequest>,
}

impl MoreContent {
    /// Returns the content in a box, or `None` if it is empty.
    pub(crate) fn into_box(self) -> Option<Box<Self>> {
        (self != Self::default()).then(|| Box::new(self))
    }
}

impl RowContent {
    fn images(&self) -> Option<&Value> {
        self.more.as_ref()?.images.as_ref()
    }

    fn messages(&self) -> Option<&Value> {
        self.more.as_ref()?.messages.as_ref()
    }

    fn request(&self) -> Option<&GenerateRequest> {
        self.more.as_ref()?.request.as_ref()
    }

    /// Returns the key. `run` is the identity of the run, and `repeat` the number of equal rows before this one.
    pub(crate) fn key(&self, run: &[u8], repeat: u64) -> RowKey {
        let (images, messages) =
            (self.images().map(ToString::to_string), self.messages().map(ToString::to_string));
        let repeat = if repeat == 0 { Vec::new() } else { repeat.to_le_bytes().to_vec() };
        let request = self.request().and_then(|request| serde_json::to_string(request).ok());
        let parts = [
            self.system.as_deref(),
            self.prompt.as_deref(),
            images.as_deref(),
            messages.as_deref(),
            request.as_deref(),
        ];
        // A missing part differs from an empty one.
        let marks: Vec<u8> = parts.iter().map(|part| u8::from(part.is_some())).collect();
        let texts = parts.iter().map(|part| part.unwrap_or_default().as_bytes());
        RowKey::of_parts([run, &marks, &repeat].into_iter().chain(texts))
    }

    /// Returns the request, with the images read from their files. Blocks on files.
    pub(crate) fn to_request(&self, options: &GenerateRequest) -> Result<GenerateRequest, BotticelliError> {
        if let Some(request) = self.request() {
            // A setting of the batch replaces that of a file which was written for another service.
            return Ok(request.clone().with_settings(options));
        }
        let mut messages: Vec<Message> = self.system.as_deref().into_iter().map(Message::system).collect();
        if let Some(chat) = self.messages() {
            messages.extend(self.chat(chat)?);
        }
        let images = match self.images() {
            Some(images) => image_inputs(images, self.file.parent().unwrap_or(Path::new("")))
                .map_err(|reason| self.invalid(format!("image: {reason}")))?,
            None => Vec::new(),
        };
        if let Some(prompt) = &self.prompt {
            if images.is_empty() {
                messages.push(Message::user(&**prompt));
            } else {
                let content = images.into_iter().chain([Input::Text(prompt.to_string())]).collect();
                let message =
                    Message::builder().role(botticelli_core::Role::User).content(content).build()?;
                messages.push(message);
            }
        } else if !images.is_empty() {
            let message = Message::builder().role(botticelli_core::Role::User).content(images).build()?;
            messages.push(message);
        }
        Ok(options.clone().with_messages(messages))
    }

    /// Moves the texts and the path of rows to memory that they share, apart from that of other rows. Another thread frees it.
    pub(crate) fn share<'a>(rows: impl IntoIterator<Item = &'a mut Self>) {
        let mut texts = Vec::new();
        let mut files: Option<(Arc<Path>, Arc<Path>)> = None;
        for row in rows {
            if files.as_ref().is_none_or(|(original, _)| !Arc::ptr_eq(original, &row.file)) {
                files = Some((row.file.clone(), Arc::from(&*row.file)));
            }
            if let Some((_, copy)) = &files {
                row.file = copy.clone();
            }
            texts.extend(row.system.iter_mut().chain(&mut row.prompt));
        }
        SharedText::share(texts);
    }

    /// Returns the size of the texts in bytes. Images and chats count roughly.
    pub(crate) fn size(&self) -> usize {
        let text = |text: &Option<SharedText>| text.as_ref().map_or(0, |text| text.len());
        let other = usize::from(self.images().is_some()) + usize::from(self.messages().is_some());
        text(&self.system) + text(&self.prompt) + other * 4096
    }

    /// Returns `true` if the request needs files.
    pub(crate) fn has_images(&self) -> bool {
        self.images().is_some_and(|images| !images.is_null())
    }

    /// Reads a chat: a list of messages, or its JSON text.
    fn chat(&self, value: &Value) -> Result<Vec<Message>, BotticelliError> {
        let invalid = |error: serde_json::Error| self.invalid(format!("chat: {error}"));
        match value {
            Value::String(text) => serde_json::from_str(text).map_err(invalid),
            value => serde_json::from_value(value.clone()).map_err(invalid),
        }
    }

    fn invalid(&self, reason: String) -> BotticelliError {
        let kind = DataErrorKind::InvalidRow { reason };
        DataError::new("input", file_name(&self.file), kind).with_line(self.line).into()
    }
}

/// Returns the name of a file without its folder.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
