//! The tokenizer of a model.

use super::byte_pairs::BytePairs;
use super::vocabulary::{TokenKind, Vocabulary};
use super::{byte_alphabet, end_tokens, sentence_pieces};
use crate::file::Metadata;
use aho_corasick::{AhoCorasick, MatchKind};
use botticelli_error::BotticelliError;
use std::collections::HashSet;

/// A noncharacter that interrupts control tokens in texts of users. The tokenizer removes it.
pub(crate) const GUARD: char = '\u{fdd0}';

/// The tokenizer of a model: from text to tokens, and back.
#[derive(Debug)]
pub(crate) struct Tokenizer {
    vocabulary: Vocabulary,
    encoding: Encoding,
    /// Texts of all control tokens and of all tokens that are never split.
    template_tokens: Finder,
    /// Texts of the tokens that are never split.
    text_tokens: Finder,
    pieces: Vec<Box<[u8]>>,
    begin: Option<u32>,
    ends: HashSet<u32>,
    adds_begin: bool,
}

#[derive(Debug)]
enum Encoding {
    BytePairs(BytePairs),
    /// With a space before the text, or without.
    SentencePieces {
        adds_space: bool,
    },
}

/// Finds the texts of tokens. The leftmost match comes first, and the longest one at its place.
#[derive(Debug)]
struct Finder {
    automaton: Option<AhoCorasick>,
    ids: Vec<u32>,
}

impl Tokenizer {
    pub(crate) fn read(metadata: &Metadata) -> Result<Self, BotticelliError> {
        let mut vocabulary = Vocabulary::read(metadata)?;
        let ends = end_tokens::read(metadata, &mut vocabulary)?;
        let kind = metadata.required_text("tokenizer.ggml.model")?;
        let (encoding, adds_begin) = match kind {
            "gpt2" => {
                let pairs = BytePairs::read(metadata, &vocabulary)?;
                let adds_begin = pairs.adds_begin();
                (Encoding::BytePairs(pairs), adds_begin)
            }
            "llama" => {
                let adds_space = metadata.bool("tokenizer.ggml.add_space_prefix")?.unwrap_or(true);
                (Encoding::SentencePieces { adds_space }, true)
            }
            other => {
                let remedy = "use a model with byte pair encoding (gpt2) or SentencePiece (llama)";
                return Err(metadata.unsupported(format!("the tokenizer {other:?}"), remedy));
            }
        };
        let adds_begin = metadata.bool("tokenizer.ggml.add_bos_token")?.unwrap_or(adds_begin);
        let begin = metadata.token("tokenizer.ggml.bos_token_id")?;
        if let Some(id) = begin.filter(|id| vocabulary.text(*id).is_none()) {
            let key = "tokenizer.ggml.bos_token_id";
            return Err(metadata.damaged(format!("`{key}` is {id}, and no such token exists")));
        }
        let finder = |kinds: &[TokenKind]| Finder::new(&vocabulary, kinds);
        let template_tokens = finder(&[TokenKind::Control, TokenKind::UserDefined]);
        let text_tokens = finder(&[TokenKind::UserDefined]);
        let (Some(template_tokens), Some(text_tokens)) = (template_tokens, text_tokens) else {
            return Err(metadata.damaged("the texts of the control tokens are too long"));
        };
        let pieces = pieces(&vocabulary, &encoding);
        Ok(Self { vocabulary, encoding, template_tokens, text_tokens, pieces, begin, ends, adds_begin })
    }

    /// Returns the number of tokens.
    pub(crate) fn len(&self) -> usize {
        self.vocabulary.len()
    }

    /// Returns the begin token, if texts start with it.
    pub(crate) fn begin(&self) -> Option<u32> {
        self.begin.filter(|_| self.adds_begin)
    }

    /// Returns the text of the token with this key of the metadata, for templates.
    pub(crate) fn text_of(&self, id: Option<u32>) -> &str {
        id.and_then(|id| self.vocabulary.text(id)).unwrap_or_default()
    }

    /// Returns the begin token, even if texts do not start with it.
    pub(crate) const fn begin_id(&self) -> Option<u32> {
        self.begin
    }

    /// Returns whether a token ends a response.
    pub(crate) fn is_end(&self, token: u32) -> bool {
        self.ends.contains(&token)
    }

    /// Returns the tokens that end a response.
    #[cfg(feature = "grammar")]
    pub(crate) fn ends(&self) -> impl Iterator<Item = u32> {
        self.ends.iter().copied()
    }

    /// Returns the bytes of a token. Control tokens have none, except the tags of reasoning and of tool calls.
    pub(crate) fn piece(&self, token: u32) -> &[u8] {
        usize::try_from(token).ok().and_then(|at| self.pieces.get(at)).map(AsRef::as_ref).unwrap_or_default()
    }

