//! Column sets: how well each tells rows apart, and the smallest ones that tell (nearly) all apart.
//!
//! The **distinction** of a column set is the number of its classes over the number of rows; its **separation** is the
//! share of the pairs of rows that differ in it (R. Motwani and Y. Xu, "Efficient algorithms for masking and finding
//! quasi-identifiers", VLDB 2007). A column set is **unique** when its distinction is 1. Both only grow with more
//! columns, so that the minimal sets are found level by level, from sets that are not there yet (as by A. Heise et al.,
//! "Scalable discovery of unique column combinations", PVLDB 7, 2013).

use std::collections::HashSet;

use rayon::prelude::*;

use super::classes::{Classes, Ranks, Spectrum};
use crate::error::Result;
use crate::stop::Stop;

/// What a column set tells apart, in whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Apart {
    /// Its classes.
    pub classes: u64,
    /// The pairs of rows that differ in it.
    pub pairs: u128,
}

impl Apart {
    fn of(spectrum: &Spectrum) -> Self {
        let two = |rows: u128| rows * rows.saturating_sub(1) / 2;
        let same: u128 = spectrum
            .entries()
            .map(|(size, count)| two(u128::from(size)) * u128::from(count))
            .sum();
        Self {
            classes: spectrum.classes(),
            pairs: two(u128::from(spectrum.rows())) - same,
        }
    }
}

/// Measures column sets, given by the numbers of their columns.
pub fn measure(classes: &Classes, ranks: &Ranks, sets: &[Vec<usize>], stop: &Stop) -> Result<Vec<Apart>> {
    stop.expect(sets.len() as u64);
    sets.par_iter()
        .map(|set| {
            stop.check()?;
            let apart = Apart::of(&classes.by(set, ranks, stop)?);
            stop.advance(1);
            Ok(apart)
        })
        .collect()
}

/// The minimal sets of at most `most` columns that have `needed` classes or more, by size and then by columns.
pub fn minimal(classes: &Classes, ranks: &Ranks, needed: u64, most: usize, stop: &Stop) -> Result<Vec<Vec<usize>>> {
    let mut found: Vec<Vec<usize>> = Vec::new();
    if (classes.sizes().len() as u64) < needed {
        return Ok(found); // all columns together have too few, and fewer columns have no more
    }
    let columns = ranks.widths.len();
    let mut level: Vec<Vec<usize>> = (0..columns).map(|column| vec![column]).collect();
    for size in 1..=most.min(columns) {
        stop.expect(level.len() as u64);
        let counts = level
            .par_iter()
            .map(|set| {
                stop.check()?;
                stop.advance(1);
                // No more classes than combinations of values.
                let possible = set.iter().fold(1_u64, |product, column| {
                    product.saturating_mul(u64::from(ranks.widths[*column]))
                });
                if possible < needed {
                    return Ok(0);
                }
                Ok(classes.by(set, ranks, stop)?.classes())
            })
            .collect::<Result<Vec<u64>>>()?;
        let mut open = Vec::new();
        for (set, count) in level.into_iter().zip(counts) {
            if count >= needed {
                found.push(set);
            } else {
                open.push(set);
            }
        }
        level = if size < most {
            next_level(&open, stop)?
        } else {
            Vec::new()
        };
        if level.is_empty() {
            break;
        }
    }
    Ok(found)
}

/// The sets one larger, all of whose subsets one smaller are among `open`, which is in order (apriori-gen).
fn next_level(open: &[Vec<usize>], stop: &Stop) -> Result<Vec<Vec<usize>>> {
    let there: HashSet<&[usize]> = open.iter().map(Vec::as_slice).collect();
    let mut next = Vec::new();
    for (number, first) in open.iter().enumerate() {
        stop.check()?;
        let Some((&last, prefix)) = first.split_last() else {
            continue;
        };
        let alike = open[number + 1..]
            .iter()
            .take_while(|second| second.starts_with(prefix));
        for second in alike {
            let mut set = first.clone();
            set.extend(second.last().filter(|column| **column > last));
            let known = |left: usize| {
                let smaller: Vec<usize> = (0..set.len()).filter(|at| *at != left).map(|at| set[at]).collect();
                there.contains(smaller.as_slice())
            };
            if (0..set.len()).all(known) {
                next.push(set);
            }
        }
    }
    Ok(next)
}
