//! Words of a document with their places.

use serde::{Deserialize, Serialize};

/// A word of a document with its place. Its JSON is a pair: `["Total:", [120, 80, 210, 104]]`.
///
/// ```
/// use botticelli_core::tasks::WordBox;
///
/// let word = WordBox::new("Total:", (120, 80), (210, 104));
/// assert_eq!((word.word(), word.corners()), ("Total:", [120, 80, 210, 104]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordBox(String, [u32; 4]);

impl WordBox {
    /// Returns a word with its upper left and its lower right corner, in thousandths of the width and of the height of the page.
    pub fn new(word: impl Into<String>, (left, top): (u32, u32), (right, bottom): (u32, u32)) -> Self {
        Self(word.into(), [left, top, right, bottom])
    }

    /// Returns the word.
    pub fn word(&self) -> &str {
        &self.0
    }

    /// Returns the sides of the box, in thousandths of the page: left, top, right, bottom.
    pub const fn corners(&self) -> [u32; 4] {
        self.1
    }
}
