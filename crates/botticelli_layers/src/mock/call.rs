//! A call that a mock received.

use botticelli_core::{CompletionRequest, GenerateRequest};

/// A call that a [`MockDriver`](super::MockDriver) received.
#[derive(Clone, Debug, PartialEq)]
pub struct MockCall {
    request: MockRequest,
    is_streamed: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum MockRequest {
    Chat(Box<GenerateRequest>),
    Text(Box<CompletionRequest>),
}

impl MockCall {
    pub(super) fn of_chat(request: GenerateRequest, is_streamed: bool) -> Self {
        Self { request: MockRequest::Chat(Box::new(request)), is_streamed }
    }

    pub(super) fn of_text(request: CompletionRequest, is_streamed: bool) -> Self {
        Self { request: MockRequest::Text(Box::new(request)), is_streamed }
    }

    /// Returns the request of a chat. `None` for a text completion.
    pub fn chat(&self) -> Option<&GenerateRequest> {
        match &self.request {
            MockRequest::Chat(request) => Some(request),
            MockRequest::Text(_) => None,
        }
    }

    /// Returns the request of a text completion. `None` for a chat.
    pub fn completion(&self) -> Option<&CompletionRequest> {
        match &self.request {
            MockRequest::Text(request) => Some(request),
            MockRequest::Chat(_) => None,
        }
    }

    /// Returns the model that the request names.
    pub fn model(&self) -> Option<&str> {
        match &self.request {
            MockRequest::Chat(request) => request.model(),
            MockRequest::Text(request) => request.model(),
        }
    }

    /// Returns the maximum number of completion tokens that the request names.
    pub fn max_tokens(&self) -> Option<u32> {
        match &self.request {
            MockRequest::Chat(request) => request.max_tokens(),
            MockRequest::Text(request) => request.max_tokens(),
        }
    }

    /// Returns whether the response is streamed.
    pub fn is_streamed(&self) -> bool {
        self.is_streamed
    }
}
