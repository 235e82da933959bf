//! The protection of tables, for `kohort.release`.

use pyo3::prelude::*;

use super::signals::interruptible;
use crate::disclosure::protection::{self, Cells, Relation, Zeros};

/// Decide what becomes of every cell of a table with additive relations.
///
/// Returns a status per cell: 0 visible, 1 small, 2 protective, 3 withheld.
#[pyfunction]
#[pyo3(signature = (values, relations, threshold, show_zeros, reluctance=None, structural=None, implied=None))]
#[allow(clippy::needless_pass_by_value, clippy::too_many_arguments)] // keywords in Python
pub(crate) fn protect(
    py: Python<'_>,
    values: Vec<u64>,
    relations: Vec<(usize, Vec<usize>)>,
    threshold: u64,
    show_zeros: bool,
    reluctance: Option<Vec<f64>>,
    structural: Option<Vec<bool>>,
    implied: Option<Vec<bool>>,
) -> PyResult<Vec<u32>> {
    let relations: Vec<Relation> = relations
        .into_iter()
        .map(|(total, parts)| Relation { total, parts })
        .collect();
    let statuses = interruptible(py, None, |stop| {
        let cells = Cells {
            values: &values,
            relations: &relations,
            threshold,
            zeros: if show_zeros { Zeros::Show } else { Zeros::Hide },
            reluctance: reluctance.as_deref(),
            structural: structural.as_deref(),
            implied: implied.as_deref(),
        };
        protection::protect(&cells, stop)
    })?;
    Ok(statuses.into_iter().map(|status| status as u32).collect())
}
