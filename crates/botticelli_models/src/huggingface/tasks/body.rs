//! The JSON of requests to Hugging Face's own servers: `inputs` and `parameters`.

use serde::Serialize;
use serde_json::{Map, Value};

/// A request with its parameters. Empty parameters are left out.
#[derive(Debug, Serialize)]
pub(super) struct HostedBody<I> {
    pub(super) inputs: I,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(super) parameters: Map<String, Value>,
}

/// The parameters of a request. Only those that are set are sent.
#[derive(Debug, Default)]
pub(super) struct Parameters(Map<String, Value>);

impl Parameters {
    /// Adds a parameter, if it is set.
    pub(super) fn with(mut self, name: &str, value: Option<impl Serialize>) -> Self {
        // The values are numbers, words and lists of words, which JSON can represent.
        if let Some(Ok(value)) = value.map(serde_json::to_value) {
            self.0.insert(name.to_owned(), value);
        }
        self
    }

    /// Adds a list or an object, if it is not empty.
    pub(super) fn with_all(self, name: &str, is_empty: bool, value: impl Serialize) -> Self {
        self.with(name, (!is_empty).then_some(value))
    }

    /// Returns whether no parameter is set.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the parameters as an object.
    pub(super) fn into_map(self) -> Map<String, Value> {
        self.0
    }

    /// Returns the request with these parameters.
    pub(super) fn body<I>(self, inputs: I) -> HostedBody<I> {
        HostedBody { inputs, parameters: self.0 }
    }
}

/// One text as text, and several as a list. Servers nest the response to a list one level deeper.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum OneOrMany<'a> {
    One(&'a str),
    Many(&'a [String]),
}

impl<'a> From<&'a [String]> for OneOrMany<'a> {
    fn from(texts: &'a [String]) -> Self {
        match texts {
            [one] => Self::One(one),
            many => Self::Many(many),
        }
    }
}
