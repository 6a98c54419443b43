//! Tokens that end a response.

use super::vocabulary::{TokenKind, Vocabulary};
use crate::file::Metadata;
use botticelli_error::BotticelliError;
use std::collections::HashSet;

/// Texts of tokens that end a response. Many files name only one of theirs in the metadata.
const TEXTS: &[&str] = &[
    "<|eot_id|>",
    "<|im_end|>",
    "<|end|>",
    "<|return|>",
    "<|call|>",
    "<end_of_turn>",
    "<|endoftext|>",
    "</s>",
    "<|eom_id|>",
    "<EOT>",
    "[EOS]",
    "<|end_of_text|>",
    "<end_of_utterance>",
    "<eos>",
    "<\u{ff5c}end\u{2581}of\u{2581}sentence\u{ff5c}>",
];

/// Those of [`TEXTS`] that are ordinary words in vocabularies of other families, such as the end of a strikethrough in HTML.
const WORDS: &[&str] = &["</s>", "<eos>", "<EOT>", "[EOS]"];

/// Returns the tokens that end a response, and marks them as control tokens.
pub(super) fn read(
    metadata: &Metadata,
    vocabulary: &mut Vocabulary,
) -> Result<HashSet<u32>, BotticelliError> {
    let mut ends = HashSet::new();
    for key in ["eos_token_id", "eot_token_id", "eom_token_id"] {
        let key = format!("tokenizer.ggml.{key}");
        if let Some(id) = metadata.token(&key)? {
            if vocabulary.text(id).is_none() {
                return Err(metadata.damaged(format!("`{key}` is {id}, and no such token exists")));
            }
            ends.insert(id);
        }
    }
    let found = TEXTS.iter().filter_map(|text| vocabulary.id(text).map(|id| (*text, id)));
    let is_end =
        |(text, id): &(&str, u32)| !WORDS.contains(text) || vocabulary.kind(*id) != TokenKind::Normal;
    ends.extend(found.filter(is_end).map(|(_, id)| id));
    for id in &ends {
        if vocabulary.kind(*id) != TokenKind::Control {
            vocabulary.set_control(*id);
        }
    }
    Ok(ends)
}
