//! Where the token comes from, and where it may go.
//!
//! The order, the first hit winning: what the caller passed; the variable that is named in `api_key_env`;
//! `HUGGINGFACE_API_TOKEN` (this project's own name), `HF_TOKEN`, `HUGGING_FACE_HUB_TOKEN`; the token file of the
//! `hf` tools. The last two are found *implicitly*: such a token goes to Hugging Face and to this machine only.

use crate::Environment;
use crate::environment::unquoted;
use crate::huggingface::PROVIDER;
use crate::huggingface::routing::address::Address;
use crate::huggingface::routing::known_providers::KnownProvider;
use crate::secret::Secret;
use botticelli_core::AuthConfig;
use botticelli_error::{
    BotticelliError, ConfigError, ErrorDetails, HuggingFaceErrorKind, ModelsError, ModelsErrorKind,
};
use secrecy::{ExposeSecret, SecretString};
use std::path::PathBuf;
use std::sync::Arc;

/// The variables that are looked at, in this order.
const VARIABLES: [&str; 3] = ["HUGGINGFACE_API_TOKEN", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"];

/// Turns the search in places that the caller did not name off, as it does in the `hf` tools.
const DISABLE_IMPLICIT: &str = "HF_HUB_DISABLE_IMPLICIT_TOKEN";

/// A token that may be sent, or why there is none.
#[derive(Clone, Debug, Default)]
pub(in crate::huggingface) struct Credentials {
    pub(in crate::huggingface) token: Option<Arc<Secret>>,
    /// Why a token that was found is not sent.
    pub(in crate::huggingface) withheld: Option<String>,
}

/// A token, before it is known where it would go.
pub(in crate::huggingface) enum TokenLookup {
    /// The caller passed it, or named its variable.
    Named(SecretString),
    /// It was found in a place that the caller did not name.
    Found { token: String, place: String },
    /// There is none, and why.
    Nowhere(BotticelliError),
}

/// Looks for a token where the caller says, or else in the usual places.
pub(in crate::huggingface) fn seek(
    passed: Option<&SecretString>,
    api_key_env: Option<&str>,
    environment: &Environment,
) -> Result<TokenLookup, BotticelliError> {
    if let Some(token) = passed {
        return Ok(TokenLookup::Named(usable(token.expose_secret(), "the caller")?));
    }
    if let Some(name) = api_key_env {
        if AuthConfig::is_token_not_identifier(name) {
            let remedy = "put the token into an environment variable, and give that variable's name";
            return Err(ConfigError::new("a token stands where the name of its variable belongs", remedy)
                .with_key("api_key_env")
                .into());
        }
        // Whoever names a variable wants that one: nothing else is looked at.
        let Some(token) = environment.variable(name) else {
            return Err(refused(HuggingFaceErrorKind::VariableUnset { name: name.to_owned() }));
        };
        return Ok(TokenLookup::Named(usable(&token, name)?));
    }
    Ok(match found(environment) {
        Ok((token, place)) => TokenLookup::Found { token, place },
        Err(error) => TokenLookup::Nowhere(error),
    })
}

impl TokenLookup {
    /// Whether it is one of Hugging Face's, as far as a provider's own route asks: what was only found never counts as a
    /// provider's key. `None` where there is none.
    pub(in crate::huggingface) fn is_huggingface(&self) -> Option<bool> {
        match self {
            Self::Named(token) => Some(is_huggingface(token.expose_secret())),
            Self::Found { .. } => Some(true),
            Self::Nowhere(_) => None,
        }
    }

    /// The token for `address`. A server that is not Hugging Face's needs none; Hugging Face's own do.
    ///
    /// `allow_plain_http` is the caller's word that the network on the way may read a token that was passed or named.
    pub(in crate::huggingface) fn at(
        self,
        address: &Address,
        allow_plain_http: bool,
    ) -> Result<Credentials, BotticelliError> {
        match self {
            Self::Named(token) => named(token, address, allow_plain_http),
            Self::Found { token, place } if address.takes_found_tokens() => {
                let token = usable(&token, &place)?;
                stays_at_home(&token, address)?;
                Ok(Credentials::of(token))
            }
            Self::Found { place, .. } => {
                let host = address.host();
                let why = format!(
                    "the one found in {place} is for Hugging Face, and {host} is neither that nor this machine"
                );
                Ok(Credentials { token: None, withheld: Some(why) })
            }
            Self::Nowhere(error) if address.is_huggingface() => Err(error),
            Self::Nowhere(_) => Ok(Credentials::default()),
        }
    }
}

impl Credentials {
    fn of(token: SecretString) -> Self {
        Self { token: Some(Arc::new(Secret::new(token))), withheld: None }
    }

    /// What of these may go to the Hub at `address`, to whom the caller did not give them: a token of Hugging Face's, and
    /// to Hugging Face or this machine only.
    pub(in crate::huggingface) fn for_the_hub(&self, address: &Address) -> Self {
        let goes =
            |token: &&Arc<Secret>| is_huggingface(token.expose_secret()) && address.takes_found_tokens();
        Self { token: self.token.as_ref().filter(goes).cloned(), withheld: None }
    }
}

/// A token that the caller meant for this address.
fn named(
    token: SecretString,
    address: &Address,
    allow_plain_http: bool,
) -> Result<Credentials, BotticelliError> {
    stays_at_home(&token, address)?;
    // Who is reached over the internet has https.
    let is_public = address.is_huggingface() || KnownProvider::at(address.host()).is_some();
    if address.is_private() || (allow_plain_http && !is_public) {
        return Ok(Credentials::of(token));
    }
    let reason = format!("a token would cross the network to {} in plain text", address.host());
    let remedy = if is_public {
        "use https"
    } else {
        "use https, or give no token, or, on a network of your own, allow it with `allow_plain_http(true)` \
         (`allow_plain_http = true` in `[llm.huggingface]`)"
    };
    Err(ConfigError::new(reason, remedy).with_key("base_url").into())
}

/// A key of another service does not go to Hugging Face, and a token of Hugging Face's to no provider's own host.
fn stays_at_home(token: &SecretString, address: &Address) -> Result<(), BotticelliError> {
    let (is_ours, host) = (is_huggingface(token.expose_secret()), address.host().to_owned());
    match () {
        () if address.is_router() && !is_ours => {
            Err(refused(HuggingFaceErrorKind::NotAHuggingFaceToken { host }))
        }
        () if KnownProvider::at(&host).is_some() && is_ours => {
            Err(refused(HuggingFaceErrorKind::HuggingFaceTokenForOtherHost { host }))
        }
        () => Ok(()),
    }
}

/// All tokens of Hugging Face begin so, and no provider's keys do.
fn is_huggingface(token: &str) -> bool {
    token.starts_with("hf_")
}

/// A token from the places that every tool of Hugging Face looks at, and the name of the place.
fn found(environment: &Environment) -> Result<(String, String), BotticelliError> {
    let disabled = environment.variable(DISABLE_IMPLICIT).filter(|value| is_true(value));
    if let Some(value) = disabled {
        return Err(refused(HuggingFaceErrorKind::SearchDisabled {
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
        // Whoever puts the token itself where its file belongs must not read it in an error.
        let place = format!("the token file {}", AuthConfig::hide_tokens(&path.to_string_lossy()));
        if let Some(token) = environment.read(&path).filter(|token| !token.trim().is_empty()) {
            return Ok((token, place));
        }
        tried.push(place);
    }
    Err(refused(HuggingFaceErrorKind::MissingToken { searched: tried }))
}

/// `HF_TOKEN_PATH`, else `token` in `HF_HOME`, which is `huggingface` in the user's cache.
fn token_file(environment: &Environment) -> Option<PathBuf> {
    let path = |name| environment.path(name);
    path("HF_TOKEN_PATH").or_else(|| {
        let home = path("HF_HOME").or_else(|| {
            let cache = path("XDG_CACHE_HOME").or_else(|| Some(environment.home()?.join(".cache")))?;
            Some(cache.join("huggingface"))
        })?;
        Some(home.join("token"))
    })
}

/// As the Python tools read a switch.
fn is_true(value: &str) -> bool {
    ["1", "ON", "YES", "TRUE"].contains(&value.trim().to_ascii_uppercase().as_str())
}

/// Takes off the blanks around it, and quotes, which `docker --env-file` keeps; whatever else cannot stand in a header is
/// refused, without repeating it.
fn usable(token: &str, origin: &str) -> Result<SecretString, BotticelliError> {
    let token = unquoted(token);
    let reason = match () {
        () if token.is_empty() => "is empty",
        () if token.contains(['"', '\'', '`', '“', '”', '‘', '’', '«', '»']) => {
            "has a quotation mark in it"
        }
        () if token.contains(['\n', '\r']) => "has a line break in it",
        () if token.contains(char::is_whitespace) => "has a blank in it",
        () if !token.bytes().all(|byte| byte.is_ascii_graphic()) => {
            "has a character in it that is not plain ASCII"
        }
        () => return Ok(token.into()),
    };
    Err(refused(HuggingFaceErrorKind::UnusableToken { origin: origin.to_owned(), reason }))
}

fn refused(kind: HuggingFaceErrorKind) -> BotticelliError {
    ModelsError::new(ModelsErrorKind::HuggingFace(kind), ErrorDetails::new(PROVIDER)).into()
}
