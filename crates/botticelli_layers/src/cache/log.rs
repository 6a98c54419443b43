//! The items of a call so far, in little memory.

use botticelli_core::{Delta, GenerateResponse, StreamChunk};
use botticelli_error::BotticelliError;

pub(super) type Item = Result<Part, BotticelliError>;

/// A part of a call.
#[derive(Clone)]
pub(super) enum Part {
    Chunk(StreamChunk),
    /// The response of a call that is not streamed.
    Whole(GenerateResponse),
}

impl Part {
    pub(super) fn is_final(&self) -> bool {
        match self {
            Self::Chunk(chunk) => chunk.is_final(),
            Self::Whole(_) => true,
        }
    }

    pub(super) fn into_chunk(self) -> StreamChunk {
        match self {
            Self::Chunk(chunk) => chunk,
            Self::Whole(response) => StreamChunk::last(response),
        }
    }
}

/// The items of a call so far. The texts of usual chunks are in one string, because a copy of each would cost an allocation.
#[derive(Default)]
pub(super) struct Log {
    texts: String,
    entries: Vec<Entry>,
}

enum Entry {
    /// A chunk with a text of the first choice, and nothing else.
    Text {
        begin: usize,
        end: usize,
    },
    Other(Box<Item>),
}

impl Log {
    pub(super) fn push(&mut self, item: &Item) {
        let entry = match item {
            Ok(Part::Chunk(chunk)) => match chunk.delta() {
                Delta::Text(text) if is_usual(chunk) => {
                    let begin = self.texts.len();
                    self.texts.push_str(text);
                    Entry::Text { begin, end: self.texts.len() }
                }
                _ => Entry::Other(Box::new(item.clone())),
            },
            Ok(Part::Whole(_)) | Err(_) => Entry::Other(Box::new(item.clone())),
        };
        self.entries.push(entry);
    }

    /// Returns the item at a position, if it has arrived.
    pub(super) fn get(&self, position: usize) -> Option<Item> {
        Some(match self.entries.get(position)? {
            Entry::Text { begin, end } => {
                let text = self.texts.get(*begin..*end).unwrap_or_default();
                Ok(Part::Chunk(StreamChunk::of(Delta::Text(text.to_owned()))))
            }
            Entry::Other(item) => (**item).clone(),
        })
    }
}

fn is_usual(chunk: &StreamChunk) -> bool {
    chunk.choice() == 0 && chunk.finish_reason().is_none() && chunk.usage().is_none() && !chunk.is_final()
}
