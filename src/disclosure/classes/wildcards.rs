//! Missing values that match anything: how many rows, or persons, each class agrees with wherever both are known.
//!
//! Agreement is no equivalence (a row of unknown sex agrees with both sexes), so classes are first collapsed with
//! missing as a value of its own; then each *pattern* (which columns are known) is joined with each other pattern by
//! hash on the columns that both know. Codes are packed into words in such a way that a bit mask projects a class onto the
//! columns of a pattern.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::persons::Pairs;
use crate::error::{Error, Result};
use crate::stop::Stop;

/// More work than this (classes looked at, all joins together) is refused: about a minute on a few cores.
const STEPS: u64 = 1 << 33;
/// More patterns than this are refused: their pairs alone would be too many.
const PATTERNS: usize = 1 << 13;
/// Classes between two looks at the flag.
const BLOCK: usize = 1 << 14;

/// For each class, by its codes in each column (0 is missing), the rows of all classes that it agrees with.
pub(super) fn rows(codes: &[Vec<u64>], rows: &[u64], stop: &Stop) -> Result<Vec<u64>> {
    Packing::plan(codes, rows.len()).frequencies(codes, rows, stop)
}

/// For each class the distinct values among all classes that it agrees with.
pub(super) fn values(codes: &[Vec<u64>], classes: usize, pairs: &Pairs, stop: &Stop) -> Result<Vec<u64>> {
    Packing::plan(codes, classes).unions(codes, pairs, stop)
}

/// Where each column's code is in the words of a class.
struct Packing {
    classes: usize,
    places: Vec<(usize, u32, u32)>,
    words: usize,
}

/// Calls a method with the number of words as a constant.
macro_rules! by_width {
    ($self:ident . $method:ident ( $($argument:expr),* )) => {
        match $self.words {
            1 => $self.$method::<1>($($argument),*),
            2 => $self.$method::<2>($($argument),*),
            3..=4 => $self.$method::<4>($($argument),*),
            5..=8 => $self.$method::<8>($($argument),*),
            9..=16 => $self.$method::<16>($($argument),*),
            17..=64 => $self.$method::<64>($($argument),*),
            _ => Err(Error::Argument(
                "these columns are too many to compare with missing values that match anything: leave some out, or \
                 use nulls=\"category\""
                    .to_owned(),
            )),
        }
    };
}

impl Packing {
    fn plan(codes: &[Vec<u64>], classes: usize) -> Self {
        let (mut word, mut used) = (0, 0);
        let mut places = Vec::with_capacity(codes.len());
        for column in codes {
            let most = column.iter().copied().max().unwrap_or(0);
            let bits = (u64::BITS - most.leading_zeros()).max(1);
            if used + bits > u64::BITS {
                (word, used) = (word + 1, 0);
            }
            places.push((word, used, bits));
            used += bits;
        }
        let words = word + 1;
        Self { classes, places, words }
    }

    fn frequencies(&self, codes: &[Vec<u64>], rows: &[u64], stop: &Stop) -> Result<Vec<u64>> {
        by_width!(self.count(codes, rows, stop))
    }

    fn unions(&self, codes: &[Vec<u64>], pairs: &Pairs, stop: &Stop) -> Result<Vec<u64>> {
        by_width!(self.unite(codes, pairs, stop))
    }

    /// The words of each class, and the classes by pattern.
    fn pack<const W: usize>(&self, codes: &[Vec<u64>]) -> Result<(Vec<[u64; W]>, Vec<Pattern<W>>)> {
        let mut keys = vec![[0; W]; self.classes];
        let mut masks = vec![[0; W]; self.classes];
        for (column, &(word, shift, bits)) in codes.iter().zip(&self.places) {
            let full = u64::MAX >> (u64::BITS - bits) << shift;
            for ((key, mask), &code) in keys.iter_mut().zip(&mut masks).zip(column) {
                key[word] |= code << shift;
                mask[word] |= if code == 0 { 0 } else { full };
            }
        }
        // A tree, so that patterns have an order.
        let mut patterns = BTreeMap::<[u64; W], Vec<u32>>::new();
        let mut last: Option<([u64; W], Vec<u32>)> = None;
        for (class, &mask) in masks.iter().enumerate() {
            match &mut last {
                Some((known, members)) if *known == mask => members.push(class as u32),
                _ => {
                    if let Some((known, members)) = last.take() {
                        patterns.entry(known).or_default().extend(members);
                    }
                    last = Some((mask, vec![class as u32]));
                }
            }
        }
        if let Some((known, members)) = last {
            patterns.entry(known).or_default().extend(members);
        }
        let count = patterns.len();
        let steps = (count as u64).saturating_mul(self.classes as u64);
        if count > PATTERNS || steps > STEPS {
            return Err(Error::Argument(format!(
                "missing values in {count} different combinations of columns and {} different rows are too many to \
                 compare with each other: leave columns out, coarsen them, or use nulls=\"category\"",
                self.classes
            )));
        }
        let patterns = patterns
            .into_iter()
            .map(|(mask, members)| Pattern { mask, members })
            .collect();
        Ok((keys, patterns))
    }

