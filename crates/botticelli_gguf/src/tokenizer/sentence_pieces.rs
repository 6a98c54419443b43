//! `SentencePiece`, by the scores of its tokens.

use super::merging::merge;
use super::vocabulary::{TokenKind, Vocabulary};

/// The character for a space.
const SPACE: &str = "\u{2581}";

/// Returns a text with the characters that tokens have for spaces.
fn escape(text: &str) -> String {
    text.replace(' ', SPACE)
}

/// Appends the tokens of a text.
pub(super) fn encode(text: &str, vocabulary: &Vocabulary, tokens: &mut Vec<u32>) {
    let text = escape(text);
    let symbols = merge(
        &text,
        |piece| vocabulary.id(piece),
        |left, right| {
            let id = vocabulary.id(text.get(left.start..right.end)?)?;
            let is_text = matches!(vocabulary.kind(id), TokenKind::Normal | TokenKind::UserDefined);
            is_text.then(|| (f64::from(vocabulary.score(id)), id))
        },
    );
    for symbol in symbols {
        let bytes = text.get(symbol.start..symbol.end).unwrap_or_default().bytes();
        let byte = |byte: u8| vocabulary.id(&format!("<0x{byte:02X}>")).or_else(|| vocabulary.id("<unk>"));
        match symbol.id {
            Some(id) => tokens.push(id),
            None => tokens.extend(bytes.filter_map(byte)),
        }
    }
}

/// Returns the bytes of a token.
pub(super) fn decode(token: &str, kind: TokenKind) -> Vec<u8> {
    let byte = token.strip_prefix("<0x").and_then(|rest| rest.strip_suffix('>'));
    match byte.filter(|_| kind == TokenKind::Byte).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
        Some(byte) => vec![byte],
        None => token.replace(SPACE, " ").into_bytes(),
    }
}
