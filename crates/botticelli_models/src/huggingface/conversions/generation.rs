//! An answer of text-generation-inference's own API, as one of `/completions`: one reader reads both.

use super::logprobs::weight;
use crate::huggingface::dto::{
    Generated, HuggingFaceChoice, HuggingFaceChunk, HuggingFaceGeneratedToken, HuggingFaceGeneration,
    HuggingFaceGenerationDetails, HuggingFaceGenerations, HuggingFaceLogprobs, HuggingFaceResponse,
    HuggingFaceTokenLogprob, HuggingFaceUsage,
};
use botticelli_core::CompletionRequest;
use botticelli_error::BotticelliError;

/// Reads one answer, and remembers what came of it.
#[derive(Clone, Debug, Default)]
pub(in crate::huggingface) struct GenerationReader {
    /// The prompt, where it is to be taken off.
    prompt: Option<String>,
    wants_logprobs: bool,
    has_tokens: bool,
    /// How many bytes the answer may take; `None` is no limit.
    limit: Option<usize>,
    is_too_large: bool,
}

impl GenerationReader {
    /// Reads the answer to this request.
    pub(in crate::huggingface) fn of(request: &CompletionRequest) -> Self {
        // Who asks for the full text, in either way, wants what the server makes of it.
        let is_asked = request.extra().get("return_full_text").is_some_and(|value| !value.is_null());
        Self {
            prompt: (!is_asked).then(|| request.prompt().to_owned()),
            wants_logprobs: request.logprobs().is_some(),
            has_tokens: false,
            limit: None,
            is_too_large: false,
        }
    }

    /// The same reader, of an answer that may take so many bytes.
    pub(in crate::huggingface) fn within(mut self, limit: Option<usize>) -> Self {
        self.limit = limit;
        self
    }

    /// The limit that the log probabilities of the answer pass, if they do: they were not read.
    pub(in crate::huggingface) fn exceeded(&self) -> Option<usize> {
        self.limit.filter(|_| self.is_too_large)
    }

    /// An event, as an event of `/completions`.
    pub(in crate::huggingface) fn chunk(
        &mut self,
        dto: HuggingFaceGeneration,
    ) -> Result<HuggingFaceChunk, BotticelliError> {
        self.response(vec![dto])
    }

    /// A plain answer, as one of `/completions`.
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

    /// What is said; `None` where nothing is.
    fn choice(&mut self, index: u64, said: Generated) -> Result<Option<HuggingFaceChoice>, BotticelliError> {
        let Generated { token, top_tokens, generated_text, details, .. } = said;
        let finish_reason = details.as_ref().and_then(|details| details.finish_reason().clone());
        let is_last = generated_text.is_some() || finish_reason.is_some();
        let logprobs = match (&token, &details) {
            _ if !self.wants_logprobs => None,
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
            // The last event repeats what its tokens said.
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

    /// transformers without TGI repeat the prompt. They have no details; who has them repeats nothing, and a text that begins
    /// as its prompt does was made so.
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

/// How likely the tokens of a plain answer were; one in a form of its own is kept as it came.
fn logprobs(details: &HuggingFaceGenerationDetails) -> Option<HuggingFaceLogprobs> {
    let told = details.tokens().as_ref()?;
    let tops = details.top_tokens().as_ref();
    let Some(tokens) = told.generated_tokens::<HuggingFaceGeneratedToken>() else {
        return Some(told.clone());
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

/// How much memory the log probabilities of a plain answer will take.
fn weight_of(details: &HuggingFaceGenerationDetails) -> usize {
    let all = [details.tokens(), details.top_tokens()].into_iter().flatten();
    all.map(|tokens| weight(tokens, false)).fold(0, usize::saturating_add)
}
