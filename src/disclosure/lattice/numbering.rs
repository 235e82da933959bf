//! Numbers keys: equal ones get the same number, new ones the next.

use super::key::Key;

/// The memory of a hash table, used again from step to step.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    slots: Vec<u32>,
}

const FREE: u32 = u32::MAX;

impl Numbering {
    /// Writes the number of each key to `ids`, and gives the different keys in order of their numbers.
    pub(super) fn number<K: Key>(&mut self, keys: impl ExactSizeIterator<Item = K>, ids: &mut Vec<u32>) -> Vec<K> {
        let mut distinct: Vec<K> = Vec::with_capacity(keys.len());
        let size = (keys.len() * 2).next_power_of_two().max(16);
        let shift = 64 - size.trailing_zeros();
        self.slots.clear();
        self.slots.resize(size, FREE);
        ids.clear();
        ids.extend(keys.map(|key| {
            let mut slot = (key.hash() >> shift) as usize;
            loop {
                let id = self.slots[slot];
                if id == FREE {
                    self.slots[slot] = distinct.len() as u32;
                    distinct.push(key);
                    return distinct.len() as u32 - 1;
                }
                if distinct[id as usize] == key {
                    return id;
                }
                slot = (slot + 1) & (size - 1);
            }
        }));
        distinct
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equal_keys_have_equal_numbers(keys in prop::collection::vec(0_u64..40, 0..200)) {
            let mut ids = Vec::new();
            let distinct = Numbering::default().number(keys.iter().copied(), &mut ids);
            let back: Vec<u64> = ids.iter().map(|id| distinct[*id as usize]).collect();
            prop_assert_eq!(&back, &keys);
            let mut sorted = distinct.clone();
            sorted.sort_unstable();
            sorted.dedup();
            prop_assert_eq!(sorted.len(), distinct.len());
        }
    }
}
