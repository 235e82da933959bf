//! Where each outside identifier lives: its shard and its row there.

use rustc_hash::FxHashMap;

/// A person's place in the warehouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The shard.
    pub shard: u32,
    /// The row in the shard.
    pub row: u32,
}

/// Outside identifiers in the order they came, cut into shards of equal size.
///
/// Lives for the time of an ingest only; identifiers that are whole numbers are kept as numbers.
#[derive(Debug, Default)]
pub struct Register {
    numbers: FxHashMap<i64, u32>,
    texts: FxHashMap<Box<str>, u32>,
    count: u32,
    rows_per_shard: u32,
}

impl Register {
    /// Enters a person; false when the identifier is there already.
    pub fn enter(&mut self, identifier: &str) -> bool {
        let next = self.count;
        let new = match as_number(identifier) {
            Some(number) => self.numbers.try_insert_entry(number, next),
            None => self.texts.try_insert_entry(identifier.into(), next),
        };
        self.count += u32::from(new);
        new
    }

    /// Ends the entering: persons are cut into as few shards of at most `most` persons as will do, of equal size.
    pub fn close(&mut self, most: u32) {
        let shards = self.count.div_ceil(most).max(1);
        self.rows_per_shard = self.count.div_ceil(shards).max(1);
    }

    /// How many persons there are.
    pub fn len(&self) -> u32 {
        self.count
    }

    /// Whether nobody was entered.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many shards there are, once closed.
    pub fn shards(&self) -> u32 {
        self.count.div_ceil(self.rows_per_shard.max(1)).max(1)
    }

    /// The place of the n-th person entered.
    pub fn place_of(&self, number: u32) -> Place {
        Place {
            shard: number / self.rows_per_shard,
            row: number % self.rows_per_shard,
        }
    }

    /// The place of a person, when it is known.
    pub fn find(&self, identifier: &str) -> Option<Place> {
        let number = match as_number(identifier) {
            Some(number) => self.numbers.get(&number),
            None => self.texts.get(identifier),
        }?;
        Some(self.place_of(*number))
    }

    /// The place of a person whose identifier is a whole number.
    #[inline]
    pub fn find_number(&self, identifier: i64) -> Option<Place> {
        self.numbers.get(&identifier).map(|number| self.place_of(*number))
    }
}

/// A whole number written canonically ("7", not "07" or "+7"), so that no two texts become one person.
fn as_number(identifier: &str) -> Option<i64> {
    let number: i64 = identifier.parse().ok()?;
    let canonical = match identifier.as_bytes() {
        [b'0'] => true,
        [b'-', rest @ ..] => !rest.starts_with(b"0"),
        [first, ..] => *first != b'0' && *first != b'+',
        [] => false,
    };
    canonical.then_some(number)
}

trait InsertNew<K> {
    fn try_insert_entry(&mut self, key: K, value: u32) -> bool;
}

impl<K: std::hash::Hash + Eq> InsertNew<K> for FxHashMap<K, u32> {
    fn try_insert_entry(&mut self, key: K, value: u32) -> bool {
        match self.entry(key) {
            std::collections::hash_map::Entry::Occupied(_) => false,
            std::collections::hash_map::Entry::Vacant(slot) => {
                slot.insert(value);
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_look_alike_are_different_persons() {
        let mut register = Register::default();
        for identifier in ["7", "07", "+7", "-7", "-07", "x", "0", "00", ""] {
            assert!(register.enter(identifier), "{identifier}");
            assert!(!register.enter(identifier), "{identifier}");
        }
        register.close(4);
        assert_eq!(register.shards(), 3);
        assert_eq!(register.find("07"), Some(Place { shard: 0, row: 1 }));
        assert_eq!(register.find_number(7), Some(Place { shard: 0, row: 0 }));
        assert_eq!(register.find("-07"), Some(Place { shard: 1, row: 1 }));
        assert_eq!(register.find("8"), None);
    }
}
