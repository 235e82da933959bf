//! What every class of a table is made of, and the worst figure over all classes.

use rayon::prelude::*;

use super::{Class, Measure, Requirement, Whole};
use crate::error::{Error, Result};
use crate::stop::Stop;

/// Classes per piece of work.
const PIECE: usize = 4096;

/// The values of a sensitive column and their counts, class by class.
pub struct Composition {
    /// Where each class begins in `values`; one more at the end.
    starts: Vec<usize>,
    values: Vec<u32>,
    counts: Vec<u64>,
    sizes: Vec<u64>,
}

impl Composition {
    /// From triples of class, value and count in ascending order, each pair of class and value once.
    pub fn of_runs(triples: impl Iterator<Item = (u64, u32, u64)>) -> Self {
        let mut composition = Self {
            starts: Vec::new(),
            values: Vec::with_capacity(triples.size_hint().0),
            counts: Vec::with_capacity(triples.size_hint().0),
            sizes: Vec::new(),
        };
        let mut last = None;
        let mut size = 0;
        for (class, value, count) in triples {
            if last != Some(class) {
                if last.is_some() {
                    composition.sizes.push(size);
                }
                composition.starts.push(composition.values.len());
                (last, size) = (Some(class), 0);
            }
            composition.values.push(value);
            composition.counts.push(count);
            size += count;
        }
        if last.is_some() {
            composition.sizes.push(size);
        }
        composition.starts.push(composition.values.len());
        composition
    }

    /// The number of classes.
    pub fn len(&self) -> usize {
        self.sizes.len()
    }

    /// Whether there is no class.
    pub fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }

    /// The class of this number.
    pub fn class(&self, number: usize) -> Class<'_> {
        let range = self.starts[number]..self.starts[number + 1];
        Class {
            size: self.sizes[number],
            values: &self.values[range.clone()],
            counts: &self.counts[range],
        }
    }

    /// Rows by code over all classes; `codes` is one more than the greatest code.
    pub fn totals(&self, codes: usize) -> Vec<u64> {
        let mut totals = vec![0; codes];
        for (&value, &count) in self.values.iter().zip(&self.counts) {
            totals[value as usize] += count;
        }
        totals
    }

    /// The worst figure over all classes, per measure.
    pub fn worst(&self, whole: &Whole, measures: &[Measure], stop: &Stop) -> Result<Vec<f64>> {
        let best = || measures.iter().map(Measure::best).collect::<Vec<_>>();
        let join = |mut left: Vec<f64>, right: Vec<f64>| {
            for ((left, right), measure) in left.iter_mut().zip(right).zip(measures) {
                *left = measure.worse(*left, right);
            }
            left
        };
        (0..self.len().div_ceil(PIECE))
            .into_par_iter()
            .map(|piece| {
                stop.check()?;
                let mut worst = best();
                for number in piece * PIECE..((piece + 1) * PIECE).min(self.len()) {
                    let class = self.class(number);
                    for (worst, measure) in worst.iter_mut().zip(measures) {
                        *worst = measure.worse(*worst, measure.of(&class, whole));
                    }
                }
                Ok::<_, Error>(worst)
            })
            .try_reduce(best, |left, right| Ok(join(left, right)))
    }

    /// The number of rows in classes that fail one of the requirements.
    pub fn failing_rows(&self, whole: &Whole, requirements: &[Requirement], stop: &Stop) -> Result<u64> {
        (0..self.len().div_ceil(PIECE))
            .into_par_iter()
            .map(|piece| {
                stop.check()?;
                let classes = (piece * PIECE..((piece + 1) * PIECE).min(self.len())).map(|number| self.class(number));
                let fails = |class: &Class<'_>| requirements.iter().any(|required| !required.holds(class, whole));
                Ok(classes.filter(fails).map(|class| class.size).sum::<u64>())
            })
            .try_reduce(|| 0, |left, right| Ok(left + right))
    }
}