    /// Returns whether a token with this text exists.
    pub(crate) fn has(&self, text: &str) -> bool {
        self.vocabulary.id(text).is_some()
    }

    /// Interrupts the texts of control tokens in a text, so that they stay text.
    pub(crate) fn guard(&self, text: &str) -> String {
        let text = text.replace(GUARD, "");
        let Some(automaton) = &self.template_tokens.automaton else { return text };
        let mut guarded = String::with_capacity(text.len());
        let mut end = 0;
        // Control tokens may overlap, so the beginning of each is interrupted.
        let mut rest = text.as_str();
        while let Some(found) = automaton.find(rest) {
            let at = end + found.start();
            let first = text.get(at..).and_then(|from| from.chars().next()).map_or(1, char::len_utf8);
            guarded.push_str(text.get(end..at + first).unwrap_or_default());
            if self.is_control(found.pattern().as_usize()) {
                guarded.push(GUARD);
            }
            end = at + first;
            rest = text.get(end..).unwrap_or_default();
        }
        guarded.push_str(rest);
        guarded
    }

    fn is_control(&self, pattern: usize) -> bool {
        let id = self.template_tokens.ids.get(pattern);
        id.is_some_and(|id| self.vocabulary.kind(*id) == TokenKind::Control)
    }

    /// Returns the tokens of a rendered template, with its control tokens.
    pub(crate) fn encode_template(&self, text: &str) -> Vec<u32> {
        self.encode_with(&self.template_tokens, text)
    }

    /// Returns the tokens of a text. The texts of control tokens stay text.
    pub(crate) fn encode_text(&self, text: &str) -> Vec<u32> {
        self.encode_with(&self.text_tokens, text)
    }

    fn encode_with(&self, finder: &Finder, text: &str) -> Vec<u32> {
        let mut tokens: Vec<u32> = self.begin().into_iter().collect();
        let mut end = 0;
        let found = finder.automaton.iter().flat_map(|automaton| automaton.find_iter(text));
        for found in found {
            self.encode_part(text.get(end..found.start()).unwrap_or_default(), &mut tokens);
            tokens.extend(finder.ids.get(found.pattern().as_usize()));
            end = found.end();
        }
        self.encode_part(text.get(end..).unwrap_or_default(), &mut tokens);
        // A template may write the begin token itself.
        if let (Some(begin), [first, second, ..]) = (self.begin(), tokens.as_slice())
            && *first == begin
            && *second == begin
        {
            tokens.remove(0);
        }
        tokens
    }

    fn encode_part(&self, text: &str, tokens: &mut Vec<u32>) {
        let text = text.replace(GUARD, "");
        if text.is_empty() {
            return;
        }
        match &self.encoding {
            Encoding::BytePairs(pairs) => pairs.encode(&text, &self.vocabulary, tokens),
            // Every part follows a token that is not text, or begins the text.
            Encoding::SentencePieces { adds_space: true } => {
                sentence_pieces::encode(&format!(" {text}"), &self.vocabulary, tokens);
            }
            Encoding::SentencePieces { adds_space: false } => {
                sentence_pieces::encode(&text, &self.vocabulary, tokens);
            }
        }
    }
}

impl Finder {
    fn new(vocabulary: &Vocabulary, kinds: &[TokenKind]) -> Option<Self> {
        let tokens = vocabulary.iter().filter(|(_, text, kind)| !text.is_empty() && kinds.contains(kind));
        let (ids, texts): (Vec<u32>, Vec<&str>) = tokens.map(|(id, text, _)| (id, text)).unzip();
        if texts.is_empty() {
            return Some(Self { automaton: None, ids });
        }
        let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(texts).ok()?;
        Some(Self { automaton: Some(automaton), ids })
    }
}

/// Control tokens that are part of the response.
const TAGS: &[&str] =
    &["<think>", "</think>", "<tool_call>", "</tool_call>", "<|python_tag|>", "[TOOL_CALLS]"];

fn pieces(vocabulary: &Vocabulary, encoding: &Encoding) -> Vec<Box<[u8]>> {
    let piece = |(_, text, kind): (u32, &str, TokenKind)| match (kind, encoding) {
        (TokenKind::Control, _) if TAGS.contains(&text) => text.as_bytes().into(),
        (TokenKind::Control | TokenKind::Unused | TokenKind::Unknown, _) => Box::default(),
        (TokenKind::UserDefined, Encoding::BytePairs(_)) => text.as_bytes().into(),
        (_, Encoding::BytePairs(_)) => byte_alphabet::decode(text).into_boxed_slice(),
        (kind, Encoding::SentencePieces { .. }) => sentence_pieces::decode(text, kind).into_boxed_slice(),
    };
    vocabulary.iter().map(piece).collect()
}
