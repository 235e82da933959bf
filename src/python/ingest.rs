//! Binding of the ingest: tables come in as Arrow, the report goes out as JSON.
#![allow(clippy::needless_pass_by_value)] // what Python hands over is owned

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use arrow_array::RecordBatch;
use pyo3::prelude::*;

use super::arrow::Rows;
use super::signals::interruptible;
use crate::error::{Error, Result};
use crate::person::Pseudonyms;
use crate::store;

/// An ingest under way; nothing is in force before `finish`.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct Builder(Mutex<Option<store::Builder>>);

fn over() -> Error {
    Error::Ingest("this ingest is over: begin a new one".into())
}

impl Builder {
    fn with(&self, py: Python<'_>, work: impl FnOnce(&mut store::Builder) -> Result<()> + Send) -> PyResult<()> {
        py.detach(|| {
            let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            work(slot.as_mut().ok_or_else(over)?)
        })
        .map_err(PyErr::from)
    }

    fn each(
        &self,
        py: Python<'_>,
        rows: Rows,
        mut take: impl FnMut(&mut store::Builder, &RecordBatch) -> Result<()> + Send,
    ) -> PyResult<()> {
        let batches = rows.collect()?;
        self.with(py, |builder| batches.iter().try_for_each(|batch| take(builder, batch)))
    }
}

#[pymethods]
impl Builder {
    /// Begins an ingest into a folder.
    #[new]
    #[pyo3(signature = (path, *, pseudonyms, key, shard_persons, strict, replace, observe_from_events, memory, today, now))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn new(
        path: PathBuf,
        pseudonyms: &str,
        key: Option<&[u8]>,
        shard_persons: u32,
        strict: bool,
        replace: bool,
        observe_from_events: bool,
        memory: usize,
        today: i32,
        now: String,
    ) -> Result<Self> {
        let pseudonyms = match (pseudonyms, key) {
            ("kept", None) => Pseudonyms::Kept,
            ("keyed", Some(key)) => Pseudonyms::keyed(key)?,
            ("forgotten", None) => Pseudonyms::forgotten()?,
            _ => {
                return Err(Error::Argument(format!(
                    "pseudonyms='{pseudonyms}' is not a way to name persons"
                )));
            }
        };
        let options = store::Options {
            pseudonyms,
            shard_persons: shard_persons.max(1),
            strict,
            replace,
            observe_from_events,
            memory,
            today,
            now,
        };
        Ok(Self(Mutex::new(Some(store::Builder::new(&path, options)?))))
    }

    /// Takes persons.
    fn persons(&self, py: Python<'_>, rows: Rows) -> PyResult<()> {
        self.each(py, rows, store::Builder::persons)
    }

    /// Takes observation periods.
    fn observation(&self, py: Python<'_>, rows: Rows) -> PyResult<()> {
        self.each(py, rows, store::Builder::observation)
    }

    /// Takes residences.
    fn residence(&self, py: Python<'_>, rows: Rows) -> PyResult<()> {
        self.each(py, rows, store::Builder::residence)
    }

    /// Takes events of a domain.
    fn events(&self, py: Python<'_>, domain: &str, vocabulary: &str, rows: Rows) -> PyResult<()> {
        self.each(py, rows, |builder, batch| builder.events(domain, vocabulary, batch))
    }

    /// Takes a vocabulary table.
    fn vocabulary(&self, py: Python<'_>, table: &str, rows: Rows) -> PyResult<()> {
        self.each(py, rows, |builder, batch| builder.vocabulary(table, batch))
    }

    /// Writes and publishes the snapshot; gives the report as JSON.
    #[pyo3(signature = (provenance, progress=None))]
    fn finish(&self, py: Python<'_>, provenance: &str, progress: Option<&Bound<'_, PyAny>>) -> PyResult<String> {
        let provenance = serde_json::from_str(provenance)
            .map_err(|error| Error::Ingest(format!("the provenance is not JSON: {error}")))?;
        let builder = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
            .ok_or_else(over)?;
        let report = interruptible(py, progress, |stop| builder.finish(provenance, stop))?;
        serde_json::to_string(&report).map_err(|error| Error::Ingest(error.to_string()).into())
    }

    /// Gives up: what was written is removed.
    fn abandon(&self, py: Python<'_>) {
        py.detach(|| drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take()));
    }
}
