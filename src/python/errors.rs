//! The core's errors as the exception classes of `kohort.errors`, each mapped once.

use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;

use crate::error::Error;

mod classes {
    pyo3::import_exception!(kohort.errors, DefinitionError);
    pyo3::import_exception!(kohort.errors, IngestError);
    pyo3::import_exception!(kohort.errors, ArgumentError);
    pyo3::import_exception!(kohort.errors, DisclosureError);
    pyo3::import_exception!(kohort.errors, IntegrityError);
}

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        match error {
            Error::Definition(message) => classes::DefinitionError::new_err(message),
            Error::Ingest(message) => classes::IngestError::new_err(message),
            Error::Argument(message) => classes::ArgumentError::new_err(message),
            Error::Released { message, cells } => {
                let error = classes::DisclosureError::new_err(message);
                // The cells by number, so that the caller can name the release that showed them.
                match Python::attach(|py| error.value(py).setattr("cells", cells)) {
                    Ok(()) => error,
                    Err(failure) => failure,
                }
            }
            Error::Integrity(message) => classes::IntegrityError::new_err(message),
            Error::Io { path, source } => {
                // Through io::Error, so that "not found" becomes FileNotFoundError.
                let kind = source.kind();
                std::io::Error::new(kind, format!("{}: {source}", path.display())).into()
            }
            error @ Error::Parquet { .. } => classes::IntegrityError::new_err(error.to_string()),
            error @ Error::Arrow(_) => classes::ArgumentError::new_err(error.to_string()),
            Error::Stopped => PyKeyboardInterrupt::new_err("stopped on request"),
        }
    }
}
