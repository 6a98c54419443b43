//! The tokens of a model.

use crate::file::Metadata;
use botticelli_error::BotticelliError;
use std::collections::HashMap;

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// Part of a text.
    Normal,
    /// Placeholder for unknown text.
    Unknown,
    /// Control token, which only templates may produce.
    Control,
    /// Text that is always one token.
    UserDefined,
    /// A byte of `SentencePiece`.
    Byte,
    /// Never produced.
    Unused,
}

/// The tokens of a model, with their kinds and scores.
#[derive(Debug)]
pub(super) struct Vocabulary {
    texts: Vec<String>,
    kinds: Vec<TokenKind>,
    scores: Vec<f32>,
    ids: HashMap<String, u32>,
}

impl Vocabulary {
    pub(super) fn read(metadata: &Metadata) -> Result<Self, BotticelliError> {
        let texts = metadata.required_texts("tokenizer.ggml.tokens")?.to_vec();
        if texts.is_empty() || u32::try_from(texts.len()).is_err() {
            return Err(metadata.damaged(format!("the vocabulary has {} tokens", texts.len())));
        }
        let same_length = |key: &str, length: usize| {
            let tokens = texts.len();
            let reason = || format!("`{key}` has {length} entries for {tokens} tokens");
            if length == tokens { Ok(()) } else { Err(metadata.damaged(reason())) }
        };
        let kinds = match metadata.integers("tokenizer.ggml.token_type")? {
            Some(kinds) => {
                same_length("tokenizer.ggml.token_type", kinds.len())?;
                kinds.iter().map(|kind| TokenKind::of(*kind)).collect()
            }
            None => vec![TokenKind::Normal; texts.len()],
        };
        let scores = match metadata.floats("tokenizer.ggml.scores")? {
            Some(scores) => {
                same_length("tokenizer.ggml.scores", scores.len())?;
                scores.to_vec()
            }
            None => Vec::new(),
        };
        let ids = (0_u32..).zip(&texts).map(|(id, text)| (text.clone(), id)).collect();
        Ok(Self { texts, kinds, scores, ids })
    }

    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }

    pub(super) fn id(&self, text: &str) -> Option<u32> {
        self.ids.get(text).copied()
    }

    pub(super) fn text(&self, id: u32) -> Option<&str> {
        self.texts.get(usize::try_from(id).ok()?).map(String::as_str)
    }

    pub(super) fn kind(&self, id: u32) -> TokenKind {
        let kind = usize::try_from(id).ok().and_then(|id| self.kinds.get(id));
        kind.copied().unwrap_or(TokenKind::Unused)
    }

    /// Returns the score of `SentencePiece`; 0 if the file has no scores.
    pub(super) fn score(&self, id: u32) -> f32 {
        usize::try_from(id).ok().and_then(|id| self.scores.get(id)).copied().unwrap_or_default()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &str, TokenKind)> {
        (0_u32..).zip(self.texts.iter().zip(&self.kinds)).map(|(id, (text, kind))| (id, text.as_str(), *kind))
    }

    /// Overrides the kind of a token. Some files have control tokens with the wrong kind.
    pub(super) fn set_control(&mut self, id: u32) {
        if let Some(kind) = usize::try_from(id).ok().and_then(|id| self.kinds.get_mut(id)) {
            *kind = TokenKind::Control;
        }
    }
}

impl TokenKind {
    const fn of(number: i64) -> Self {
        match number {
            2 => Self::Unknown,
            3 => Self::Control,
            4 => Self::UserDefined,
            5 => Self::Unused,
            6 => Self::Byte,
            _ => Self::Normal,
        }
    }
}
