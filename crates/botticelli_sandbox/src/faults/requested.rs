//! Faults that a call requests through its model name.

use serde::Deserialize;

use super::fault::Fault;
use super::unknown::UnknownFault;

const PREFIX: &str = "fault/";

/// A requested fault and the number of calls it applies to.
pub(crate) struct RequestedFault {
    /// The full model name, by which calls are counted.
    pub(crate) model: String,
    pub(crate) fault: Fault,
    /// `None` applies the fault to every call.
    pub(crate) times: Option<usize>,
}

#[derive(Deserialize)]
struct Named {
    model: String,
}

impl RequestedFault {
    /// The model that responds to such calls.
    pub(crate) const MODEL: &str = "openai/gpt-oss-20b";

    /// Parses the model name of a body: `fault/NAME`, `fault/NAME=3` or `fault/NAME*2`. A provider
    /// suffix is ignored.
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
