//! History: what was released before protects what is released now.
//!
//! A **set** is the persons behind one released count. Before a batch of sets (the visible cells of a table) is
//! released, each is compared with every earlier set: one of fewer than t persons (**small**), two that differ by fewer
//! than t persons but do differ (**difference**), a linear combination of any number of them that stands on fewer than t
//! persons (**combination**). The verdict says which earlier sets take part and never how many persons it is about.
//!
//! A difference is the combination of two, and [`span`] would find it; that every pair is compared on its own names the
//! other set, and holds where the span gives up. Pairs are told apart by their cardinalities, then by their
//! [`sketch`]es; only the rest is intersected. [`chain`], [`residual`] and [`field`] are the parts of the span check.
//!
//! Where combinations are too many, [`atoms`] judges single groups, and the verdict is that the rest is undecided.
//!
//! Pure: sets in, verdict out. Where sets are kept, and under which key, is the caller's business.

mod atoms;
mod chain;
mod field;
mod residual;
mod sketch;
mod span;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use roaring::RoaringBitmap;

use self::residual::Found;
use self::sketch::Sketch;
use self::span::Span;
use crate::error::{Error, Result};
use crate::stop::Stop;

/// The largest threshold: every chain of the span check takes memory.
const MOST: u64 = 1_000;

/// The persons behind a released count, with what makes them quick to compare.
#[derive(Debug, Clone)]
pub struct Released {
    set: Arc<RoaringBitmap>,
    persons: u64,
    sketch: Sketch,
}

impl Released {
    /// A set of persons.
    pub fn new(set: Arc<RoaringBitmap>) -> Self {
        let (persons, sketch) = (set.len(), Sketch::of(&set));
        Self { set, persons, sketch }
    }

    /// The persons.
    pub fn set(&self) -> &Arc<RoaringBitmap> {
        &self.set
    }

    /// Whether two sets differ, and in fewer than `threshold` persons.
    fn nearly(&self, other: &Self, threshold: u64) -> bool {
        if self.persons.abs_diff(other.persons) >= threshold || self.sketch.apart(&other.sketch) >= threshold {
            return false;
        }
        (1..threshold).contains(&self.set.symmetric_difference_len(&other.set))
    }
}

/// Whether a batch may be released. Sets are named by their place: earlier ones first, then those of the batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing speaks against it.
    Clear,
    /// A set of the batch holds fewer persons than the threshold.
    Small {
        /// The set.
        set: usize,
    },
    /// A set of the batch and another differ by fewer persons than the threshold.
    Difference {
        /// The set.
        set: usize,
        /// The other.
        other: usize,
    },
    /// A combination of a set of the batch with others stands on fewer persons than the threshold.
    Combination {
        /// The set.
        set: usize,
        /// All sets of the combination.
        others: Vec<usize>,
    },
    /// So many combinations are possible that none could be ruled out.
    Unknown {
        /// The set.
        set: usize,
    },
    /// The history is longer than can be compared.
    Full,
}

/// The sets released so far.
#[derive(Debug)]
pub struct History {
    threshold: u64,
    sets: Vec<Released>,
    span: Span,
}

impl History {
    /// Nothing released; groups of fewer than `threshold` persons are protected.
    pub fn new(threshold: u64) -> Result<Self> {
        if !(1..=MOST).contains(&threshold) {
            return Err(Error::Argument(format!(
                "the threshold is {threshold}: give a number of persons from 1 to {MOST}"
            )));
        }
        Ok(Self {
            threshold,
            sets: Vec::new(),
            span: Span::new(threshold)?,
        })
    }

    /// How many sets there are.
    pub fn len(&self) -> usize {
        self.sets.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// Judges a batch; the history stays as it is.
    pub fn check(&mut self, batch: &[Released], stop: &Stop) -> Result<Verdict> {
        let first = self.sets.len();
        for (offset, new) in batch.iter().enumerate() {
            let set = first + offset;
            if (1..self.threshold).contains(&new.persons) {
                return Ok(Verdict::Small { set });
            }
            let mut all = self.sets.iter().chain(&batch[..offset]);
            if let Some(other) = all.position(|other| new.nearly(other, self.threshold)) {
                return Ok(Verdict::Difference { set, other });
            }
        }
        let mark = self.span.mark();
        let verdict = self.combine(batch, first, stop);
        self.span.cut(&mark);
        match verdict? {
            undecided @ (Verdict::Unknown { .. } | Verdict::Full) => self.by_atoms(batch, undecided, stop),
            decided => Ok(decided),
        }
    }

    /// What is left to judge where combinations are too many: whether the size of a single small group follows.
    fn by_atoms(&self, batch: &[Released], undecided: Verdict, stop: &Stop) -> Result<Verdict> {
        let first = self.sets.len();
        let with = |some: usize| {
            let sets: Vec<&RoaringBitmap> = self.sets.iter().chain(&batch[..some]).map(|one| &*one.set).collect();
            atoms::fixes_a_small_atom(&sets, self.threshold, stop)
        };
        if with(batch.len())? != Some(true) || with(0)? == Some(true) {
            return Ok(undecided);
        }
        // More sets fix more: the first that is too much is found by halving.
        let (mut safe, mut fixed) = (0, batch.len());
        while fixed - safe > 1 {
            let middle = usize::midpoint(safe, fixed);
            if with(middle)? == Some(true) {
                fixed = middle;
            } else {
                safe = middle;
            }
        }
        let set = first + fixed - 1;
        Ok(Verdict::Combination { set, others: vec![set] })
    }

    fn combine(&mut self, batch: &[Released], first: usize, stop: &Stop) -> Result<Verdict> {
        for (offset, new) in batch.iter().enumerate() {
            let set = first + offset;
            if self.span.is_full() {
                return Ok(Verdict::Full);
            }
            match self.span.add(set as u32, &new.set, true, stop)? {
                Found::None => {}
                Found::TooMany => return Ok(Verdict::Unknown { set }),
                Found::Sets(others) => {
                    let others = others.into_iter().map(|other| other as usize).collect();
                    return Ok(Verdict::Combination { set, others });
                }
            }
        }
        Ok(Verdict::Clear)
    }

    /// Adds a batch that was released, whatever a check would say.
    pub fn add(&mut self, batch: &[Released], stop: &Stop) -> Result<()> {
        let mark = self.span.mark();
        for (offset, new) in batch.iter().enumerate() {
            if self.span.is_full() {
                break;
            }
            let name = (self.sets.len() + offset) as u32;
            if let Err(error) = self.span.add(name, &new.set, false, stop) {
                self.span.cut(&mark);
                return Err(error);
            }
        }
        self.sets.extend_from_slice(batch);
        Ok(())
    }
}
