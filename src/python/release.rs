//! The protection of tables, for `kohort.release`.
#![allow(clippy::needless_pass_by_value)] // what Python hands over is owned

use pyo3::prelude::*;

use super::signals::interruptible;
use crate::disclosure::protection::{self as tables, Cells, Dimension, Method, Product, Relation, Status, Zeros};
use crate::error::{Error, Result};

/// A total and its parts.
type Sum = (usize, Vec<usize>);
/// The number of nodes of a dimension, and the nodes that are sums of others.
type Nodes = (usize, Vec<Sum>);

/// What a table is, as Python hands it over; owned, so that the work runs without the interpreter.
struct Given {
    values: Vec<u64>,
    relations: Vec<Relation>,
    product: Option<Product>,
    threshold: u64,
    zeros: Zeros,
    reluctance: Option<Vec<f64>>,
    structural: Option<Vec<bool>>,
    sensitive: Option<Vec<Option<(u64, u64)>>>,
    fixed: Option<Vec<Option<Status>>>,
    implied: Option<Vec<bool>>,
}

fn sums(given: Vec<Sum>) -> Vec<Relation> {
    given
        .into_iter()
        .map(|(total, parts)| Relation { total, parts })
        .collect()
}

/// The relations of the dimensions come first, then the others.
fn all_relations(dimensions: Option<Vec<Nodes>>, others: Vec<Sum>) -> Result<(Option<Product>, Vec<Relation>)> {
    let dimensions = dimensions.map(|dimensions| {
        dimensions
            .into_iter()
            .map(|(nodes, given)| Dimension {
                nodes,
                sums: sums(given),
            })
            .collect()
    });
    let product = dimensions.map(Product::new).transpose()?;
    let mut relations = product.as_ref().map_or_else(Vec::new, Product::relations);
    relations.extend(sums(others));
    Ok((product, relations))
}

/// What is said about few cells, one entry per cell.
fn spread<T: Copy>(what: &str, count: usize, given: Option<Vec<(usize, T)>>) -> Result<Option<Vec<Option<T>>>> {
    let Some(given) = given else { return Ok(None) };
    let mut answer = vec![None; count];
    for (cell, said) in given {
        *answer
            .get_mut(cell)
            .ok_or_else(|| Error::Argument(format!("{what} names cell {cell}, but there are {count} cells")))? =
            Some(said);
    }
    Ok(Some(answer))
}

fn status(number: u8) -> Result<Status> {
    match number {
        0 => Ok(Status::Visible),
        1 => Ok(Status::Small),
        2 => Ok(Status::Protective),
        3 => Ok(Status::Withheld),
        other => Err(Error::Argument(format!(
            "a status is 0 (visible), 1 (small), 2 (protective) or 3 (withheld), got {other}"
        ))),
    }
}

impl Given {
    #[allow(clippy::too_many_arguments)]
    fn new(
        values: Vec<u64>,
        relations: Vec<Sum>,
        threshold: u64,
        show_zeros: bool,
        reluctance: Option<Vec<f64>>,
        structural: Option<Vec<bool>>,
        sensitive: Option<Vec<(usize, u64, u64)>>,
        fixed: Option<Vec<(usize, u8)>>,
        dimensions: Option<Vec<Nodes>>,
    ) -> Result<Self> {
        let (product, relations) = all_relations(dimensions, relations)?;
        let count = values.len();
        let sensitive = sensitive.map(|given| given.into_iter().map(|(cell, low, high)| (cell, (low, high))).collect());
        let fixed = fixed
            .map(|given| {
                given
                    .into_iter()
                    .map(|(cell, number)| Ok((cell, status(number)?)))
                    .collect::<Result<_>>()
            })
            .transpose()?;
        Ok(Self {
            values,
            relations,
            product,
            threshold,
            zeros: if show_zeros { Zeros::Show } else { Zeros::Hide },
            reluctance,
            structural,
            sensitive: spread("sensitive", count, sensitive)?,
            fixed: spread("fixed", count, fixed)?,
            implied: None,
        })
    }

    fn cells(&self) -> Cells<'_> {
        Cells {
            values: &self.values,
            relations: &self.relations,
            threshold: self.threshold,
            zeros: self.zeros,
            reluctance: self.reluctance.as_deref(),
            structural: self.structural.as_deref(),
            sensitive: self.sensitive.as_deref(),
            fixed: self.fixed.as_deref(),
            implied: self.implied.as_deref(),
        }
    }
}

/// What was decided about every cell of a table.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct Protection(tables::Protection);

#[pymethods]
impl Protection {
    /// A status per cell: 0 visible, 1 small, 2 protective, 3 withheld.
    #[getter]
    fn statuses(&self) -> Vec<u32> {
        self.0.statuses.iter().map(|status| *status as u32).collect()
    }

