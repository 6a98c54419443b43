//! Patterns that split a text into words before byte pair encoding.

use crate::file::Metadata;
use botticelli_error::BotticelliError;
use fancy_regex::Regex;

/// GPT-2's words.
const GPT2: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)";
/// Llama 3's words, with up to three digits.
const LLAMA3: &str = r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// Qwen's words, with single digits.
const QWEN2: &str = r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// Qwen 3.5's words, with marks as letters.
const QWEN35: &str = r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// Mistral's words (Tekken).
const TEKKEN: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// GPT-4o's words.
const GPT4O: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// DeepSeek V3's words, after digits and Chinese.
const DEEPSEEK3: &str = r##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"##;

/// Names in model files, with the patterns that apply one after the other, and two facts about the model: it prefers whole words, and
/// it starts with the begin token by default.
const NAMES: &[(&[&str], &[&str], bool, bool)] = &[
    (&["llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "lfm2"], &[LLAMA3], true, true),
    (&["smaug-bpe", "dbrx", "chatglm-bpe"], &[LLAMA3], false, false),
    (&["glm4", "glm5"], &[LLAMA3], true, false),
    (
        &["qwen2", "deepseek-r1-qwen", "kormo", "stablelm2", "megrez", "hunyuan", "grok-2", "solar-open"],
        &[QWEN2],
        false,
        false,
    ),
    (&["qwen35"], &[QWEN35], false, false),
    (
        &["smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"],
        &[r"\p{N}", GPT2],
        false,
        false,
    ),
    (
        &[
            "gpt-2",
            "phi-2",
            "mpt",
            "olmo",
            "jais",
            "trillion",
            "exaone4",
            "gigachat",
            "a.x-4.0",
            "mellum",
            "granite-docling",
        ],
        &[GPT2],
        false,
        false,
    ),
    (&["tekken"], &[TEKKEN], true, true),
    (&["gpt-4o", "llama4", "kanana2"], &[GPT4O], false, false),
    (
        &["deepseek-v3", "hunyuan-dense"],
        &[r"\p{N}{1,3}", "[\u{4e00}-\u{9fa5}\u{3040}-\u{309f}\u{30a0}-\u{30ff}]+", DEEPSEEK3],
        false,
        false,
    ),
    (&["falcon"], &[r"[\p{P}\$\+<=>\^~\|`]+", GPT2, "[0-9][0-9][0-9]"], false, false),
    (&["default"], &[r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", "[0-9][0-9][0-9]"], false, false),
];

/// The patterns of one model.
#[derive(Debug)]
pub(super) struct PreTokenizer {
    patterns: Vec<Regex>,
    prefers_whole_words: bool,
    adds_begin: bool,
}

impl PreTokenizer {
    pub(super) fn read(metadata: &Metadata) -> Result<Self, BotticelliError> {
        let name = metadata.text("tokenizer.ggml.pre")?.unwrap_or("default");
        let Some((_, patterns, prefers_whole_words, adds_begin)) =
            NAMES.iter().find(|(names, ..)| names.contains(&name))
        else {
            let known: Vec<_> = NAMES.iter().flat_map(|(names, ..)| names.iter().copied()).collect();
            let remedy = format!("use a model with one of these pre-tokenizers: {}", known.join(", "));
            return Err(metadata.unsupported(format!("the pre-tokenizer {name:?}"), remedy));
        };
        let compile = |pattern: &&str| {
            Regex::new(pattern).map_err(|error| {
                metadata.unsupported(format!("the pre-tokenizer {name:?} ({error})"), "report this error")
            })
        };
        let patterns = patterns.iter().map(compile).collect::<Result<_, _>>()?;
        Ok(Self { patterns, prefers_whole_words: *prefers_whole_words, adds_begin: *adds_begin })
    }

    pub(super) const fn prefers_whole_words(&self) -> bool {
        self.prefers_whole_words
    }

    pub(super) const fn adds_begin(&self) -> bool {
        self.adds_begin
    }

    /// Splits a text into words. Together, they are the text.
    pub(super) fn split<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let mut words = vec![text];
        for pattern in &self.patterns {
            words = words.into_iter().flat_map(|word| split_once(pattern, word)).collect();
        }
        words
    }
}

/// Splits a text into the matches of a pattern and the parts between them.
fn split_once<'t>(pattern: &Regex, text: &'t str) -> Vec<&'t str> {
    let mut words = Vec::new();
    let mut end = 0;
    for found in pattern.find_iter(text) {
        // A pattern that needs too many steps leaves the rest in one piece.
        let Ok(found) = found else { break };
        words.extend(text.get(end..found.start()).filter(|gap| !gap.is_empty()));
        words.push(found.as_str());
        end = found.end();
    }
    words.extend(text.get(end..).filter(|rest| !rest.is_empty()));
    words
}
