//! What the tests that look for a token share: two tokens, the forms that one may take, and the look itself.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::panic, reason = "a failed search is a failed test")]

pub(crate) mod calls;
pub(crate) mod printed;
pub(crate) mod sources;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use std::collections::BTreeSet;

/// A token that anybody would take for one: by its beginning it is found wherever it was put by mistake.
pub(crate) const SECRET: &str = "hf_sEcReT0123456789aBcDeF";

/// A token that looks like a word. Only the driver that received it can redact it.
pub(crate) const PLAIN: &str = "Correct-Horse.Battery+Staple/Sesame";

/// Returns the forms in which a server may repeat a token.
pub(crate) fn echoes(token: &str) -> Vec<String> {
    let beginning: String = token.chars().take(16).collect();
    vec![
        token.to_owned(),
        format!("Authorization: Bearer {token}"),
        format!("Bearer%20{}", percent_encoded(token)),
        format!("Basic {}", STANDARD.encode(token)),
        format!("Basic {}", STANDARD.encode(format!("u:{token}"))),
        format!("Basic {}", URL_SAFE.encode(format!("user:{token}"))),
        format!("Basic {}", STANDARD.encode(format!("me:{token}:x"))),
        format!("{beginning}..."),
        format!("({token}{token})"),
    ]
}

/// Every form of either token that must be nowhere.
fn needles() -> BTreeSet<String> {
    let mut needles = BTreeSet::new();
    for token in [SECRET, PLAIN] {
        needles.insert(token.chars().take(12).collect());
        needles.insert(percent_encoded(token).chars().take(12).collect());
        // Some base64 digits depend on the preceding bytes. The search uses only the others.
        for (in_front, depend) in [("", 0), ("u", 2), ("me", 3)] {
            for engine in [STANDARD, URL_SAFE] {
                let digits = engine.encode(format!("{in_front}{token}"));
                needles.insert(digits.chars().skip(depend).take(12).collect());
            }
        }
        let bytes: Vec<String> = token.bytes().take(6).map(|byte| byte.to_string()).collect();
        needles.insert(bytes.join(", "));
        needles.insert(bytes.join(",\n"));
    }
    needles
}

fn percent_encoded(token: &str) -> String {
    let encode = |c: char| match c {
        '+' => "%2B".to_owned(),
        '/' => "%2F".to_owned(),
        other => other.to_string(),
    };
    token.chars().map(encode).collect()
}

/// Returns the part of a token that `text` contains, if any.
pub(crate) fn leak(text: &str) -> Option<String> {
    // `{:#?}` breaks a list of bytes into lines.
    let joined: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let found = needles().into_iter().find(|needle| text.contains(needle) || joined.contains(needle));
    found.or_else(|| {
        let mut values = text.split("Bearer ").skip(1);
        values
            .find(|value| !["[token]", "…"].iter().any(|instead| value.starts_with(instead)))
            .map(|value| format!("Bearer {value}"))
    })
}

/// Fails if `text` contains a token in any form.
#[track_caller]
pub(crate) fn assert_no_token(whose: &str, text: &str) {
    if let Some(found) = leak(text) {
        panic!("{whose} shows {found:?} of the token: {text}");
    }
}
