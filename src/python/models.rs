//! Models of privacy over the classes of a data frame.

use std::collections::HashMap;

use arrow_array::RecordBatch;
use pyo3::prelude::*;

use super::arrow::Rows;
use super::microdata::read;
use super::signals::interruptible;
use crate::disclosure::classes;
use crate::disclosure::models::{
    Composition, Histories, MOST_CODES, Measure, Presence, PresenceFigures, Requirement, Whole,
};
use crate::error::{Error, Result};

/// What every class is made of, by the values of a sensitive column.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct Sensitive {
    composition: Composition,
    whole: Whole,
}

/// Looks at the classes of `rows` by `columns` through a sensitive column.
///
/// `sequence` lists the values of the column, each once, in a column of the same name and type: in their order, or, with
/// `levels`, in any order, each level being the node of each value.
#[pyfunction]
#[pyo3(signature = (rows, columns, column, sequence=None, levels=None))]
pub(crate) fn sensitive(
    py: Python<'_>,
    rows: Rows,
    columns: Vec<String>,
    column: String,
    sequence: Option<Rows>,
    levels: Option<Vec<Vec<u32>>>,
) -> PyResult<Sensitive> {
    let (sequence, listed) = match sequence {
        Some(listed) => read(py, listed)?,
        None => (Vec::new(), 0),
    };
    let (rows, count) = read(py, rows)?;
    interruptible(py, None, move |stop| {
        let columns = classes::encode(&rows, &columns, stop)?;
        let batches: Vec<RecordBatch> = sequence.iter().chain(&rows).cloned().collect();
        let column = classes::encode(&batches, &[column], stop)?.remove(0);
        let (sequence, column) = column.split(listed, stop)?;
        let (composition, codes) = classes::compose(&columns, &column, count, stop)?;
        let mut whole = Whole::new(composition.totals(codes));
        if let Some(levels) = levels {
            whole = whole.with_tree(&by_code(&levels, &sequence, codes)?)?;
        } else if listed > 0 {
            whole = whole.with_order(&sequence)?;
        }
        Ok(Sensitive { composition, whole })
    })
}

#[pymethods]
impl Sensitive {
    /// The number of classes.
    fn classes(&self) -> usize {
        self.composition.len()
    }

    /// The worst figure over all classes, per measure of a list in JSON.
    fn worst(&self, py: Python<'_>, measures: &str) -> PyResult<Vec<f64>> {
        let measures: Vec<Measure> = serde_json::from_str(measures)
            .map_err(|error| Error::Argument(format!("a measure cannot be read: {error}")))?;
        interruptible(py, None, |stop| self.composition.worst(&self.whole, &measures, stop))
    }

    /// The number of rows in classes that fail one of the requirements of a list in JSON.
    fn failing_rows(&self, py: Python<'_>, requirements: &str) -> PyResult<u64> {
        let requirements = Requirement::read(requirements)?;
        interruptible(py, None, |stop| {
            self.composition.failing_rows(&self.whole, &requirements, stop)
        })
    }
}

/// Nodes by code from nodes by listed value; codes that no row has are put where they make no difference.
fn by_code(levels: &[Vec<u32>], sequence: &[u32], codes: usize) -> Result<Vec<Vec<u32>>> {
    levels
        .iter()
        .map(|level| {
            if level.len() != sequence.len() {
                return Err(Error::Argument(
                    "a hierarchy has one node per value at each level".to_owned(),
                ));
            }
            let nodes: HashMap<u32, u32> = sequence.iter().copied().zip(level.iter().copied()).collect();
            let first = level.first().copied().unwrap_or(0);
            Ok((0..codes as u32)
                .map(|code| nodes.get(&code).copied().unwrap_or(first))
                .collect())
        })
        .collect()
}

/// The figures of a table against the population that it was drawn from, by the classes of both.
///
/// Returns the k of k-map, the least and the greatest share of a class that is in the table, the mean over the table's rows of one
/// over the population of their class, and whether a class has more rows in the table than in the population.
#[pyfunction]
pub(crate) fn presence(
    py: Python<'_>,
    rows: Rows,
    population: Rows,
    columns: Vec<String>,
) -> PyResult<(u64, f64, f64, f64, bool)> {
    let (mut batches, sample) = read(py, rows)?;
    let (others, population) = read(py, population)?;
    batches.extend(others);
    let figures = interruptible(py, None, move |stop| {
        let columns = classes::encode(&batches, &columns, stop)?;
        let classes = classes::collapse(&columns, sample + population, stop)?;
        let mut samples = vec![0_u64; classes.sizes().len()];
        for &class in &classes.ids()[..sample] {
            samples[class as usize] += 1;
        }
        Ok(PresenceFigures::of(samples.iter().zip(classes.sizes()).map(
            |(&sample, &both)| Presence {
                sample,
                population: both - sample,
            },
        )))
    })?;
    let (lower, upper) = figures.shares;
    Ok((figures.k, lower, upper, figures.mean_risk, figures.exceeds))
}

/// How many persons share each combination of up to `most` codes.
///
/// Returns the fewest, the number of persons and of codes, and, by number of codes, how many combinations offend.
#[pyfunction]
pub(crate) fn code_combinations(
    py: Python<'_>,
    rows: Rows,
    person: String,
    code: String,
    most: usize,
    required: u64,
) -> PyResult<(u64, u64, u64, Vec<u64>)> {
    if !(1..=MOST_CODES).contains(&most) {
        let message = format!("combinations of 1 to {MOST_CODES} codes are counted, not of {most}");
        return Err(Error::Argument(message).into());
    }
    let (batches, count) = read(py, rows)?;
    if count == 0 {
        return Err(Error::Argument("the frame has no rows: look at the filter that made it empty".to_owned()).into());
    }
    interruptible(py, None, move |stop| {
        let person = classes::encode_person(&batches, &person, stop)?;
        let code = classes::encode(&batches, &[code], stop)?.remove(0);
        let (composition, codes) = classes::compose(&[person], &code, count, stop)?;
        let histories = Histories::new(&composition, codes);
        if histories.distinct() == 0 {
            return Err(Error::Argument(
                "every code is missing, so no combination occurs: look at the code column".to_owned(),
            ));
        }
        let found = histories.combinations(most, required, stop)?;
        let codes = histories.distinct() as u64;
        Ok((found.k, composition.len() as u64, codes, found.offending))
    })
}
