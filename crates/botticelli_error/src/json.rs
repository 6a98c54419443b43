//! The answer made no sense.

use std::sync::Arc;

/// The service answered with success, but what it sent is no answer.
///
/// Not retried: whoever sends a web page for an answer sends it again.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct JsonError {
    kind: JsonErrorKind,
    host: String,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// What came instead of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonErrorKind {
    /// Nothing at all.
    Empty,
    /// A web page.
    Html,
    /// Bytes that are no UTF-8.
    NotUtf8,
    /// A compressed body that nobody asked for, so that nothing here can unpack it.
    Compressed {
        /// How, as its `content-encoding` says: `gzip`, `br`, `zstd`.
        encoding: String,
    },
    /// A compressed body that cannot be unpacked.
    NotUnpacked,
    /// Text that is not the JSON of an answer.
    Unreadable {
        /// What was being read: `answer`, `event`.
        what: &'static str,
        /// Its beginning, cut to 80 characters.
        beginning: String,
    },
    /// JSON without a choice in it, so without an answer.
    NoChoices,
    /// What the model wrote is not what was asked of it.
    Unfit {
        /// What it wrote, as ``arguments of `weather` ``.
        what: String,
        /// What does not fit.
        reason: String,
    },
    /// However often the model was told what is wrong, it wrote nothing that fits the form it was given.
    NeverFit {
        /// The name of the form.
        form: String,
        /// How the form was asked for: `json_schema`, `tool_call`, `json_object`, `prompt`.
        mode: &'static str,
        /// How many answers were looked at.
        attempts: u32,
        /// What is wrong with the last of them: a place and a reason each, the first few.
        violations: Vec<String>,
    },
    /// The answer was to have a form, and was cut at its token limit.
    Cut {
        /// The name of the form.
        form: String,
        /// The limit, where the request set one.
        max_tokens: Option<u32>,
    },
    /// The model will not give the answer that was asked for.
    Refused {
        /// What it says instead, cut to 300 characters.
        words: String,
    },
    /// A filter of the service took the answer away, or a part of it.
    Filtered,
    /// The answer was to have a form, and the service broke off for a reason of its own.
    BrokenOff {
        /// The name of the form.
        form: String,
        /// The reason, as the service wrote it (`error`, `abort`), cut to 80 characters.
        word: String,
    },
}

impl JsonError {
    /// `host` sent `kind` where an answer was due.
    pub fn new(kind: JsonErrorKind, host: impl Into<String>) -> Self {
        Self { kind, host: host.into(), source: None }
    }

    /// Keeps the error underneath.
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// What came instead of an answer.
    pub fn kind(&self) -> &JsonErrorKind {
        &self.kind
    }

    /// The host that sent it.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match &self.kind {
            JsonErrorKind::Compressed { encoding } => match encoding.as_str() {
                "gzip" | "x-gzip" => {
                    "enable the feature `gzip` of botticelli, which asks for it and reads it"
                }
                "br" => "enable the feature `brotli` of botticelli, which asks for it and reads it",
                "zstd" => "enable the feature `zstd` of botticelli, which asks for it and reads it",
                _ => "have the server, or the proxy in front of it, send its answers as they are",
            },
            JsonErrorKind::NotUnpacked => {
                "look at the server, or the proxy in front of it, that compressed the answer"
            }
            JsonErrorKind::Html => {
                "the base URL probably names a web page: for most servers it ends in `/v1`"
            }
            JsonErrorKind::Empty | JsonErrorKind::NoChoices => "look at the server's own log",
            JsonErrorKind::Unfit { .. } => "tell the model what is wrong and ask again",
            JsonErrorKind::NeverFit { .. } => {
                "say in the prompt what is wanted, take a simpler form or a stronger model, or allow more repairs"
            }
            JsonErrorKind::Cut { .. } => "raise `max_tokens`",
            JsonErrorKind::Refused { .. } => "change the prompt, or ask another model",
            JsonErrorKind::Filtered => "change the prompt, or ask another provider",
            JsonErrorKind::BrokenOff { .. } => "ask again later, or ask another provider",
            JsonErrorKind::NotUtf8 | JsonErrorKind::Unreadable { .. } => {
                "check that the base URL names a server that speaks chat completions"
            }
        }
    }

    fn sentence(&self) -> String {
        let host = &self.host;
        let what = match &self.kind {
            JsonErrorKind::Empty => format!("{host} answered with success and an empty body"),
            JsonErrorKind::Html => format!("{host} answered with a web page instead of JSON"),
            JsonErrorKind::NotUtf8 => format!("{host} sent bytes that are not UTF-8"),
            JsonErrorKind::Compressed { encoding } => {
                format!("{host} compressed its answer ({encoding:?}), which nobody asked for")
            }
            JsonErrorKind::NotUnpacked => format!("{host} sent a compressed body that cannot be unpacked"),
            JsonErrorKind::Unreadable { what, beginning } => {
                format!("{host} sent an {what} that cannot be read (it begins {beginning:?})")
            }
            JsonErrorKind::NoChoices => format!("{host} sent an answer without a choice in it"),
            JsonErrorKind::Unfit { what, reason } => format!("{host} wrote {what} that do not fit, {reason}"),
            JsonErrorKind::NeverFit { form, mode, attempts, violations } => {
                let times =
                    if *attempts == 1 { "1 attempt".to_owned() } else { format!("{attempts} attempts") };
                let wrong = violations.join("; ");
                format!("{host} wrote nothing that fits `{form}` in {times} by {mode} ({wrong})")
            }
            JsonErrorKind::Cut { form, max_tokens } => {
                let limit = max_tokens.map(|limit| format!(" of {limit}")).unwrap_or_default();
                format!("{host} was cut at the token limit{limit} before `{form}` was complete")
            }
            JsonErrorKind::Refused { words } => format!("{host} refused to answer ({words:?})"),
            JsonErrorKind::Filtered => format!("a filter took away what {host} wrote, or a part of it"),
            JsonErrorKind::BrokenOff { form, word } => {
                format!("{host} broke off ({word:?}) before `{form}` was complete")
            }
        };
        format!("{what}: {}", self.advice())
    }
}
