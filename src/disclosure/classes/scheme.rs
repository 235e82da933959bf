//! Ways to sort keys into partitions and to count a partition: cells by the low part of the key, or hashing.

use std::slice::IterMut;

/// Cells, or rows, of a partition, and the most partitions that a scatter writes to at once.
const CELLS: u64 = 1 << 16;
const HASHED: u64 = 1 << 14;
const PARTS: u64 = 1 << 11;
/// With fewer rows than one in so many cells, cells are found by their rows, and not by looking through all.
const FEW: usize = 2;
/// HashTable that a hash table starts with: twice the rows expected in a partition.
const SLOTS: usize = 2 * HASHED as usize;

/// A way to sort keys into partitions and to count one partition.
pub(super) trait Scheme: Sync {
    /// What is kept of a key within its partition.
    type Item: Copy + Default + Send + Sync;
    /// The table of counts, used for one partition after the other.
    type Table: Send;

    fn parts(&self) -> usize;
    fn locate(&self, key: u64) -> (usize, Self::Item);
    fn table(&self) -> Self::Table;

    /// Calls `class(key, size)` for each class of the partition, and writes the position of that call for each item.
    fn count<'a>(
        &'a self,
        part: usize,
        items: impl Iterator<Item = &'a [Self::Item]> + Clone,
        ids: Option<IterMut<'_, &mut [u32]>>,
        table: &mut Self::Table,
        class: impl FnMut(u64, u32),
    );
}

/// Partitions by the high part of the key; a cell for each value of the low part.
pub(super) struct Cells {
    shift: u32,
    parts: usize,
}

impl Cells {
    pub(super) fn new(domain: u64) -> Self {
        let width = domain.div_ceil(PARTS).max(CELLS).next_power_of_two();
        Self {
            shift: width.trailing_zeros(),
            parts: domain.div_ceil(width) as usize,
        }
    }
}

impl Scheme for Cells {
    type Item = u32;
    type Table = Vec<u32>;

    fn parts(&self) -> usize {
        self.parts
    }

    fn locate(&self, key: u64) -> (usize, u32) {
        ((key >> self.shift) as usize, (key & ((1 << self.shift) - 1)) as u32)
    }

    fn table(&self) -> Vec<u32> {
        vec![0; 1 << self.shift]
    }

    fn count<'a>(
        &'a self,
        part: usize,
        items: impl Iterator<Item = &'a [u32]> + Clone,
        ids: Option<IterMut<'_, &mut [u32]>>,
        table: &mut Vec<u32>,
        mut class: impl FnMut(u64, u32),
    ) {
        for &low in items.clone().flatten() {
            table[low as usize] += 1;
        }
        let high = (part as u64) << self.shift;
        if ids.is_none() && items.clone().map(<[u32]>::len).sum::<usize>() < table.len() / FEW {
            for &low in items.flatten() {
                let cell = &mut table[low as usize];
                if *cell > 0 {
                    class(high | u64::from(low), *cell);
                    *cell = 0;
                }
            }
            return;
        }
        let occupied = table.iter_mut().enumerate().filter(|(_, cell)| **cell > 0);
        for (number, (low, cell)) in occupied.enumerate() {
            class(high | low as u64, *cell);
            *cell = if ids.is_some() { number as u32 } else { 0 };
        }
        if let Some(ids) = ids {
            for (slice, ids) in items.zip(ids) {
                for (id, &low) in ids.iter_mut().zip(slice) {
                    *id = table[low as usize];
                }
            }
            table.fill(0);
        }
    }
}

/// Partitions by hash; a hash table for each.
pub(super) struct Hashed {
    bits: u32,
}

/// Odd, so that multiplying by it is a bijection of 64 bits: keys are equal exactly when their products are.
const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
/// Its inverse.
const UNMIX: u64 = 0xF1DE_83E1_9937_733D;

impl Hashed {
    pub(super) fn new(rows: usize) -> Self {
        let parts = (rows as u64 / HASHED).clamp(1, PARTS).next_power_of_two();
        Self {
            bits: parts.trailing_zeros(),
        }
    }
}

/// Open addressing: a slot has the mixed key and the class number plus one; 0 is empty.
pub(super) struct HashTable {
    slots: Vec<(u64, u32)>,
    sizes: Vec<u32>,
    keys: Vec<u64>,
}

impl HashTable {
    /// The class of a mixed key, made if it is new.
    fn class(&mut self, mixed: u64, bits: u32) -> usize {
        if 2 * self.keys.len() >= self.slots.len() {
            self.grow(bits);
        }
        let mut place = Self::place(mixed, bits, self.slots.len());
        loop {
            let (key, class) = self.slots[place];
            if class == 0 {
                self.keys.push(mixed);
                self.sizes.push(0);
                self.slots[place] = (mixed, self.keys.len() as u32);
                return self.keys.len() - 1;
            }
            if key == mixed {
                return class as usize - 1;
            }
            place = (place + 1) & (self.slots.len() - 1);
        }
    }

    /// The high bits of a product are its best; the highest chose the partition.
    fn place(mixed: u64, bits: u32, slots: usize) -> usize {
        ((mixed << bits) >> (u64::BITS - slots.trailing_zeros())) as usize
    }

    fn grow(&mut self, bits: u32) {
        let size = 2 * self.slots.len();
        self.slots.clear();
        self.slots.resize(size, (0, 0));
        for (class, &mixed) in self.keys.iter().enumerate() {
            let mut place = Self::place(mixed, bits, size);
            while self.slots[place].1 != 0 {
                place = (place + 1) & (size - 1);
            }
            self.slots[place] = (mixed, class as u32 + 1);
        }
    }

    /// Makes the table ready for the next partition.
    fn clear(&mut self) {
        self.slots.truncate(SLOTS);
        self.slots.fill((0, 0));
        self.sizes.clear();
        self.keys.clear();
    }
}

impl Scheme for Hashed {
    type Item = u64;
    type Table = HashTable;

    fn parts(&self) -> usize {
        1 << self.bits
    }

    fn locate(&self, key: u64) -> (usize, u64) {
        let mixed = (key ^ (key >> 32)).wrapping_mul(MIX);
        (mixed.checked_shr(64 - self.bits).unwrap_or(0) as usize, mixed)
    }

    fn table(&self) -> HashTable {
        HashTable {
            slots: vec![(0, 0); SLOTS],
            sizes: Vec::new(),
            keys: Vec::new(),
        }
    }

    fn count<'a>(
        &'a self,
        _: usize,
        items: impl Iterator<Item = &'a [u64]> + Clone,
        mut ids: Option<IterMut<'_, &mut [u32]>>,
        table: &mut HashTable,
        mut class: impl FnMut(u64, u32),
    ) {
        for slice in items {
            match ids.as_mut().and_then(Iterator::next) {
                None => {
                    for &mixed in slice {
                        let number = table.class(mixed, self.bits);
                        table.sizes[number] += 1;
                    }
                }
                Some(ids) => {
                    for (id, &mixed) in ids.iter_mut().zip(slice) {
                        let number = table.class(mixed, self.bits);
                        table.sizes[number] += 1;
                        *id = number as u32;
                    }
                }
            }
        }
        for (&mixed, &size) in table.keys.iter().zip(&table.sizes) {
            let folded = mixed.wrapping_mul(UNMIX);
            class(folded ^ (folded >> 32), size);
        }
        table.clear();
    }
}
