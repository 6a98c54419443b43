//! Converts responses of text-generation-inference's own API to responses of `/completions`, so that one reader reads both.

use super::logprobs::weight;
use crate::huggingface::dto::{
    Generated, HuggingFaceChoice, HuggingFaceChunk, HuggingFaceGeneratedToken, HuggingFaceGeneration,
    HuggingFaceGenerationDetails, HuggingFaceGenerations, HuggingFaceLogprobs, HuggingFaceResponse,
    HuggingFaceTokenLogprob, HuggingFaceUsage,
};
use botticelli_core::CompletionRequest;
use botticelli_error::BotticelliError;

/// A reader of one response, plain or streamed.
#[derive(Clone, Debug, Default)]
pub(in crate::huggingface) struct GenerationReader {
    /// The prompt, if it is to be removed from the text.
    prompt: Option<String>,
    has_logprobs: bool,
    /// True if a token has arrived.
    has_tokens: bool,
    /// Maximum size of the response in bytes; `None` for no limit.
    limit: Option<usize>,
    is_too_large: bool,
}

impl GenerationReader {
    /// Returns a reader of the response to this request.
    pub(in crate::huggingface) fn of(request: &CompletionRequest) -> Self {
        // If the request sets `return_full_text`, to either value, the text is passed on as the server sends it.
        let is_full_text_set = request.extra().get("return_full_text").is_some_and(|value| !value.is_null());
        Self {
            prompt: (!is_full_text_set).then(|| request.prompt().to_owned()),
            has_logprobs: request.logprobs().is_some(),
            has_tokens: false,
            limit: None,
            is_too_large: false,
        }
    }

    /// Returns the reader with a maximum size of the response in bytes.
    pub(in crate::huggingface) fn with_limit(mut self, limit: Option<usize>) -> Self {
        self.limit = limit;
        self
    }

    /// Returns the limit that the log probabilities exceed, if they do. They are not read then.
    pub(in crate::huggingface) fn exceeded(&self) -> Option<usize> {
        self.limit.filter(|_| self.is_too_large)
    }

    /// Converts an event to an event of `/completions`.
    pub(in crate::huggingface) fn chunk(
        &mut self,
        dto: HuggingFaceGeneration,
    ) -> Result<HuggingFaceChunk, BotticelliError> {
        self.response(vec![dto])
    }

    /// Converts a plain response to a response of `/completions`.
    pub(in crate::huggingface) fn whole(
        &mut self,
        dto: HuggingFaceGenerations,
    ) -> Result<HuggingFaceResponse, BotticelliError> {
        self.response(dto.into_vec())
    }

    fn response(&mut self, list: Vec<HuggingFaceGeneration>) -> Result<HuggingFaceResponse, BotticelliError> {
        let mut response = HuggingFaceResponse::builder();
        let mut choices = Vec::with_capacity(list.len());
        for (index, dto) in (0_u64..).zip(list) {
            let mut generated = dto.into_parts();
            if let Some(error) = generated.error.take() {
                response = response.error(error);
            }
            if let Some(kind) = generated.error_type.take() {
                response = response.error_type(kind);
            }
            if let Some(usage) = generated.details.as_ref().map(usage).transpose()? {
                response = response.usage(usage);
            }
            choices.extend(self.choice(index, generated)?);
        }
        response.choices(choices).build()
    }

    /// Converts a generated text to a choice; `None` if the text is missing and the generation has not ended.
    fn choice(
        &mut self,
        index: u64,
        generated: Generated,
    ) -> Result<Option<HuggingFaceChoice>, BotticelliError> {
        let Generated { token, top_tokens, generated_text, details, .. } = generated;
        let finish_reason = details.as_ref().and_then(|details| details.finish_reason().clone());
        let is_last = generated_text.is_some() || finish_reason.is_some();
        let logprobs = match (&token, &details) {
            _ if !self.has_logprobs => None,
            (Some(token), _) => HuggingFaceTokenLogprob::generated(token, &top_tokens)
                .and_then(|token| HuggingFaceLogprobs::of(vec![token])),
            (None, Some(details)) if self.limit.is_some_and(|limit| weight_of(details) > limit) => {
                self.is_too_large = true;
                None
            }
            (None, Some(details)) => logprobs(details),
            (None, None) => None,
        };
        let text = match token {
            Some(token) => {
                self.has_tokens = true;
                Some(if token.special() == Some(true) { String::new() } else { token.into_text() })
            }
            // The last event repeats the text of all tokens.
            None if self.has_tokens => None,
            None => generated_text.map(|text| self.without_prompt(text, details.is_some())),
        };
        if text.is_none() && !is_last {
            return Ok(None);
        }
        let mut choice = HuggingFaceChoice::builder().index(index).text(text.unwrap_or_default());
        if is_last {
            choice = choice.finish_reason(finish_reason.unwrap_or_else(|| "unspecified".to_owned()));
        }
        if let Some(logprobs) = logprobs {
            choice = choice.logprobs(logprobs);
        }
        choice.build().map(Some)
    }

    /// Removes the prompt from a text. Servers with transformers, but without TGI, repeat the prompt, and send no details. A
    /// server that sends details does not repeat the prompt. If the text begins with the prompt, the model generated it.
    fn without_prompt(&self, text: String, has_details: bool) -> String {
        let rest = self
            .prompt
            .as_ref()
            .filter(|_| !has_details)
            .and_then(|prompt| text.strip_prefix(prompt.as_str()));
        match rest {
            Some(rest) => rest.to_owned(),
            None => text,
        }
    }
}

fn usage(details: &HuggingFaceGenerationDetails) -> Result<HuggingFaceUsage, BotticelliError> {
    let mut usage = HuggingFaceUsage::builder();
    if let Some(tokens) = details.input_length() {
        usage = usage.prompt_tokens(tokens);
    }
    if let Some(tokens) = details.generated_tokens() {
        usage = usage.completion_tokens(tokens);
    }
    if let (Some(prompt), Some(completion)) = (details.input_length(), details.generated_tokens()) {
        usage = usage.total_tokens(prompt.saturating_add(completion));
    }
    usage.build()
}

/// Returns the log probabilities of a plain response. Log probabilities in an unknown format are returned unchanged.
fn logprobs(details: &HuggingFaceGenerationDetails) -> Option<HuggingFaceLogprobs> {
    let raw = details.tokens().as_ref()?;
    let tops = details.top_tokens().as_ref();
    let Some(tokens) = raw.generated_tokens::<HuggingFaceGeneratedToken>() else {
        return Some(raw.clone());
    };
    let tops: Vec<Vec<HuggingFaceGeneratedToken>> =
        tops.and_then(HuggingFaceLogprobs::generated_tokens).unwrap_or_default();
    let mut tops = tops.iter();
    let tokens = tokens.iter().filter_map(|token| {
        let tops = tops.next().map(Vec::as_slice).unwrap_or_default();
        HuggingFaceTokenLogprob::generated(token, tops)
    });
    HuggingFaceLogprobs::of(tokens.collect())
}

/// Estimates the memory of a plain response's log probabilities, in bytes.
fn weight_of(details: &HuggingFaceGenerationDetails) -> usize {
    let all = [details.tokens(), details.top_tokens()].into_iter().flatten();
    all.map(|tokens| weight(tokens, false)).fold(0, usize::saturating_add)
}
