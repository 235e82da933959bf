//! One error enum for the whole core: every message a user can meet is here, and maps to one Python exception.
//!
//! A message names the value at fault, the reason and the remedy in one sentence. It never carries an identifier
//! of a person nor a small count.

use std::path::{Path, PathBuf};

/// What can go wrong in the core; each variant is one Python exception class.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A cohort definition that cannot be run as written.
    #[error("{0}")]
    Definition(String),
    /// Input data that an ingest refuses.
    #[error("{0}")]
    Ingest(String),
    /// A frame or an argument handed to a microdata or release function is unusable.
    #[error("{0}")]
    Argument(String),
    /// What earlier releases showed leaves no way to protect a table.
    #[error("{message}")]
    Released {
        /// What is wrong, without numbers of persons.
        message: String,
        /// The cells shown earlier that stand in the way.
        cells: Vec<usize>,
    },
    /// A stored file is not what the manifest says it is.
    #[error("{0}")]
    Integrity(String),
    /// The file system answered with an error.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder concerned.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Parquet data could not be read or written.
    #[error("{path}: {source}")]
    Parquet {
        /// The file concerned.
        path: PathBuf,
        /// What the Parquet library said.
        source: parquet::errors::ParquetError,
    },
    /// Arrow data are not of the form asked for.
    #[error("Arrow data: {0}")]
    Arrow(#[from] arrow_schema::ArrowError),
    /// The user pressed Ctrl-C, or the work was canceled.
    #[error("stopped on request")]
    Stopped,
}

/// The core's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Attaches a path to what the operating system said.
pub(crate) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Error + '_ {
    move |source| Error::Io {
        path: path.to_owned(),
        source,
    }
}

/// Attaches a path to what the Parquet library said.
pub(crate) fn parquet_at(path: &Path) -> impl FnOnce(parquet::errors::ParquetError) -> Error + '_ {
    move |source| Error::Parquet {
        path: path.to_owned(),
        source,
    }
}
