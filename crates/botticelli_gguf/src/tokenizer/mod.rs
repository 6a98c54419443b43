//! Tokenizers, made from the metadata of a model file.
//!
//! Two kinds cover the supported models: byte-level byte pair encoding (`gpt2`) and `SentencePiece` with scores (`llama`).

mod byte_alphabet;
mod byte_pairs;
mod end_tokens;
mod merging;
mod model_tokenizer;
mod pre_tokenizer;
mod sentence_pieces;
mod text_decoder;
mod vocabulary;

pub(crate) use model_tokenizer::{GUARD, Tokenizer};
pub(crate) use text_decoder::TextDecoder;
