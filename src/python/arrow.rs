//! The bridge to every Arrow-speaking library: the PyCapsule interface, in and out, without copying.
//!
//! [`Rows`] takes any object with `__arrow_c_stream__`; [`Table`] is what the core hands back. The only unsafe
//! code of the crate is here.
#![allow(unsafe_code)]
#![allow(clippy::needless_pass_by_value)] // what Python hands over is owned

use std::ffi::CStr;
use std::ptr::NonNull;
use std::sync::Arc;

use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchIterator};
use arrow_schema::SchemaRef;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

const STREAM: &CStr = c"arrow_array_stream";

/// Rows handed in from Python: a stream of record batches that is read once.
pub(crate) struct Rows(RecordBatchStreamReader);

impl Rows {
    /// Every batch of the stream; errors of the producer come through.
    pub(crate) fn collect(self) -> PyResult<Vec<RecordBatch>> {
        self.0
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| crate::error::Error::from(error).into())
    }
}

impl<'py> FromPyObject<'_, 'py> for Rows {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if !object.hasattr("__arrow_c_stream__")? {
            let kind = object.get_type().qualname()?;
            return Err(PyTypeError::new_err(format!(
                "expected rows (a polars or pandas DataFrame, a pyarrow Table, or anything with __arrow_c_stream__), got {kind}"
            )));
        }
        let capsule = object.call_method0("__arrow_c_stream__")?;
        let capsule = capsule.cast::<PyCapsule>()?;
        let pointer: NonNull<FFI_ArrowArrayStream> = capsule.pointer_checked(Some(STREAM))?.cast();
        // SAFETY: a capsule of this name holds a valid `ArrowArrayStream` (Arrow PyCapsule interface); `from_raw`
        // moves it out and leaves a released stream behind, which the capsule's destructor accepts.
        let reader = unsafe { RecordBatchStreamReader::from_raw(pointer.as_ptr()) };
        Ok(Self(reader.map_err(crate::error::Error::from)?))
    }
}

/// Rows handed to Python; any Arrow library takes them (`polars.DataFrame(table)`, `pyarrow.table(table)`).
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct Table {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl Table {
    /// A table of columns of equal length, each with its name and whether values may be missing.
    pub(crate) fn from_columns<N: AsRef<str>>(
        columns: impl IntoIterator<Item = (N, ArrayRef, bool)>,
    ) -> Result<Self, crate::error::Error> {
        let batch = RecordBatch::try_from_iter_with_nullable(columns)?;
        Ok(Self::from_batches(batch.schema(), vec![batch]))
    }

    /// A table of several batches of one schema.
    pub(crate) fn from_batches(schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        Self { schema, batches }
    }
}

#[pymethods]
impl Table {
    /// The rows as an Arrow C stream.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The interface lets a producer ignore the request: the consumer casts.
        let _ = requested_schema;
        let batches = self.batches.clone().into_iter().map(Ok);
        let reader = RecordBatchIterator::new(batches, Arc::clone(&self.schema));
        PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(reader)), STREAM)
    }
}
