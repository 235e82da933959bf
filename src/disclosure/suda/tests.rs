use std::sync::Arc;

use arrow_array::{ArrayRef, Int32Array, RecordBatch};
use proptest::prelude::*;

use super::special;
use crate::disclosure::classes::{collapse, encode};
use crate::stop::Stop;

/// By row, its MSUs found by trying every set of columns on every pair of rows.
fn naive(rows: &[Vec<i32>], columns: usize, most: u32) -> Vec<Vec<u64>> {
    let same = |a: &[i32], b: &[i32], set: u64| (0..columns).all(|c| set >> c & 1 == 0 || a[c] == b[c]);
    let mut found = vec![Vec::new(); rows.len()];
    let mut sets: Vec<u64> = (1..1_u64 << columns).filter(|set| set.count_ones() <= most).collect();
    sets.sort_by_key(|set| (set.count_ones(), *set));
    for set in sets {
        for (number, row) in rows.iter().enumerate() {
            let alone = rows
                .iter()
                .enumerate()
                .all(|(other, that)| other == number || !same(row, that, set));
            if alone && found[number].iter().all(|smaller| smaller & set != *smaller) {
                found[number].push(set);
            }
        }
    }
    found
}

proptest! {
    #[test]
    fn every_minimal_sample_unique_is_found(
        rows in prop::collection::vec(prop::collection::vec(0..3, 5), 1..30),
        most in 1_usize..6,
    ) {
        let arrays = (0..5).map(|column| {
            let values: Int32Array = rows.iter().map(|row| row[column]).collect();
            (column.to_string(), Arc::new(values) as ArrayRef)
        });
        let names: Vec<String> = (0..5).map(|column| column.to_string()).collect();
        let batch = RecordBatch::try_from_iter(arrays).unwrap();
        let stop = Stop::new();
        let columns = encode(&[batch], &names, &stop).unwrap();
        let classes = collapse(&columns, rows.len(), &stop).unwrap();
        let ranks = classes.ranks(5, &stop).unwrap();
        let found = special(&classes, &ranks, most, &stop).unwrap();
        for (class, expected) in classes.ids().iter().zip(naive(&rows, 5, most as u32)) {
            let mut sets = found.sets[*class as usize].clone();
            sets.sort_by_key(|set| (set.count_ones(), *set));
            prop_assert_eq!(sets, expected);
        }
    }
}
