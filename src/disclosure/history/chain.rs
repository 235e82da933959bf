//! A chain: persons whose memberships are linearly independent, with the factors that answer what they imply.
//!
//! Of persons p_1..p_n and sets S_1..S_n, both in the order in which they came, the matrix M_ij = [p_i in S_j] is kept
//! as M = L U. A set more and a person more append a row to L and a column to U and change nothing else, so a trial is
//! undone by cutting both. Factors are sparse: tables of disjoint cells leave almost nothing outside the diagonal.

use super::field::Field;

/// Places and values, without zeros.
pub(super) type Sparse = Vec<(u32, u64)>;

/// Persons, the sets that they tell apart, and the factors of their memberships.
#[derive(Debug, Default)]
pub(super) struct Chain {
    pub(super) persons: Vec<u32>,
    /// The number of each set that is a column.
    columns: Vec<u32>,
    /// Rows of L below its unit diagonal.
    lower: Vec<Sparse>,
    /// Columns of U above its diagonal.
    upper: Vec<Sparse>,
    /// One over the diagonal of U.
    pivots: Vec<u64>,
}

/// What a chain says of a new set.
#[derive(Debug, Default)]
pub(super) struct Solved {
    /// The new set's column of U above the diagonal.
    column: Vec<u64>,
    /// The combination of earlier sets that has the new set's values on the chain's persons: number and coefficient.
    pub(super) terms: Sparse,
}

impl Chain {
    pub(super) fn len(&self) -> usize {
        self.persons.len()
    }

    /// How many numbers the factors hold.
    pub(super) fn entries(&self) -> usize {
        self.lower.iter().chain(&self.upper).map(Vec::len).sum()
    }

    /// Finds the combination of the chain's sets that agrees with a new one on the chain's persons.
    pub(super) fn solve(&self, field: Field, holds: impl Fn(u32) -> bool) -> Solved {
        let mut column = vec![0; self.len()];
        for (row, &person) in self.persons.iter().enumerate() {
            let value = if holds(person) { field.one } else { 0 };
            column[row] = field.minus(value, field.dot(&self.lower[row], &column));
        }
        let mut left = column.clone();
        let mut terms = Sparse::new();
        for j in (0..self.len()).rev() {
            if left[j] == 0 {
                continue;
            }
            let coefficient = field.times(left[j], self.pivots[j]);
            for &(i, value) in &self.upper[j] {
                left[i as usize] = field.minus(left[i as usize], field.times(coefficient, value));
            }
            terms.push((self.columns[j], coefficient));
        }
        terms.reverse();
        Solved { column, terms }
    }

    /// Adds a set and a person of whom the combination is wrong by `error`, which is not zero.
    pub(super) fn extend(
        &mut self,
        field: Field,
        set: u32,
        person: u32,
        member_of: &[u32],
        solved: &Solved,
        error: u64,
    ) {
        let mut row = vec![0; self.len()];
        let mut at = 0;
        for j in 0..self.len() {
            while member_of.get(at).is_some_and(|set| *set < self.columns[j]) {
                at += 1;
            }
            let value = if member_of.get(at) == Some(&self.columns[j]) {
                field.one
            } else {
                0
            };
            let rest = field.minus(value, field.dot(&self.upper[j], &row));
            if rest != 0 {
                row[j] = field.times(rest, self.pivots[j]);
            }
        }
        self.persons.push(person);
        self.columns.push(set);
        self.lower.push(sparse(&row));
        self.upper.push(sparse(&solved.column));
        self.pivots.push(field.over(error));
    }

    /// Cuts the chain to its first persons.
    pub(super) fn truncate(&mut self, length: usize) {
        self.persons.truncate(length);
        self.columns.truncate(length);
        self.lower.truncate(length);
        self.upper.truncate(length);
        self.pivots.truncate(length);
    }
}

fn sparse(dense: &[u64]) -> Sparse {
    let places = (0..).zip(dense.iter().copied());
    places.filter(|(_, value)| *value != 0).collect()
}
