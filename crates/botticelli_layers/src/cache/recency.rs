//! A map that knows the order in which its entries were used.

use super::key::Key;
use super::key_hash::KeyHashes;
use std::collections::HashMap;

/// Entries of a block.
const BLOCK: usize = 32;

/// The place of no entry.
const NONE: usize = usize::MAX;

/// A map that knows the order in which its entries were used.
///
/// Blocks hold the entries, and have no gaps for long: a new entry takes the place of a removed one. An allocation for each entry would
/// stay among those of a call, which then have to use memory that is not in the processor's caches.
pub(super) struct RecencyMap<V> {
    /// The places of the entries, by a part of their keys.
    places: HashMap<u64, usize, KeyHashes>,
    blocks: Vec<Vec<Slot<V>>>,
    newest: usize,
    oldest: usize,
    /// The first place without an entry. The others follow as `older`.
    free: usize,
}

struct Slot<V> {
    key: Key,
    newer: usize,
    older: usize,
    /// `None` if the place is free.
    value: Option<V>,
}

impl<V> Default for RecencyMap<V> {
    fn default() -> Self {
        Self { places: HashMap::default(), blocks: Vec::new(), newest: NONE, oldest: NONE, free: NONE }
    }
}

impl<V> RecencyMap<V> {
    /// Returns the value of a key, whose entry is now the newest one.
    pub(super) fn get(&mut self, key: &Key) -> Option<&V> {
        let place = self.place(key)?;
        if place != self.newest {
            self.unlink(place);
            self.link(place);
        }
        self.slot(place)?.value.as_ref()
    }

    /// Adds an entry, which is the newest one. Returns the entry that it replaces.
    pub(super) fn put(&mut self, key: Key, value: V) -> Option<V> {
        // An entry whose key has the same part makes room, too. That two hashes have it is all but impossible.
        let replaced = self.places.get(&key.part()).copied().and_then(|place| self.take(place));
        if self.free == NONE {
            self.add_block();
        }
        let place = self.free;
        if let Some(slot) = self.slot_mut(place) {
            let next = slot.older;
            (slot.key, slot.value) = (key, Some(value));
            self.free = next;
            self.places.insert(key.part(), place);
            self.link(place);
        }
        replaced
    }

    /// Adds a block of free places. To write to all of its pages at once takes a quarter of the time that single pages take.
    fn add_block(&mut self) {
        let first = self.blocks.len().saturating_mul(BLOCK);
        let places = first..first.saturating_add(BLOCK);
        let last = places.end.saturating_sub(1);
        let slot = |place: usize| Slot {
            key: Key::default(),
            newer: NONE,
            older: if place == last { NONE } else { place.saturating_add(1) },
            value: None,
        };
        self.blocks.push(places.map(slot).collect());
        self.free = first;
    }

    /// Removes the entry of a key.
    pub(super) fn remove(&mut self, key: &Key) -> Option<V> {
        let place = self.place(key)?;
        self.take(place)
    }

    /// Removes the entry that was not used for the longest time.
    pub(super) fn remove_oldest(&mut self) -> Option<V> {
        self.take(self.oldest)
    }

    /// Returns the entries, the newest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Key, &V)> {
        let first = self.slot(self.newest);
        let slots = std::iter::successors(first, |slot| self.slot(slot.older));
        slots.filter_map(|slot| Some((&slot.key, slot.value.as_ref()?)))
    }

    fn place(&self, key: &Key) -> Option<usize> {
        let place = *self.places.get(&key.part())?;
        self.slot(place).filter(|slot| slot.key == *key).map(|_| place)
    }

    fn slot(&self, place: usize) -> Option<&Slot<V>> {
        self.blocks.get(place / BLOCK)?.get(place % BLOCK)
    }

    fn slot_mut(&mut self, place: usize) -> Option<&mut Slot<V>> {
        self.blocks.get_mut(place / BLOCK)?.get_mut(place % BLOCK)
    }

    /// Removes the entry at a place, which is then free.
    fn take(&mut self, place: usize) -> Option<V> {
        let slot = self.slot_mut(place)?;
        let (part, value) = (slot.key.part(), slot.value.take());
        self.places.remove(&part);
        self.unlink(place);
        let free = std::mem::replace(&mut self.free, place);
        if let Some(slot) = self.slot_mut(place) {
            slot.older = free;
        }
        value
    }

    fn link(&mut self, place: usize) {
        let newest = std::mem::replace(&mut self.newest, place);
        if let Some(slot) = self.slot_mut(place) {
            (slot.newer, slot.older) = (NONE, newest);
        }
        match self.slot_mut(newest) {
            Some(before) => before.newer = place,
            None => self.oldest = place,
        }
    }

    fn unlink(&mut self, place: usize) {
        let Some(Slot { newer, older, .. }) = self.slot(place) else { return };
        let (newer, older) = (*newer, *older);
        match self.slot_mut(newer) {
            Some(slot) => slot.older = older,
            None => self.newest = older,
        }
        match self.slot_mut(older) {
            Some(slot) => slot.newer = newer,
            None => self.oldest = newer,
        }
    }
}
