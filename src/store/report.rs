//! What an ingest found in its input: rows read, rows kept, rows refused by reason.

use std::collections::BTreeMap;

use serde::Serialize;

/// The counts of one input table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TableReport {
    /// Rows read.
    pub read: u64,
    /// Rows kept.
    pub kept: u64,
    /// Rows refused, by reason.
    pub refused: BTreeMap<&'static str, u64>,
}

/// The counts of all input tables, in the order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// By table.
    pub tables: BTreeMap<String, TableReport>,
    /// Persons for whom no observation period was given: no cohort can hold them.
    pub never_observed: u64,
}

/// Why a row is refused; the texts are what users read.
pub(crate) mod reason {
    pub(crate) const UNKNOWN_PERSON: &str = "unknown person";
    pub(crate) const NULL_PERSON: &str = "null person";
    pub(crate) const TWICE: &str = "person given twice";
    pub(crate) const NULL_BIRTH: &str = "null birth month";
    pub(crate) const FUTURE_BIRTH: &str = "birth in the future";
    pub(crate) const DEATH_BEFORE_BIRTH: &str = "death before birth";
    pub(crate) const NULL_DATE: &str = "null date";
    pub(crate) const END_BEFORE_START: &str = "end before start";
    pub(crate) const NULL_CODE: &str = "null code";
    pub(crate) const EMPTY_CODE: &str = "empty code";
}
