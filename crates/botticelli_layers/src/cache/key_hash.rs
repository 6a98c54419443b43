//! A hash of keys for maps in memory.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Hashes the keys of one map. They are hashes already, so that a few multiplications are enough. The seed is secret: without it, requests
/// cannot be chosen so that their keys collide in the map.
#[derive(Clone, Debug)]
pub(super) struct KeyHashes {
    seed: u64,
}

impl Default for KeyHashes {
    fn default() -> Self {
        Self { seed: RandomState::new().hash_one(0) }
    }
}

impl BuildHasher for KeyHashes {
    type Hasher = KeyHasher;

    fn build_hasher(&self) -> KeyHasher {
        KeyHasher(self.seed)
    }
}

/// The hash of a key so far.
#[derive(Clone, Debug)]
pub(super) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            for (to, from) in word.iter_mut().zip(part) {
                *to = *from;
            }
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        // An odd number whose bits are evenly spread: the fraction of the golden ratio.
        self.0 = (self.0.rotate_left(32) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(u64::try_from(word).unwrap_or(u64::MAX));
    }

    fn finish(&self) -> u64 {
        // Of a product, the upper bits depend on all bits of its factors. Maps use the lower ones too.
        self.0 ^ self.0.rotate_left(32)
    }
}
