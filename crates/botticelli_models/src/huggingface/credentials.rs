//! The token: its sources, and the servers that may receive it.
//!
//! The first token in this order is used:
//!
//! 1. the token that the caller passed,
//! 2. the variable that `api_key_env` names,
//! 3. the variables `HUGGINGFACE_API_TOKEN` (this project's own name), `HF_TOKEN` and `HUGGING_FACE_HUB_TOKEN`,
//! 4. the token file of the `hf` tools.
//!
//! A token from the last two is *implicit*: it is sent only to Hugging Face and to this machine.

use crate::Environment;
use crate::environment::unquoted;
use crate::huggingface::PROVIDER;
use crate::huggingface::routing::address::Address;
use crate::huggingface::routing::known_providers::KnownProvider;
use botticelli_core::redact;
use botticelli_core::redact::Secret;
use botticelli_error::{
    BotticelliError, ConfigError, ErrorDetails, HuggingFaceErrorKind, ModelsError, ModelsErrorKind,
};
use secrecy::{ExposeSecret, SecretString};
use std::path::PathBuf;
use std::sync::Arc;

/// The variables that are searched for a token, in this order.
const VARIABLES: [&str; 3] = ["HUGGINGFACE_API_TOKEN", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"];

/// Variable that disables implicit tokens, as in the `hf` tools.
const DISABLE_IMPLICIT: &str = "HF_HUB_DISABLE_IMPLICIT_TOKEN";

/// The token for one server, or the reason for its absence.
#[derive(Clone, Debug, Default)]
pub(crate) struct Credentials {
    pub(crate) token: Option<Arc<Secret>>,
    /// The reason why a token that was found is not sent.
    pub(crate) withheld: Option<String>,
}

/// The result of a token search, before the server is known.
pub(crate) enum TokenLookup {
    /// A token that the caller passed, or whose variable the caller named.
    Explicit(SecretString),
    /// A token that was found in a place that the caller did not name.
    Implicit { token: String, place: String },
    /// No token, and the error for servers that require one.
    Missing(BotticelliError),
}

/// Returns the token that the caller passed or named, or else an implicit one.
pub(crate) fn find_token(
    passed: Option<&SecretString>,
    api_key_env: Option<&str>,
    environment: &Environment,
) -> Result<TokenLookup, BotticelliError> {
    if let Some(token) = passed {
        return Ok(TokenLookup::Explicit(parse_token(token.expose_secret(), "the caller")?));
    }
    if let Some(name) = api_key_env {
        if redact::is_token_not_identifier(name) {
            let remedy = "store the token in an environment variable, and set the name of that variable";
            return Err(ConfigError::new(
                "the setting contains a token instead of the name of a variable",
                remedy,
            )
            .with_key("api_key_env")
            .into());
        }
        // A variable that the caller names is the only place that is searched.
        let Some(token) = environment.variable(name) else {
            return Err(token_error(HuggingFaceErrorKind::VariableUnset { name: name.to_owned() }));
        };
        return Ok(TokenLookup::Explicit(parse_token(&token, name)?));
    }
    Ok(match find_implicit_token(environment) {
        Ok((token, place)) => TokenLookup::Implicit { token, place },
        Err(error) => TokenLookup::Missing(error),
    })
}

impl TokenLookup {
    /// Returns whether the token is a Hugging Face token, for the choice of a provider's route. An implicit token never counts as a
    /// provider's key. `None` if the token is missing.
    pub(crate) fn is_huggingface(&self) -> Option<bool> {
        match self {
            Self::Explicit(token) => Some(is_huggingface(token.expose_secret())),
            Self::Implicit { .. } => Some(true),
            Self::Missing(_) => None,
        }
    }

    /// Returns the credentials for the server at `address`. Only the servers of Hugging Face require a token.
    ///
    /// With `allow_plain_http` an explicit token may be sent in plain text.
    pub(crate) fn credentials_for(
        self,
        address: &Address,
        allow_plain_http: bool,
    ) -> Result<Credentials, BotticelliError> {
        match self {
            Self::Explicit(token) => explicit_credentials(token, address, allow_plain_http),
            Self::Implicit { token, place } if address.accepts_implicit_tokens() => {
                let token = parse_token(&token, &place)?;
                check_recipient(&token, address)?;
                Ok(Credentials::of(token))
            }
            Self::Implicit { place, .. } => {
                let host = address.host();
                let reason = format!(
                    "the one found in {place} is sent only to Hugging Face and to this machine, and not to {host}"
                );
                Ok(Credentials { token: None, withheld: Some(reason) })
            }
            Self::Missing(error) if address.is_huggingface() => Err(error),
            Self::Missing(_) => Ok(Credentials::default()),
        }
    }

    /// Returns the credentials for a Hub at `address`. Only private and gated repositories require a token.
    #[cfg(feature = "hub")]
    pub(crate) fn credentials_for_hub(self, address: &Address) -> Result<Credentials, BotticelliError> {
        match self {
            Self::Missing(_) => Ok(Credentials::default()),
            found => found.credentials_for(address, false),
        }
    }
}

impl Credentials {
    fn of(token: SecretString) -> Self {
        Self { token: Some(Arc::new(Secret::new(token))), withheld: None }
    }

    /// Returns the credentials for the Hub at `address`. The caller did not choose the token for the Hub, so only a Hugging Face token is
    /// sent, and only to Hugging Face or this machine.
    pub(crate) fn for_hub(&self, address: &Address) -> Self {
        let is_allowed =
            |token: &&Arc<Secret>| is_huggingface(token.expose_secret()) && address.accepts_implicit_tokens();
        Self { token: self.token.as_ref().filter(is_allowed).cloned(), withheld: None }
    }
}

/// Returns credentials with a token that the caller chose for this address.
fn explicit_credentials(
    token: SecretString,
    address: &Address,
    allow_plain_http: bool,
) -> Result<Credentials, BotticelliError> {
    check_recipient(&token, address)?;
    // Hugging Face and the known providers support https.
    let is_public = address.is_huggingface() || KnownProvider::at(address.host()).is_some();
    if address.is_secure() || (allow_plain_http && !is_public) {
        return Ok(Credentials::of(token));
    }
    let reason = format!("the token would be sent to {} in plain text", address.host());
    let remedy = if is_public {
        "use https"
    } else {
        "use https, or pass no token, or, on your own network, allow it with `allow_plain_http(true)` \
         (`allow_plain_http = true` in `[llm.huggingface]`)"
    };
    Err(ConfigError::new(reason, remedy).with_key("base_url").into())
}

/// Rejects a token of another service for Hugging Face, and a Hugging Face token for a provider's own host.
fn check_recipient(token: &SecretString, address: &Address) -> Result<(), BotticelliError> {
    let (is_hf_token, host) = (is_huggingface(token.expose_secret()), address.host().to_owned());
    match () {
        () if address.is_router() && !is_hf_token => {
            Err(token_error(HuggingFaceErrorKind::NotAHuggingFaceToken { host }))
        }
        () if KnownProvider::at(&host).is_some() && is_hf_token => {
            Err(token_error(HuggingFaceErrorKind::HuggingFaceTokenForOtherHost { host }))
        }
        () => Ok(()),
    }
}

/// Returns whether a token is a Hugging Face token. All Hugging Face tokens have this prefix, and the keys of other providers do
/// not.
fn is_huggingface(token: &str) -> bool {
    token.starts_with("hf_")
}

/// Returns a token from the places that all tools of Hugging Face search, and the name of the place.
fn find_implicit_token(environment: &Environment) -> Result<(String, String), BotticelliError> {
    let disabled = environment.variable(DISABLE_IMPLICIT).filter(|value| is_true(value));
    if let Some(value) = disabled {
        return Err(token_error(HuggingFaceErrorKind::SearchDisabled {
            setting: format!("{DISABLE_IMPLICIT}={value}"),
        }));
    }
    for name in VARIABLES {
        if let Some(token) = environment.variable(name) {
            return Ok((token, name.to_owned()));
        }
    }
    let mut tried: Vec<_> = VARIABLES.iter().map(|name| format!("the variable {name}")).collect();
    if let Some(path) = token_file(environment) {
        // The variable may contain the token by mistake instead of a path, so the path is redacted.
        let place = format!("the token file {}", redact::tokens(&path.to_string_lossy()));
        if let Some(token) = environment.read(&path).filter(|token| !token.trim().is_empty()) {
            return Ok((token, place));
        }
        tried.push(place);
    }
    Err(token_error(HuggingFaceErrorKind::MissingToken { searched: tried }))
}

/// Returns the path of the token file: `HF_TOKEN_PATH`, else `token` in the folder of the `hf` tools.
fn token_file(environment: &Environment) -> Option<PathBuf> {
    environment.path("HF_TOKEN_PATH").or_else(|| Some(tools_home(environment)?.join("token")))
}

/// Returns the folder of the `hf` tools: `HF_HOME`, else `huggingface` in the user's cache folder.
pub(crate) fn tools_home(environment: &Environment) -> Option<PathBuf> {
    environment.path("HF_HOME").or_else(|| {
        let cache =
            environment.path("XDG_CACHE_HOME").or_else(|| Some(environment.home()?.join(".cache")))?;
        Some(cache.join("huggingface"))
    })
}

/// Returns whether a variable is switched on. The Python tools accept the same values.
pub(crate) fn is_true(value: &str) -> bool {
    ["1", "ON", "YES", "TRUE"].contains(&value.trim().to_ascii_uppercase().as_str())
}

/// Returns a token without surrounding white space, and without quotes, which `docker --env-file` keeps. A token that is invalid in a
/// header is rejected; the error does not repeat it.
fn parse_token(token: &str, origin: &str) -> Result<SecretString, BotticelliError> {
    let token = unquoted(token);
    let reason = match () {
        () if token.is_empty() => "is empty",
        () if token.contains(['"', '\'', '`', '“', '”', '‘', '’', '«', '»']) => {
            "contains a quotation mark"
        }
        () if token.contains(['\n', '\r']) => "contains a line break",
        () if token.contains(char::is_whitespace) => "contains white space",
        () if !token.bytes().all(|byte| byte.is_ascii_graphic()) => {
            "contains a character that is not plain ASCII"
        }
        () => return Ok(token.into()),
    };
    Err(token_error(HuggingFaceErrorKind::UnusableToken { origin: origin.to_owned(), reason }))
}

fn token_error(kind: HuggingFaceErrorKind) -> BotticelliError {
    ModelsError::new(ModelsErrorKind::HuggingFace(kind), ErrorDetails::new(PROVIDER)).into()
}
