//! The bindings: one file per verb group. Data come and go as Arrow (PyCapsule), definitions as JSON.
//!
//! Nothing here computes: a binding extracts its arguments, releases the GIL, calls the core and converts the
//! answer. Long work runs through [`signals::interruptible`], all parallel work through [`pool`].

mod arrow;
mod errors;
mod microdata;
mod pool;
mod signals;

use pyo3::prelude::*;

/// The compiled core of kohort; everything here is private to the package.
#[pymodule]
mod _core {
    #[pymodule_export]
    use super::arrow::Table;
    #[pymodule_export]
    use super::microdata::{Collapsed, class_sizes, collapse};

    /// Whether this build is unoptimized.
    #[pymodule_export]
    const DEBUG_BUILD: bool = cfg!(debug_assertions);
}
