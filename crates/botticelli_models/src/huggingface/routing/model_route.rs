//! The name of a model on the router: who, and by whom.

use crate::huggingface::routing::known_providers::KnownProvider;
use crate::huggingface::routing::model_name::{check_model, invalid, rejected};
use botticelli_core::AuthConfig;
use botticelli_error::{BotticelliError, HuggingFaceErrorKind};
use std::fmt;
use std::str::FromStr;

/// A model's name as the router reads it: the name on the Hub, and the route to whoever serves it.
///
/// ```
/// use botticelli_models::huggingface::{ModelRoute, ProviderPolicy};
///
/// # fn main() -> Result<(), botticelli_error::BotticelliError> {
/// let route: ModelRoute = "openai/gpt-oss-20b:groq".parse()?;
/// assert_eq!(route.id(), "openai/gpt-oss-20b");
/// assert_eq!(route.route(), &ProviderPolicy::Provider("groq".to_owned()));
/// assert_eq!(route.to_string(), "openai/gpt-oss-20b:groq");
///
/// let mistake = "openai/gpt-oss-20b:cheepest".parse::<ModelRoute>().map_err(|error| error.to_string());
/// assert!(mistake.is_err_and(|message| message.contains("did you mean `cheapest`?")));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ModelRoute {
    id: String,
    route: ProviderPolicy,
}

/// Who serves a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProviderPolicy {
    /// Nothing is said: the router takes the fastest.
    #[default]
    Default,
    /// `:fastest`, the highest throughput.
    Fastest,
    /// `:cheapest`, the lowest price for a token of answer.
    Cheapest,
    /// `:preferred`, the order in the settings of the account.
    Preferred,
    /// This provider only, known or not.
    Provider(String),
}

const POLICIES: [(&str, ProviderPolicy); 3] = [
    ("fastest", ProviderPolicy::Fastest),
    ("cheapest", ProviderPolicy::Cheapest),
    ("preferred", ProviderPolicy::Preferred),
];

impl ModelRoute {
    /// The model `id`, on `route`.
    ///
    /// # Errors
    ///
    /// As [`from_str`](Self::from_str), but that a provider of any name passes: none is taken for a slip.
    pub fn new(id: impl Into<String>, route: ProviderPolicy) -> Result<Self, BotticelliError> {
        let whole = Self { id: id.into(), route };
        check_model(&whole.to_string())?;
        if whole.id.contains(':') {
            return Err(invalid(&whole.id, "has a route after its colon already"));
        }
        Ok(whole)
    }

    /// The name on the Hub, without a route.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Who serves it.
    pub fn route(&self) -> &ProviderPolicy {
        &self.route
    }
}

impl ProviderPolicy {
    /// The word after the colon; `None` where there is none.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Default => None,
            Self::Fastest => Some("fastest"),
            Self::Cheapest => Some("cheapest"),
            Self::Preferred => Some("preferred"),
            Self::Provider(name) => Some(name),
        }
    }

    /// Whether it names a provider, so that no other may serve.
    pub const fn is_pinned(&self) -> bool {
        matches!(self, Self::Provider(_))
    }

    /// What a word means; `None` where it is nearly one that is known, and that one.
    fn read(word: &str) -> Result<Self, &'static str> {
        if let Some((_, policy)) = POLICIES.into_iter().find(|(name, _)| *name == word) {
            return Ok(policy);
        }
        match (KnownProvider::find(word), nearest(word)) {
            (None, Some(near)) => Err(near),
            _ => Ok(Self::Provider(word.to_owned())),
        }
    }
}

impl FromStr for ModelRoute {
    type Err = BotticelliError;

    /// Reads `org/model`, `org/model:fastest`, `:cheapest`, `:preferred` or `:provider`.
    ///
    /// A provider that is not known passes: they come and go. A word that is nearly a known one is a slip, and refused.
    fn from_str(model: &str) -> Result<Self, BotticelliError> {
        check_model(model)?;
        let Some((id, word)) = model.split_once(':') else {
            return Ok(Self { id: model.to_owned(), route: ProviderPolicy::Default });
        };
        if word.contains([':', '/']) {
            return Err(invalid(model, "has more than one word after its colon"));
        }
        match ProviderPolicy::read(word) {
            Ok(route) => Ok(Self { id: id.to_owned(), route }),
            Err(nearest) => {
                let kind = HuggingFaceErrorKind::UnknownRoute {
                    route: AuthConfig::hide_tokens(word),
                    nearest: nearest.to_owned(),
                };
                Err(rejected(kind, model))
            }
        }
    }
}

impl fmt::Display for ModelRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)?;
        match self.route.as_str() {
            Some(word) => write!(f, ":{word}"),
            None => Ok(()),
        }
    }
}

/// The policy or the known provider that `word` is nearly: another case, a letter or two, or a forgotten ending.
fn nearest(word: &str) -> Option<&'static str> {
    let lower = word.to_lowercase();
    let policies = POLICIES.into_iter().map(|(name, _)| name);
    let names = policies.chain(KnownProvider::all().map(|provider| provider.name));
    let distance = |name: &str| strsim::osa_distance(&lower, name);
    let is_near = |name: &&str| {
        let slips = if name.len() < 7 { 1 } else { 2 };
        let has_forgotten_its_ending =
            name.strip_prefix(&*lower).is_some_and(|ending| ending.starts_with('-'));
        distance(name) <= slips || has_forgotten_its_ending
    };
    names.filter(is_near).min_by_key(|name| distance(name))
}
