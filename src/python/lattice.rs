//! The lattice of generalizations of a frame.
#![allow(clippy::needless_pass_by_value)] // what Python hands over is owned

use std::sync::Arc;
use std::time::Duration;

use arrow_array::{ArrayRef, BooleanArray, Int64Array, UInt32Array};
use pyo3::prelude::*;

use super::arrow::{Rows, Table};
use super::microdata::read;
use super::signals::interruptible;
use crate::disclosure::classes;
use crate::disclosure::lattice::{self as engine, Column, Limits, Visited};
use crate::disclosure::models::Whole;
use crate::error::{Error, Result};

/// A hierarchy: labels by level and leaf, shares by level and leaf, leaves in all, weight.
type Hierarchy = (Vec<Vec<u32>>, Vec<Vec<f64>>, f64, f64);
/// Order of the codes of a sensitive column, and its hierarchy: labels by level and code.
type Ground = (Option<Vec<u32>>, Option<Vec<Vec<u32>>>);
/// Levels, whether safe, rows suppressed, total, values by column.
type Seen = (Vec<usize>, bool, u64, Vec<f64>, Vec<f64>);
/// The best node, what no node falls below if time ran out, how many nodes were counted, some of these.
type Searched = (Option<Seen>, Option<Vec<f64>>, u64, Vec<Seen>);
/// Class sizes with their frequencies, rows suppressed, whether safe, total, values by column.
type Counted = (Vec<(u64, u64)>, u64, bool, Vec<f64>, Vec<f64>);

/// The rows of a frame, collapsed to groups by their quasi-identifiers.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct Microdata(Arc<engine::Microdata>);

#[pymethods]
impl Microdata {
    /// Collapses `rows` by `columns`; the first `released` rows are to be released, all later ones are the population.
    #[new]
    fn new(
        py: Python<'_>,
        rows: Rows,
        columns: Vec<String>,
        sensitive: Vec<String>,
        released: usize,
    ) -> PyResult<Self> {
        let (batches, count) = read(py, rows)?;
        interruptible(py, None, move |stop| {
            let columns = classes::encode(&batches, &columns, stop)?;
            let sensitive = classes::encode(&batches, &sensitive, stop)?;
            Ok(Self(Arc::new(engine::Microdata::new(
                &columns, &sensitive, count, released, stop,
            )?)))
        })
    }

    /// By value of a quasi-identifier: a row that has it.
    fn representatives(&self, column: usize) -> Vec<usize> {
        self.0.representatives(column).to_vec()
    }

    /// By value of a sensitive column: a row that has it.
    fn sensitive_representatives(&self, column: usize) -> Vec<usize> {
        self.0.sensitive_representatives(column).to_vec()
    }

    /// How many groups of equal quasi-identifiers there are.
    fn groups(&self) -> usize {
        self.0.groups()
    }

    /// All combinations of the levels of these hierarchies.
    fn lattice(
        &self,
        hierarchies: Vec<Hierarchy>,
        grounds: Vec<Ground>,
        models: &str,
        utility: &str,
    ) -> PyResult<Lattice> {
        let column = |(labels, shares, leaves, weight): &Hierarchy| Column::new(labels, shares, *leaves, *weight);
        let whole = |(column, (order, levels)): (usize, &Ground)| -> Result<Whole> {
            let mut whole = Whole::new(self.0.sensitive_counts(column));
            if let Some(order) = order {
                whole = whole.with_order(order)?;
            }
            if let Some(levels) = levels {
                whole = whole.with_tree(levels)?;
            }
            Ok(whole)
        };
        let unreadable = |error: serde_json::Error| Error::Argument(format!("the request cannot be read: {error}"));
        let found = engine::Lattice::new(
            Arc::clone(&self.0),
            hierarchies.iter().map(column).collect::<Result<_>>()?,
            serde_json::from_str(models).map_err(unreadable)?,
            grounds.iter().enumerate().map(whole).collect::<Result<_>>()?,
            serde_json::from_str(utility).map_err(unreadable)?,
        );
        Ok(Lattice(found?))
    }
}

/// All combinations of levels, with models that must hold and a measure of what is lost.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct Lattice(engine::Lattice);

#[pymethods]
impl Lattice {
    /// How many nodes there are.
    fn nodes(&self) -> f64 {
        self.0.nodes()
    }

    /// The best safe node if there is one, what no node falls below if time ran out, how many were counted, and some.
    #[pyo3(signature = (seconds=None))]
    fn search(&self, py: Python<'_>, seconds: Option<f64>) -> PyResult<Searched> {
        let limits = Limits {
            time: seconds.map(Duration::from_secs_f64),
        };
        let found = interruptible(py, None, |stop| self.0.search(limits, stop))?;
        let seen = |node: Visited| {
            (
                node.levels,
                node.safe,
                node.suppressed,
                node.score.total,
                node.score.values,
            )
        };
        let visited = found.visited.into_iter().map(seen).collect();
        Ok((
            found.best.map(seen),
            found.bound.map(|bound| bound.total),
            found.counted,
            visited,
        ))
    }

    /// What the classes of a node are, and what the models and the measure say of it.
    fn node(&self, py: Python<'_>, levels: Vec<usize>) -> PyResult<Counted> {
        let node = py.detach(|| self.0.node(&levels))?;
        Ok((
            node.sizes,
            node.suppressed,
            node.safe,
            node.score.total,
            node.score.values,
        ))
    }

    /// By row: the code of each quasi-identifier at its level (null where suppressed), and `class_size`, `suppressed`.
    fn recode(&self, py: Python<'_>, levels: Vec<usize>) -> PyResult<Table> {
        let recoded = interruptible(py, None, |stop| {
            stop.check()?;
            self.0.recode(&levels)
        })?;
        let lost = &recoded.suppressed;
        let mut columns: Vec<(String, ArrayRef, bool)> = Vec::new();
        for (number, codes) in recoded.codes.into_iter().enumerate() {
            let kept = codes.into_iter().zip(lost);
            let codes: UInt32Array = kept.map(|(code, lost)| (!lost).then_some(code)).collect();
            columns.push((number.to_string(), Arc::new(codes), true));
        }
        let sizes: Int64Array = recoded.class_size.into_iter().map(|size| size as i64).collect();
        columns.push(("class_size".to_owned(), Arc::new(sizes), false));
        let lost = BooleanArray::from(recoded.suppressed);
        columns.push(("suppressed".to_owned(), Arc::new(lost), false));
        Ok(Table::from_columns(columns)?)
    }
}
