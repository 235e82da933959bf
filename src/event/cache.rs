//! Decoded columns of runs, kept within a memory budget; what was not used for longest goes first.

use std::sync::{Mutex, PoisonError};

use arrow_buffer::Buffer;
use rustc_hash::FxHashMap;

/// Which column of which run: file, column, position of the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) file: u32,
    pub(crate) column: u8,
    pub(crate) code: u32,
}

#[derive(Debug, Default)]
struct Shelf {
    columns: FxHashMap<Key, (Buffer, u64)>,
    bytes: usize,
    clock: u64,
}

/// Decoded columns shared by every shard and every question of one open warehouse.
#[derive(Debug)]
pub struct Cache {
    shelf: Mutex<Shelf>,
    budget: usize,
}

impl Cache {
    /// A cache of at most so many bytes.
    pub fn new(budget: usize) -> Self {
        Self {
            shelf: Mutex::default(),
            budget,
        }
    }

    pub(crate) fn get(&self, key: Key) -> Option<Buffer> {
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.clock += 1;
        let now = shelf.clock;
        let (buffer, used) = shelf.columns.get_mut(&key)?;
        *used = now;
        Some(buffer.clone())
    }

    pub(crate) fn put(&self, key: Key, buffer: &Buffer) {
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let size = buffer.len();
        if size > self.budget {
            return;
        }
        shelf.clock += 1;
        let now = shelf.clock;
        if shelf.columns.insert(key, (buffer.clone(), now)).is_none() {
            shelf.bytes += size;
        }
        if shelf.bytes > self.budget {
            shelf.evict(self.budget / 10 * 9);
        }
    }

    /// Forgets everything, so that the next question reads its files again.
    pub fn clear(&self) {
        *self.shelf.lock().unwrap_or_else(PoisonError::into_inner) = Shelf::default();
    }

    /// How many bytes are kept.
    pub fn bytes(&self) -> usize {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner).bytes
    }
}

impl Shelf {
    /// Drops the longest unused down to `target` bytes; a tenth at a time, so that the sort is rare.
    fn evict(&mut self, target: usize) {
        let mut ages: Vec<(u64, Key)> = self.columns.iter().map(|(key, (_, used))| (*used, *key)).collect();
        ages.sort_unstable_by_key(|(used, _)| *used);
        for (_, key) in ages {
            if self.bytes <= target {
                break;
            }
            if let Some((buffer, _)) = self.columns.remove(&key) {
                self.bytes -= buffer.len();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_holds_and_the_oldest_goes_first() {
        let cache = Cache::new(1_000);
        let key = |code| Key {
            file: 0,
            column: 0,
            code,
        };
        for code in 0..10 {
            cache.put(key(code), &Buffer::from(vec![0_u8; 100]));
        }
        assert!(cache.get(key(0)).is_some());
        cache.put(key(10), &Buffer::from(vec![0_u8; 100]));
        assert!(cache.bytes() <= 1_000);
        assert!(cache.get(key(0)).is_some(), "just used");
        assert!(cache.get(key(1)).is_none(), "longest unused");
        cache.put(key(99), &Buffer::from(vec![0_u8; 2_000]));
        assert!(cache.get(key(99)).is_none(), "larger than everything");
    }
}
