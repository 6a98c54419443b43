//! Keys and values of the tokens of one conversation.

use super::parameters::Parameters;
use crate::config::CacheType;
use crate::half::{from_half, to_half};
use crate::simd::Level;
use std::ops::Range;

/// Tokens that a cache has room for at first.
const FIRST_CAPACITY: usize = 256;

/// Tokens whose keys are stored together: the first numbers of all of them, then the second ones, and so on. A vector then has the same
/// number of each key, and products with a query need no sums within a vector.
pub(super) const KEYS: usize = 16;

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

/// Keys and values of one head.
#[derive(Clone, Copy, Debug)]
pub(super) struct HeadCache<'a> {
    /// Whole groups of keys.
    pub(super) keys: HeadNumbers<'a>,
    /// Keys of the first group that are not part of the range.
    pub(super) skip: usize,
    /// Values of the range, one after the other.
    pub(super) values: HeadNumbers<'a>,
}

/// Keys or values of one head.
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

    /// Stores numbers with a distance between them.
    fn store(&mut self, at: usize, step: usize, numbers: &[f32]) {
        match self {
            Self::F32(all) => {
                for (place, number) in all.iter_mut().skip(at).step_by(step).zip(numbers) {
                    *place = *number;
                }
            }
            Self::F16(all) => {
                for (place, number) in all.iter_mut().skip(at).step_by(step).zip(numbers) {
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
        let limit = limit.next_multiple_of(KEYS);
        Self { keys, values, capacity: 0, limit, heads: layers * kv_heads, kv_heads, head_size }
    }

    /// Makes room for the token at a position.
    fn reserve(&mut self, position: usize) {
        if position < self.capacity || self.capacity == self.limit {
            return;
        }
        let capacity =
            (position + 1).next_multiple_of(KEYS).max(self.capacity * 2).max(FIRST_CAPACITY).min(self.limit);
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
            let begin = self.begin(layer, head);
            let group = begin + position / KEYS * KEYS * size;
            self.keys.store(group + position % KEYS, KEYS, key);
            self.values.store(begin + position * size, 1, value);
        }
    }

    /// Returns the keys and values of a head between two positions, without the second one.
    pub(super) fn range(&self, layer: usize, head: usize, from: usize, to: usize) -> HeadCache<'_> {
        let (begin, size) = (self.begin(layer, head), self.head_size);
        let skip = from % KEYS;
        let keys = begin + (from - skip) * size..begin + to.next_multiple_of(KEYS) * size;
        let values = begin + from * size..begin + to * size;
        HeadCache { keys: self.keys.range(keys), skip, values: self.values.range(values) }
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
    /// Returns the numbers between two positions. Positions of one cache are in order. The keys and values of all tokens of the step are
    /// stored already.
    pub(super) fn range<'a>(
        &'a mut self,
        level: Level,
        cache: &'a KvCache,
        index: usize,
        (layer, head): (usize, usize),
        from: usize,
        to: usize,
    ) -> HeadCache<'a> {
        let size = cache.head_size.max(1);
        if matches!(cache.keys, Numbers::F32(_)) {
            return cache.range(layer, head, from, to);
        }
        let (skip, end) = (from % KEYS, to.next_multiple_of(KEYS));
        if self.cache != Some(index) {
            *self = Self { cache: Some(index), begin: from - skip, ..Self::default() };
        }
        // Only the groups after those that are converted already.
        let converted = self.begin + self.keys.len() / size;
        if converted < end {
            let HeadCache { keys, values, .. } = cache.range(layer, head, converted, end);
            for (numbers, wide) in [(keys, &mut self.keys), (values, &mut self.values)] {
                let length = wide.len();
                wide.resize(length + numbers.len(), 0.0);
                level.run(
                    #[inline(always)]
                    || {
                        let _ = numbers.wide(0..numbers.len(), wide.get_mut(length..).unwrap_or_default());
                    },
                );
            }
        }
        let range = |from: usize, to: usize| (from - self.begin) * size..(to - self.begin) * size;
        let keys = self.keys.get(range(from - skip, end)).unwrap_or_default();
        let values = self.values.get(range(from, to)).unwrap_or_default();
        HeadCache { keys: HeadNumbers::F32(keys), skip, values: HeadNumbers::F32(values) }
    }
}
