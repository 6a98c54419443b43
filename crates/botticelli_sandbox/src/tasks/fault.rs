//! Named faults of providers of images, audio and video, and of the answers of tasks.

use crate::named_fault;
use std::fmt;
use std::str::FromStr;

/// A named failure or oddity of a provider of images, audio or video: of its answer, of its job, or of the result. Or of the answer of a
/// task at Hugging Face's own servers, text-embeddings-inference, or a server with OpenAI's API.
///
/// ```
/// use botticelli_sandbox::TaskFault;
///
/// let fault: TaskFault = "job-fails".parse()?;
/// assert_eq!((fault.name(), fault.number()), ("job-fails", 0));
/// assert_eq!("status".parse::<TaskFault>()?.to_string(), "status=503");
/// # Ok::<(), botticelli_sandbox::UnknownTaskFault>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskFault {
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

/// The subject of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Any request of a provider.
    Any,
    /// A job that starts.
    Job,
    /// The address of a result.
    Address,
    /// The result at its address.
    Result,
    /// The answer of a task.
    Answer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Status,
    NotJson,
    Unrelated,
    JobFails,
    JobNeverEnds,
    ForeignAddress,
    PlainAddress,
    FileAddress,
    MissingResult,
    ErrorAsMedia,
    PageAsMedia,
    EmptyMedia,
    CutMedia,
    Loading,
    AnswerStatus,
    ErrorAnswer,
    PageAnswer,
    WrongType,
    NoType,
    GzipAnswer,
    EmptyAnswer,
    HalfAnswer,
    CutAnswer,
    BytesAnswer,
    ObjectAnswer,
    EmptyList,
    NullAnswer,
    ListAround,
    OneLess,
    OneMore,
    NoNames,
    TextNumbers,
    NanNumbers,
    InfiniteNumbers,
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

static ALL: [Definition; 34] = [
    fault("status", Some(503), Target::Any, Effect::Status, "Any request of a provider gets status N."),
    fault("not-json", None, Target::Any, Effect::NotJson, "Any request gets a web page with status 200."),
    fault("unrelated", None, Target::Any, Effect::Unrelated, "Any request gets an unrelated JSON object."),
    fault("job-fails", None, Target::Job, Effect::JobFails, "The job fails."),
    fault("job-never-ends", None, Target::Job, Effect::JobNeverEnds, "The job never ends."),
    fault("foreign-result", None, Target::Address, Effect::ForeignAddress, "The result is on another host."),
    fault(
        "plain-result",
        None,
        Target::Address,
        Effect::PlainAddress,
        "The address of the result is not encrypted, and on another machine.",
    ),
    fault("file-result", None, Target::Address, Effect::FileAddress, "The address of the result is a file."),
    fault(
        "missing-result",
        None,
        Target::Result,
        Effect::MissingResult,
        "The address of the result has expired.",
    ),
    fault(
        "error-as-media",
        None,
        Target::Result,
        Effect::ErrorAsMedia,
        "The result is an error object with status 200 and the type of an image.",
    ),
    fault(
        "page-as-media",
        None,
        Target::Result,
        Effect::PageAsMedia,
        "The result is a web page with status 200 and the type of an image.",
    ),
    fault("empty-media", None, Target::Result, Effect::EmptyMedia, "The result has no bytes."),
    fault(
        "cut-media",
        None,
        Target::Result,
        Effect::CutMedia,
        "The connection closes in the middle of the result.",
    ),
    fault(
        "loading",
        Some(20),
        Target::Answer,
        Effect::Loading,
        "The model is loading: status 503, with an estimated time of N seconds.",
    ),
    fault(
        "answer-status",
        Some(500),
        Target::Answer,
        Effect::AnswerStatus,
        "The response has status N, with an error object.",
    ),
    fault(
        "error-answer",
        None,
        Target::Answer,
        Effect::ErrorAnswer,
        "The response is an error object with status 200 and the type of the answer.",
    ),
    fault(
        "page-answer",
        None,
        Target::Answer,
        Effect::PageAnswer,
        "The response is a web page with status 200.",
    ),
    fault(
        "wrong-type",
        None,
        Target::Answer,
        Effect::WrongType,
        "The response has the type of another kind: text for JSON, and JSON for bytes.",
    ),
    fault("no-type", None, Target::Answer, Effect::NoType, "The response has no type."),
    fault(
        "gzip-answer",
        None,
        Target::Answer,
        Effect::GzipAnswer,
        "The response is compressed, although the client did not accept that.",
    ),
    fault("empty-answer", None, Target::Answer, Effect::EmptyAnswer, "The response has no bytes."),
    fault(
        "half-answer",
        None,
        Target::Answer,
        Effect::HalfAnswer,
        "The response has the first half of its bytes, and ends regularly.",
    ),
    fault(
        "cut-answer",
        None,
        Target::Answer,
        Effect::CutAnswer,
        "The connection closes in the middle of the response.",
    ),
    fault(
        "bytes-answer",
        None,
        Target::Answer,
        Effect::BytesAnswer,
        "The response is bytes of no known format, with the type of the answer.",
    ),
    fault(
        "object-answer",
        None,
        Target::Answer,
        Effect::ObjectAnswer,
        "The response is an unrelated JSON object.",
    ),
    fault("empty-list", None, Target::Answer, Effect::EmptyList, "The response is an empty list."),
    fault("null-answer", None, Target::Answer, Effect::NullAnswer, "The response is null."),
    fault(
        "list-around",
        None,
        Target::Answer,
        Effect::ListAround,
        "The response has two more lists around it.",
    ),
    fault("one-less", None, Target::Answer, Effect::OneLess, "The outermost list lacks its last entry."),
    fault("one-more", None, Target::Answer, Effect::OneMore, "The outermost list has its last entry twice."),
    fault(
        "no-names",
        None,
        Target::Answer,
        Effect::NoNames,
        "All labels and texts of the response are missing.",
    ),
    fault(
        "text-numbers",
        None,
        Target::Answer,
        Effect::TextNumbers,
        "The numbers of the response are texts.",
    ),
    fault(
        "nan-numbers",
        None,
        Target::Answer,
        Effect::NanNumbers,
        "The numbers of the response are `NaN`, which is not JSON.",
    ),
    fault(
        "infinite-numbers",
        None,
        Target::Answer,
        Effect::InfiniteNumbers,
        "The numbers of the response are too large for a float.",
    ),
];

impl TaskFault {
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

    /// Returns whether the fault affects the answer of a task, and not a provider of images, audio or video.
    pub fn is_of_answer(&self) -> bool {
        self.definition.target == Target::Answer
    }

    pub(super) fn target(&self) -> Target {
        self.definition.target
    }

    pub(super) fn effect(&self) -> Effect {
        self.definition.effect
    }
}

impl FromStr for TaskFault {
    type Err = UnknownTaskFault;

    /// Parses `name` or `name=number`.
    fn from_str(text: &str) -> Result<Self, UnknownTaskFault> {
        named_fault::parse(text, &ALL, |definition: &Definition| (definition.name, definition.number))
            .map(|(definition, number)| Self { definition, number })
            .ok_or_else(|| UnknownTaskFault(text.to_owned()))
    }
}

impl fmt::Display for TaskFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        named_fault::write(formatter, self.name(), self.definition.number.map(|_| self.number))
    }
}

/// A text that is not the name of a fault of tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownTaskFault(String);

impl fmt::Display for UnknownTaskFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        named_fault::write_unknown(formatter, "tasks", &self.0, TaskFault::all().map(|fault| fault.name()))
    }
}

impl std::error::Error for UnknownTaskFault {}
