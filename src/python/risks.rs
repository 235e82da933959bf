//! Risks of a data frame beyond the sizes of its classes: special uniques, column sets, what classes tell.
#![allow(clippy::needless_pass_by_value)] // what Python hands over is owned

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, UInt32Array};
use pyo3::prelude::*;

use super::arrow::{Rows, Table};
use super::microdata::read;
use super::signals::interruptible;
use crate::disclosure::classes::{self, Classes, Ranks};
use crate::disclosure::{inference, subsets, suda};
use crate::error::{Error, Result};
use crate::stop::Stop;

/// Collapses the rows by the columns, and numbers the values of each.
fn classes_of(batches: &[RecordBatch], rows: usize, columns: &[String], stop: &Stop) -> Result<(Classes, Ranks)> {
    let encoded = classes::encode(batches, columns, stop)?;
    let classes = classes::collapse(&encoded, rows, stop)?;
    let ranks = classes.ranks(columns.len(), stop)?;
    Ok((classes, ranks))
}

/// Scores of special uniques: per row, per column, the rows that are unique, and those that are one of two equal ones.
#[pyfunction]
#[pyo3(signature = (rows, columns, most, progress=None))]
pub(crate) fn special_uniques(
    py: Python<'_>,
    rows: Rows,
    columns: Vec<String>,
    most: usize,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<(Table, Vec<f64>, u64, u64)> {
    let (batches, rows) = read(py, rows)?;
    interruptible(py, progress, move |stop| {
        if columns.is_empty() || columns.len() > suda::MOST_COLUMNS {
            return Err(Error::Argument(format!(
                "special uniques are searched in 1 to {} columns, got {}: leave some out",
                suda::MOST_COLUMNS,
                columns.len()
            )));
        }
        let (classes, ranks) = classes_of(&batches, rows, &columns, stop)?;
        let special = suda::special(&classes, &ranks, most, stop)?;
        let scores = special.scores(columns.len(), most);
        let of_size = |size: u64| classes.sizes().iter().filter(|found| **found == size).count() as u64;
        let ids = || classes.ids().iter().map(|class| *class as usize);
        let score: Float64Array = ids().map(|class| scores.score[class]).collect();
        let sets: Int64Array = ids().map(|class| special.sets[class].len() as i64).collect();
        let smallest: UInt32Array = ids()
            .map(|class| special.sets[class].first().map(|set| set.count_ones()))
            .collect();
        let table = Table::from_columns([
            ("suda_score", Arc::new(score) as ArrayRef, false),
            ("minimal_uniques", Arc::new(sets), false),
            ("smallest", Arc::new(smallest), true),
        ])?;
        Ok((table, scores.by_column, of_size(1), 2 * of_size(2)))
    })
}

/// Rows; then by column set, given by numbers of columns, its classes and the pairs of rows that differ in it.
#[pyfunction]
#[pyo3(signature = (rows, columns, sets, progress=None))]
pub(crate) fn column_sets(
    py: Python<'_>,
    rows: Rows,
    columns: Vec<String>,
    sets: Vec<Vec<usize>>,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<(usize, Vec<(u64, u128)>)> {
    let (batches, rows) = read(py, rows)?;
    interruptible(py, progress, move |stop| {
        let (classes, ranks) = classes_of(&batches, rows, &columns, stop)?;
        let found = subsets::measure(&classes, &ranks, &sets, stop)?;
        let pairs = found.iter().map(|apart| (apart.classes, apart.pairs)).collect();
        Ok((rows, pairs))
    })
}

/// The minimal sets of at most `most` columns with classes of at least this share of the rows, by numbers of columns.
#[pyfunction]
#[pyo3(signature = (rows, columns, share, most, progress=None))]
pub(crate) fn minimal_sets(
    py: Python<'_>,
    rows: Rows,
    columns: Vec<String>,
    share: f64,
    most: usize,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<(usize, Vec<Vec<usize>>)> {
    let (batches, rows) = read(py, rows)?;
    interruptible(py, progress, move |stop| {
        let (classes, ranks) = classes_of(&batches, rows, &columns, stop)?;
        // The least number whose share is no less, whatever rounding does to the product.
        let near = (share * rows as f64).ceil() as u64;
        let enough = |classes: &u64| *classes as f64 / rows as f64 >= share;
        let needed = (near.saturating_sub(1)..=near + 1).find(enough).unwrap_or(near).max(1);
        Ok((rows, subsets::minimal(&classes, &ranks, needed, most, stop)?))
    })
}

/// Certain classes, their rows, likely rows, the worst posterior.
type Learned = (u64, u64, u64, f64);

/// Rows, classes; then by number of values excluded what is learned.
#[pyfunction]
pub(crate) fn inferences(
    py: Python<'_>,
    rows: Rows,
    columns: Vec<String>,
    sensitive: String,
    known: usize,
    bound: f64,
) -> PyResult<(usize, usize, Vec<Learned>)> {
    let (batches, rows) = read(py, rows)?;
    interruptible(py, None, move |stop| {
        let encoded = classes::encode(&batches, &columns, stop)?;
        let sensitive = classes::encode(&batches, &[sensitive], stop)?;
        let (composition, _) = classes::compose(&encoded, &sensitive[0], rows, stop)?;
        let learned = inference::learned(&composition, known, bound, stop)?.into_iter();
        let found = learned.map(|of| (of.certain_classes, of.certain_rows, of.likely_rows, of.worst));
        Ok((rows, composition.len(), found.collect()))
    })
}
