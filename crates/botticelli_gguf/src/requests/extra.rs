//! Settings that only local models have.

use crate::numbers::to_usize;
use botticelli_error::{BotticelliError, BuilderError};
use serde_json::{Map, Value};

/// The accepted names.
const NAMES: &[&str] = &["top_k", "min_p", "repetition_penalty", "repeat_penalty", "chat_template_kwargs"];

/// Settings in the field `extra` of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExtraSettings {
    pub(crate) top_k: Option<usize>,
    pub(crate) min_p: Option<f64>,
    pub(crate) repetition_penalty: Option<f64>,
}

impl ExtraSettings {
    pub(crate) fn read(owner: &'static str, extra: &Map<String, Value>) -> Result<Self, BotticelliError> {
        let unknown = extra.iter().find(|(name, value)| !value.is_null() && !NAMES.contains(&name.as_str()));
        if let Some((name, value)) = unknown {
            let remedy = format!("leave it out, or use one of {}", NAMES.join(", "));
            let field = format!("extra.{name}");
            return Err(refused(owner, field, value, "local models have no such setting", remedy));
        }
        let set = |name: &str| extra.get(name).filter(|value| !value.is_null());
        let number = |name: &str, accepts: &dyn Fn(f64) -> bool, range: &str| {
            let Some(value) = set(name) else { return Ok(None) };
            if let Some(number) = value.as_f64().filter(|number| accepts(*number)) {
                return Ok(Some(number));
            }
            let field = format!("extra.{name}");
            Err(refused(owner, field, value, "it is out of range", format!("give {range}")))
        };
        let count = |value: &Value| value.as_u64().and_then(|count| u32::try_from(count).ok());
        let top_k = set("top_k").map(|value| {
            count(value).map(to_usize).ok_or_else(|| {
                let (field, reason) = ("extra.top_k".to_owned(), "it is not a count of tokens");
                refused(owner, field, value, reason, "give 0 for all, or more".to_owned())
            })
        });
        let top_k = top_k.transpose()?;
        let penalty =
            |name| number(name, &|penalty| penalty > 0.0 && penalty <= 10.0, "above 0 and up to 10");
        Ok(Self {
            top_k,
            min_p: number("min_p", &|p| (0.0..=1.0).contains(&p), "from 0 to 1")?,
            repetition_penalty: match penalty("repetition_penalty")? {
                Some(factor) => Some(factor),
                None => penalty("repeat_penalty")?,
            },
        })
    }
}

fn refused(
    owner: &'static str,
    field: String,
    value: &Value,
    reason: &'static str,
    remedy: String,
) -> BotticelliError {
    BuilderError::refused(owner, field, value.to_string(), reason, remedy).into()
}
