//! Who is asked, and how: the table `[llm]` of a configuration file.

use crate::{DriverKind, GenerationConfig, RetryConfig, Timeouts};
use botticelli_error::{BotticelliError, BuilderError};
use derive_builder::Builder;
use derive_getters::Getters;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};
use std::fmt;

/// Who is asked, and how: the table `[llm]` of a configuration file.
///
/// ```
/// use botticelli_core::{LlmConfig, DriverKind};
///
/// # fn main() -> Result<(), botticelli_error::BotticelliError> {
/// let config = LlmConfig::builder()
///     .provider(DriverKind::HuggingFace)
///     .model("openai/gpt-oss-20b:cheapest")
///     .build()?;
/// assert_eq!(config.model(), "openai/gpt-oss-20b:cheapest");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Builder, Getters, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[serde(deny_unknown_fields)]
pub struct LlmConfig {
    /// Who is asked.
    #[getter(copy)]
    provider: DriverKind,
    /// The model that is asked where a request names none.
    #[getter(skip)]
    #[builder(setter(into))]
    model: String,
    /// Where the token is.
    #[builder(default)]
    #[serde(default)]
    auth: AuthConfig,
    /// What only Hugging Face knows.
    #[builder(default)]
    #[serde(default)]
    huggingface: HuggingFaceConfig,
    /// What every request asks for, unless it says otherwise itself.
    #[builder(default)]
    #[serde(default)]
    generation: GenerationConfig,
    /// How long to wait for the service, unless a request says otherwise itself.
    #[builder(default)]
    #[serde(default)]
    timeout: Timeouts,
    /// How often a call is tried again.
    #[builder(default)]
    #[serde(default)]
    retry: RetryConfig,
}

/// Where the token is. The token itself never stands in a configuration: one that does, by mistake, is neither read
/// nor written, and `Debug` hides it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AuthConfig {
    /// The name of the environment variable that holds the token. Not set: the usual places are looked at.
    #[serde(
        deserialize_with = "name_of_a_variable",
        serialize_with = "no_token",
        skip_serializing_if = "Option::is_none"
    )]
    pub api_key_env: Option<String>,
}

/// What only Hugging Face knows. `Debug` hides what may be a token in it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct HuggingFaceConfig {
    /// Where the service is. Not set: `https://router.huggingface.co/v1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The organisation (or resource group) that pays. Not set: the owner of the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bill_to: Option<String>,
    /// A provider to be called on its own route, as `groq`. Not set: the router chooses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Whose spelling of the protocol the server wants: `openai`, `tgi`, `schema_in_object` or `together`. Not set: the
    /// provider's, or else `openai`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialect: Option<String>,
    /// Whether a provider is chosen that can do what a request needs. Not set: only at Hugging Face's own router.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choose_provider: Option<bool>,
    /// A file that the catalogue of models is kept in. Not set: in memory only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalog_file: Option<String>,
    /// For how many seconds a catalogue holds. Not set: five minutes, and a day where it is kept in a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalog_max_age: Option<u64>,
    /// Whether a token may cross the network in plain text, to a server on a network of your own, as `http://vllm:8000`.
    /// Not set: `false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_plain_http: Option<bool>,
}

// Whoever puts the token where something else belongs must not read it in a log.
impl fmt::Debug for LlmConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { provider, model, auth, huggingface, generation, timeout, retry } = self;
        // A name with a slash in it is a model's: long ones would look like a token.
        let model = if model.contains('/') { model.clone() } else { AuthConfig::hide_tokens(model) };
        f.debug_struct("LlmConfig")
            .field("provider", provider)
            .field("model", &model)
            .field("auth", auth)
            .field("huggingface", huggingface)
            .field("generation", generation)
            .field("timeout", timeout)
            .field("retry", retry)
            .finish()
    }
}

impl fmt::Debug for AuthConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { api_key_env } = self;
        let name = api_key_env.as_deref().map(Self::hide_tokens);
        f.debug_struct("AuthConfig").field("api_key_env", &name).finish()
    }
}

impl fmt::Debug for HuggingFaceConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            base_url,
            allow_plain_http,
            bill_to,
            provider,
            dialect,
            choose_provider,
            catalog_file,
            catalog_max_age,
        } = self;
        let hidden = |text: &Option<String>| text.as_deref().map(AuthConfig::hide_tokens);
        f.debug_struct("HuggingFaceConfig")
            .field("base_url", &base_url.as_deref().map(shown))
            .field("allow_plain_http", allow_plain_http)
            .field("bill_to", &hidden(bill_to))
            .field("provider", &hidden(provider))
            .field("dialect", &hidden(dialect))
            .field("choose_provider", choose_provider)
            .field("catalog_file", &hidden(catalog_file))
            .field("catalog_max_age", catalog_max_age)
            .finish()
    }
}

/// An address without a user's name and password, without its query, and without what may be a token.
pub(crate) fn shown(address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    let hidden = match address.split_once("://") {
        Some((scheme, rest)) => {
            let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
            format!("{scheme}://{host}")
        }
        None => address.rsplit_once('@').map_or(address, |(_, host)| host).to_owned(),
    };
    AuthConfig::hide_tokens(&hidden)
}

/// How the tokens of known services begin.
const BEGINNINGS: [&str; 14] = [
    "hf_", "sk-", "sk_", "gsk_", "tgp_", "fw_", "nvapi-", "r8_", "csk-", "xai-", "pplx-", "glpat-", "ghp_",
    "AIza",
];

/// Shortest run of letters and digits that counts as random after a known beginning, in bytes. It has digits or both cases.
const RANDOM_RUN: usize = 16;

/// Shortest rest after a known beginning that counts as random if it mixes upper case, lower case and digits, in bytes.
const RANDOM_MIX: usize = 24;

