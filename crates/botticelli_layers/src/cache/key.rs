//! The keys of requests, and the choice of requests that are cached.

use crate::verb::{TextRequest, TextVerb};
use botticelli_core::{CompletionRequest, GenerateRequest};
use serde::Deserialize;
#[cfg(feature = "tasks")]
use serde::Serialize;
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};

/// Changes with the meaning of the keys.
const VERSION: &str = "botticelli cache 1";

/// A hash of a request. It reveals neither the request nor a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Key([u8; 32]);

impl Key {
    /// Returns a part of the hash that finds the key in a map.
    pub(super) fn part(&self) -> u64 {
        let mut part = [0; 8];
        for (to, from) in part.iter_mut().zip(self.0) {
            *to = from;
        }
        u64::from_le_bytes(part)
    }

    #[cfg(feature = "sqlite")]
    pub(super) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    #[cfg(any(feature = "sqlite", feature = "redis"))]
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A request that may be cached.
#[derive(Clone, Copy, Debug)]
pub(super) struct CacheLookup {
    pub(super) key: Key,
    /// The kind of the request, such as `chat`.
    pub(super) kind: &'static str,
    /// `true` if the request limits the tokens of the response.
    pub(super) is_limited: bool,
}

/// The parts of a request that a cache reads.
pub(crate) trait CacheableRequest: TextRequest {
    fn temperature(&self) -> Option<f64>;
    fn has_max_tokens(&self) -> bool;
    fn to_json(&self) -> Option<Vec<u8>>;
    /// Returns whether the request is sent without the cache.
    fn skips_cache(&self) -> bool;
}

macro_rules! cacheable {
    ($($request:ident: $skips_cache:expr),*) => {$(
        impl CacheableRequest for $request {
            fn temperature(&self) -> Option<f64> {
                self.temperature()
            }

            fn has_max_tokens(&self) -> bool {
                self.max_tokens().is_some()
            }

            fn to_json(&self) -> Option<Vec<u8>> {
                serde_json::to_vec(self).ok()
            }

            fn skips_cache(&self) -> bool {
                $skips_cache(self)
            }
        }
    )*};
}

cacheable!(GenerateRequest: GenerateRequest::skips_cache, CompletionRequest: |_: &CompletionRequest| false);

/// The settings in the body of a request.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Settings {
    temperature: Option<f64>,
    max_tokens: Option<IgnoredAny>,
    max_completion_tokens: Option<IgnoredAny>,
    max_new_tokens: Option<IgnoredAny>,
    /// The settings of text-generation-inference.
    parameters: Option<Box<Settings>>,
}

impl Settings {
    /// Reads the settings of a canonical request: the address, a line break, the body, and lines that the body does not have.
    fn read(canonical: &[u8]) -> Self {
        let body = canonical.iter().position(|byte| *byte == b'\n').and_then(|end| canonical.get(end..));
        let mut body = serde_json::Deserializer::from_slice(body.unwrap_or(canonical));
        Self::deserialize(&mut body).unwrap_or_default()
    }

    fn temperature(&self) -> Option<f64> {
        self.temperature.or_else(|| self.parameters.as_ref()?.temperature)
    }

    fn is_limited(&self) -> bool {
        let limits = [&self.max_tokens, &self.max_completion_tokens, &self.max_new_tokens];
        limits.into_iter().any(Option::is_some)
            || self.parameters.as_ref().is_some_and(|below| below.is_limited())
    }
}

/// Returns the key of a request; `None` if the request is not cached.
///
/// An invalid request has no key. The driver then reports it.
pub(super) fn cache_lookup<V: TextVerb<D>, D>(
    driver: &D,
    request: &V::Request,
    is_sampled: bool,
) -> Option<CacheLookup>
where
    V::Request: CacheableRequest,
{
    let is_zero = |temperature: f64| temperature == 0.0;
    let temperature = request.temperature();
    if !is_sampled && temperature.is_some_and(|temperature| !is_zero(temperature)) {
        return None;
    }
    let canonical = V::canonical(driver, request).ok()?;
    let (is_deterministic, is_limited) = match &canonical {
        // Nothing else of the body matters, so it is not parsed.
        _ if (temperature.is_some() || is_sampled) && request.has_max_tokens() => (true, true),
        // The driver may have defaults.
        Some(canonical) => {
            let settings = Settings::read(canonical);
            let is_deterministic = temperature.or_else(|| settings.temperature()).is_some_and(is_zero);
            (is_deterministic, request.has_max_tokens() || settings.is_limited())
        }
        None => (temperature.is_some(), request.has_max_tokens()),
    };
    if !is_deterministic && !is_sampled {
        return None;
    }
    let key = if let Some(canonical) = canonical {
        hash(&[VERSION, V::NAME, "canonical"], &canonical)
    } else {
        let (provider, model) = (V::provider_name(driver)?, V::model_name(driver)?);
        hash(&[VERSION, V::NAME, "request", provider, model], &request.to_json()?)
    };
    Some(CacheLookup { key, kind: V::NAME, is_limited })
}

/// Returns the lookup of a request of a task; `None` if the request has no JSON form. `labels` are the server and the model.
#[cfg(feature = "tasks")]
pub(super) fn task_lookup(
    kind: &'static str,
    labels: [&str; 2],
    request: &impl Serialize,
) -> Option<CacheLookup> {
    let mut hash = labeled([VERSION, kind].into_iter().chain(labels));
    // Media are not copied.
    serde_json::to_writer(Writer(&mut hash), request).ok()?;
    // The limit of tokens concerns responses that are cut.
    Some(CacheLookup { key: Key(hash.finalize().into()), kind, is_limited: false })
}

/// A writer that hashes.
#[cfg(feature = "tasks")]
struct Writer<'a>(&'a mut Sha256);

#[cfg(feature = "tasks")]
impl std::io::Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Hashes the parts with their lengths, so that no two lists of parts have the same bytes.
fn hash(labels: &[&str], request: &[u8]) -> Key {
    let mut hash = labeled(labels.iter().copied());
    hash.update(request);
    Key(hash.finalize().into())
}

fn labeled<'a>(labels: impl Iterator<Item = &'a str>) -> Sha256 {
    let mut hash = Sha256::new();
    for label in labels {
        hash.update(label.len().to_be_bytes());
        hash.update(label);
    }
    hash
}
