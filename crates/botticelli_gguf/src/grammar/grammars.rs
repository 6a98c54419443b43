//! The grammars for the vocabulary of one model.

use super::Subject;
use super::constraint::Constraint;
use super::lark::{ToolGrammar, with_layout};
use crate::output::ToolDialect;
use crate::tokenizer::Tokenizer;
use botticelli_core::ToolDefinition;
use botticelli_error::BotticelliError;
use llguidance::api::TopLevelGrammar;
use llguidance::toktrie::{ApproximateTokEnv, TokEnv, TokRxInfo, TokTrie};
use llguidance::{Matcher, ParserFactory};
use serde_json::Value;
use std::sync::{Arc, OnceLock};

/// Maximum length of a token that grammars use, in bytes.
const MAX_TOKEN: usize = 255;

/// Compiles schemas for the vocabulary of one model. The tables of the vocabulary are made for the first schema.
#[derive(Default)]
pub(crate) struct Grammars(OnceLock<Option<ParserFactory>>);

impl Grammars {
    /// `true`: the crate is built with grammars.
    pub(crate) const AVAILABLE: bool = true;

    /// Compiles a schema of the whole response.
    pub(crate) fn compile(
        &self,
        tokenizer: &Tokenizer,
        schema: &Value,
    ) -> Result<Constraint, BotticelliError> {
        let grammar = TopLevelGrammar::from_json_schema(with_layout(schema));
        self.compile_grammar(tokenizer, grammar, &Subject::ResponseFormat(schema))
    }

    /// Compiles the grammar of a response that calls some of `tools`, or has the schema `answer`.
    pub(crate) fn compile_tools(
        &self,
        tokenizer: &Tokenizer,
        dialect: ToolDialect,
        tools: &[&ToolDefinition],
        allows_several: bool,
        answer: Option<&Value>,
    ) -> Result<Constraint, BotticelliError> {
        let grammar = ToolGrammar { dialect, tools, allows_several, answer };
        for tool in grammar.tools {
            // Each schema alone first, so that the error names the tool.
            let schema = TopLevelGrammar::from_json_schema(with_layout(tool.parameters()));
            self.compile_grammar(tokenizer, schema, &Subject::Tool(tool))?;
        }
        if let Some(schema) = grammar.answer {
            self.compile(tokenizer, schema)?;
        }
        let names = Subject::Tools(grammar.tools);
        self.compile_grammar(tokenizer, TopLevelGrammar::from_lark(grammar.to_lark()), &names)
    }

    fn compile_grammar(
        &self,
        tokenizer: &Tokenizer,
        grammar: TopLevelGrammar,
        subject: &Subject<'_>,
    ) -> Result<Constraint, BotticelliError> {
        let factory = self.0.get_or_init(|| factory(tokenizer));
        let Some(factory) = factory else {
            return Err(subject.refused("the vocabulary of the model cannot be used for grammars"));
        };
        match factory.create_parser(grammar) {
            Ok(parser) => Ok(Constraint::new(Matcher::new(Ok(parser)))),
            Err(error) => {
                let text = error.to_string();
                let reason: String = text.lines().next().unwrap_or_default().chars().take(300).collect();
                Err(subject.refused(reason))
            }
        }
    }
}

impl std::fmt::Debug for Grammars {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Grammars").finish_non_exhaustive()
    }
}

/// Makes the tables of a vocabulary.
fn factory(tokenizer: &Tokenizer) -> Option<ParserFactory> {
    let tokens = u32::try_from(tokenizer.len()).ok()?;
    // A token without bytes is never accepted. The byte 0xFF marks control tokens in these tables, and is in no text.
    let usable = |piece: &&[u8]| piece.len() <= MAX_TOKEN && !piece.contains(&0xff);
    let piece = |token| Some(tokenizer.piece(token)).filter(usable).unwrap_or_default().to_vec();
    let mut words: Vec<Vec<u8>> = (0..tokens).map(piece).collect();
    // The tables require an end token. The model cannot choose this one.
    words.push(b"\xff<|end|>".to_vec());
    let ends: Vec<u32> = tokenizer.ends().chain([tokens]).collect();
    for end in &ends {
        if let Some(word) = words.get_mut(crate::numbers::to_usize(*end)) {
            *word = format!("<|end {end}|>").into_bytes();
            word.insert(0, 0xff);
        }
    }
    let trie = TokTrie::from(&TokRxInfo::new(tokens.checked_add(1)?, tokens), &words).with_eos_tokens(&ends);
    let environment: TokEnv = Arc::new(ApproximateTokEnv::new(trie));
    let mut factory = ParserFactory::new_simple(&environment).ok()?;
    factory.quiet();
    factory.limits_mut().verbose_errors = false;
    Some(factory)
}
