//! Public type for faults.

use std::fmt;
use std::str::FromStr;

use super::call::Call;
use super::catalog::{self, CUT_AFTER, END_AFTER, ERROR_AFTER, RETRY_AFTER, SILENCE_AFTER, STATUS};
use super::definition::Definition;
use super::group::FaultGroup;
use super::unknown::UnknownFault;
use crate::script::Script;

/// A failure or oddity on the wire between a client and an inference service.
///
/// ```
/// use botticelli_sandbox::Fault;
///
/// let fault = Fault::named("cut-after-events=3")?;
/// assert_eq!(fault, Fault::cut_after(3));
/// assert_eq!((fault.name(), fault.to_string().as_str()), ("cut-after-events", "cut-after-events=3"));
/// assert!(Fault::all().count() > 150);
/// assert_eq!(
///     Fault::named("overloadet-429").unwrap_err().to_string(),
///     "unknown fault `overloadet-429`: did you mean `overloaded-429`? `Fault::all()` and \
///      `botticelli_sandbox --list-faults` list them all",
/// );
/// # Ok::<(), botticelli_sandbox::UnknownFault>(())
/// ```
///
#[doc = include_str!("../../FAULTS.md")]
#[allow(
    clippy::doc_markdown,
    reason = "the page is also read as plain Markdown, and names of services are not code"
)]
#[derive(Clone, Copy)]
pub struct Fault {
    definition: &'static Definition,
    /// Zero for faults without a number.
    number: u64,
}

impl Fault {
    /// Returns all faults, with their default numbers.
    pub fn all() -> impl Iterator<Item = Self> {
        catalog::all().map(Self::new)
    }

    /// Parses a fault name, optionally with a number, as in `cut-after-events=3`.
    ///
    /// # Errors
    ///
    /// Returns an error if the name is unknown or the number is invalid.
    pub fn named(word: &str) -> Result<Self, UnknownFault> {
        let (name, number) = match word.split_once('=') {
            Some((name, number)) => (name, Some(number)),
            None => (word, None),
        };
        let fault = Self::all()
            .find(|fault| fault.name() == name)
            .ok_or_else(|| UnknownFault::name(name, Self::all().map(|fault| fault.definition_name())))?;
        match (number, fault.definition.number) {
            (None, _) => Ok(fault),
            (Some(_), None) => Err(UnknownFault::takes_no_number(word)),
            (Some(number), Some(range)) => match number.parse() {
                Ok(number) if (range.least..=range.most).contains(&number) => Ok(Self { number, ..fault }),
                _ => Err(UnknownFault::number(word, range.least, range.most)),
            },
        }
    }

    /// Returns the fault that cuts the connection after `events` events (`cut-after-events`).
    pub fn cut_after(events: usize) -> Self {
        Self::with_count(&CUT_AFTER, events)
    }

    /// Returns the fault that ends the stream properly after `events` events, without a finish
    /// reason (`end-after-events`).
    pub fn end_after(events: usize) -> Self {
        Self::with_count(&END_AFTER, events)
    }

    /// Returns the fault that sends nothing after `events` events and keeps the connection open
    /// (`silence-after-events`).
    pub fn silence_after(events: usize) -> Self {
        Self::with_count(&SILENCE_AFTER, events)
    }

    /// Returns the fault that sends an error object after `events` events (`error-after-events`).
    pub fn error_after(events: usize) -> Self {
        Self::with_count(&ERROR_AFTER, events)
    }

    /// Returns the fault that responds with this status and an error text (`status`). Useful values
    /// are 200 to 599.
    pub fn status(status: u16) -> Self {
        Self { definition: &STATUS, number: u64::from(status) }
    }

    /// Returns the fault that responds with 429 and a delay in seconds (`retry-after-429`).
    pub fn retry_after(seconds: u64) -> Self {
        Self { definition: &RETRY_AFTER, number: seconds }
    }

    /// Returns the name in kebab case, without a number.
    pub fn name(&self) -> &str {
        self.definition.name
    }

    /// Returns one sentence about the effect on the wire, and about servers that behave this way.
    pub fn description(&self) -> &str {
        self.definition.description
    }

    /// Returns the part of the response that the fault affects.
    pub fn group(&self) -> FaultGroup {
        self.definition.group
    }

    /// Returns whether the response is complete and correct, though unusual. A client must accept
    /// it.
    ///
    /// Other faults make no such promise. A client must report most of them and may tolerate some.
    pub fn is_harmless(&self) -> bool {
        self.definition.is_harmless
    }

    /// Returns the number, or `None` for a fault without one.
    pub fn number(&self) -> Option<u64> {
        self.definition.number.map(|_| self.number)
    }

    pub(super) fn definition_name(&self) -> &'static str {
        self.definition.name
    }

    /// Returns the response to a call with this fault.
    pub(crate) fn script(&self, call: Call<'_>) -> Script {
        self.definition.script(&Call { number: self.number, ..call })
    }

    fn new(definition: &'static Definition) -> Self {
        Self { definition, number: definition.number.map_or(0, |number| number.default) }
    }

    fn with_count(definition: &'static Definition, count: usize) -> Self {
        Self { definition, number: u64::try_from(count).unwrap_or(u64::MAX) }
    }
}

impl PartialEq for Fault {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name() && self.number == other.number
    }
}

impl Eq for Fault {}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(word: &str) -> Result<Self, UnknownFault> {
        Self::named(word)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number() {
            Some(number) => write!(formatter, "{}={number}", self.name()),
            None => formatter.write_str(self.name()),
        }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Fault({self})")
    }
}
