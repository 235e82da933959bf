//! Disclosure control: equivalence classes of microdata, their risks, and the protection of tables.
//!
//! Knows neither events nor cohorts: it works on Arrow columns and on cells with additive relations.

pub mod classes;
pub mod history;
pub mod inference;
pub mod lattice;
pub mod local;
pub mod models;
pub mod protection;
pub mod subsets;
pub mod suda;
