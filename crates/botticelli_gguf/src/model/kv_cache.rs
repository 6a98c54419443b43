//! Keys and values of the tokens of one conversation.

use super::parameters::Parameters;

/// Keys and values of the tokens of one conversation.
///
/// The whole memory is reserved at once, and the system provides it page by page.
#[derive(Debug)]
pub(crate) struct KvCache {
    keys: Vec<f32>,
    values: Vec<f32>,
    capacity: usize,
    kv_heads: usize,
    head_size: usize,
}

impl KvCache {
    pub(crate) fn new(parameters: &Parameters, capacity: usize) -> Self {
        let Parameters { layers, kv_heads, head_size, .. } = *parameters;
        let size = layers * kv_heads * head_size * capacity;
        Self { keys: vec![0.0; size], values: vec![0.0; size], capacity, kv_heads, head_size }
    }

    fn begin(&self, layer: usize, head: usize) -> usize {
        (layer * self.kv_heads + head) * self.capacity * self.head_size
    }

    /// Stores the keys and values of all heads of a token.
    pub(super) fn store(&mut self, layer: usize, position: usize, keys: &[f32], values: &[f32]) {
        let size = self.head_size;
        let heads = keys.chunks_exact(size).zip(values.chunks_exact(size)).enumerate();
        for (head, (key, value)) in heads {
            let at = self.begin(layer, head) + position * size;
            if let Some(place) = self.keys.get_mut(at..at + size) {
                place.copy_from_slice(key);
            }
            if let Some(place) = self.values.get_mut(at..at + size) {
                place.copy_from_slice(value);
            }
        }
    }

    /// Returns the keys and values of a head between two positions, without the second one.
    pub(super) fn range(&self, layer: usize, head: usize, from: usize, to: usize) -> (&[f32], &[f32]) {
        let begin = self.begin(layer, head);
        let range = begin + from * self.head_size..begin + to * self.head_size;
        let keys = self.keys.get(range.clone()).unwrap_or_default();
        (keys, self.values.get(range).unwrap_or_default())
    }
}
