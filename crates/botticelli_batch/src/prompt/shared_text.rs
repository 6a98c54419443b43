//! Texts of several rows in one piece of memory.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// Maximum size of a piece of several texts, in bytes. A row that waits long keeps its whole piece in memory.
const PIECE: usize = 16 << 10;

/// A text, perhaps in one piece of memory with those of neighboring rows.
///
/// One thread renders the texts, and another one drops them. Memory that another thread has to free is slow, so few pieces are faster.
#[derive(Clone)]
pub(crate) struct SharedText {
    piece: Arc<str>,
    range: Range<usize>,
}

impl SharedText {
    /// Moves texts to pieces of memory that they share.
    pub(crate) fn share<'a>(texts: impl IntoIterator<Item = &'a mut Self>) {
        let (mut group, mut size) = (Vec::new(), 0);
        for text in texts {
            if size + text.len() > PIECE {
                Self::share_piece(std::mem::take(&mut group));
                size = 0;
            }
            size += text.len();
            group.push(text);
        }
        Self::share_piece(group);
    }

    fn share_piece(group: Vec<&mut Self>) {
        if group.len() < 2 {
            return;
        }
        let piece: Arc<str> = group.iter().map(|text| &***text).collect::<String>().into();
        let mut begin = 0;
        for text in group {
            let end = begin + text.len();
            *text = Self { piece: piece.clone(), range: begin..end };
            begin = end;
        }
    }
}

impl From<String> for SharedText {
    fn from(text: String) -> Self {
        Self { range: 0..text.len(), piece: text.into() }
    }
}

impl Deref for SharedText {
    type Target = str;

    fn deref(&self) -> &str {
        self.piece.get(self.range.clone()).unwrap_or_default()
    }
}

impl PartialEq for SharedText {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for SharedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
