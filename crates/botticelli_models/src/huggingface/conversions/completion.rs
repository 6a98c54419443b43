//! A text to go on with, as the service wants it.

use crate::huggingface::PROVIDER;
use crate::huggingface::dto::{
    HuggingFaceCompletionRequest, HuggingFaceGenerateParameters, HuggingFaceGenerateRequest,
};
use crate::huggingface::routing::endpoint;
use botticelli_core::CompletionRequest;
use botticelli_error::{BotticelliError, BuilderError, ModelsError};

impl TryFrom<CompletionRequest> for HuggingFaceCompletionRequest {
    type Error = BotticelliError;

    /// As `/completions` wants it. Refuses what the service cannot be asked: no model, an impossible value.
    fn try_from(request: CompletionRequest) -> Result<Self, BotticelliError> {
        completion_request(&request)
    }
}

/// The request, as `/completions` wants it.
pub(in crate::huggingface) fn completion_request(
    request: &CompletionRequest,
) -> Result<HuggingFaceCompletionRequest, BotticelliError> {
    let model = checked(request)?;
    let mut extra = request.extra().clone();
    extra.retain(|_, value| !value.is_null());
    let mut dto = HuggingFaceCompletionRequest::builder()
        .model(model)
        .prompt(request.prompt())
        .stop(request.stop().to_vec())
        .extra(extra);
    macro_rules! set {
        ($($field:ident),*) => {$(
            if let Some(value) = request.$field() {
                dto = dto.$field(value);
            }
        )*};
    }
    set!(max_tokens, temperature, top_p, frequency_penalty, presence_penalty, seed, logprobs);
    dto.build()
}

/// How many tokens text-generation-inference is asked for where the caller does not say: it must be told, because its own
/// default is 20 or 1024, by its age.
const MAX_NEW_TOKENS: u32 = 256;

/// The request, as text-generation-inference wants it.
pub(in crate::huggingface) fn generate_request(
    request: &CompletionRequest,
) -> Result<HuggingFaceGenerateRequest, BotticelliError> {
    checked(request)?;
    for (name, field) in [("max_new_tokens", "max_tokens"), ("top_n_tokens", "logprobs")] {
        if request.extra().contains_key(name) {
            let remedy = format!("call `.{field}(…)` on the builder instead");
            return Err(refused(name, "it has its own setting", remedy));
        }
    }
    let is_greedy = request.temperature() == Some(0.0);
    if is_greedy && request.extra().contains_key("do_sample") {
        return Err(refused(
            "do_sample",
            "a temperature of 0 decides that",
            "leave one of them out".to_owned(),
        ));
    }
    if request.presence_penalty().is_some() {
        let remedy = "text-generation-inference's own API has a frequency penalty, and a `repetition_penalty` \
                      through `extra`";
        return Err(ModelsError::unsupported(PROVIDER, "a presence penalty", remedy).into());
    }
    // Who sets `details` to something, be it null, wants that.
    let says_details = request.extra().contains_key("details");
    let mut extra = request.extra().clone();
    extra.retain(|_, value| !value.is_null());
    let mut parameters = HuggingFaceGenerateParameters::builder()
        .max_new_tokens(request.max_tokens().unwrap_or(MAX_NEW_TOKENS))
        .stop(request.stop().to_vec())
        .extra(extra);
    // Zero and one are refused there, and mean what these say.
    if is_greedy {
        parameters = parameters.do_sample(false);
    }
    if let Some(temperature) = request.temperature().filter(|temperature| *temperature > 0.0) {
        parameters = parameters.temperature(temperature);
    }
    if let Some(top_p) = request.top_p().filter(|top_p| *top_p < 1.0) {
        parameters = parameters.top_p(top_p);
    }
    if let Some(penalty) = request.frequency_penalty() {
        parameters = parameters.frequency_penalty(penalty);
    }
    if let Some(seed) = request.seed() {
        parameters = parameters.seed(seed);
    }
    if let Some(top) = request.logprobs().filter(|top| *top > 0) {
        parameters = parameters.top_n_tokens(top);
    }
    if !says_details {
        parameters = parameters.details(true);
    }
    HuggingFaceGenerateRequest::builder().inputs(request.prompt()).parameters(parameters.build()?).build()
}

/// The model that is asked, of a request that can be right.
fn checked(request: &CompletionRequest) -> Result<&str, BotticelliError> {
    request.validate()?;
    for name in ["stream", "stream_options", "inputs", "parameters"] {
        if request.extra().contains_key(name) {
            let remedy = "call `complete` or `complete_stream` with a prompt instead".to_owned();
            return Err(refused(name, "the driver sets it", remedy));
        }
    }
    let Some(model) = request.model() else {
        let remedy = "name one, as google/gemma-2b";
        return Err(BuilderError::missing("CompletionRequest", "model", remedy).into());
    };
    endpoint::check_served_model(model)?;
    Ok(model)
}

fn refused(name: &str, reason: &'static str, remedy: String) -> BotticelliError {
    BuilderError::refused("CompletionRequest", format!("extra.{name}"), "set", reason, remedy).into()
}
