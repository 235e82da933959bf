//! Disclosure control: equivalence classes of microdata, and the protection of tables.
//!
//! Knows neither events nor cohorts: it works on Arrow columns and on cells with additive relations.

pub mod classes;
pub mod local;
pub mod protection;
