//! Counting within a budget against a map of tuples.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow_array::{ArrayRef, Int32Array, Int64Array, RecordBatch, StringArray};

use super::{Question, Source, count};
use crate::stop::Stop;

fn batches(rows: &[(Option<i32>, Option<i64>, i64)], text: bool, size: usize) -> Vec<RecordBatch> {
    rows.chunks(size)
        .map(|rows| {
            let first: Int32Array = rows.iter().map(|row| row.0).collect();
            let second: ArrayRef = if text {
                Arc::new(
                    rows.iter()
                        .map(|row| row.1.map(|v| v.to_string()))
                        .collect::<StringArray>(),
                )
            } else {
                Arc::new(rows.iter().map(|row| row.1).collect::<Int64Array>())
            };
            let person: Int64Array = rows.iter().map(|row| row.2).collect::<Vec<_>>().into();
            let named: [(&str, ArrayRef); 3] = [("a", Arc::new(first)), ("b", second), ("id", Arc::new(person))];
            RecordBatch::try_from_iter(named).unwrap()
        })
        .collect()
}

/// Every budget, from one that spills each round to one that never does, gives the same classes.
#[test]
fn agrees_with_a_map_of_tuples_within_any_budget() {
    let rows: Vec<(Option<i32>, Option<i64>, i64)> = (0..60_000_i64)
        .map(|row| {
            let mixed = (row * 7919) % 60_000;
            (
                Some((mixed % 90) as i32 - 45).filter(|value| value % 11 != 3),
                Some(mixed % 170 * 1_000_000_007).filter(|value| value % 13 != 5),
                row / 3,
            )
        })
        .collect();
    let mut counts = HashMap::<_, (u64, HashSet<i64>)>::new();
    for row in &rows {
        let class = counts.entry((row.0, row.1)).or_default();
        class.0 += 1;
        class.1.insert(row.2);
    }
    let names = ["a".to_owned(), "b".to_owned()];
    for person in [None, Some("id")] {
        let mut expected = HashMap::<u64, (u64, u64)>::new();
        for (count, persons) in counts.values() {
            let size = if person.is_some() { persons.len() as u64 } else { *count };
            let band = expected.entry(size).or_default();
            *band = (band.0 + 1, band.1 + count);
        }
        let mut expected: Vec<_> = expected.into_iter().map(|(size, (n, rows))| (size, n, rows)).collect();
        expected.sort_unstable();
        for text in [false, true] {
            for budget in [0, 200_000, 1 << 30] {
                let sources: Vec<Source> = rows
                    .chunks(25_000)
                    .map(|rows| {
                        let mut given = batches(rows, text, 700).into_iter();
                        Box::new(move || Ok(given.next())) as Source
                    })
                    .collect();
                let question = Question {
                    columns: names.to_vec(),
                    person: person.map(str::to_owned),
                    missing: false,
                };
                let found = count(sources, &question, budget, &Stop::new()).unwrap();
                assert_eq!(found, expected, "person {person:?}, text {text}, budget {budget}");
            }
        }
    }
}
