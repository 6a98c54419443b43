//! A secret is taken out of what a service says.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use std::fmt::Write as _;

/// What stands in its place.
const INSTEAD: &str = "[token]";

/// Services that cut a token show its beginning: so much of it is as good as all of it.
const TELLING: usize = 12;

/// `text` without `secret`: neither as it is, nor cut, percent-encoded or in base64.
pub(crate) fn without_secret(text: &str, secret: &str) -> String {
    let mut text = text.to_owned();
    for form in forms(secret) {
        text = without(&text, &form);
    }
    text
}

/// `text` without `form`, and without what begins as it does.
fn without(text: &str, form: &str) -> String {
    let beginning: String = form.chars().take(TELLING).collect();
    if beginning.is_empty() {
        return text.to_owned();
    }
    let rest = form.strip_prefix(beginning.as_str()).unwrap_or_default();
    let mut pieces = text.split(beginning.as_str());
    let mut kept = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        kept.push_str(INSTEAD);
        let more = piece.chars().zip(rest.chars()).take_while(|(a, b)| a == b).count();
        kept.extend(piece.chars().skip(more));
    }
    kept
}

/// The ways in which a server may repeat it.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned(), percent_encoded(secret)];
    for (before, depends) in [(0_usize, 0_usize), (1, 2), (2, 3)] {
        // Of the digits, only those count that do not depend on what stands before or behind it.
        let bytes = [vec![0; before], secret.as_bytes().to_vec()].concat();
        let whole = (bytes.len() / 3).saturating_mul(4);
        for engine in [STANDARD, URL_SAFE] {
            let digits = engine.encode(&bytes).chars().take(whole).skip(depends).collect::<String>();
            forms.push(digits);
        }
    }
    // The secret itself may be short. A form of it that is would be found in any text.
    let mut forms: Vec<_> =
        forms.into_iter().filter(|form| form == secret || form.len() >= TELLING).collect();
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
