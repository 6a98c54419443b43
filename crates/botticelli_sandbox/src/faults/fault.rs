//! A fault by its name.

use std::fmt;
use std::str::FromStr;

use super::call::Call;
use super::catalog::{self, CUT_AFTER, END_AFTER, ERROR_AFTER, RETRY_AFTER, SILENCE_AFTER, STATUS};
use super::definition::Definition;
use super::group::FaultGroup;
use super::unknown::UnknownFault;
use crate::script::Script;

/// Something that goes wrong on the wire between a client and an inference service.
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
#[allow(clippy::doc_markdown, reason = "the page is read as it is, too: names of services are no code")]
#[derive(Clone, Copy)]
pub struct Fault {
    definition: &'static Definition,
    /// Zero for those that take none.
    number: u64,
}

impl Fault {
    /// Every named fault, with its default number if it takes one.
    pub fn all() -> impl Iterator<Item = Self> {
        catalog::all().map(Self::new)
    }

    /// The fault of that name; a number may follow, as in `cut-after-events=3`.
    ///
    /// # Errors
    ///
    /// When there is no such fault, or when it takes no such number.
    pub fn named(word: &str) -> Result<Self, UnknownFault> {
        let (name, number) = match word.split_once('=') {
            Some((name, number)) => (name, Some(number)),
            None => (word, None),
        };
        let fault = Self::all().find(|fault| fault.name() == name).ok_or_else(|| UnknownFault::name(name))?;
        match (number, fault.definition.number) {
            (None, _) => Ok(fault),
            (Some(_), None) => Err(UnknownFault::takes_no_number(word)),
            (Some(number), Some(range)) => match number.parse() {
                Ok(number) if (range.least..=range.most).contains(&number) => Ok(Self { number, ..fault }),
                _ => Err(UnknownFault::number(word, range.least, range.most)),
            },
        }
    }

    /// The stream ends after so many events, the connection with it (`cut-after-events`).
    pub fn cut_after(events: usize) -> Self {
        Self::with_count(&CUT_AFTER, events)
    }

    /// The stream ends properly after so many events, without a finish reason
    /// (`end-after-events`).
    pub fn end_after(events: usize) -> Self {
        Self::with_count(&END_AFTER, events)
    }

    /// Nothing more comes after so many events, and the connection stays open
    /// (`silence-after-events`).
    pub fn silence_after(events: usize) -> Self {
        Self::with_count(&SILENCE_AFTER, events)
    }

    /// An error object comes after so many events (`error-after-events`).
    pub fn error_after(events: usize) -> Self {
        Self::with_count(&ERROR_AFTER, events)
    }

    /// A refusal with this status and an error text (`status`); 200 to 599 make sense.
    pub fn status(status: u16) -> Self {
        Self { definition: &STATUS, number: u64::from(status) }
    }

    /// A 429 that asks to wait so many seconds (`retry-after-429`).
    pub fn retry_after(seconds: u64) -> Self {
        Self { definition: &RETRY_AFTER, number: seconds }
    }

    /// The name, in kebab-case and without a number.
    pub fn name(&self) -> &str {
        self.definition.name
    }

    /// One sentence: what happens on the wire, and who has been seen doing it.
    pub fn describe(&self) -> &str {
        self.definition.description
    }

    /// Where the answer goes wrong.
    pub fn group(&self) -> FaultGroup {
        self.definition.group
    }

    /// Whether the answer is complete and right, though oddly put: a client must read it.
    ///
    /// The others promise nothing: most of them a client must report, and some it may survive.
    pub fn is_harmless(&self) -> bool {
        self.definition.is_harmless
    }

    /// The number, for faults that take one.
    pub fn number(&self) -> Option<u64> {
        self.definition.number.map(|_| self.number)
    }

    pub(super) fn definition_name(&self) -> &'static str {
        self.definition.name
    }

    /// What is sent as the answer to this call.
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
