//! A secret is taken out of what a service says.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use secrecy::{ExposeSecret, SecretString};
use std::fmt::Write as _;

/// What stands in its place.
const INSTEAD: &str = "[token]";

/// Services that cut a token show its beginning: so much of it is as good as all of it.
const TELLING: usize = 12;

/// Shortest secret that is taken out of texts, in bytes: a shorter one (`x`, `EMPTY`) stands in ordinary words, and guards
/// nothing.
const SHORTEST: usize = 8;

/// A secret, and the other forms in which a server may repeat it. `Debug` shows none of them.
#[derive(Clone, Debug)]
pub(crate) struct Secret {
    secret: SecretString,
    forms: Vec<Form>,
}

/// A form of a secret, in two parts: the second one may be cut.
#[derive(Clone, Debug)]
struct Form {
    beginning: SecretString,
    rest: SecretString,
}

impl Secret {
    /// With all forms of it.
    pub(crate) fn new(secret: SecretString) -> Self {
        let told = Some(secret.expose_secret()).filter(|secret| secret.len() >= SHORTEST);
        let forms = told.map(forms).unwrap_or_default();
        let forms = forms.iter().filter_map(|form| Form::of(form)).collect();
        Self { secret, forms }
    }

    /// `text` without it: neither as it is, nor cut, percent-encoded or in base64.
    pub(crate) fn scrub(&self, mut text: String) -> String {
        for form in &self.forms {
            if form.stands_in(&text) {
                text = form.taken_out_of(&text);
            }
        }
        text
    }
}

impl ExposeSecret<str> for Secret {
    fn expose_secret(&self) -> &str {
        self.secret.expose_secret()
    }
}

impl Form {
    fn of(form: &str) -> Option<Self> {
        let beginning: String = form.chars().take(TELLING).collect();
        let rest = form.strip_prefix(beginning.as_str()).unwrap_or_default().to_owned();
        (!beginning.is_empty()).then(|| Self { beginning: beginning.into(), rest: rest.into() })
    }

    fn stands_in(&self, text: &str) -> bool {
        let beginning = self.beginning.expose_secret().as_bytes();
        memchr::memmem::find(text.as_bytes(), beginning).is_some()
    }

    /// `text` without it, and without what begins as it does.
    fn taken_out_of(&self, text: &str) -> String {
        let mut pieces = text.split(self.beginning.expose_secret());
        let mut kept = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            kept.push_str(INSTEAD);
            let same =
                piece.chars().zip(self.rest.expose_secret().chars()).take_while(|(a, b)| a == b).count();
            kept.extend(piece.chars().skip(same));
        }
        kept
    }
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
