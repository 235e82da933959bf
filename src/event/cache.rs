//! Decoded columns of runs, kept within a memory budget.

use arrow_buffer::Buffer;

use super::lru::Lru;

/// Which column of which run: file, column, position of the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) file: u32,
    pub(crate) column: u8,
    pub(crate) code: u32,
}

/// Decoded columns shared by every shard and every question of one open warehouse.
#[derive(Debug)]
pub struct Cache(Lru<Key, Buffer>);

impl Cache {
    /// A cache of at most so many bytes.
    pub fn new(budget: usize) -> Self {
        Self(Lru::new(budget))
    }

    pub(crate) fn get(&self, key: Key) -> Option<Buffer> {
        self.0.get(key)
    }

    pub(crate) fn put(&self, key: Key, buffer: &Buffer) {
        self.0.put(key, buffer.clone(), buffer.len());
    }

    /// Forgets everything, so that the next question reads its files again.
    pub fn clear(&self) {
        self.0.clear();
    }

    /// How many bytes are kept.
    pub fn bytes(&self) -> usize {
        self.0.bytes()
    }
}
