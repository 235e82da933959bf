//! Models of privacy that look at one class at a time: what a class gives away of a sensitive column.
//!
//! - A [`Class`] is the rows that share all quasi-identifiers, seen through the values of the sensitive column that
//!   occur among them. A missing value is a value of its own.
//! - [`Whole`] is the sensitive column over all rows: what is known before looking into a class. Closeness needs more of
//!   it than counts: an order of the values, or a tree above them ([`Tree`]).
//! - A [`Measure`] gives a class its figure (its own l, t, beta); a [`Requirement`] is a measure with a threshold.
//! - [`Presence`] compares a table with the population it was drawn from.
//! - [`Histories`] are the sets of codes of persons; [`Combinations`] says how many share each ((k,m)-anonymity).
//!
//! Sums of counts are exact integers (128 bits) until the last division: figures hold for classes of billions of rows,
//! where ARX's 32-bit sums wrap around above 46,340 rows. No class allocates; a figure costs as many steps as the class
//! has values, times the levels of the tree for hierarchical closeness.

mod closeness;
mod combinations;
mod composition;
mod diversity;
mod likeness;
mod measure;
mod presence;
mod requirement;
#[cfg(test)]
mod tests;
mod tree;
mod whole;

pub use combinations::{Combinations, Histories, MOST_CODES};
pub use composition::Composition;
pub use measure::Measure;
pub use presence::{Presence, PresenceFigures};
pub use requirement::Requirement;
pub use tree::Tree;
pub use whole::Whole;

/// One equivalence class as a model sees it.
#[derive(Clone, Copy, Debug)]
pub struct Class<'a> {
    /// The number of rows; at least one, and the sum of `counts`.
    pub size: u64,
    /// The codes of the sensitive column that occur, ascending.
    pub values: &'a [u32],
    /// How many rows have each of `values`; none is zero.
    pub counts: &'a [u64],
}

impl Class<'_> {
    /// Pairs of a code and its count.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (usize, u64)> {
        self.values
            .iter()
            .zip(self.counts)
            .map(|(&value, &count)| (value as usize, count))
    }
}
