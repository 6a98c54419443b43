//! Byte pair encoding on the byte alphabet.

use super::byte_alphabet;
use super::merging::merge;
use super::pre_tokenizer::PreTokenizer;
use super::vocabulary::Vocabulary;
use crate::file::Metadata;
use botticelli_error::BotticelliError;
use std::collections::HashMap;

/// Byte pair encoding: words are split by patterns, and merged by the rank of their pairs.
#[derive(Debug)]
pub(super) struct BytePairs {
    pre_tokenizer: PreTokenizer,
    /// Rank and merged token by the two tokens of a pair.
    merges: HashMap<(u32, u32), (u32, u32)>,
}

impl BytePairs {
    pub(super) fn read(metadata: &Metadata, vocabulary: &Vocabulary) -> Result<Self, BotticelliError> {
        let pre_tokenizer = PreTokenizer::read(metadata)?;
        let pairs = metadata.required_texts("tokenizer.ggml.merges")?;
        let mut merges = HashMap::with_capacity(pairs.len());
        for (rank, pair) in (0_u32..).zip(pairs) {
            // The first part may be a space itself.
            let space = pair.char_indices().skip(1).find(|(_, letter)| *letter == ' ');
            let parts = space.and_then(|(at, _)| Some((pair.get(..at)?, pair.get(at + 1..)?)));
            let Some((left, right)) = parts else {
                return Err(metadata.damaged(format!("merge {rank} of the tokenizer is not a pair")));
            };
            let ids = (vocabulary.id(left), vocabulary.id(right), vocabulary.id(&[left, right].concat()));
            if let (Some(left), Some(right), Some(merged)) = ids {
                merges.entry((left, right)).or_insert((rank, merged));
            }
        }
        Ok(Self { pre_tokenizer, merges })
    }

    /// Returns whether a model with this tokenizer starts with the begin token if its file does not say.
    pub(super) fn adds_begin(&self) -> bool {
        self.pre_tokenizer.adds_begin()
    }

    pub(super) fn encode(&self, text: &str, vocabulary: &Vocabulary, tokens: &mut Vec<u32>) {
        for word in self.pre_tokenizer.split(text) {
            let word = byte_alphabet::encode(word);
            if self.pre_tokenizer.prefers_whole_words()
                && let Some(id) = vocabulary.id(&word)
            {
                tokens.push(id);
                continue;
            }
            let join = |left: Option<u32>, right: Option<u32>| {
                let (rank, id) = self.merges.get(&(left?, right?))?;
                Some((-f64::from(*rank), *id))
            };
            let symbols = merge(&word, |text| vocabulary.id(text), |left, right| join(left.id, right.id));
            tokens.extend(symbols.iter().filter_map(|symbol| symbol.id));
        }
    }
}
