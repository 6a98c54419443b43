//! The name of a model on the router, with the policy that selects its provider.

use crate::huggingface::routing::known_providers::KnownProvider;
use crate::huggingface::routing::model_name::{check_model, invalid, rejected};
use botticelli_core::redact;
use botticelli_error::{BotticelliError, HuggingFaceErrorKind};
use std::fmt;
use std::str::FromStr;

/// A model name on the router: the name on the Hub, and the policy that selects a provider.
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
/// assert!(mistake.is_err_and(|message| message.contains("Did you mean `cheapest`?")));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ModelRoute {
    id: String,
    route: ProviderPolicy,
}

/// The selection of the provider that serves a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProviderPolicy {
    /// No policy: the router selects the fastest provider.
    #[default]
    Default,
    /// `:fastest`: the highest throughput.
    Fastest,
    /// `:cheapest`: the lowest price per completion token.
    Cheapest,
    /// `:preferred`: the first provider in the order of the account's settings.
    Preferred,
    /// Only this provider, which need not be a known one.
    Provider(String),
}

const POLICIES: [(&str, ProviderPolicy); 3] = [
    ("fastest", ProviderPolicy::Fastest),
    ("cheapest", ProviderPolicy::Cheapest),
    ("preferred", ProviderPolicy::Preferred),
];

impl ModelRoute {
    /// Returns the model `id` with this policy.
    ///
    /// # Errors
    ///
    /// An invalid model name, or a name that has a route already. Unlike in [`from_str`](Self::from_str), a provider name that is
    /// similar to a known one is valid.
    pub fn new(id: impl Into<String>, route: ProviderPolicy) -> Result<Self, BotticelliError> {
        let model = Self { id: id.into(), route };
        check_model(&model.to_string())?;
        if model.id.contains(':') {
            return Err(invalid(&model.id, "already has a route after its colon"));
        }
        Ok(model)
    }

    /// Returns the name on the Hub, without a route.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the policy that selects the provider.
    pub fn route(&self) -> &ProviderPolicy {
        &self.route
    }
}

impl ProviderPolicy {
    /// Returns the word after the colon; `None` for the default policy.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Default => None,
            Self::Fastest => Some("fastest"),
            Self::Cheapest => Some("cheapest"),
            Self::Preferred => Some("preferred"),
            Self::Provider(name) => Some(name),
        }
    }

    /// Returns whether the policy names a provider. No other provider may then serve the model.
    pub const fn is_pinned(&self) -> bool {
        matches!(self, Self::Provider(_))
    }

    /// Returns whether this word after the colon is a policy, and not a provider.
    pub(in crate::huggingface) fn is_policy(word: &str) -> bool {
        POLICIES.iter().any(|(name, _)| *name == word)
    }

    /// Parses the word after the colon. A probable typing error returns the known word that is most similar.
    fn parse(word: &str) -> Result<Self, &'static str> {
        if let Some((_, policy)) = POLICIES.into_iter().find(|(name, _)| *name == word) {
            return Ok(policy);
        }
        match (KnownProvider::find(word), nearest(word)) {
            (None, Some(nearest)) => Err(nearest),
            _ => Ok(Self::Provider(word.to_owned())),
        }
    }
}

impl FromStr for ModelRoute {
    type Err = BotticelliError;

    /// Parses `org/model`, `org/model:fastest`, `:cheapest`, `:preferred` or `:provider`.
    ///
    /// Unknown providers are valid, because providers change often. A word that is similar to a known one is rejected as a typing
    /// error.
    fn from_str(model: &str) -> Result<Self, BotticelliError> {
        check_model(model)?;
        let Some((id, word)) = model.split_once(':') else {
            return Ok(Self { id: model.to_owned(), route: ProviderPolicy::Default });
        };
        if word.contains([':', '/']) {
            return Err(invalid(model, "has more than one word after its colon"));
        }
        match ProviderPolicy::parse(word) {
            Ok(route) => Ok(Self { id: id.to_owned(), route }),
            Err(nearest) => {
                let kind = HuggingFaceErrorKind::UnknownRoute {
                    route: redact::tokens(word),
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

/// Returns the policy or known provider that is most similar to `word`. The two words may differ in case, in one or two letters,
/// or in a missing ending.
fn nearest(word: &str) -> Option<&'static str> {
    let lower = word.to_lowercase();
    let policies = POLICIES.into_iter().map(|(name, _)| name);
    let names = policies.chain(KnownProvider::all().map(|provider| provider.name));
    let distance = |name: &str| strsim::osa_distance(&lower, name);
    let is_similar = |name: &&str| {
        let max_distance = if name.len() < 7 { 1 } else { 2 };
        let lacks_ending = name.strip_prefix(&*lower).is_some_and(|ending| ending.starts_with('-'));
        distance(name) <= max_distance || lacks_ending
    };
    names.filter(is_similar).min_by_key(|name| distance(name))
}