impl AuthConfig {
    /// Returns whether `text` is a token of a known service: a known beginning, followed by enough random characters.
    ///
    /// Settings refuse a token by this rule. The rule does not guess: names of models, organizations, files and variables
    /// pass, even long ones with digits.
    ///
    /// ```
    /// use botticelli_core::AuthConfig;
    ///
    /// assert!(AuthConfig::is_token("hf_abcdefghijklmnopqrstuvwxyzABCDEFGH"));
    /// assert!(!AuthConfig::is_token("qwen2.5-coder-7b-instruct"));
    /// ```
    pub fn is_token(text: &str) -> bool {
        let text = text.trim();
        if let Some(rest) = text.strip_prefix("Bearer ") {
            return Self::is_token(rest) || is_random(rest);
        }
        BEGINNINGS.iter().any(|beginning| text.strip_prefix(beginning).is_some_and(is_random))
    }

    /// Returns whether `text` is a token rather than an identifier: the name of an environment variable, or of a provider.
    ///
    /// Identifiers are more regular than other names, so that the rule is stricter than [`is_token`](Self::is_token):
    /// a known beginning in lower case with one word after it, or a long word that mixes letters and digits.
    pub fn is_token_not_identifier(text: &str) -> bool {
        let is_one_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let begins = BEGINNINGS.iter().any(|beginning| {
            text.strip_prefix(beginning).is_some_and(|rest| rest.len() >= 6 && is_one_word(rest))
        });
        let is_random_word = is_one_word(text) && Self::looks_like_a_token(text);
        Self::is_token(text) || begins || is_random_word
    }

    /// Returns whether `text` is probably a token: a known beginning, or a long text that mixes what names do not.
    ///
    /// Messages hide text by this rule, which guesses. Settings refuse a token by [`is_token`](Self::is_token).
    pub fn looks_like_a_token(text: &str) -> bool {
        let has = |test: fn(char) -> bool| text.chars().any(test);
        let mixed = has(|c| c.is_ascii_lowercase()) && has(|c| c.is_ascii_digit()) && text.len() >= 20;
        let known = ["hf_", "sk-", "sk_", "gsk_", "tgp_", "fw_", "nvapi-", "r8_", "Bearer "];
        known.iter().any(|beginning| text.starts_with(beginning)) || Self::is_token(text) || mixed
    }
}

/// Returns whether `text`, the rest of a word after a known beginning, looks random.
fn is_random(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let has = |test: fn(&u8) -> bool| text.as_bytes().iter().any(test);
    let has_digit = has(u8::is_ascii_digit);
    let has_cases = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    let longest_run = text.split(['-', '_']).map(str::len).max().unwrap_or_default();
    let is_run = longest_run >= RANDOM_RUN && (has_digit || has_cases);
    text.bytes().all(is_part) && (is_run || (has_digit && has_cases && text.len() >= RANDOM_MIX))
}

impl AuthConfig {
    /// `text` without the words in it that might be tokens, and cut to 200 characters: fit for a message.
    ///
    /// ```
    /// use botticelli_core::AuthConfig;
    ///
    /// assert_eq!(AuthConfig::hide_tokens("no model hf_abcdef here"), "no model … here");
    /// ```
    pub fn hide_tokens(text: &str) -> String {
        let is_part_of_a_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let mut shown = String::new();
        for piece in text.split_inclusive(|c| !is_part_of_a_word(c)) {
            let word = piece.trim_end_matches(|c| !is_part_of_a_word(c));
            shown.push_str(if Self::looks_like_a_token(word) { "…" } else { word });
            shown.push_str(piece.strip_prefix(word).unwrap_or_default());
            if shown.len() > 800 {
                break;
            }
        }
        match shown.char_indices().nth(200) {
            Some((end, _)) => shown.get(..end).unwrap_or_default().to_owned() + "…",
            None => shown,
        }
    }
}

impl LlmConfig {
    /// Sets one field after the other.
    pub fn builder() -> LlmConfigBuilder {
        LlmConfigBuilder::default()
    }

    /// The model that is asked where a request names none.
    pub fn model(&self) -> &str {
        &self.model
    }
}

impl LlmConfigBuilder {
    /// Builds the configuration.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] where provider or model is missing.
    #[track_caller]
    pub fn build(self) -> Result<LlmConfig, BotticelliError> {
        let missing = |field, remedy| Err(BuilderError::missing("LlmConfig", field, remedy).into());
        if self.provider.is_none() {
            return missing("provider", "say who is asked, as DriverKind::HuggingFace");
        }
        if self.model.is_none() {
            return missing("model", "name one, as openai/gpt-oss-20b:cheapest");
        }
        self.build_unchecked()
    }
}

/// Refuses a token where the name of its variable belongs, without repeating it.
fn name_of_a_variable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let Some(name) = Option::<String>::deserialize(deserializer)? else {
        return Ok(None);
    };
    if AuthConfig::is_token_not_identifier(&name) {
        return Err(D::Error::custom(
            "a token stands where the name of its variable belongs: put the token into an environment variable and \
             write that variable's name here, as HF_TOKEN (and make a new token if this file was shared)",
        ));
    }
    if name.is_empty() || name.contains(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
        return Err(D::Error::custom(
            "this cannot be the name of an environment variable: letters, digits and underscores only, as HF_TOKEN",
        ));
    }
    Ok(Some(name))
}

/// Writes no token where the name of its variable belongs.
#[allow(clippy::ref_option, reason = "serde hands over a reference to the field")]
fn no_token<S: Serializer>(name: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    if name.as_deref().is_some_and(AuthConfig::is_token_not_identifier) {
        return Err(S::Error::custom("a token stands where the name of its variable belongs"));
    }
    name.serialize(serializer)
}
