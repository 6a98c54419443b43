//! Redaction: how an address or a text is shown, and which texts are tokens.
//!
//! Messages and `Debug` output show addresses, settings and texts of a service through this module. Text that the model wrote may
//! be quoted without it.

mod secret;

pub use secret::Secret;

/// Prefixes of the tokens of known services.
const PREFIXES: [&str; 23] = [
    "hf_",
    "sk-",
    "sk_",
    "gsk_",
    "tgp_",
    "fw_",
    "nvapi-",
    "r8_",
    "csk-",
    "xai-",
    "pplx-",
    "glpat-",
    "ghp_",
    "github_pat_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "xoxb-",
    "xoxp-",
    "AIza",
    "AKIA",
    "ASIA",
];

/// Shortest run of letters and digits that counts as random after a known prefix, in bytes. The run has digits or both cases.
const RANDOM_RUN: usize = 16;

/// Shortest rest after a known prefix that counts as random if it mixes upper case, lower case and digits, in bytes.
const RANDOM_MIX: usize = 24;

/// Returns whether `text` is a token of a known service: a known prefix, followed by enough random characters.
///
/// Settings refuse a token by this rule. The rule does not guess: names of models, organizations, files and variables
/// pass, even long ones with digits.
///
/// ```
/// use botticelli_core::redact;
///
/// assert!(redact::is_token("hf_abcdefghijklmnopqrstuvwxyzABCDEFGH"));
/// assert!(!redact::is_token("qwen2.5-coder-7b-instruct"));
/// ```
pub fn is_token(text: &str) -> bool {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix("Bearer ") {
        return is_token(rest) || is_random(rest);
    }
    PREFIXES.iter().any(|beginning| text.strip_prefix(beginning).is_some_and(is_random))
}

/// Returns whether `text` is a token rather than an identifier: the name of an environment variable, or of a provider.
///
/// Identifiers are more regular than other names, so this rule is stricter than [`is_token`]. It matches a known prefix in lower
/// case with one word after it, or a long word that mixes letters and digits.
pub fn is_token_not_identifier(text: &str) -> bool {
    let is_one_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let begins = PREFIXES.iter().any(|beginning| {
        text.strip_prefix(beginning).is_some_and(|rest| rest.len() >= 6 && is_one_word(rest))
    });
    let is_random_word = is_one_word(text) && looks_like_a_token(text);
    is_token(text) || begins || is_random_word
}

/// Returns whether `text` is probably a token: a known prefix, or a long mix of lower case letters and digits.
///
/// This rule guesses. Messages hide text by it. Settings refuse a token by [`is_token`].
fn looks_like_a_token(text: &str) -> bool {
    let has = |test: fn(char) -> bool| text.chars().any(test);
    let mixed = has(|c| c.is_ascii_lowercase()) && has(|c| c.is_ascii_digit()) && text.len() >= 20;
    let known = ["hf_", "sk-", "sk_", "gsk_", "tgp_", "fw_", "nvapi-", "r8_", "Bearer "];
    known.iter().any(|beginning| text.starts_with(beginning)) || is_token(text) || mixed
}

/// Returns whether `text`, the rest of a word after a known prefix, looks random.
fn is_random(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let has = |test: fn(&u8) -> bool| text.as_bytes().iter().any(test);
    let has_digit = has(u8::is_ascii_digit);
    let has_cases = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    let longest_run = text.split(['-', '_']).map(str::len).max().unwrap_or_default();
    let is_run = longest_run >= RANDOM_RUN && (has_digit || has_cases);
    text.bytes().all(is_part) && (is_run || (has_digit && has_cases && text.len() >= RANDOM_MIX))
}

/// Returns `text` for a message, cut to 200 characters, with `…` for each word that may be a token.
///
/// ```
/// use botticelli_core::redact;
///
/// assert_eq!(redact::tokens("no model hf_abcdef here"), "no model … here");
/// ```
pub fn tokens(text: &str) -> String {
    let is_part_of_a_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let mut shown = String::new();
    for piece in text.split_inclusive(|c| !is_part_of_a_word(c)) {
        let word = piece.trim_end_matches(|c| !is_part_of_a_word(c));
        shown.push_str(if looks_like_a_token(word) { "…" } else { word });
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

/// Returns an address for display, without user name, password, query, and anything that may be a token.
pub fn address(address: &str) -> String {
    // A password can contain any character, if it is not escaped.
    let public = |address: &str| {
        let host = address.rsplit_once('@').map_or(address, |(_, host)| host);
        host.split(['?', '#']).next().unwrap_or_default().to_owned()
    };
    let hidden = match address.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", public(rest)),
        None => public(address),
    };
    tokens(&hidden)
}
