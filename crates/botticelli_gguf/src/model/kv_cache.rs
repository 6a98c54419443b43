//! Keys and values of the tokens of one conversation.

use super::parameters::Parameters;
use crate::config::CacheType;
use crate::half::{from_half, to_half};
use std::ops::Range;

/// Tokens that a cache has room for at first.
const FIRST_CAPACITY: usize = 256;

/// Keys and values of the tokens of one conversation.
///
/// The memory grows with the conversation, up to its maximum length.
#[derive(Debug)]
pub(crate) struct KvCache {
    keys: Numbers,
    values: Numbers,
    /// Tokens that the memory has room for.
    capacity: usize,
    /// Maximum number of tokens.
    limit: usize,
    /// Heads of all layers.
    heads: usize,
    kv_heads: usize,
    head_size: usize,
}

/// Numbers in the format of the cache.
#[derive(Debug)]
enum Numbers {
    F32(Vec<f32>),
    F16(Vec<u16>),
}

/// Keys or values of one head, one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) enum HeadNumbers<'a> {
    F32(&'a [f32]),
    F16(&'a [u16]),
}

impl Numbers {
    const fn new(cache_type: CacheType) -> Self {
        match cache_type {
            CacheType::F32 => Self::F32(Vec::new()),
            CacheType::F16 => Self::F16(Vec::new()),
        }
    }

    /// Makes the part of each head longer.
    fn grow(&mut self, heads: usize, from: usize, to: usize) {
        fn grown<T: Copy + Default>(numbers: &[T], heads: usize, from: usize, to: usize) -> Vec<T> {
            let mut grown = vec![T::default(); heads * to];
            let parts = numbers.chunks_exact(from.max(1)).zip(grown.chunks_exact_mut(to.max(1)));
            for (old, new) in parts {
                new.iter_mut().zip(old).for_each(|(new, old)| *new = *old);
            }
            grown
        }
        match self {
            Self::F32(numbers) => *numbers = grown(numbers, heads, from, to),
            Self::F16(numbers) => *numbers = grown(numbers, heads, from, to),
        }
    }

    fn store(&mut self, at: usize, numbers: &[f32]) {
        let range = at..at + numbers.len();
        match self {
            Self::F32(all) => {
                if let Some(place) = all.get_mut(range) {
                    place.copy_from_slice(numbers);
                }
            }
            Self::F16(all) => {
                for (place, number) in all.get_mut(range).unwrap_or_default().iter_mut().zip(numbers) {
                    *place = to_half(*number);
                }
            }
        }
    }

    fn range(&self, range: Range<usize>) -> HeadNumbers<'_> {
        match self {
            Self::F32(all) => HeadNumbers::F32(all.get(range).unwrap_or_default()),
            Self::F16(all) => HeadNumbers::F16(all.get(range).unwrap_or_default()),
        }
    }
}

impl<'a> HeadNumbers<'a> {
    pub(super) fn len(self) -> usize {
        match self {
            Self::F32(numbers) => numbers.len(),
            Self::F16(numbers) => numbers.len(),
        }
    }

    /// Returns numbers as 32 bits. `buffer` has room for them.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call would keep the loop from becoming vector instructions")]
    pub(super) fn wide<'b>(self, range: Range<usize>, buffer: &'b mut [f32]) -> &'b [f32]
    where
        'a: 'b,
    {
        match self {
            Self::F32(numbers) => numbers.get(range).unwrap_or_default(),
            Self::F16(numbers) => {
                let numbers = numbers.get(range).unwrap_or_default();
                let buffer = buffer.get_mut(..numbers.len()).unwrap_or_default();
                for (wide, half) in buffer.iter_mut().zip(numbers) {
                    *wide = from_half(*half);
                }
                buffer
            }
        }
    }
}

impl KvCache {
    pub(crate) fn new(parameters: &Parameters, limit: usize, cache_type: CacheType) -> Self {
        let Parameters { layers, kv_heads, head_size, .. } = *parameters;
        let (keys, values) = (Numbers::new(cache_type), Numbers::new(cache_type));
        Self { keys, values, capacity: 0, limit, heads: layers * kv_heads, kv_heads, head_size }
    }

    /// Makes room for the token at a position.
    fn reserve(&mut self, position: usize) {
        if position < self.capacity || self.capacity == self.limit {
            return;
        }
        let capacity = (position + 1).max(self.capacity * 2).max(FIRST_CAPACITY).min(self.limit);
        let (from, to) = (self.capacity * self.head_size, capacity * self.head_size);
        self.keys.grow(self.heads, from, to);
        self.values.grow(self.heads, from, to);
        self.capacity = capacity;
    }

    fn begin(&self, layer: usize, head: usize) -> usize {
        (layer * self.kv_heads + head) * self.capacity * self.head_size
    }

    /// Stores the keys and values of all heads of a token.
    pub(super) fn store(&mut self, layer: usize, position: usize, keys: &[f32], values: &[f32]) {
        self.reserve(position);
        let size = self.head_size;
        let heads = keys.chunks_exact(size).zip(values.chunks_exact(size)).enumerate();
        for (head, (key, value)) in heads {
            let at = self.begin(layer, head) + position * size;
            self.keys.store(at, key);
            self.values.store(at, value);
        }
    }

    /// Returns the keys and values of a head between two positions, without the second one.
    pub(super) fn range(
        &self,
        layer: usize,
        head: usize,
        from: usize,
        to: usize,
    ) -> (HeadNumbers<'_>, HeadNumbers<'_>) {
        let begin = self.begin(layer, head);
        let range = begin + from * self.head_size..begin + to * self.head_size;
        (self.keys.range(range.clone()), self.values.range(range))
    }
}

/// Keys and values of one head as 32 bits, for several tokens of one conversation.
#[derive(Debug, Default)]
pub(super) struct Wide {
    keys: Vec<f32>,
    values: Vec<f32>,
    cache: Option<usize>,
    /// The position of the first number.
    begin: usize,
}

impl Wide {
    /// Returns the numbers between two positions. Positions of one cache are in order.
    pub(super) fn range<'a>(
        &'a mut self,
        cache: &'a KvCache,
        index: usize,
        (layer, head): (usize, usize),
        begin: usize,
        end: usize,
    ) -> (HeadNumbers<'a>, HeadNumbers<'a>) {
        let size = cache.head_size;
        if matches!(cache.keys, Numbers::F32(_)) {
            return cache.range(layer, head, begin, end);
        }
        if self.cache != Some(index) {
            *self = Self { cache: Some(index), begin, ..Self::default() };
        }
        // Only the positions after those that are converted already.
        let (keys, values) = cache.range(layer, head, self.begin + self.keys.len() / size.max(1), end);
        for (numbers, wide) in [(keys, &mut self.keys), (values, &mut self.values)] {
            let length = wide.len();
            wide.resize(length + numbers.len(), 0.0);
            pulp::Arch::new().dispatch(|| {
                let _ = numbers.wide(0..numbers.len(), wide.get_mut(length..).unwrap_or_default());
            });
        }
        let range = (begin - self.begin) * size..(end - self.begin) * size;
        let keys = self.keys.get(range.clone()).unwrap_or_default();
        (HeadNumbers::F32(keys), HeadNumbers::F32(self.values.get(range).unwrap_or_default()))
    }
}
