//! The checks of values before they are sent.

use botticelli_core::{Usd, redact};
use botticelli_error::{BotticelliError, EndpointError, EndpointErrorKind};

/// Maximum length of a name, which becomes a part of a host.
const LONGEST_NAME: usize = 63;

/// Returns the error for an invalid setting of an endpoint. A value that may be a token is not shown.
pub(super) fn invalid(
    endpoint: &str,
    setting: &'static str,
    value: &str,
    reason: impl Into<String>,
) -> BotticelliError {
    let value: String = value.chars().take(80).collect();
    let value = format!("{:?}", redact::tokens(&value));
    let kind = EndpointErrorKind::InvalidSetting { setting, value, reason: reason.into() };
    EndpointError::new(kind, redact::tokens(endpoint)).into()
}

/// Rejects a name that a new endpoint cannot have.
pub(super) fn check_name(name: &str) -> Result<(), BotticelliError> {
    let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = name.as_bytes();
    let is_allowed = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    let reason = match () {
        () if name.is_empty() => "is empty",
        () if redact::is_token(name) => "is a token",
        () if name.len() > LONGEST_NAME => "is too long",
        () if !bytes.iter().all(is_allowed) => "contains a character that is not allowed",
        () if !is_end(bytes.first()) || !is_end(bytes.last()) => "begins or ends with a hyphen",
        () => return Ok(()),
    };
    Err(invalid(name, "name", name, reason))
}

/// Rejects the name of an endpoint or a namespace that is not one part of a path.
pub(super) fn check_part(setting: &'static str, name: &str) -> Result<(), BotticelliError> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let reason = match () {
        () if name.is_empty() => "is empty",
        () if redact::is_token(name) => "is a token",
        () if name == "." || name == ".." || !name.bytes().all(is_allowed) => {
            "contains a character that is not allowed"
        }
        () => return Ok(()),
    };
    Err(invalid(name, setting, name, reason))
}

/// Rejects an invalid repository of the Hub.
pub(super) fn check_repository(endpoint: &str, repository: &str) -> Result<(), BotticelliError> {
    let parts: Vec<&str> = repository.split('/').collect();
    let is_valid = parts.len() <= 2 && parts.iter().all(|part| check_part("repository", part).is_ok());
    if is_valid {
        return Ok(());
    }
    let reason =
        if repository.is_empty() { "is empty" } else { "is not the name of a repository of the Hub" };
    Err(invalid(endpoint, "repository", repository, reason))
}

/// Rejects a text that is empty, or contains white space or a control character.
pub(super) fn check_word(endpoint: &str, setting: &'static str, word: &str) -> Result<(), BotticelliError> {
    let reason = match () {
        () if word.is_empty() => "is empty",
        () if word.contains(|c: char| c.is_whitespace() || c.is_control()) => "contains white space",
        () => return Ok(()),
    };
    Err(invalid(endpoint, setting, word, reason))
}

/// Rejects replicas that are impossible.
pub(super) fn check_replicas(
    endpoint: &str,
    minimum: Option<u32>,
    maximum: Option<u32>,
) -> Result<(), BotticelliError> {
    if maximum == Some(0) {
        return Err(invalid(endpoint, "max_replicas", "0", "allows no replica"));
    }
    match (minimum, maximum) {
        (Some(minimum), Some(maximum)) if minimum > maximum => {
            let reason = format!("is greater than `max_replicas` ({maximum})");
            Err(invalid(endpoint, "min_replicas", &minimum.to_string(), reason))
        }
        _ => Ok(()),
    }
}

/// Rejects a timeout of zero minutes.
pub(super) fn check_minutes(endpoint: &str, minutes: Option<u32>) -> Result<(), BotticelliError> {
    match minutes {
        Some(0) => Err(invalid(endpoint, "scale_to_zero_minutes", "0", "is zero")),
        _ => Ok(()),
    }
}

/// Rejects a price above the limit, and an unknown price if there is a limit.
pub(super) fn check_price(
    endpoint: &str,
    limit: Option<Usd>,
    replica: Option<Usd>,
    replicas: u32,
) -> Result<(), BotticelliError> {
    let Some(limit) = limit else { return Ok(()) };
    let limit = limit.nano_dollars();
    let kind = match replica.map(Usd::nano_dollars) {
        None => EndpointErrorKind::UnknownPrice { limit },
        Some(replica_price) => {
            let price = replica_price.saturating_mul(replicas.into());
            if price <= limit {
                return Ok(());
            }
            EndpointErrorKind::TooExpensive { limit, price, replica_price, replicas }
        }
    };
    Err(EndpointError::new(kind, redact::tokens(endpoint)).into())
}
