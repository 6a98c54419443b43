//! Successful responses with unusable content.

use std::sync::Arc;

/// A successful response with unusable content.
///
/// Not retried: a server that sends a web page sends it again.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct JsonError {
    kind: JsonErrorKind,
    host: String,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// The problem of the content.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonErrorKind {
    /// The body is empty.
    Empty,
    /// The body is a web page.
    Html,
    /// The body is not UTF-8.
    NotUtf8,
    /// The body is compressed although the request did not allow it, so the driver cannot decompress it.
    Compressed {
        /// Value of `content-encoding`: `gzip`, `br`, `zstd`.
        encoding: String,
    },
    /// The compressed body is damaged.
    DecompressionFailed,
    /// The body is not the JSON of a response.
    Unreadable {
        /// The part that was parsed: the whole response or one event.
        what: &'static str,
        /// Its first 80 characters.
        beginning: String,
    },
    /// The response has no choices.
    NoChoices,
    /// The model's output cannot be read as the requested Rust type.
    TypeMismatch {
        /// The output, such as ``arguments of `weather` ``.
        what: String,
        /// The message of the parser.
        reason: String,
    },
    /// The model's output never matched the schema, even after repairs.
    SchemaMismatch {
        /// Name of the schema.
        schema: String,
        /// Mode of the request: `json_schema`, `tool_call`, `json_object`, `prompt`.
        mode: &'static str,
        /// Number of responses that were checked.
        attempts: u32,
        /// The first violations of the last response, each with a path and a reason.
        violations: Vec<String>,
    },
    /// The token limit cut a response that should match a schema.
    Truncated {
        /// Name of the schema.
        schema: String,
        /// Token limit, if the request set one.
        max_tokens: Option<u32>,
    },
    /// The model declines to answer.
    Refused {
        /// The model's refusal, cut to 300 characters.
        message: String,
    },
    /// A content filter of the service removed the response, or a part of it.
    Filtered,
    /// The service stopped early, before the response matched the schema.
    StoppedEarly {
        /// Name of the schema.
        schema: String,
        /// The finish reason of the service (`error`, `abort`), cut to 80 characters.
        reason: String,
    },
}

impl JsonError {
    /// Returns an error of this `kind` for a response of `host`.
    pub fn new(kind: JsonErrorKind, host: impl Into<String>) -> Self {
        Self { kind, host: host.into(), source: None }
    }

    /// Returns the error with its source.
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Returns the problem of the content.
    pub fn kind(&self) -> &JsonErrorKind {
        &self.kind
    }

    /// Returns the host that sent the response.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns what to do about the error.
    pub fn advice(&self) -> &'static str {
        match &self.kind {
            JsonErrorKind::Compressed { encoding } => match encoding.as_str() {
                "gzip" | "x-gzip" => "Enable the feature `gzip` of botticelli, which reads such responses.",
                "br" => "Enable the feature `brotli` of botticelli, which reads such responses.",
                "zstd" => "Enable the feature `zstd` of botticelli, which reads such responses.",
                _ => "Turn compression off in the server, or in the proxy in front of it.",
            },
            JsonErrorKind::DecompressionFailed => {
                "Check the server that compressed the response, or the proxy in front of it."
            }
            JsonErrorKind::Html => {
                "Check the base URL, which probably names a web page. For most servers it ends in `/v1`."
            }
            JsonErrorKind::Empty | JsonErrorKind::NoChoices => "Look at the server's own log.",
            JsonErrorKind::TypeMismatch { .. } => "Send the problem to the model and ask again.",
            JsonErrorKind::SchemaMismatch { .. } => {
                "Describe the expected output in the prompt, use a simpler schema or a stronger model, or allow more repairs."
            }
            JsonErrorKind::Truncated { .. } => "Raise `max_tokens`.",
            JsonErrorKind::Refused { .. } => "Change the prompt, or use another model.",
            JsonErrorKind::Filtered => "Change the prompt, or use another provider.",
            JsonErrorKind::StoppedEarly { .. } => "Send the request again later, or use another provider.",
            JsonErrorKind::NotUtf8 | JsonErrorKind::Unreadable { .. } => {
                "Check that the base URL names a server with this API, and that the model supports the task."
            }
        }
    }

    fn sentence(&self) -> String {
        let host = &self.host;
        let what = match &self.kind {
            JsonErrorKind::Empty => format!("{host} sent a successful response with an empty body"),
            JsonErrorKind::Html => format!("{host} sent a web page instead of JSON"),
            JsonErrorKind::NotUtf8 => format!("{host} sent bytes that are not UTF-8"),
            JsonErrorKind::Compressed { encoding } => {
                format!(
                    "{host} sent a compressed response ({encoding:?}) although the request did not allow it"
                )
            }
            JsonErrorKind::DecompressionFailed => {
                format!("{host} sent a compressed body that cannot be decompressed")
            }
            JsonErrorKind::Unreadable { what, beginning } => {
                format!("the {what} from {host} cannot be parsed (it starts with {beginning:?})")
            }
            JsonErrorKind::NoChoices => format!("{host} sent a response without choices"),
            JsonErrorKind::TypeMismatch { what, reason } => {
                format!("the {what} from {host} cannot be read as the requested type ({reason})")
            }
            JsonErrorKind::SchemaMismatch { schema, mode, attempts, violations } => {
                let times =
                    if *attempts == 1 { "1 attempt".to_owned() } else { format!("{attempts} attempts") };
                let wrong = violations.join("; ");
                format!(
                    "{host} wrote no output that matches `{schema}` in {times} with mode `{mode}` ({wrong})"
                )
            }
            JsonErrorKind::Truncated { schema, max_tokens } => {
                let limit = max_tokens.map(|limit| format!(" of {limit}")).unwrap_or_default();
                format!("{host} reached the token limit{limit} before `{schema}` was complete")
            }
            JsonErrorKind::Refused { message } => format!("{host} declined to answer ({message:?})"),
            JsonErrorKind::Filtered => {
                format!("a content filter removed the output of {host}, or a part of it")
            }
            JsonErrorKind::StoppedEarly { schema, reason } => {
                format!("{host} stopped early ({reason:?}) before `{schema}` was complete")
            }
        };
        format!("{what}. {}", self.advice())
    }
}
