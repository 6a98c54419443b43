//! Vectors that derive from the words of a text.

use crate::fingerprint::Fingerprint;

/// Dimensions, unless a request sets them.
pub(super) const DIMENSIONS: usize = 64;

/// Returns the lower-case words of a text.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// Returns the vector of a word: 1 in a dimension that derives from the word.
fn add_word(vector: &mut [f32], word: &str) {
    let count = u64::try_from(vector.len()).unwrap_or(1);
    let place = usize::try_from(Fingerprint::of(word.as_bytes()).below(count)).unwrap_or(0);
    if let Some(value) = vector.get_mut(place) {
        *value += 1.0;
    }
}

/// Returns the vector of a text, with the length 1. Texts with common words have similar vectors.
pub(super) fn of_text(text: &str, dimensions: usize) -> Vec<f32> {
    let mut vector = vec![0.0; dimensions];
    for word in words(text) {
        add_word(&mut vector, &word);
    }
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 0.0 { vector.iter().map(|value| value / length).collect() } else { vector }
}

/// Returns one vector for each word, between the vectors of two special tokens.
pub(super) fn of_tokens(text: &str, dimensions: usize) -> Vec<Vec<f32>> {
    let vector = |word: &str| {
        let mut vector = vec![0.0; dimensions];
        add_word(&mut vector, word);
        vector
    };
    let inner = words(text).map(|word| vector(&word));
    std::iter::once(vector("<s>")).chain(inner).chain(std::iter::once(vector("</s>"))).collect()
}

/// Returns the similarity of two texts, from 0 to 1.
pub(super) fn similarity(left: &str, right: &str) -> f64 {
    let (left, right) = (of_text(left, DIMENSIONS), of_text(right, DIMENSIONS));
    left.iter().zip(&right).map(|(left, right)| f64::from(*left) * f64::from(*right)).sum()
}
