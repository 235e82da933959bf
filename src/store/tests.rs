//! What is written through the builder is what an open warehouse answers: vocabularies and columns of persons.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray, UInt8Array};
use proptest::prelude::*;

use super::{Builder, Options, Warehouse};
use crate::person::Pseudonyms;
use crate::stop::Stop;

fn builder(root: &Path) -> Builder {
    let options = Options {
        pseudonyms: Pseudonyms::Kept,
        shard_persons: 2,
        strict: false,
        replace: false,
        observe_from_events: false,
        memory: 1 << 20,
        today: 20_000,
        now: "2026-11-24T00:00:00Z".into(),
    };
    Builder::new(root, options).unwrap()
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap()
}

/// Persons 1, 2, ... with further columns.
fn persons(count: i64, further: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let length = count as usize;
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        ("person_id", Arc::new((1..=count).collect::<Int64Array>())),
        ("sex", Arc::new(UInt8Array::from(vec![1; length]))),
        ("birth_month", Arc::new(Date32Array::from(vec![0; length]))),
        ("death", Arc::new(Date32Array::from(vec![None; length]))),
    ];
    columns.extend(further);
    batch(columns)
}

fn numbers(values: &[Option<i64>]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

/// A vocabulary table of rows of three.
fn table(names: [&str; 3], rows: &[[&str; 3]]) -> RecordBatch {
    let column = |i: usize| Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row[i]))) as ArrayRef;
    batch((0..3).map(|i| (names[i], column(i))).collect())
}

const CONCEPT: [&str; 3] = ["vocabulary", "code", "label"];
const ANCESTOR: [&str; 3] = ["vocabulary", "ancestor", "descendant"];
const MAPS_TO: [&str; 3] = ["vocabulary", "code", "standard"];

fn open(root: &Path, tables: &[(&str, RecordBatch)]) -> Warehouse {
    let mut builder = builder(root);
    builder.persons(&persons(1, Vec::new())).unwrap();
    for (table, rows) in tables {
        builder.vocabulary(table, rows).unwrap();
    }
    builder.finish(serde_json::Value::Null, &Stop::new()).unwrap();
    Warehouse::open(root, 1 << 20).unwrap()
}

#[test]
fn vocabularies_do_not_mix() {
    let folder = tempfile::tempdir().unwrap();
    let tables = [
        (
            "concept",
            table(CONCEPT, &[["A", "1", "one"], ["B", "2", "two"], ["A", "3", "three"]]),
        ),
        (
            "ancestor",
            table(
                ANCESTOR,
                &[["A", "1", "3"], ["B", "1", "2"], ["A", "1", "1"], ["A", "1", "0"]],
            ),
        ),
        (
            "maps_to",
            table(
                MAPS_TO,
                &[["A", "9", "1"], ["B", "8", "1"], ["A", "1", "1"], ["A", "9", "1"]],
            ),
        ),
    ];
    let warehouse = open(&folder.path().join("wh"), &tables);
    assert_eq!(warehouse.descendants("A", "1").unwrap(), ["0", "1", "3"]);
    assert_eq!(warehouse.descendants("B", "1").unwrap(), ["1", "2"]);
    assert_eq!(warehouse.descendants("A", "3").unwrap(), ["3"]);
    assert_eq!(warehouse.descendants("C", "7").unwrap(), ["7"]);
    assert_eq!(warehouse.mapped("A", "1").unwrap(), ["1", "9"]);
    assert_eq!(warehouse.mapped("B", "1").unwrap(), ["8"]);
    assert!(warehouse.mapped("A", "9").unwrap().is_empty());
    let known = |vocabulary, code| warehouse.knows(vocabulary, code).unwrap();
    assert!(known("A", "1") && known("A", "3") && known("B", "2"));
    assert!(!known("A", "2") && !known("B", "1") && !known("C", "1"));
}

#[test]
fn without_vocabularies_a_code_is_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let warehouse = open(&folder.path().join("wh"), &[]);
    assert_eq!(warehouse.descendants("A", "1").unwrap(), ["1"]);
    assert!(warehouse.mapped("A", "1").unwrap().is_empty());
    assert!(!warehouse.knows("A", "1").unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn links_are_those_of_a_search_through_all_rows(rows in prop::collection::vec((0..2_u8, 0..30_u16, 0..30_u16), 0..200)) {
        let text: Vec<[String; 3]> = rows.iter().map(|row| [row.0.to_string(), row.1.to_string(), row.2.to_string()]).collect();
        let rows: Vec<[&str; 3]> = text.iter().map(|row| [&*row[0], &*row[1], &*row[2]]).collect();
        let folder = tempfile::tempdir().unwrap();
        let tables = [("ancestor", table(ANCESTOR, &rows)), ("maps_to", table(MAPS_TO, &rows))];
        let warehouse = open(&folder.path().join("wh"), &tables);
        for vocabulary in ["0", "1", "2"] {
            for code in (0..31).map(|code: u16| code.to_string()) {
                let here = || rows.iter().filter(|row| row[0] == vocabulary);
                let mut below: BTreeSet<&str> = here().filter(|row| row[1] == code).map(|row| row[2]).collect();
                below.insert(&code);
                let mapped: BTreeSet<&str> = here().filter(|row| row[2] == code).map(|row| row[1]).collect();
                prop_assert!(warehouse.descendants(vocabulary, &code).unwrap().iter().eq(&below));
                prop_assert!(warehouse.mapped(vocabulary, &code).unwrap().iter().eq(&mapped));
            }
        }
    }
}

#[test]
fn further_columns_of_persons_are_kept_over_batches_and_shards() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("wh");
    let mut builder = builder(&root);
    let given = [Some(8507), None, Some(i64::MAX), Some(0), Some(-1)];
    let first = persons(5, vec![("gender", numbers(&given)), ("race", numbers(&[None; 5]))]);
    builder.persons(&first.slice(0, 3)).unwrap();
    // A person who is refused takes the values along.
    builder.persons(&first.slice(2, 3)).unwrap();
    builder.finish(serde_json::Value::Null, &Stop::new()).unwrap();
    let warehouse = Warehouse::open(&root, 1 << 20).unwrap();
    assert_eq!(warehouse.shards().len(), 3);
    let column = |name| {
        let shards = warehouse.shards().iter();
        shards
            .map(|shard| shard.person_column(name).unwrap())
            .collect::<Vec<_>>()
    };
    let whole = |name| column(name).into_iter().flatten().flatten().collect::<Vec<i64>>();
    assert_eq!(whole("gender"), [8507, i64::MIN, i64::MAX, 0, -1]);
    assert_eq!(column("gender"), column("gender"), "the second time from memory");
    assert_eq!(whole("race"), vec![i64::MIN; 5]);
    assert_eq!(column("no such column"), [None, None, None]);
    assert_eq!(column("sex"), [None, None, None], "not one of numbers");
}

#[test]
fn further_columns_that_cannot_be_stored_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let text: ArrayRef = Arc::new(StringArray::from(vec!["x"]));
    for (further, says) in [
        (vec![("note", text)], "column 'note' is not of type Int64"),
        (vec![("person", numbers(&[None]))], "column 'person' is reserved"),
    ] {
        let error = builder(&folder.path().join("wh"))
            .persons(&persons(1, further))
            .unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
    let mut builder = builder(&folder.path().join("wh"));
    builder.persons(&persons(1, vec![("race", numbers(&[None]))])).unwrap();
    let error = builder.persons(&persons(1, Vec::new())).unwrap_err();
    assert!(
        error.to_string().contains("give all of them the same columns"),
        "{error}"
    );
}
