//! Named faults of the Hub and of the second server.

use crate::named_fault;
use std::fmt;
use std::str::FromStr;

/// A named failure or oddity of a download.
///
/// ```
/// use botticelli_sandbox::HubFault;
///
/// let fault: HubFault = "cut-after=1000".parse()?;
/// assert_eq!((fault.name(), fault.number()), ("cut-after", 1_000));
/// assert_eq!(fault.to_string(), "cut-after=1000");
/// # Ok::<(), botticelli_sandbox::UnknownHubFault>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HubFault {
    pub(super) definition: &'static HubFaultDefinition,
    number: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct HubFaultDefinition {
    name: &'static str,
    description: &'static str,
    /// Default of the fault's number; `None` for a fault without a number.
    number: Option<u64>,
    pub(super) target: HubFaultTarget,
    pub(super) effect: HubEffect,
}

/// Requests that a fault affects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HubFaultTarget {
    /// `HEAD` of a file, and the same redirect of `GET`.
    Metadata,
    /// The content of a file.
    Content,
    /// The list of files.
    List,
    /// Any request of the Hub.
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HubEffect {
    CutAfter,
    CorruptByte,
    NoRanges,
    ChangedTag,
    WrongRange,
    Expired,
    Slow,
    Silence,
    TooLong,
    NoLength,
    Status,
    PlainRedirect,
    RedirectLoop,
    NoCommit,
    NoTag,
    BadTag,
    UnsafeName,
    Compressed,
}

const fn fault(
    name: &'static str,
    number: Option<u64>,
    target: HubFaultTarget,
    effect: HubEffect,
    description: &'static str,
) -> HubFaultDefinition {
    HubFaultDefinition { name, description, number, target, effect }
}

static ALL: [HubFaultDefinition; 18] = [
    fault(
        "cut-after",
        Some(1_000),
        HubFaultTarget::Content,
        HubEffect::CutAfter,
        "The content ends after N bytes, before its stated length.",
    ),
    fault(
        "corrupt-byte",
        Some(0),
        HubFaultTarget::Content,
        HubEffect::CorruptByte,
        "Byte N of the content is inverted.",
    ),
    fault(
        "no-ranges",
        None,
        HubFaultTarget::Content,
        HubEffect::NoRanges,
        "A request for a range gets the whole content with status 200.",
    ),
    fault(
        "changed-etag",
        None,
        HubFaultTarget::Content,
        HubEffect::ChangedTag,
        "The content has another entity tag than before.",
    ),
    fault(
        "wrong-range",
        None,
        HubFaultTarget::Content,
        HubEffect::WrongRange,
        "A request for a range gets the bytes after it.",
    ),
    fault(
        "expired-403",
        None,
        HubFaultTarget::Content,
        HubEffect::Expired,
        "The signed address of the second server has expired.",
    ),
    fault(
        "slow",
        Some(20),
        HubFaultTarget::Content,
        HubEffect::Slow,
        "The content arrives in ten pieces with N milliseconds between them.",
    ),
    fault(
        "silence-after",
        Some(1_000),
        HubFaultTarget::Content,
        HubEffect::Silence,
        "The content stops after N bytes, and the connection stays open.",
    ),
    fault(
        "too-long",
        None,
        HubFaultTarget::Content,
        HubEffect::TooLong,
        "The content has more bytes than the Hub states.",
    ),
    fault(
        "no-length",
        None,
        HubFaultTarget::Content,
        HubEffect::NoLength,
        "The content is chunked, without its length.",
    ),
    fault(
        "compressed",
        None,
        HubFaultTarget::Content,
        HubEffect::Compressed,
        "The content states an encoding that was not requested.",
    ),
    fault(
        "status",
        Some(503),
        HubFaultTarget::All,
        HubEffect::Status,
        "Any request of the Hub gets status N.",
    ),
    fault(
        "plain-redirect",
        None,
        HubFaultTarget::Metadata,
        HubEffect::PlainRedirect,
        "The Hub redirects to an address without encryption on another machine.",
    ),
    fault(
        "redirect-loop",
        None,
        HubFaultTarget::Metadata,
        HubEffect::RedirectLoop,
        "The Hub redirects to the same address.",
    ),
    fault(
        "no-commit",
        None,
        HubFaultTarget::Metadata,
        HubEffect::NoCommit,
        "The header x-repo-commit is missing, as with a server that is not a Hub.",
    ),
    fault(
        "no-etag",
        None,
        HubFaultTarget::Metadata,
        HubEffect::NoTag,
        "The headers with the checksum are missing.",
    ),
    fault(
        "path-etag",
        None,
        HubFaultTarget::Metadata,
        HubEffect::BadTag,
        "The entity tag is a path that leads out of the folder.",
    ),
    fault(
        "path-name",
        None,
        HubFaultTarget::List,
        HubEffect::UnsafeName,
        "The list of files has a name that leads out of the folder.",
    ),
];

impl HubFault {
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

    /// Returns the number, such as a position in bytes. 0 for a fault without a number.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Returns the default of the number; `None` for a fault without a number.
    pub fn default_number(&self) -> Option<u64> {
        self.definition.number
    }
}

impl FromStr for HubFault {
    type Err = UnknownHubFault;

    /// Parses `name` or `name=number`.
    fn from_str(text: &str) -> Result<Self, UnknownHubFault> {
        named_fault::parse(text, &ALL, |definition: &HubFaultDefinition| (definition.name, definition.number))
            .map(|(definition, number)| Self { definition, number })
            .ok_or_else(|| UnknownHubFault(text.to_owned()))
    }
}

impl fmt::Display for HubFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        named_fault::write(formatter, self.name(), self.definition.number.map(|_| self.number))
    }
}

/// A text that is not the name of a fault of the Hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownHubFault(String);

impl fmt::Display for UnknownHubFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        named_fault::write_unknown(formatter, "the Hub", &self.0, HubFault::all().map(|fault| fault.name()))
    }
}

impl std::error::Error for UnknownHubFault {}