    /// How many cells have each status.
    #[getter]
    fn counts(&self) -> [usize; 4] {
        let mut answer = [0; 4];
        self.0.statuses.iter().for_each(|status| answer[*status as usize] += 1);
        answer
    }

    /// The price of the cells that are hidden for the sake of others.
    #[getter]
    fn cost(&self) -> f64 {
        self.0.cost
    }

    /// How the cells to hide were found: `programs` over the whole table, or `patterns`.
    #[getter]
    fn method(&self) -> &'static str {
        match self.0.method {
            Method::Programs => "programs",
            Method::Patterns => "patterns",
        }
    }
}

/// Decide what becomes of every cell of a table with additive relations, and at what cost.
#[pyfunction]
#[pyo3(signature = (values, relations, threshold, show_zeros, reluctance=None, structural=None, *,
    sensitive=None, fixed=None, dimensions=None, method=None, implied=None))]
#[allow(clippy::too_many_arguments)]
pub(crate) fn protection(
    py: Python<'_>,
    values: Vec<u64>,
    relations: Vec<Sum>,
    threshold: u64,
    show_zeros: bool,
    reluctance: Option<Vec<f64>>,
    structural: Option<Vec<bool>>,
    sensitive: Option<Vec<(usize, u64, u64)>>,
    fixed: Option<Vec<(usize, u8)>>,
    dimensions: Option<Vec<Nodes>>,
    method: Option<&str>,
    implied: Option<Vec<bool>>,
) -> PyResult<Protection> {
    let method = match method {
        None => None,
        Some("programs") => Some(Method::Programs),
        Some("patterns") => Some(Method::Patterns),
        Some(other) => {
            return Err(Error::Argument(format!("method is 'programs' or 'patterns', got {other:?}")).into());
        }
    };
    let found = interruptible(py, None, |stop| {
        let given = Given::new(
            values, relations, threshold, show_zeros, reluctance, structural, sensitive, fixed, dimensions,
        )?;
        let given = Given { implied, ..given };
        tables::protect(&given.cells(), given.product.as_ref(), method, stop)
    })?;
    Ok(Protection(found))
}

/// The statuses of `protection` alone.
#[pyfunction]
#[pyo3(signature = (values, relations, threshold, show_zeros, reluctance=None, structural=None, *,
    sensitive=None, fixed=None, dimensions=None, method=None, implied=None))]
#[allow(clippy::too_many_arguments)]
pub(crate) fn protect(
    py: Python<'_>,
    values: Vec<u64>,
    relations: Vec<Sum>,
    threshold: u64,
    show_zeros: bool,
    reluctance: Option<Vec<f64>>,
    structural: Option<Vec<bool>>,
    sensitive: Option<Vec<(usize, u64, u64)>>,
    fixed: Option<Vec<(usize, u8)>>,
    dimensions: Option<Vec<Nodes>>,
    method: Option<&str>,
    implied: Option<Vec<bool>>,
) -> PyResult<Vec<u32>> {
    let found = protection(
        py, values, relations, threshold, show_zeros, reluctance, structural, sensitive, fixed, dimensions, method,
        implied,
    )?;
    Ok(found.statuses())
}

/// The cells that statuses chosen elsewhere leave exposed; empty when the table is safe.
#[pyfunction]
#[pyo3(signature = (values, relations, threshold, show_zeros, statuses, structural=None, *,
    sensitive=None, fixed=None, dimensions=None))]
#[allow(clippy::too_many_arguments)]
pub(crate) fn audit_protection(
    py: Python<'_>,
    values: Vec<u64>,
    relations: Vec<Sum>,
    threshold: u64,
    show_zeros: bool,
    statuses: Vec<u8>,
    structural: Option<Vec<bool>>,
    sensitive: Option<Vec<(usize, u64, u64)>>,
    fixed: Option<Vec<(usize, u8)>>,
    dimensions: Option<Vec<Nodes>>,
) -> PyResult<Vec<usize>> {
    interruptible(py, None, |stop| {
        let given = Given::new(
            values, relations, threshold, show_zeros, None, structural, sensitive, fixed, dimensions,
        )?;
        let statuses = statuses.into_iter().map(status).collect::<Result<Vec<_>>>()?;
        tables::audit(&given.cells(), given.product.as_ref(), &statuses, stop)
    })
}

/// The relations of a product of dimensions, as `protection` numbers its cells.
#[pyfunction]
pub(crate) fn product_relations(dimensions: Vec<Nodes>) -> PyResult<Vec<Sum>> {
    let (_, relations) = all_relations(Some(dimensions), Vec::new())?;
    Ok(relations
        .into_iter()
        .map(|relation| (relation.total, relation.parts))
        .collect())
}
