//! Entries of the model list that `GET /v1/models` returns.

use serde::Serialize;

use super::behavior::Behavior;

#[derive(Debug, Serialize)]
pub(crate) struct Model {
    pub(crate) id: &'static str,
    pub(crate) object: &'static str,
    pub(crate) created: u64,
    pub(crate) owned_by: &'static str,
    pub(crate) architecture: Architecture,
    #[serde(skip)]
    pub(crate) behavior: Behavior,
    pub(crate) providers: &'static [Provider],
}

#[derive(Debug, Serialize)]
pub(crate) struct Architecture {
    pub(crate) input_modalities: &'static [&'static str],
    pub(crate) output_modalities: &'static [&'static str],
}

/// One provider of a model. Unknown values are omitted, not null.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Provider {
    #[serde(rename = "provider")]
    pub(crate) name: &'static str,
    pub(crate) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) context_length: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pricing: Option<Pricing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) is_free: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) supports_tools: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) supports_structured_output: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_token_latency_ms: Option<Latency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) throughput: Option<f64>,
    pub(crate) is_model_author: bool,
    /// The provider's own id of the model, sent in its responses.
    #[serde(skip)]
    pub(crate) model_id: &'static str,
}

/// Prices in USD per million tokens.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Pricing {
    pub(crate) input: f64,
    pub(crate) output: f64,
}

/// Latency in milliseconds. The real list mixes integers and floats, too.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Latency {
    Whole(u32),
    Exact(f64),
}

impl Model {
    /// Returns whether the model accepts this kind of input.
    pub(crate) fn takes(&self, modality: &str) -> bool {
        self.architecture.input_modalities.contains(&modality)
    }

    /// Returns the provider with this name.
    pub(crate) fn provider(&self, name: &str) -> Option<&'static Provider> {
        self.providers.iter().find(|provider| provider.name == name)
    }
}

impl Architecture {
    pub(crate) const TEXT: Self = Self { input_modalities: &["text"], output_modalities: &["text"] };
    pub(crate) const VISION: Self =
        Self { input_modalities: &["text", "image"], output_modalities: &["text"] };
    pub(crate) const OMNI: Self =
        Self { input_modalities: &["text", "image", "audio", "file"], output_modalities: &["text"] };
}

impl Provider {
    /// Returns a live provider with all optional values omitted.
    pub(crate) const fn new(name: &'static str, model_id: &'static str) -> Self {
        Self {
            name,
            status: "live",
            context_length: None,
            pricing: None,
            is_free: None,
            supports_tools: None,
            supports_structured_output: None,
            first_token_latency_ms: None,
            throughput: None,
            is_model_author: false,
            model_id,
        }
    }

    /// Sets the context length in tokens (prompt and completion together).
    pub(crate) const fn context(mut self, length: u32) -> Self {
        self.context_length = Some(length);
        self
    }

    pub(crate) const fn priced(mut self, input: f64, output: f64) -> Self {
        self.pricing = Some(Pricing { input, output });
        self
    }

    pub(crate) const fn free(mut self) -> Self {
        self.is_free = Some(true);
        self
    }

    pub(crate) const fn supports(mut self, tools: bool, structured_output: bool) -> Self {
        self.supports_tools = Some(tools);
        self.supports_structured_output = Some(structured_output);
        self
    }

    pub(crate) const fn speed(mut self, latency: Latency, throughput: f64) -> Self {
        self.first_token_latency_ms = Some(latency);
        self.throughput = Some(throughput);
        self
    }

    /// Marks the provider as failing its last health check.
    pub(crate) const fn failing(mut self) -> Self {
        self.status = "error";
        self
    }

    /// Marks the provider as not generally available yet.
    pub(crate) const fn staging(mut self) -> Self {
        self.status = "staging";
        self
    }

    /// Marks the provider as the author of the model.
    pub(crate) const fn authored(mut self) -> Self {
        self.is_model_author = true;
        self
    }

    pub(crate) fn is_live(&self) -> bool {
        self.status == "live"
    }

    /// Returns the price of output in USD per million tokens. Zero if free, `None` if unknown.
    pub(crate) fn output_price(&self) -> Option<f64> {
        if self.is_free == Some(true) {
            return Some(0.0);
        }
        self.pricing.map(|pricing| pricing.output)
    }
}
