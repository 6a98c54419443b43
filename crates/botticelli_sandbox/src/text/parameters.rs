//! Parameters of text-generation-inference and transformers.

use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
pub(super) struct Request {
    pub(super) inputs: String,
    #[serde(default)]
    pub(super) parameters: Map<String, Value>,
    #[serde(default)]
    pub(super) stream: bool,
}

#[derive(Default, Deserialize)]
pub(super) struct Parameters {
    pub(super) max_new_tokens: Option<u32>,
    pub(super) temperature: Option<f64>,
    pub(super) top_k: Option<i64>,
    pub(super) top_p: Option<f64>,
    pub(super) typical_p: Option<f64>,
    pub(super) repetition_penalty: Option<f64>,
    pub(super) frequency_penalty: Option<f64>,
    #[serde(default)]
    pub(super) do_sample: bool,
    pub(super) seed: Option<u64>,
    #[serde(default)]
    pub(super) stop: Vec<String>,
    pub(super) return_full_text: Option<bool>,
    pub(super) best_of: Option<u32>,
    #[serde(default)]
    pub(super) details: bool,
    #[serde(default)]
    pub(super) decoder_input_details: bool,
    pub(super) top_n_tokens: Option<u32>,
    pub(super) grammar: Option<Grammar>,
}

#[derive(Deserialize)]
pub(super) struct Grammar {
    #[serde(rename = "type")]
    pub(super) kind: GrammarKind,
    pub(super) value: Value,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum GrammarKind {
    #[serde(alias = "json_object")]
    Json,
    Regex,
    JsonSchema,
}

/// Parameters that transformers accepts. It rejects all others.
const TRANSFORMERS_PARAMETERS: [&str; 9] = [
    "do_sample",
    "max_new_tokens",
    "max_time",
    "num_return_sequences",
    "repetition_penalty",
    "return_full_text",
    "temperature",
    "top_k",
    "top_p",
];

/// Returns the error of transformers for unknown parameters, if there are any.
pub(super) fn unused_parameters_error(parameters: &Map<String, Value>) -> Option<String> {
    let unknown = parameters.keys().filter(|name| !TRANSFORMERS_PARAMETERS.contains(&name.as_str()));
    let mut names: Vec<String> = unknown.map(|name| format!("'{name}'")).collect();
    // The message must not depend on the order of the map.
    names.sort_unstable();
    (!names.is_empty()).then(|| {
        format!(
            "The following `model_kwargs` are not used by the model: [{}] (note: typos in the generate \
             arguments will also show up in this list)",
            names.join(", ")
        )
    })
}

/// Returns the validation error of text-generation-inference, if there is one.
pub(super) fn validation_error(
    request: &Request,
    parameters: &Parameters,
    is_streamed: bool,
) -> Option<String> {
    let positive = |value: Option<f64>| value.is_some_and(|value| value <= 0.0);
    let open = |value: Option<f64>| value.is_some_and(|value| value <= 0.0 || value >= 1.0);
    let stops = parameters.stop.len();
    let is_best_of_many = parameters.best_of.is_some_and(|count| count > 1);
    [
        (is_best_of_many && !parameters.do_sample, "you must use sampling when `best_of` is > 1"),
        (is_best_of_many && is_streamed, "`best_of` != 1 is not supported when streaming tokens"),
        (
            parameters.decoder_input_details && is_streamed,
            "`decoder_input_details` == true is not supported when streaming tokens",
        ),
        (positive(parameters.temperature), "`temperature` must be strictly positive"),
        (positive(parameters.repetition_penalty), "`repetition_penalty` must be strictly positive"),
        (
            parameters.frequency_penalty.is_some_and(|value| !(-2.0..=2.0).contains(&value)),
            "`frequency_penalty` must be >= -2.0 and <= 2.0",
        ),
        (open(parameters.top_p), "`top_p` must be > 0.0 and < 1.0"),
        (open(parameters.typical_p), "`typical_p` must be > 0.0 and < 1.0"),
        (parameters.top_k.is_some_and(|count| count <= 0), "`top_k` must be strictly positive"),
        (parameters.max_new_tokens == Some(0), "`max_new_tokens` must be strictly positive"),
        (parameters.top_n_tokens.is_some_and(|count| count > 5), "`top_n_tokens` must be >= 0 and <= 5"),
        (request.inputs.is_empty(), "`inputs` cannot be empty"),
    ]
    .into_iter()
    .find_map(|(is_wrong, reason)| is_wrong.then(|| reason.to_owned()))
    .or_else(|| (stops > 4).then(|| format!("`stop` supports up to 4 stop sequences. Given: {stops}")))
}
