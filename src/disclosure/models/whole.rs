//! The sensitive column over all rows.

use super::tree::Tree;
use crate::error::{Error, Result};

/// The sensitive column over all rows of the table, shared by all classes.
///
/// All codes of all classes must be codes of the whole, with at least their counts.
#[derive(Clone, Debug)]
pub struct Whole {
    size: u64,
    counts: Vec<u64>,
    distinct: u64,
    order: Option<Order>,
    tree: Option<Tree>,
}

/// The values in their order, for the ordered distance.
#[derive(Clone, Debug)]
pub(super) struct Order {
    /// The rank of each code, if it is not the code itself.
    pub(super) ranks: Option<Vec<u32>>,
    /// By rank: rows up to and including this value.
    pub(super) prefix: Vec<u64>,
    /// By rank: the sum of `prefix` before this rank; one longer than `prefix`.
    pub(super) sums: Vec<u128>,
}

impl Whole {
    /// A column with these counts by code, 0 for codes that do not occur.
    pub fn new(counts: Vec<u64>) -> Self {
        Self {
            size: counts.iter().sum(),
            distinct: counts.iter().filter(|count| **count > 0).count() as u64,
            counts,
            order: None,
            tree: None,
        }
    }

    /// With an order of the values: `sequence` lists codes from the least value to the greatest.
    ///
    /// The values of `sequence` are the domain: one that no row has still stands between its neighbors.
    pub fn with_order(mut self, sequence: &[u32]) -> Result<Self> {
        let mut ranks = vec![u32::MAX; self.counts.len()];
        for (rank, &code) in sequence.iter().enumerate() {
            match ranks.get_mut(code as usize) {
                Some(slot) if *slot == u32::MAX => *slot = rank as u32,
                _ => return Err(Error::Argument("an order of values lists each value once".to_owned())),
            }
        }
        let listed = |(code, &count): (usize, &u64)| count == 0 || ranks[code] != u32::MAX;
        if !self.counts.iter().enumerate().all(listed) {
            return Err(Error::Argument(
                "an order of values must list every value of the column: add those that are missing".to_owned(),
            ));
        }
        let mut prefix = Vec::with_capacity(sequence.len());
        let mut sums = vec![0_u128];
        let (mut rows, mut sum) = (0_u64, 0_u128);
        for &code in sequence {
            rows += self.counts[code as usize];
            sum += u128::from(rows);
            prefix.push(rows);
            sums.push(sum);
        }
        let same = ranks
            .iter()
            .enumerate()
            .all(|(code, &rank)| rank as usize == code || rank == u32::MAX);
        self.order = Some(Order {
            ranks: (!same).then_some(ranks),
            prefix,
            sums,
        });
        Ok(self)
    }

    /// With codes that are numbered in the order of their values; codes that no row has are not part of the domain.
    pub fn in_order_of_codes(self) -> Result<Self> {
        let occurring: Vec<u32> = (0..)
            .zip(&self.counts)
            .filter(|(_, count)| **count > 0)
            .map(|(code, _)| code)
            .collect();
        self.with_order(&occurring)
    }

    /// With a tree above the values, for the hierarchical distance: see [`Tree::new`].
    pub fn with_tree(mut self, levels: &[Vec<u32>]) -> Result<Self> {
        self.tree = Some(Tree::new(&self.counts, levels)?);
        Ok(self)
    }

    /// The number of rows.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Rows by code.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// How many values occur.
    pub fn distinct(&self) -> u64 {
        self.distinct
    }

    pub(super) fn order(&self) -> Option<&Order> {
        self.order.as_ref()
    }

    pub(super) fn tree(&self) -> Option<&Tree> {
        self.tree.as_ref()
    }
}
