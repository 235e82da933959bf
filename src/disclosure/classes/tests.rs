//! The classes against a map of tuples of values, over shapes that reach each way of counting.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::types::{Int32Type, UInt16Type};
use arrow_array::{
    ArrayRef, BooleanArray, Decimal128Array, DictionaryArray, Float64Array, Int64Array, NullArray, RecordBatch,
    StringArray, StringViewArray, UInt16Array,
};
use proptest::prelude::*;

use super::{Classes, Crowds, Nulls, Spectrum, collapse, encode, spectrum};
use crate::error::Error;
use crate::stop::Stop;

/// A cell as what it is compared by.
type Cell = Option<i64>;

fn batches(columns: Vec<ArrayRef>, cut: usize) -> Vec<RecordBatch> {
    let named = columns
        .into_iter()
        .enumerate()
        .map(|(i, array)| (format!("c{i}"), array, true));
    let batch = RecordBatch::try_from_iter_with_nullable(named).unwrap();
    let cut = cut.min(batch.num_rows());
    vec![batch.slice(0, cut), batch.slice(cut, batch.num_rows() - cut)]
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("c{i}")).collect()
}

fn expected(rows: &[Vec<Cell>]) -> Vec<u64> {
    let mut counts: HashMap<&[Cell], u64> = HashMap::new();
    for row in rows {
        *counts.entry(row).or_default() += 1;
    }
    rows.iter().map(|row| counts[row.as_slice()]).collect()
}

fn check(batches: &[RecordBatch], rows: &[Vec<Cell>]) -> Classes {
    let stop = Stop::new();
    let width = rows.first().map_or(0, Vec::len);
    let columns = encode(batches, &names(width), &stop).unwrap();
    let classes = collapse(&columns, rows.len(), &stop).unwrap();
    let sizes = expected(rows);
    assert_eq!(classes.row_sizes(), sizes);
    assert_eq!(classes.sizes().iter().sum::<u64>(), rows.len() as u64);
    let counted = spectrum(&columns, rows.len(), &stop).unwrap();
    assert_eq!(counted, classes.spectrum());
    assert_eq!(counted.k(), sizes.iter().min().copied());
    let crowds = Crowds::find(&columns, None, Nulls::Category, rows.len(), &stop).unwrap();
    assert_eq!(crowds.row_sizes(), sizes);
    for column in 0..width {
        let others: Vec<Vec<Cell>> = rows
            .iter()
            .map(|row| {
                row.iter()
                    .enumerate()
                    .filter(|(i, _)| *i != column)
                    .map(|(_, cell)| *cell)
                    .collect()
            })
            .collect();
        let mut of_class = HashMap::new();
        for (row, size) in others.iter().zip(expected(&others)) {
            of_class.insert(row.clone(), size);
        }
        let sizes: Vec<u64> = of_class.into_values().collect();
        let joined = crowds.without(column, &stop).unwrap();
        let joined: Vec<_> = joined.into_iter().map(|(size, classes, _)| (size, classes)).collect();
        assert_eq!(joined, Spectrum::of(&sizes).entries().collect::<Vec<_>>());
        let distinct: std::collections::HashSet<Cell> = rows.iter().map(|row| row[column]).collect();
        assert_eq!(classes.distinct(column), distinct.len() as u64);
    }
    classes
}

/// The same cells as a column of the type of this number.
fn array(kind: u8, cells: &[Cell]) -> ArrayRef {
    let cells = cells.iter().copied();
    match kind % 8 {
        0 => Arc::new(cells.collect::<Int64Array>()),
        1 => Arc::new(cells.map(|c| c.map(|c| c.to_string())).collect::<StringArray>()),
        2 => Arc::new(
            cells
                .map(|c| c.map(|c| format!("a rather long value {c}")))
                .collect::<StringViewArray>(),
        ),
        // Zero comes as both of its signs.
        3 => Arc::new(
            cells
                .enumerate()
                .map(|(i, c)| c.map(|c| if c == 0 && i % 2 == 0 { -0.0 } else { c as f64 }))
                .collect::<Float64Array>(),
        ),
        4 => {
            let text: Vec<Option<String>> = cells.map(|c| c.map(|c| c.to_string())).collect();
            Arc::new(
                text.iter()
                    .map(Option::as_deref)
                    .collect::<DictionaryArray<Int32Type>>(),
            )
        }
        5 => Arc::new(cells.map(|c| c.map(i128::from)).collect::<Decimal128Array>()),
        // Far apart: keys of three such columns do not fit into 64 bits.
        6 => Arc::new(cells.map(|c| c.map(|c| c * 1_000_003_000_003)).collect::<Int64Array>()),
        // NaN in the place of a value, with another payload in every row.
        _ => Arc::new(
            cells
                .enumerate()
                .map(|(i, c)| {
                    c.map(|c| {
                        if c == 1 {
                            f64::from_bits(0x7FF8_0000_0000_0000 + i as u64)
                        } else {
                            c as f64
                        }
                    })
                })
                .collect::<Float64Array>(),
        ),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn agrees_with_a_map_of_tuples(
        kinds in prop::collection::vec(any::<u8>(), 1..7),
        spread in prop::sample::select(vec![2_i64, 30, 100_000]),
        seed in any::<u64>(),
        rows in 1_usize..400,
        cut in 0_usize..400,
    ) {
        let mut state = seed | 1;
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as i64 % spread
        };
        let table: Vec<Vec<Cell>> = (0..rows)
            .map(|_| kinds.iter().map(|_| Some(draw()).filter(|cell| cell % 7 != 3)).collect())
            .collect();
        let columns = kinds
            .iter()
            .enumerate()
            .map(|(i, &kind)| array(kind, &table.iter().map(|row| row[i]).collect::<Vec<_>>()))
            .collect();
        check(&batches(columns, cut), &table);
    }
}

