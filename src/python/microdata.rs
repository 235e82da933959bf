//! Equivalence classes of the rows of a data frame.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch};
use pyo3::prelude::*;

use super::arrow::{Rows, Table};
use super::signals::interruptible;
use crate::disclosure::classes::stored::Question;
use crate::disclosure::classes::{self, Band, Column, Crowds, Nulls, Spectrum};
use crate::error::Result;
use crate::stop::Stop;

/// Class size and number of classes of that size, smallest first.
type Sizes = Vec<(u64, u64)>;

fn sizes(spectrum: &Spectrum) -> Sizes {
    spectrum.entries().collect()
}

pub(crate) fn read(py: Python<'_>, rows: Rows) -> PyResult<(Vec<RecordBatch>, usize)> {
    let batches = py.detach(|| rows.collect())?;
    let count = batches.iter().map(RecordBatch::num_rows).sum();
    Ok((batches, count))
}

/// The sizes of the classes of `rows` by `columns`: pairs of a size and the number of classes that have it.
#[pyfunction]
pub(crate) fn class_sizes(py: Python<'_>, rows: Rows, columns: Vec<String>) -> PyResult<Vec<(u64, u64)>> {
    let (batches, count) = read(py, rows)?;
    interruptible(py, None, move |stop| {
        let columns = classes::encode(&batches, &columns, stop)?;
        Ok(sizes(&classes::spectrum(&columns, count, stop)?))
    })
}

/// The sizes of the classes of a Parquet file by `columns`, in rows or different values of `person` (where `missing` may be
/// one), with tables of `memory` bytes.
#[pyfunction]
pub(crate) fn stored_sizes(
    py: Python<'_>,
    path: PathBuf,
    columns: Vec<String>,
    person: Option<String>,
    memory: usize,
    missing: bool,
) -> PyResult<Vec<Band>> {
    interruptible(py, None, move |stop| {
        let question = Question {
            columns,
            person,
            missing,
        };
        classes::stored::parquet(&path, &question, memory, stop)
    })
}

/// Collapses `rows` to classes by `columns`, with the crowd of each (rows, or distinct values of `person`, where missing
/// values match `any` or are a category); counts the different values of each of `sensitive` per crowd.
#[pyfunction]
#[pyo3(signature = (rows, columns, sensitive, person=None, nulls="category"))]
pub(crate) fn collapse(
    py: Python<'_>,
    rows: Rows,
    columns: Vec<String>,
    sensitive: Vec<String>,
    person: Option<String>,
    nulls: &str,
) -> PyResult<Collapsed> {
    let nulls = if nulls == "any" { Nulls::Any } else { Nulls::Category };
    let (batches, count) = read(py, rows)?;
    interruptible(py, None, move |stop| {
        let columns = classes::encode(&batches, &columns, stop)?;
        let person = person
            .map(|name| classes::encode_person(&batches, &name, stop))
            .transpose()?;
        let crowds = Crowds::find(&columns, person.as_ref(), nulls, count, stop)?;
        let sensitive = classes::encode(&batches, &sensitive, stop)?;
        let least = |column: &Column, stop: &Stop| -> Result<u64> {
            Ok(crowds.diversity(column, stop)?.into_iter().min().unwrap_or(0))
        };
        let diversity = sensitive
            .iter()
            .map(|column| least(column, stop))
            .collect::<Result<_>>()?;
        Ok(Collapsed { crowds, diversity })
    })
}

/// The classes of a frame; the frame itself is not kept.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct Collapsed {
    crowds: Crowds,
    diversity: Vec<u64>,
}

#[pymethods]
impl Collapsed {
    /// A size of crowd, how many classes have it, and how many rows are in these; smallest first.
    fn sizes(&self) -> Vec<Band> {
        self.crowds.bands()
    }

    /// How many values the column of this number takes.
    fn distinct(&self, py: Python<'_>, column: usize) -> u64 {
        py.detach(|| self.crowds.classes().distinct(column))
    }

    /// The same as `sizes` for the classes by all columns but the one of this number.
    fn without(&self, py: Python<'_>, column: usize) -> PyResult<Vec<Band>> {
        interruptible(py, None, |stop| self.crowds.without(column, stop))
    }

    /// Per sensitive column, the smallest number of different values in a class.
    fn diversity(&self) -> Vec<u64> {
        self.diversity.clone()
    }

    /// Per row, in the order of the rows: the size of its class, and one over it.
    fn records(&self, py: Python<'_>) -> PyResult<Table> {
        interruptible(py, None, |stop| {
            stop.check()?;
            let sizes: Int64Array = self.crowds.row_sizes().into_iter().map(|size| size as i64).collect();
            let risks: Float64Array = sizes.values().iter().map(|&size| 1.0 / size as f64).collect();
            Table::from_columns([
                ("class_size", Arc::new(sizes) as ArrayRef, false),
                ("risk", Arc::new(risks), false),
            ])
        })
    }
}
