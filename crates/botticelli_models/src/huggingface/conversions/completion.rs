//! Converts text-completion requests.

use crate::huggingface::PROVIDER;
use crate::huggingface::dto::{
    HuggingFaceCompletionRequest, HuggingFaceGenerateParameters, HuggingFaceGenerateRequest,
};
use crate::huggingface::routing::model_name::check_served_model;
use botticelli_core::CompletionRequest;
use botticelli_error::{BotticelliError, BuilderError, ModelsError};

impl TryFrom<CompletionRequest> for HuggingFaceCompletionRequest {
    type Error = BotticelliError;

    /// Converts the request for `/completions`. Fails on a missing model or an invalid value.
    fn try_from(request: CompletionRequest) -> Result<Self, BotticelliError> {
        completion_request(&request)
    }
}

/// Returns the request for `/completions`.
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

/// Token limit for text-generation-inference if the caller sets none. The server's own default is 20 or 1024, depending on its
/// version.
const MAX_NEW_TOKENS: u32 = 256;

/// Returns the request for text-generation-inference's own API.
pub(in crate::huggingface) fn generate_request(
    request: &CompletionRequest,
) -> Result<HuggingFaceGenerateRequest, BotticelliError> {
    checked(request)?;
    for (name, field) in [("max_new_tokens", "max_tokens"), ("top_n_tokens", "logprobs")] {
        if request.extra().contains_key(name) {
            let remedy = format!("call `.{field}(…)` on the builder instead");
            return Err(rejected(name, "the builder has a method for it", remedy));
        }
    }
    let is_greedy = request.temperature() == Some(0.0);
    if is_greedy && request.extra().contains_key("do_sample") {
        return Err(rejected(
            "do_sample",
            "a temperature of 0 already sets it",
            "remove one of the two".to_owned(),
        ));
    }
    if request.presence_penalty().is_some() {
        let remedy = "use a frequency penalty, or `repetition_penalty` in `extra`, which text-generation-inference \
                      supports";
        return Err(ModelsError::unsupported(PROVIDER, "a presence penalty", remedy).into());
    }
    // A caller who sets `details`, even to null, overrides the default.
    let has_details = request.extra().contains_key("details");
    let mut extra = request.extra().clone();
    extra.retain(|_, value| !value.is_null());
    let mut parameters = HuggingFaceGenerateParameters::builder()
        .max_new_tokens(request.max_tokens().unwrap_or(MAX_NEW_TOKENS))
        .stop(request.stop().to_vec())
        .extra(extra);
    // The server rejects a temperature of 0 and a `top_p` of 1. `do_sample: false` and no `top_p` have the same effect.
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
    if !has_details {
        parameters = parameters.details(true);
    }
    HuggingFaceGenerateRequest::builder().inputs(request.prompt()).parameters(parameters.build()?).build()
}

/// Returns the model of a valid request.
fn checked(request: &CompletionRequest) -> Result<&str, BotticelliError> {
    request.validate()?;
    for name in ["stream", "stream_options", "inputs", "parameters"] {
        if request.extra().contains_key(name) {
            let remedy = "call `complete` or `complete_stream` with a prompt instead".to_owned();
            return Err(rejected(name, "the driver sets it", remedy));
        }
    }
    let Some(model) = request.model() else {
        let remedy = "set one, such as google/gemma-2b";
        return Err(BuilderError::missing("CompletionRequest", "model", remedy).into());
    };
    check_served_model(model)?;
    Ok(model)
}

fn rejected(name: &str, reason: &'static str, remedy: String) -> BotticelliError {
    BuilderError::refused("CompletionRequest", format!("extra.{name}"), "set", reason, remedy).into()
}
