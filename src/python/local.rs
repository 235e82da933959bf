//! Local recoding, microaggregation and cell suppression.

use std::sync::Arc;

use arrow_array::builder::BooleanBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, UInt32Type};
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, UInt32Array};
use pyo3::prelude::*;
use rustc_hash::FxHashSet;

use super::arrow::{Rows, Table};
use super::microdata::read;
use super::signals::interruptible;
use crate::disclosure::classes;
use crate::disclosure::local::mondrian::{Dimension, Rules};
use crate::disclosure::local::{microaggregation, mondrian as boxes, suppression};
use crate::disclosure::models::{Class, Requirement, Whole};
use crate::error::{Error, Result};

/// The batches of a frame as arrays of one type, column after column.
fn numbers<P: arrow_array::types::ArrowPrimitiveType>(batches: &[RecordBatch]) -> Result<Vec<Vec<P::Native>>> {
    let width = batches.first().map_or(0, RecordBatch::num_columns);
    let mut columns = vec![Vec::new(); width];
    for batch in batches {
        for (into, array) in columns.iter_mut().zip(batch.columns()) {
            let array = array.as_primitive_opt::<P>().filter(|array| array.null_count() == 0);
            let array = array.ok_or_else(|| Error::Argument("expected numbers without a gap".to_owned()))?;
            into.extend_from_slice(array.values());
        }
    }
    Ok(columns)
}

/// Which group each of `rows` rows is in.
fn group_of(groups: &[Vec<u32>], rows: usize) -> UInt32Array {
    let mut of_row = vec![0; rows];
    for (number, group) in groups.iter().enumerate() {
        for &row in group {
            of_row[row as usize] = number as u32;
        }
    }
    of_row.into()
}

/// A sensitive column: the code of each row, how many codes there are, whether they are in the order of the values, the node
/// of each code at each level of a tree, and what is required of each box, in JSON.
type Secret = (Vec<u32>, usize, bool, Option<Vec<Vec<u32>>>, String);

/// What is required of the values of a column in each box.
struct Condition {
    codes: Vec<u32>,
    whole: Whole,
    requirements: Vec<Requirement>,
}

impl Condition {
    fn read((codes, values, ordered, levels, requirements): Secret, rows: usize) -> Result<Self> {
        let mut counts = vec![0; values];
        for &code in &codes {
            *counts.get_mut(code as usize).ok_or_else(misfit)? += 1;
        }
        if codes.len() != rows {
            return Err(misfit());
        }
        let whole = Whole::new(counts);
        let whole = match levels {
            Some(levels) => whole.with_tree(&levels)?,
            None if ordered => whole.in_order_of_codes()?,
            None => whole,
        };
        Ok(Self {
            codes,
            whole,
            requirements: Requirement::read(&requirements)?,
        })
    }

    fn holds(&self, rows: &[u32]) -> bool {
        let mut codes: Vec<u32> = rows.iter().map(|&row| self.codes[row as usize]).collect();
        codes.sort_unstable();
        let (mut values, mut counts) = (Vec::new(), Vec::new());
        for run in codes.chunk_by(|left, right| left == right) {
            values.push(run[0]);
            counts.push(run.len() as u64);
        }
        let class = Class {
            size: rows.len() as u64,
            values: &values,
            counts: &counts,
        };
        self.requirements
            .iter()
            .all(|requirement| requirement.holds(&class, &self.whole))
    }
}

fn misfit() -> Error {
    Error::Argument("ranks, scales, persons and sensitive values do not fit together".to_owned())
}

