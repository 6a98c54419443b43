//! Redaction of a secret from the texts of a service.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use secrecy::{ExposeSecret, SecretString};
use std::fmt::Write as _;

/// The text that replaces the secret.
const REPLACEMENT: &str = "[token]";

/// Length in characters of the beginning that identifies a secret. Some services show only the beginning of a token.
const PREFIX_LENGTH: usize = 12;

/// Minimum length in bytes of a secret that is redacted. A shorter one (`x`, `EMPTY`) is a part of ordinary words, and protects nothing.
const MIN_LENGTH: usize = 8;

/// A secret, and the forms in which a server may repeat it. `Debug` hides them all.
#[derive(Clone, Debug)]
pub struct Secret {
    secret: SecretString,
    forms: Vec<Form>,
}

/// A form of a secret in two parts. A server may cut the second part.
#[derive(Clone, Debug)]
struct Form {
    prefix: SecretString,
    rest: SecretString,
}

impl Secret {
    /// Returns the secret with all its forms.
    pub fn new(secret: SecretString) -> Self {
        let long = Some(secret.expose_secret()).filter(|secret| secret.len() >= MIN_LENGTH);
        let forms = long.map(forms).unwrap_or_default();
        let forms = forms.iter().filter_map(|form| Form::of(form)).collect();
        Self { secret, forms }
    }

    /// Returns `text` with the secret redacted, whether it is whole, cut, percent-encoded or in base64.
    pub fn redact(&self, mut text: String) -> String {
        self.redact_in(&mut text);
        text
    }

    /// Does the same in place.
    #[doc(hidden)]
    pub fn redact_in(&self, text: &mut String) {
        for form in &self.forms {
            if form.is_in(text) {
                *text = form.redact(text);
            }
        }
    }
}

impl ExposeSecret<str> for Secret {
    fn expose_secret(&self) -> &str {
        self.secret.expose_secret()
    }
}

impl Form {
    fn of(form: &str) -> Option<Self> {
        let prefix: String = form.chars().take(PREFIX_LENGTH).collect();
        let rest = form.strip_prefix(prefix.as_str()).unwrap_or_default().to_owned();
        (!prefix.is_empty()).then(|| Self { prefix: prefix.into(), rest: rest.into() })
    }

    fn is_in(&self, text: &str) -> bool {
        let prefix = self.prefix.expose_secret().as_bytes();
        let Some(first) = prefix.first() else { return false };
        // Labels are short, so that a search for one byte is faster than one for the whole prefix.
        let mut candidates = memchr::memchr_iter(*first, text.as_bytes());
        candidates.any(|at| text.as_bytes().get(at..).is_some_and(|rest| rest.starts_with(prefix)))
    }

    /// Returns `text` with this form redacted, including cut copies.
    fn redact(&self, text: &str) -> String {
        let mut pieces = text.split(self.prefix.expose_secret());
        let mut redacted = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            redacted.push_str(REPLACEMENT);
            let matching =
                piece.chars().zip(self.rest.expose_secret().chars()).take_while(|(a, b)| a == b).count();
            redacted.extend(piece.chars().skip(matching));
        }
        redacted
    }
}

/// Returns the forms in which a server may repeat a secret.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned(), percent_encoded(secret)];
    for (before, skipped) in [(0_usize, 0_usize), (1, 2), (2, 3)] {
        // The digits at both ends depend on the bytes around the secret, so they are left out.
        let bytes = [vec![0; before], secret.as_bytes().to_vec()].concat();
        let whole = (bytes.len() / 3).saturating_mul(4);
        for engine in [STANDARD, URL_SAFE] {
            let digits = engine.encode(&bytes).chars().take(whole).skip(skipped).collect::<String>();
            forms.push(digits);
        }
    }
    // The secret itself may be short, but any text could contain a short encoded form.
    let mut forms: Vec<_> =
        forms.into_iter().filter(|form| form == secret || form.len() >= PREFIX_LENGTH).collect();
    forms.dedup();
    forms
}

fn percent_encoded(secret: &str) -> String {
    let mut encoded = String::new();
    for byte in secret.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
