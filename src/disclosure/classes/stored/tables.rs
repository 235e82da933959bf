//! Counts of keys by partition, within a budget: what exceeds it goes to runs.

use std::collections::hash_map::Entry;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::super::crowd::{Band, Tally};
use super::super::shuffle::Piece;
use super::runs::Run;
use crate::error::{Error, Result};
use crate::stop::Stop;

/// Partitions of the keys.
const PARTS: usize = 256;
/// Odd; the product's high bits choose the partition, so that they differ from those that place a key in its table.
const MIX: u64 = 0xD6E8_FEB8_6659_FD93;

/// What is counted: a key, or a key with a person.
pub(super) trait Item: Copy + Default + Eq + Ord + std::hash::Hash + Send + Sync {
    /// Whether a class is as large as its different persons.
    const PERSONS: bool;

    fn new(key: u128, person: u128) -> Self;
    fn words(&self) -> &[u64];
    fn from_words(words: &[u64]) -> Self;

    /// The words that say which class.
    fn key(&self) -> [u64; 2] {
        [self.words()[0], self.words()[1]]
    }

    fn part(&self) -> usize {
        let [high, low] = self.key();
        ((low ^ high.rotate_left(29)).wrapping_mul(MIX) >> 56) as usize % PARTS
    }
}

const fn halves(value: u128) -> [u64; 2] {
    [(value >> 64) as u64, value as u64]
}

impl Item for [u64; 2] {
    const PERSONS: bool = false;

    fn new(key: u128, _: u128) -> Self {
        halves(key)
    }

    fn words(&self) -> &[u64] {
        self
    }

    fn from_words(words: &[u64]) -> Self {
        [words[0], words[1]]
    }
}

impl Item for [u64; 4] {
    const PERSONS: bool = true;

    fn new(key: u128, person: u128) -> Self {
        let ([a, b], [c, d]) = (halves(key), halves(person));
        [a, b, c, d]
    }

    fn words(&self) -> &[u64] {
        self
    }

    fn from_words(words: &[u64]) -> Self {
        [words[0], words[1], words[2], words[3]]
    }
}

type Table<T> = FxHashMap<T, u64>;

/// The rows of each item so far.
pub(super) struct Tables<T> {
    tables: Vec<Table<T>>,
    runs: Vec<Run>,
    limit: usize,
}

impl<T: Item> Tables<T> {
    /// `budget` is in bytes.
    pub(super) fn new(budget: usize) -> Self {
        // A table is between 7/16 and 7/8 full.
        let entry = 16 * (size_of::<(T, u64)>() + 1) / 7;
        Self {
            tables: (0..PARTS).map(|_| Table::default()).collect(),
            runs: Vec::new(),
            limit: (budget / entry).max(PARTS),
        }
    }

    /// Sorts items into the partitions.
    pub(super) fn scatter(&self, items: &[T]) -> Piece<T> {
        Piece::scatter(items, PARTS, |item| (item.part(), item))
    }

    /// Counts the items of some pieces.
    pub(super) fn absorb(&mut self, pieces: &[Piece<T>], stop: &Stop) -> Result<()> {
        self.tables.par_iter_mut().enumerate().try_for_each(|(part, table)| {
            stop.check()?;
            for piece in pieces {
                for &item in piece.part(part) {
                    *table.entry(item).or_default() += 1;
                }
            }
            Ok::<_, Error>(())
        })?;
        if self.tables.iter().map(Table::len).sum::<usize>() > self.limit {
            self.spill()?;
        }
        Ok(())
    }

    fn spill(&mut self) -> Result<()> {
        let mut run = Run::create(PARTS)?;
        for table in &mut self.tables {
            run.write(table.iter().map(|(item, &rows)| (item.words(), rows)))?;
            // Emptied, not dropped: the next round fills it to about the same size.
            table.clear();
        }
        self.runs.push(run.finish()?);
        Ok(())
    }

    /// The sizes of all classes.
    pub(super) fn bands(mut self, stop: &Stop) -> Result<Vec<Band>> {
        if !self.runs.is_empty() {
            self.spill()?;
            self.tables = (0..PARTS).map(|_| Table::default()).collect();
        }
        let runs = &self.runs;
        let tally = self
            .tables
            .into_par_iter()
            .enumerate()
            .map(|(part, mut table)| {
                for run in runs {
                    stop.check()?;
                    run.read(part, T::default().words().len(), |words, rows| {
                        match table.entry(T::from_words(words)) {
                            Entry::Occupied(mut entry) => *entry.get_mut() += rows,
                            Entry::Vacant(entry) => {
                                entry.insert(rows);
                            }
                        }
                    })?;
                }
                Ok::<_, Error>(tally(table))
            })
            .try_reduce(Tally::default, |left, right| Ok(left.merge(right)))?;
        Ok(tally.bands())
    }
}

/// The classes of one partition by size.
fn tally<T: Item>(table: Table<T>) -> Tally {
    let mut tally = Tally::default();
    if T::PERSONS {
        let mut classes = FxHashMap::<[u64; 2], (u64, u64)>::default();
        for (item, rows) in table {
            let class = classes.entry(item.key()).or_default();
            *class = (class.0 + 1, class.1 + rows);
        }
        classes
            .into_values()
            .for_each(|(persons, rows)| tally.add(persons, rows));
    } else {
        table.into_values().for_each(|rows| tally.add(rows, rows));
    }
    tally
}
