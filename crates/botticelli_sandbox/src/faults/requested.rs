//! A fault that a call orders by the model it names.

use serde::Deserialize;

use super::fault::Fault;
use super::unknown::UnknownFault;

const PREFIX: &str = "fault/";

/// A fault, and for how many of the calls to this model.
pub(crate) struct RequestedFault {
    /// The model as it was named: calls are counted by it.
    pub(crate) model: String,
    pub(crate) fault: Fault,
    /// For ever, if there is no number.
    pub(crate) times: Option<usize>,
}

#[derive(Deserialize)]
struct Named {
    model: String,
}

impl RequestedFault {
    /// The model that really answers such calls.
    pub(crate) const MODEL: &str = "openai/gpt-oss-20b";

    /// What the body of a call orders: `fault/NAME`, `fault/NAME=3`, `fault/NAME*2`. A suffix that
    /// chooses a provider does no harm.
    pub(crate) fn parse(body: &[u8]) -> Option<Result<Self, UnknownFault>> {
        let Named { model } = serde_json::from_slice(body).ok()?;
        let word = model.strip_prefix(PREFIX)?;
        let word = word.split_once(':').map_or(word, |(word, _)| word);
        let (name, times) = match word.split_once('*') {
            Some((name, times)) => match times.parse() {
                Ok(times) => (name, Some(times)),
                Err(_) => return Some(Err(UnknownFault::times(word))),
            },
            None => (word, None),
        };
        Some(Fault::named(name).map(|fault| Self { model: model.clone(), fault, times }))
    }
}