    fn count<const W: usize>(&self, codes: &[Vec<u64>], rows: &[u64], stop: &Stop) -> Result<Vec<u64>> {
        let (keys, patterns) = self.pack::<W>(codes)?;
        // Where all know the same columns, agreement is an equivalence.
        if patterns.len() == 1 {
            return Ok(rows.to_vec());
        }
        let totals: Vec<AtomicU64> = keys.iter().map(|_| AtomicU64::new(0)).collect();
        joins(&patterns)
            .into_par_iter()
            .try_for_each(|(theirs, shared, ours)| {
                stop.check()?;
                let mut found = FxHashMap::<[u64; W], u64>::default();
                for block in patterns[theirs].members.chunks(BLOCK) {
                    stop.check()?;
                    for &class in block {
                        *found.entry(and(&keys[class as usize], &shared)).or_default() += rows[class as usize];
                    }
                }
                for pattern in ours {
                    patterns[pattern].members.par_chunks(BLOCK).try_for_each(|block| {
                        stop.check()?;
                        for &class in block {
                            if let Some(&count) = found.get(&and(&keys[class as usize], &shared)) {
                                totals[class as usize].fetch_add(count, Ordering::Relaxed);
                            }
                        }
                        Ok::<_, Error>(())
                    })?;
                }
                Ok::<_, Error>(())
            })?;
        Ok(totals.into_iter().map(AtomicU64::into_inner).collect())
    }

    fn unite<const W: usize>(&self, codes: &[Vec<u64>], pairs: &Pairs, stop: &Stop) -> Result<Vec<u64>> {
        let (keys, patterns) = self.pack::<W>(codes)?;
        // Where all know the same columns, agreement is an equivalence.
        if patterns.len() == 1 {
            return Ok(pairs.per_class());
        }
        let mut steps = 0_u64;
        let mut totals = vec![0; self.classes];
        for ours in &patterns {
            // What each other pattern has, by the columns shared with this one.
            let shelves = patterns
                .par_iter()
                .map(|theirs| {
                    stop.check()?;
                    Ok(Shelf::fill(&keys, theirs, and(&ours.mask, &theirs.mask), pairs))
                })
                .collect::<Result<Vec<_>>>()?;
            steps += ours
                .members
                .par_iter()
                .map(|&class| {
                    let of = |shelf: &Shelf<W>| shelf.values(&keys[class as usize]).len() as u64;
                    shelves.iter().map(of).sum::<u64>()
                })
                .sum::<u64>();
            if steps > STEPS {
                return Err(Error::Argument(
                    "rows with missing values agree with too many others for their persons or values to be counted: \
                     leave columns out, coarsen them, or use nulls=\"category\""
                        .to_owned(),
                ));
            }
            let counted = ours
                .members
                .par_chunks(BLOCK)
                .map_init(
                    || (vec![0_u32; pairs.values()], 0_u32),
                    |(seen, stamp), block| {
                        stop.check()?;
                        let mut counts = Vec::with_capacity(block.len());
                        for &class in block {
                            *stamp += 1;
                            let mut count = 0;
                            for shelf in &shelves {
                                for &value in shelf.values(&keys[class as usize]) {
                                    count += u64::from(seen[value as usize] != *stamp);
                                    seen[value as usize] = *stamp;
                                }
                            }
                            counts.push(count);
                        }
                        Ok(counts)
                    },
                )
                .collect::<Result<Vec<_>>>()?;
            for (&class, count) in ours.members.iter().zip(counted.into_iter().flatten()) {
                totals[class as usize] = count;
            }
        }
        Ok(totals)
    }
}

/// Classes that know the same columns; the mask covers their codes.
struct Pattern<const W: usize> {
    mask: [u64; W],
    members: Vec<u32>,
}

fn and<const W: usize>(left: &[u64; W], right: &[u64; W]) -> [u64; W] {
    std::array::from_fn(|word| left[word] & right[word])
}

/// A pattern to be hashed, the columns it is hashed by, and the patterns that look into it.
type Join<const W: usize> = (usize, [u64; W], Vec<usize>);

/// Every pair of patterns, those together that look for the same columns in the same pattern.
fn joins<const W: usize>(patterns: &[Pattern<W>]) -> Vec<Join<W>> {
    let mut joins = Vec::new();
    for (number, theirs) in patterns.iter().enumerate() {
        let mut by_shared = BTreeMap::<[u64; W], Vec<usize>>::new();
        for (other, ours) in patterns.iter().enumerate() {
            by_shared.entry(and(&ours.mask, &theirs.mask)).or_default().push(other);
        }
        joins.extend(by_shared.into_iter().map(|(shared, ours)| (number, shared, ours)));
    }
    joins
}

/// The distinct values of a pattern's classes by their projection on some columns.
struct Shelf<const W: usize> {
    shared: [u64; W],
    values: Vec<u32>,
    ranges: FxHashMap<[u64; W], (u32, u32)>,
}

impl<const W: usize> Shelf<W> {
    fn fill(keys: &[[u64; W]], pattern: &Pattern<W>, shared: [u64; W], pairs: &Pairs) -> Self {
        let mut listed: Vec<([u64; W], u32)> = Vec::new();
        for &class in &pattern.members {
            let key = and(&keys[class as usize], &shared);
            listed.extend(pairs.of(class).iter().map(|&value| (key, value)));
        }
        listed.sort_unstable();
        listed.dedup();
        let mut ranges = FxHashMap::default();
        let mut start = 0;
        for run in listed.chunk_by(|left, right| left.0 == right.0) {
            ranges.insert(run[0].0, (start, start + run.len() as u32));
            start += run.len() as u32;
        }
        let values = listed.into_iter().map(|(_, value)| value).collect();
        Self { shared, values, ranges }
    }

    fn values(&self, key: &[u64; W]) -> &[u32] {
        match self.ranges.get(&and(key, &self.shared)) {
            Some(&(start, end)) => &self.values[start as usize..end as usize],
            None => &[],
        }
    }
}