/// Cuts rows, given as the rank of each cell, into boxes of at least `k` rows (or different `persons`) that meet what is
/// required of their `secrets`.
///
/// Returns the box of each row, and for each box and column the least and the greatest rank and whether one is missing.
#[pyfunction]
pub(crate) fn mondrian(
    py: Python<'_>,
    ranks: Rows,
    scales: Vec<Vec<f64>>,
    k: usize,
    strict: bool,
    persons: Option<Vec<u32>>,
    secrets: Vec<Secret>,
) -> PyResult<(Table, Table)> {
    let (batches, rows) = read(py, ranks)?;
    interruptible(py, None, move |stop| {
        let dimensions: Vec<Dimension> = numbers::<UInt32Type>(&batches)?
            .into_iter()
            .zip(scales)
            .map(|(ranks, scale)| Dimension { ranks, scale })
            .collect();
        let beyond = |dimension: &Dimension| {
            dimension
                .ranks
                .iter()
                .any(|&rank| rank as usize >= dimension.scale.len())
        };
        if dimensions.iter().any(beyond) || persons.as_ref().is_some_and(|persons| persons.len() != rows) {
            return Err(misfit());
        }
        let conditions = secrets
            .into_iter()
            .map(|secret| Condition::read(secret, rows))
            .collect::<Result<Vec<_>>>()?;
        let allowed = |part: &[u32]| {
            part.len() >= k
                && persons
                    .as_ref()
                    .is_none_or(|persons| enough(part.iter().map(|&row| persons[row as usize]), k))
                && conditions.iter().all(|condition| condition.holds(part))
        };
        if !allowed(&(0..rows as u32).collect::<Vec<_>>()) {
            return Err(Error::Argument(
                "all rows together do not meet what is asked of a box, so no part of them can: ask for less".to_owned(),
            ));
        }
        let rules = Rules {
            strict,
            allowed: &allowed,
        };
        let found = boxes::partition(&dimensions, rows, &rules, stop)?;
        let covers = boxes::cover(&dimensions, &found);
        let mut columns: Vec<(String, ArrayRef, bool)> = Vec::new();
        for (number, covers) in covers.into_iter().enumerate() {
            let low: UInt32Array = covers.iter().map(|cover| cover.0).collect::<Vec<_>>().into();
            let high: UInt32Array = covers.iter().map(|cover| cover.1).collect::<Vec<_>>().into();
            let missing: BooleanArray = covers.iter().map(|cover| Some(cover.2)).collect();
            columns.push((format!("low{number}"), Arc::new(low), false));
            columns.push((format!("high{number}"), Arc::new(high), false));
            columns.push((format!("missing{number}"), Arc::new(missing), false));
        }
        let of_row = Arc::new(group_of(&found, rows)) as ArrayRef;
        Ok((
            Table::from_columns([("box", of_row, false)])?,
            Table::from_columns(columns)?,
        ))
    })
}

/// Whether there are at least `k` different ones.
fn enough(persons: impl Iterator<Item = u32>, k: usize) -> bool {
    let mut seen = FxHashSet::default();
    persons.into_iter().any(|person| {
        seen.insert(person);
        seen.len() >= k
    })
}

/// The group of each row of standardized numbers, by MDAV.
#[pyfunction]
#[pyo3(signature = (rows, k, progress=None))]
pub(crate) fn microaggregate(
    py: Python<'_>,
    rows: Rows,
    k: usize,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Table> {
    let (batches, count) = read(py, rows)?;
    interruptible(py, progress, move |stop| {
        let columns = numbers::<Float64Type>(&batches)?;
        let width = columns.len();
        let mut table_of = vec![0.0; width * count];
        for (column, values) in columns.iter().enumerate() {
            for (row, value) in values.iter().enumerate() {
                table_of[row * width + column] = *value;
            }
        }
        let groups = microaggregation::groups(table_of, width, k, stop)?;
        let of_row = Arc::new(group_of(&groups, count)) as ArrayRef;
        Table::from_columns([("group", of_row, false)])
    })
}

/// Which cells of `columns` are to be blanked, by row, so that each row agrees with `k` rows.
#[pyfunction]
pub(crate) fn suppress_cells(
    py: Python<'_>,
    rows: Rows,
    columns: Vec<String>,
    reluctance: Vec<u32>,
    k: u64,
) -> PyResult<Table> {
    let (batches, count) = read(py, rows)?;
    interruptible(py, None, move |stop| {
        let encoded = classes::encode(&batches, &columns, stop)?;
        let found = classes::collapse(&encoded, count, stop)?;
        if reluctance.len() != columns.len() {
            return Err(Error::Argument("each column needs its place in the order".to_owned()));
        }
        let blanked = suppression::suppress(&found, &reluctance, k, stop)?;
        let named = columns.into_iter().zip(blanked).map(|(name, blanked)| {
            let mut cells = BooleanBuilder::with_capacity(count);
            for &class in found.ids() {
                cells.append_value(blanked[class as usize]);
            }
            (name, Arc::new(cells.finish()) as ArrayRef, false)
        });
        Table::from_columns(named)
    })
}
