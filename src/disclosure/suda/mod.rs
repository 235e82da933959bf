//! Special uniques: rows that few columns suffice to single out.
//!
//! A row is a **sample unique** by some columns when no other row shares its values in them. A **minimal sample unique**
//! (MSU) of a row is a set of columns by which it is unique, and by no smaller part of the set. A row is the riskier
//! the more MSUs it has and the smaller these are: M. Elliot, A. Manning, R. Ford, "A computational algorithm for
//! handling the special uniques problem", International Journal of Uncertainty, Fuzziness and Knowledge-Based Systems
//! 10 (2002); A. Manning, D. Haglin, J. Keane, "A recursive search algorithm for statistical disclosure assessment"
//! (SUDA2), Data Mining and Knowledge Discovery 16 (2008).
//!
//! As in SUDA2, a search goes from few columns to more, and below a set of columns looks only at the rows that still have
//! company there: rows are kept in groups that are refined column by column. All sets of one size are searched in
//! parallel, and what they find is checked against the smaller MSUs of the same rows. Rows that are equal in all columns
//! are one class, which is never unique.

mod groups;
#[cfg(test)]
mod tests;

use rayon::prelude::*;

use super::classes::{Classes, Ranks};
use crate::error::Result;
use crate::stop::Stop;
use groups::{Groups, Scratch};

/// A set of columns as bits: more columns than this have no place.
pub const MOST_COLUMNS: usize = 64;

/// The MSUs of each class; classes of several rows have none.
pub struct Special {
    /// By class: sets of columns as bits, the smaller ones first.
    pub sets: Vec<Vec<u64>>,
}

/// Finds all MSUs of at most `most` of the columns, of which there are [`MOST_COLUMNS`] at most.
pub fn special(classes: &Classes, ranks: &Ranks, most: usize, stop: &Stop) -> Result<Special> {
    let columns = ranks.widths.len();
    // Columns of many values first: groups become small early.
    let mut order: Vec<usize> = (0..columns).collect();
    order.sort_by_key(|column| std::cmp::Reverse(ranks.widths[*column]));
    let mut found = Special {
        sets: vec![Vec::new(); classes.sizes().len()],
    };
    for size in 1..=most.min(columns) {
        let prefixes = combinations(columns - 1, size - 1);
        stop.expect(prefixes.len() as u64);
        let new = prefixes
            .par_iter()
            .map_init(
                || Scratch::new(&ranks.widths),
                |scratch, prefix| {
                    let new = below(prefix, &order, classes.sizes(), ranks, &found, scratch, stop)?;
                    stop.advance(1);
                    Ok(new)
                },
            )
            .collect::<Result<Vec<_>>>()?;
        for (class, set) in new.into_iter().flatten() {
            found.sets[class as usize].push(set);
        }
    }
    Ok(found)
}

/// The MSUs of a prefix and one column after it.
fn below(
    prefix: &[usize],
    order: &[usize],
    sizes: &[u64],
    ranks: &Ranks,
    known: &Special,
    scratch: &mut Scratch,
    stop: &Stop,
) -> Result<Vec<(u32, u64)>> {
    let mut groups = Groups::whole(sizes.len());
    let mut bits = 0;
    for &place in prefix {
        stop.check()?;
        let column = order[place];
        bits |= 1_u64 << column;
        groups = groups.refine(&ranks.codes[column], scratch);
    }
    let mut new = Vec::new();
    for &column in &order[prefix.last().map_or(0, |last| last + 1)..] {
        stop.check()?;
        let set = bits | 1 << column;
        groups.each_alone(&ranks.codes[column], scratch, |class| {
            let minimal = || {
                known.sets[class as usize]
                    .iter()
                    .all(|smaller| smaller & set != *smaller)
            };
            if sizes[class as usize] == 1 && minimal() {
                new.push((class, set));
            }
        });
    }
    Ok(new)
}

/// All sets of `size` numbers below `count`, each ascending.
fn combinations(count: usize, size: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for _ in 0..size {
        all = all
            .into_iter()
            .flat_map(|set: Vec<usize>| {
                let from = set.last().map_or(0, |last| last + 1);
                (from..count).map(move |next| {
                    let mut longer = set.clone();
                    longer.push(next);
                    longer
                })
            })
            .collect();
    }
    all
}

/// The scores of rows, and what columns contribute to them.
pub struct Scores {
    /// By class: the sum of the weights of its MSUs.
    pub score: Vec<f64>,
    /// By column: the weights of the MSUs that the column is in, summed over the rows.
    pub by_column: Vec<f64>,
}

impl Special {
    /// Scores the MSUs: one of `k` of `columns` columns weighs the product of `columns - i` for `i` from `k` to `most`.
    ///
    /// The factor of `i = columns`, zero, is left out, as there is no larger set.
    pub fn scores(&self, columns: usize, most: usize) -> Scores {
        let weight = |size: usize| {
            (size..=most.min(columns - 1))
                .map(|i| (columns - i) as f64)
                .product::<f64>()
        };
        let weights: Vec<f64> = (0..=columns).map(weight).collect();
        let weigh = |set: &u64| weights[set.count_ones() as usize];
        let mut by_column = vec![0.0; columns];
        for set in self.sets.iter().flatten() {
            for (column, sum) in by_column.iter_mut().enumerate() {
                if set >> column & 1 == 1 {
                    *sum += weigh(set);
                }
            }
        }
        let score = self.sets.iter().map(|sets| sets.iter().map(weigh).sum()).collect();
        Scores { score, by_column }
    }
}
