//! Named faults of the management API and of endpoints.

use crate::named_fault;
use std::fmt;
use std::str::FromStr;

/// A named failure or oddity of the management API, or of an endpoint that it creates.
///
/// ```
/// use botticelli_sandbox::EndpointFault;
///
/// let fault: EndpointFault = "status=500".parse()?;
/// assert_eq!((fault.name(), fault.number()), ("status", 500));
/// assert_eq!(fault.to_string(), "status=500");
/// # Ok::<(), botticelli_sandbox::UnknownEndpointFault>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointFault {
    definition: &'static Definition,
    number: u16,
}

#[derive(Debug, PartialEq, Eq)]
struct Definition {
    name: &'static str,
    description: &'static str,
    /// Default of the fault's number; `None` for a fault without a number.
    number: Option<u16>,
    target: Target,
    effect: Effect,
}

/// Requests that a fault affects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// The creation of an endpoint.
    Create,
    /// Any change: a creation, an update, an action, a deletion.
    Change,
    /// The price list.
    Prices,
    /// Any request of the management API.
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Status,
    NotJson,
    Unrelated,
    LostResponse,
    RepeatsBody,
    Quota,
    FailsToStart,
    NeverStarts,
    NoUrl,
    ForeignUrl,
    Unhealthy,
    NoPrices,
}

const fn fault(
    name: &'static str,
    number: Option<u16>,
    target: Target,
    effect: Effect,
    description: &'static str,
) -> Definition {
    Definition { name, description, number, target, effect }
}

static ALL: [Definition; 12] = [
    fault("status", Some(503), Target::Any, Effect::Status, "Any request of the API gets status N."),
    fault("not-json", None, Target::Any, Effect::NotJson, "Any request gets a web page with status 200."),
    fault("unrelated", None, Target::Any, Effect::Unrelated, "Any request gets an unrelated JSON object."),
    fault(
        "lost-response",
        None,
        Target::Change,
        Effect::LostResponse,
        "A change has its effect, and the connection closes without a response.",
    ),
    fault(
        "repeats-body",
        None,
        Target::Create,
        Effect::RepeatsBody,
        "The creation is rejected, and the message repeats the body and the token.",
    ),
    fault("quota", None, Target::Create, Effect::Quota, "The creation exceeds the quota of the account."),
    fault(
        "fails-to-start",
        None,
        Target::Create,
        Effect::FailsToStart,
        "The endpoint fails while it starts.",
    ),
    fault("never-starts", None, Target::Create, Effect::NeverStarts, "The endpoint stays in `initializing`."),
    fault("no-url", None, Target::Create, Effect::NoUrl, "The endpoint runs, and never has a URL."),
    fault("foreign-url", None, Target::Create, Effect::ForeignUrl, "The URL is on another host."),
    fault(
        "unhealthy",
        None,
        Target::Create,
        Effect::Unhealthy,
        "The endpoint runs, and its server does not.",
    ),
    fault("no-prices", None, Target::Prices, Effect::NoPrices, "The list of instances has no prices."),
];

impl EndpointFault {
    /// Returns all faults, with the defaults of their numbers.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.iter().map(|definition| Self { definition, number: definition.number.unwrap_or_default() })
    }

    /// Returns the name, without a number.
    pub fn name(&self) -> &'static str {
        self.definition.name
    }

    /// Returns the effect as a sentence.
    pub fn description(&self) -> &'static str {
        self.definition.description
    }

    /// Returns the number, such as a status. 0 for a fault without a number.
    pub fn number(&self) -> u16 {
        self.number
    }

    pub(super) fn target(&self) -> Target {
        self.definition.target
    }

    pub(super) fn effect(&self) -> Effect {
        self.definition.effect
    }
}

impl FromStr for EndpointFault {
    type Err = UnknownEndpointFault;

    /// Parses `name` or `name=number`.
    fn from_str(text: &str) -> Result<Self, UnknownEndpointFault> {
        named_fault::parse(text, &ALL, |definition: &Definition| (definition.name, definition.number))
            .map(|(definition, number)| Self { definition, number })
            .ok_or_else(|| UnknownEndpointFault(text.to_owned()))
    }
}

impl fmt::Display for EndpointFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        named_fault::write(formatter, self.name(), self.definition.number.map(|_| self.number))
    }
}

/// A text that is not the name of a fault of endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownEndpointFault(String);

impl fmt::Display for UnknownEndpointFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        named_fault::write_unknown(
            formatter,
            "endpoints",
            &self.0,
            EndpointFault::all().map(|fault| fault.name()),
        )
    }
}

impl std::error::Error for UnknownEndpointFault {}
