//! Bill for the responses that the sandbox generated.

use std::collections::VecDeque;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::catalog::Pricing;
use crate::charge::Charge;
use crate::script::{Action, Body, Script, Step};

/// Maximum number of entries that are kept. The total counts all.
const MOST_ENTRIES: usize = 100_000;

/// Charges for the responses that the sandbox generated, at the price of the provider that
/// served each, as a real service would.
///
/// A response counts from the moment its request has arrived. A rejected request and a [`Script`] of the test cost nothing. A
/// stream that a fault cuts off costs its prompt and the tokens up to the cut. A plain response is generated as a whole before
/// any of it is sent.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let sandbox = botticelli_sandbox::Sandbox::start().await?;
/// // … a client calls the sandbox.
/// let bill = sandbox.bill();
/// assert_eq!((bill.entries().count(), bill.nano_dollars()), (0, 0));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bill {
    entries: VecDeque<BillEntry>,
    nano_dollars: u64,
    responses: usize,
}

/// The charge for one response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BillEntry {
    /// Hub id of the model.
    pub model: &'static str,
    /// Id of the provider that served the response.
    pub provider: &'static str,
    /// Number of prompt tokens.
    pub prompt_tokens: u64,
    /// Number of generated tokens, up to the cut if the response was cut off.
    pub completion_tokens: u64,
    /// Amount in nano-dollars (10⁻⁹ USD), rounded up. `None` if the provider has no price per
    /// token.
    pub nano_dollars: Option<u64>,
    /// `true` if the response was complete and correct.
    pub completed: bool,
}

impl Bill {
    /// Returns the entries in order of arrival. Only the last 100,000 are kept.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &BillEntry> {
        self.entries.iter()
    }

    /// Returns the sum of all known amounts in nano-dollars (10⁻⁹ USD).
    pub fn nano_dollars(&self) -> u64 {
        self.nano_dollars
    }

    /// Returns the number of billed responses.
    pub fn responses(&self) -> usize {
        self.responses
    }

    pub(crate) fn push(&mut self, entry: BillEntry) {
        self.responses = self.responses.saturating_add(1);
        self.nano_dollars = self.nano_dollars.saturating_add(entry.nano_dollars.unwrap_or(0));
        if self.entries.len() >= MOST_ENTRIES {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }
}

/// One line per entry, and the total.
impl fmt::Display for Bill {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for entry in &self.entries {
            let BillEntry { model, provider, prompt_tokens, completion_tokens, .. } = entry;
            write!(formatter, "{model}:{provider} {prompt_tokens} + {completion_tokens} tokens, ")?;
            match entry.nano_dollars {
                Some(amount) => writeln!(formatter, "{amount} nano-dollars")?,
                None => writeln!(formatter, "no price")?,
            }
        }
        writeln!(formatter, "total {} nano-dollars", self.nano_dollars)
    }
}

impl BillEntry {
    /// Returns the entry for a generated response that is sent as `script`.
    ///
    /// `is_default` is true for the unaltered default response. `is_complete` is false if a fault
    /// damaged the response. The result is `None` if the response never started.
    pub(crate) fn new(charge: Charge, script: &Script, is_default: bool, is_complete: bool) -> Option<Self> {
        if !starts_successfully(script) {
            return None;
        }
        let completion_tokens = match generated_tokens(script) {
            Some(generated) if !is_default && !is_complete => generated.min(charge.completion_tokens),
            _ => charge.completion_tokens,
        };
        let provider = charge.served.provider;
        let pricing = if provider.is_free == Some(true) {
            Some(Pricing { input: 0.0, output: 0.0 })
        } else {
            provider.pricing
        };
        Some(Self {
            model: charge.served.model.id,
            provider: provider.name,
            prompt_tokens: charge.prompt_tokens,
            completion_tokens,
            nano_dollars: pricing
                .and_then(|pricing| amount(pricing, charge.prompt_tokens, completion_tokens)),
            completed: is_complete,
        })
    }
}

/// Returns the amount in nano-dollars, rounded up.
fn amount(pricing: Pricing, prompt: u64, completion: u64) -> Option<u64> {
    let prompt = picodollars(pricing.input)?.checked_mul(u128::from(prompt))?;
    let completion = picodollars(pricing.output)?.checked_mul(u128::from(completion))?;
    u64::try_from(prompt.checked_add(completion)?.div_ceil(1_000)).ok()
}

/// Returns the price of one token in picodollars (10⁻¹² USD). The prices of the catalog are in USD per million tokens: 10⁻⁶ of
/// this unit is one picodollar per token.
fn picodollars(price: f64) -> Option<u128> {
    format!("{:.0}", price * 1e6).parse().ok()
}

/// Returns whether the script starts a successful response.
fn starts_successfully(script: &Script) -> bool {
    match script.action() {
        Action::Respond(response) => response.status == 200,
        Action::Raw(steps) => {
            matches!(steps.first(), Some(Step::Piece(bytes)) if bytes.starts_with(b"HTTP/1.1 200"))
        }
        Action::Hang | Action::Close => false,
    }
}

/// Returns the number of events of a stream with generated text. `None` for a plain response.
fn generated_tokens(script: &Script) -> Option<u64> {
    let steps = match script.action() {
        Action::Respond(response) => match &response.body {
            Body::Steps(steps) => steps,
            Body::Whole(_) => return None,
        },
        Action::Raw(steps) => steps,
        Action::Hang | Action::Close => return None,
    };
    let mut bytes = Vec::new();
    for step in steps {
        if let Step::Piece(piece) = step {
            bytes.extend_from_slice(piece);
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    if !text.lines().any(|line| line.starts_with("data:")) {
        return None;
    }
    let events = text.lines().filter_map(|line| line.strip_prefix("data:"));
    let count = events.filter(|data| is_generated(&serde_json::from_str(data).unwrap_or_default())).count();
    u64::try_from(count).ok()
}

/// Returns whether an event has generated text or a part of a call.
fn is_generated(event: &Value) -> bool {
    let holds = |place: &str| match event.pointer(place) {
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(parts)) => !parts.is_empty(),
        _ => false,
    };
    let fields = ["content", "reasoning", "reasoning_content", "refusal", "tool_calls"];
    fields.iter().any(|field| holds(&format!("/choices/0/delta/{field}")))
        || holds("/choices/0/text")
        || holds("/token/text")
}
