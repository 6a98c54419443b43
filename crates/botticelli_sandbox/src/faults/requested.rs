//! A fault that a call orders by the model it names.

use serde::Deserialize;

use super::fault::Fault;
use super::unknown::UnknownFault;

const PREFIX: &str = "fault/";

/// A fault, and for how many of the calls to this model.
pub(crate) struct Order {
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

impl Order {
    /// The model that really answers such calls.
    pub(crate) const SERVED_BY: &str = "openai/gpt-oss-20b";

    /// What the body of a call orders: `fault/NAME`, `fault/NAME=3`, `fault/NAME*2`. A suffix that
    /// chooses a provider does no harm.
    pub(crate) fn of(body: &[u8]) -> Option<Result<Self, UnknownFault>> {
        let Named { model } = serde_json::from_slice(body).ok()?;
        let order = model.strip_prefix(PREFIX)?;
        let order = order.split_once(':').map_or(order, |(order, _)| order);
        let (word, times) = match order.split_once('*') {
            Some((word, times)) => match times.parse() {
                Ok(times) => (word, Some(times)),
                Err(_) => return Some(Err(UnknownFault::times(order))),
            },
            None => (order, None),
        };
        Some(Fault::named(word).map(|fault| Self { model: model.clone(), fault, times }))
    }
}
