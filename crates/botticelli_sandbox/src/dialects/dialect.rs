//! Dialects and their names.

use std::fmt;
use std::str::FromStr;

/// The response format of one kind of server.
///
/// ```
/// use botticelli_sandbox::Dialect;
///
/// assert_eq!("tgi3".parse(), Ok(Dialect::Tgi3));
/// assert_eq!(Dialect::default(), Dialect::Router);
/// assert_eq!(
///     "gpt".parse::<Dialect>().unwrap_err().to_string(),
///     "unknown dialect `gpt`: choose one of router, tgi2, tgi3, together, cerebras",
/// );
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// The router, in the `OpenAI` format. Sends the provider in `x-inference-provider` and the
    /// request id in `x-request-id`. Sends usage in a stream only on request, in a chunk without
    /// choices.
    #[default]
    Router,
    /// text-generation-inference 2: wrong `object`, no id, no space after `data:`, end token as
    /// text, no `[DONE]`, no usage in streams.
    Tgi2,
    /// text-generation-inference 3: no id, null `usage` unless requested, `[DONE]`.
    Tgi3,
    /// together: seed above `i64::MAX`, finish reason `eos`, text next to the delta, `retry-after`
    /// on success.
    Together,
    /// cerebras: no `logprobs`, fields omitted until the last event, no `[DONE]`, unterminated last
    /// event.
    Cerebras,
}

impl Dialect {
    /// All dialects.
    pub const ALL: &[Self] = &[Self::Router, Self::Tgi2, Self::Tgi3, Self::Together, Self::Cerebras];

    /// Returns the name, as in `--dialect NAME`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Router => "router",
            Self::Tgi2 => "tgi2",
            Self::Tgi3 => "tgi3",
            Self::Together => "together",
            Self::Cerebras => "cerebras",
        }
    }

    pub(crate) fn is_tgi(self) -> bool {
        matches!(self, Self::Tgi2 | Self::Tgi3)
    }

    /// Returns whether a refusal has its own field.
    pub(crate) fn has_refusals(self) -> bool {
        self == Self::Router
    }

    pub(crate) fn is_together(self) -> bool {
        self == Self::Together
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(word: &str) -> Result<Self, UnknownDialect> {
        Self::ALL
            .iter()
            .copied()
            .find(|dialect| dialect.name() == word)
            .ok_or_else(|| UnknownDialect { word: word.to_owned() })
    }
}

/// An unknown dialect name. The message lists the known names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownDialect {
    word: String,
}

impl fmt::Display for UnknownDialect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Dialect::ALL.iter().map(|dialect| dialect.name()).collect();
        write!(formatter, "unknown dialect `{}`: choose one of {}", self.word, names.join(", "))
    }
}

impl std::error::Error for UnknownDialect {}
