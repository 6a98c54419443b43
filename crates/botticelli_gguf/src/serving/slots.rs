//! Caches of conversations, kept for their next turn.

use crate::config::CacheType;
use crate::model::{KvCache, Parameters};

/// The caches of all conversations.
#[derive(Debug)]
pub(super) struct Slots {
    slots: Vec<Slot>,
    limit: usize,
    capacity: usize,
    cache_type: CacheType,
    clock: u64,
}

/// A cache, with the tokens that it contains.
#[derive(Debug)]
struct Slot {
    cache: KvCache,
    tokens: Vec<u32>,
    is_used: bool,
    last_use: u64,
}

impl Slots {
    /// Returns an empty set of at most `limit` caches for `capacity` tokens each.
    pub(super) const fn new(limit: usize, capacity: usize, cache_type: CacheType) -> Self {
        Self { slots: Vec::new(), limit, capacity, cache_type, clock: 0 }
    }

    /// Reserves a cache for a prompt. Returns its index and the number of tokens of the prompt that it already contains.
    pub(super) fn acquire(&mut self, parameters: &Parameters, prompt: &[u32]) -> Option<(usize, usize)> {
        // The last token is always computed, because its logits are needed.
        let limit = prompt.len().saturating_sub(1);
        let common = |slot: &Slot| {
            slot.tokens.iter().zip(prompt).take(limit).take_while(|(kept, token)| kept == token).count()
        };
        let free = self.slots.iter().enumerate().filter(|(_, slot)| !slot.is_used);
        let best =
            free.map(|(at, slot)| (common(slot), slot.last_use, at)).max_by_key(|(common, used, _)| {
                // Without a common prefix, the cache that was not used for the longest time.
                (*common, u64::MAX - used)
            });
        let can_grow = self.slots.len() < self.limit;
        let (at, common) = match best {
            // A short common prefix is often only the system prompt of another conversation.
            Some((common, _, at))
                if !can_grow
                    || common * 2
                        >= self.slots.get(at).map_or(0, |slot| slot.tokens.len().min(prompt.len())) =>
            {
                (at, common)
            }
            _ if can_grow => {
                let cache = KvCache::new(parameters, self.capacity, self.cache_type);
                self.slots.push(Slot { cache, tokens: Vec::new(), is_used: false, last_use: 0 });
                (self.slots.len() - 1, 0)
            }
            _ => return None,
        };
        self.clock += 1;
        let slot = self.slots.get_mut(at)?;
        slot.tokens.truncate(common);
        slot.is_used = true;
        slot.last_use = self.clock;
        Some((at, common))
    }

    /// Records tokens that the cache now contains.
    pub(super) fn extend(&mut self, slot: usize, tokens: &[u32]) {
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.tokens.extend_from_slice(tokens);
        }
    }

    /// Releases a cache. Its content stays for the next turn of the conversation.
    pub(super) fn release(&mut self, slot: usize) {
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.is_used = false;
        }
    }

    pub(super) fn caches(&mut self) -> Vec<&mut KvCache> {
        self.slots.iter_mut().map(|slot| &mut slot.cache).collect()
    }
}
