//! Values kept within a memory budget; what was not used for longest goes first.

use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashMap;

#[derive(Debug)]
struct Shelf<K, V> {
    values: FxHashMap<K, (V, usize, u64)>,
    bytes: usize,
    clock: u64,
}

impl<K, V> Default for Shelf<K, V> {
    fn default() -> Self {
        Self {
            values: FxHashMap::default(),
            bytes: 0,
            clock: 0,
        }
    }
}

/// Values by key, each with its size in bytes, shared by threads.
#[derive(Debug)]
pub struct Lru<K, V> {
    shelf: Mutex<Shelf<K, V>>,
    budget: usize,
}

impl<K: Copy + Eq + Hash, V: Clone> Lru<K, V> {
    /// A shelf of at most so many bytes.
    pub fn new(budget: usize) -> Self {
        Self {
            shelf: Mutex::default(),
            budget,
        }
    }

    /// A value, if it is kept.
    pub fn get(&self, key: K) -> Option<V> {
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.clock += 1;
        let now = shelf.clock;
        let (value, _, used) = shelf.values.get_mut(&key)?;
        *used = now;
        Some(value.clone())
    }

    /// Keeps a value of so many bytes, unless it is larger than the whole shelf.
    pub fn put(&self, key: K, value: V, bytes: usize) {
        if bytes > self.budget {
            return;
        }
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.clock += 1;
        let now = shelf.clock;
        if let Some((_, before, _)) = shelf.values.insert(key, (value, bytes, now)) {
            shelf.bytes -= before;
        }
        shelf.bytes += bytes;
        if shelf.bytes > self.budget {
            shelf.evict(self.budget / 10 * 9);
        }
    }

    /// Forgets everything.
    pub fn clear(&self) {
        *self.shelf.lock().unwrap_or_else(PoisonError::into_inner) = Shelf::default();
    }

    /// How many bytes are kept.
    pub fn bytes(&self) -> usize {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner).bytes
    }
}

impl<K: Copy + Eq + Hash, V> Shelf<K, V> {
    /// Drops the longest unused down to `target` bytes; a tenth at a time, so that the sort is rare.
    fn evict(&mut self, target: usize) {
        let mut ages: Vec<(u64, K)> = self.values.iter().map(|(key, (_, _, used))| (*used, *key)).collect();
        ages.sort_unstable_by_key(|(used, _)| *used);
        for (_, key) in ages {
            if self.bytes <= target {
                break;
            }
            if let Some((_, bytes, _)) = self.values.remove(&key) {
                self.bytes -= bytes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_holds_and_the_oldest_goes_first() {
        let shelf = Lru::new(1_000);
        for key in 0..10 {
            shelf.put(key, (), 100);
        }
        assert!(shelf.get(0).is_some());
        shelf.put(10, (), 100);
        assert!(shelf.bytes() <= 1_000);
        assert!(shelf.get(0).is_some(), "just used");
        assert!(shelf.get(1).is_none(), "longest unused");
        shelf.put(99, (), 2_000);
        assert!(shelf.get(99).is_none(), "larger than everything");
        let before = shelf.bytes();
        shelf.put(10, (), 50);
        assert_eq!(shelf.bytes(), before - 50, "a value in the place of another");
    }
}