/// 140,000 rows: two pieces, each way of counting, and keys that are collapsed on the way.
#[test]
fn large_shapes() {
    let rows = 140_000_i64;
    for (spread, kinds) in [
        (40, vec![0_u8, 4]),
        (1500, vec![0, 4]),
        (100_000, vec![0, 1]),
        (60_000, vec![6, 6, 6, 6]),
        (i64::MAX, vec![0, 3]),
    ] {
        let table: Vec<Vec<Cell>> = (0..rows)
            .map(|row| {
                let cell = |i: usize| (row * (7919 + 1_000_003 * i as i64)) % rows % spread;
                (0..kinds.len())
                    .map(cell)
                    .map(|cell| Some(cell).filter(|cell| cell % 11 != 5))
                    .collect()
            })
            .collect();
        let columns = kinds
            .iter()
            .enumerate()
            .map(|(i, &kind)| array(kind, &table.iter().map(|row| row[i]).collect::<Vec<_>>()))
            .collect();
        check(&batches(columns, 60_000), &table);
    }
}

#[test]
fn the_ends_of_the_integers_and_columns_of_one_value() {
    let ends = [Some(i64::MIN), Some(i64::MAX), None, Some(0), Some(i64::MIN), Some(-1)];
    let bits = [Some(true), None, Some(true), Some(false), Some(true), None];
    let columns: Vec<ArrayRef> = vec![
        Arc::new(ends.iter().copied().collect::<Int64Array>()),
        Arc::new(bits.iter().copied().collect::<BooleanArray>()),
        Arc::new(NullArray::new(6)),
    ];
    let table: Vec<Vec<Cell>> = ends
        .iter()
        .zip(bits)
        .map(|(&a, b)| vec![a, b.map(i64::from), None])
        .collect();
    check(&batches(columns, 2), &table);
}

/// A level nobody has is no class; a null among a dictionary's values is null.
#[test]
fn dictionaries_with_unobserved_levels_duplicates_and_nulls() {
    let values: ArrayRef = Arc::new(StringArray::from(vec![
        Some("a"),
        Some("unobserved"),
        None,
        Some("a"),
        Some("b"),
    ]));
    let keys = UInt16Array::from(vec![Some(0), Some(3), Some(2), None, Some(4), Some(4), Some(0)]);
    let column: ArrayRef = Arc::new(DictionaryArray::<UInt16Type>::new(keys, values));
    let table: Vec<Vec<Cell>> = [Some(0), Some(0), None, None, Some(1), Some(1), Some(0)]
        .map(|c| vec![c])
        .to_vec();
    let classes = check(&batches(vec![column], 3), &table);
    assert_eq!(classes.spectrum().entries().collect::<Vec<_>>(), [(2, 2), (3, 1)]);
}

#[test]
fn distinct_values_per_class() {
    let class = array(4, &[Some(1), Some(1), Some(2), Some(2), Some(2), None]);
    let sensitive = array(1, &[Some(5), Some(5), Some(5), Some(6), None, None]);
    let batches = batches(vec![class, sensitive], 4);
    let stop = Stop::new();
    let columns = encode(&batches, &names(2), &stop).unwrap();
    let classes = collapse(&columns[..1], 6, &stop).unwrap();
    let mut values = classes.diversity(&columns[1], &stop).unwrap();
    values.sort_unstable();
    assert_eq!(values, [1, 1, 3]);
}

#[test]
fn work_stops_on_request_and_nested_columns_are_refused() {
    let batches = batches(vec![array(0, &[Some(1); 10])], 5);
    let stop = Stop::new();
    stop.stop();
    assert!(matches!(encode(&batches, &names(1), &stop), Err(Error::Stopped)));

    let list = arrow_array::ListArray::new_null(
        Arc::new(arrow_schema::Field::new_list_field(arrow_schema::DataType::Int32, true)),
        3,
    );
    let nested = self::batches(vec![Arc::new(list) as ArrayRef], 1);
    let refused = encode(&nested, &names(1), &Stop::new()).map(|_| ()).unwrap_err();
    assert!(refused.to_string().contains("\"c0\""), "{refused}");
    let absent = encode(&nested, &["x".to_owned()], &Stop::new())
        .map(|_| ())
        .unwrap_err();
    assert!(absent.to_string().contains("\"x\""), "{absent}");
}

/// Texts are compared whole, whatever their length: those of seven bytes and twelve are the last of their kind.
#[test]
fn texts_of_every_length() {
    for longest in [0, 1, 7, 8, 12, 13, 20] {
        let mut texts: Vec<Option<String>> = vec![None, Some(String::new())];
        for length in 0..=longest {
            for last in ["a", "b", "\0"] {
                let text: String = "x".repeat(length).chars().chain(last.chars()).take(longest).collect();
                texts.extend([Some(text.clone()), Some(text)]);
            }
        }
        let mut numbers: HashMap<&Option<String>, i64> = HashMap::new();
        let table: Vec<Vec<Cell>> = texts
            .iter()
            .map(|text| {
                let next = numbers.len() as i64;
                let number = *numbers.entry(text).or_insert(next);
                vec![text.as_ref().map(|_| number)]
            })
            .collect();
        let column: ArrayRef = Arc::new(texts.iter().map(Option::as_deref).collect::<StringViewArray>());
        check(&batches(vec![column], 3), &table);
    }
}
