//! The bindings: one file per verb group. Data come and go as Arrow (PyCapsule), definitions as JSON.
//!
//! Nothing here computes: a binding extracts its arguments, releases the GIL, calls the core and converts the
//! answer. Long work runs through [`signals::interruptible`], all parallel work on the threads of [`pool`].

mod arrow;
mod ask;
mod cohort;
mod demo;
mod errors;
mod history;
mod ingest;
mod lattice;
mod local;
mod microdata;
mod models;
mod people;
mod pool;
mod populations;
mod release;
mod risks;
mod signals;
mod warehouse;

use pyo3::prelude::*;

/// The compiled core of kohort; everything here is private to the package.
#[pymodule]
mod _core {
    #[pymodule_export]
    use super::arrow::Table;
    #[pymodule_export]
    use super::release::{Protection, audit_protection, product_relations, protect, protection};

    #[pymodule_export]
    use super::demo::make_demo;

    #[pymodule_export]
    use super::ingest::Builder;

    #[pymodule_export]
    use super::cohort::Cohort;
    #[pymodule_export]
    use super::people::people;
    #[pymodule_export]
    use super::populations::{populations_by_mask, populations_followed, populations_present};
    #[pymodule_export]
    use super::warehouse::Warehouse;

    #[pymodule_export]
    use super::history::{LedgerChain, LedgerKeys, PersonSet, ReleasedSets, canonical_hash};

    #[pymodule_export]
    use super::lattice::{Lattice, Microdata};
    #[pymodule_export]
    use super::models::{Sensitive, code_combinations, presence, sensitive};

    #[pymodule_export]
    use super::local::{microaggregate, mondrian, suppress_cells};
    #[pymodule_export]
    use super::microdata::{Collapsed, class_sizes, collapse, stored_sizes};
    #[pymodule_export]
    use super::risks::{column_sets, inferences, minimal_sets, special_uniques};

    /// Whether this build is unoptimized.
    #[pymodule_export]
    const DEBUG_BUILD: bool = cfg!(debug_assertions);

    /// The version of the layout of warehouses that this build writes and reads.
    #[pymodule_export]
    const LAYOUT: u32 = crate::store::LAYOUT;

    /// The version of the package, as Cargo knows it.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}

/// Columns of many megabytes come and go with each question: the system's allocator asks the kernel for each anew.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
