//! The columns that are not chosen yet: by depth, each combination of their codes that occurs has a number.
//!
//! Numbers ascend with the codes, the last column counting most. Groups in this order stay in it when the first column
//! is taken away, and those that a search can join lie side by side.

use super::key::{Field, Key};

/// The combinations of codes from some column on.
pub(super) struct Rest {
    /// By combination: the code of its first column.
    pub(super) code: Vec<u32>,
    /// By combination: the number of what follows that column.
    pub(super) next: Vec<u32>,
}

/// Where the keys are, in ascending order: the field that comes last counts most.
pub(super) fn ascending<K: Key>(keys: &[K], fields: &[Field]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..keys.len() as u32).collect();
    for &field in fields {
        let mut next = vec![0_u32; (1 << field.bits) + 1];
        for key in keys {
            next[key.code(field) as usize + 1] += 1;
        }
        for code in 1..next.len() {
            next[code] += next[code - 1];
        }
        let mut sorted = vec![0; keys.len()];
        for &at in &order {
            let place = &mut next[keys[at as usize].code(field) as usize];
            sorted[*place as usize] = at;
            *place += 1;
        }
        order = sorted;
    }
    order
}

/// What is left of keys, which are different and ascend, from each field on.
pub(super) fn rests<K: Key>(keys: &[K], fields: &[Field]) -> Vec<Rest> {
    let mut left = keys.to_vec();
    let without = |&field: &Field| {
        let code = left.iter().map(|key| key.code(field)).collect();
        let mut after: Vec<K> = Vec::new();
        let mut next = Vec::with_capacity(left.len());
        for key in &left {
            let key = key.with(field, 0);
            if after.last() != Some(&key) {
                after.push(key);
            }
            next.push(after.len() as u32 - 1);
        }
        left = after;
        Rest { code, next }
    };
    fields.iter().map(without).collect()
}
