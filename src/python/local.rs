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

fn table(columns: Vec<(String, ArrayRef)>) -> Result<Table> {
    let batch = RecordBatch::try_from_iter(columns)?;
    Ok(Table::from_batches(batch.schema(), vec![batch]))
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

/// Cuts rows, given as the rank of each cell, into boxes of at least `k` rows (or different `persons`).
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
            return Err(Error::Argument(
                "ranks, scales and persons do not fit together".to_owned(),
            ));
        }
        let allowed = |part: &[u32]| match &persons {
            None => part.len() >= k,
            Some(persons) => part.len() >= k && enough(part.iter().map(|&row| persons[row as usize]), k),
        };
        let rules = Rules {
            strict,
            allowed: &allowed,
        };
        let found = boxes::partition(&dimensions, rows, &rules, stop)?;
        let covers = boxes::cover(&dimensions, &found);
        let mut columns: Vec<(String, ArrayRef)> = Vec::new();
        for (number, covers) in covers.into_iter().enumerate() {
            let low: UInt32Array = covers.iter().map(|cover| cover.0).collect::<Vec<_>>().into();
            let high: UInt32Array = covers.iter().map(|cover| cover.1).collect::<Vec<_>>().into();
            let missing: BooleanArray = covers.iter().map(|cover| Some(cover.2)).collect();
            columns.push((format!("low{number}"), Arc::new(low)));
            columns.push((format!("high{number}"), Arc::new(high)));
            columns.push((format!("missing{number}"), Arc::new(missing)));
        }
        let of_row = table(vec![("box".to_owned(), Arc::new(group_of(&found, rows)))])?;
        Ok((of_row, table(columns)?))
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
        table(vec![("group".to_owned(), Arc::new(group_of(&groups, count)))])
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
            (name, Arc::new(cells.finish()) as ArrayRef)
        });
        table(named.collect())
    })
}
