//! Full-domain generalization: the lattice of all combinations of levels, and the best one that is safe.
//!
//! Rows are collapsed once to **groups** (the rows that share all quasi-identifiers); a node of the lattice joins
//! groups, and never reads rows. A **column** is a quasi-identifier with its hierarchy as tables of codes; a **judge**
//! says which classes of a node fail the privacy models, and must be suppressed; **utility** has the measures of loss, a
//! **meter** says what a node loses, and what all nodes that a partial choice of levels leaves open lose at least; the
//! **search** is a branch and bound over the columns, in large lattices after a climb from the top.
//!
//! Hierarchies come as tables of labels: how they are made does not live here, nor do local recodings.

mod climb;
mod column;
mod groups;
mod judge;
mod key;
#[allow(clippy::module_inception)]
mod lattice;
mod meter;
mod microdata;
mod numbering;
mod rest;
mod search;
mod state;
#[cfg(test)]
mod tests;
mod utility;
mod walk;

pub use column::{Column, Level};
pub use judge::{Model, Models};
pub use lattice::{Lattice, Node, Recoded};
pub use microdata::Microdata;
pub use search::{Found, Limits, Visited};
pub use utility::{Aggregate, Measure, Score, Utility};
