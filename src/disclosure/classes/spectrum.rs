//! How many classes there are of each size.

use std::collections::BTreeMap;

/// Sizes below this are counted in an array.
const SMALL: usize = 1024;

/// The frequencies of class sizes; k, uniques and the risks of re-identification are functions of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spectrum {
    small: Vec<u64>,
    large: BTreeMap<u64, u64>,
}

impl Default for Spectrum {
    fn default() -> Self {
        Self {
            small: vec![0; SMALL],
            large: BTreeMap::new(),
        }
    }
}

impl Spectrum {
    /// Counts one class of `size` rows; a size of 0 is no class.
    pub(super) fn add(&mut self, size: u64) {
        match self.small.get_mut(size as usize) {
            Some(count) => *count += u64::from(size > 0),
            None => *self.large.entry(size).or_default() += 1,
        }
    }

    /// Joins what two threads counted.
    pub(super) fn merge(mut self, other: Self) -> Self {
        for (mine, theirs) in self.small.iter_mut().zip(&other.small) {
            *mine += theirs;
        }
        for (size, count) in other.large {
            *self.large.entry(size).or_default() += count;
        }
        self
    }

    /// The spectrum of given class sizes.
    pub fn of(sizes: &[u64]) -> Self {
        let mut spectrum = Self::default();
        for &size in sizes {
            spectrum.add(size);
        }
        spectrum
    }

    /// Class size and number of classes of that size, smallest first.
    pub fn entries(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let small = self.small.iter().enumerate().map(|(size, &count)| (size as u64, count));
        let large = self.large.iter().map(|(&size, &count)| (size, count));
        small.chain(large).filter(|&(_, count)| count > 0)
    }

    /// The size of the smallest class; `None` of an empty frame.
    pub fn k(&self) -> Option<u64> {
        self.entries().next().map(|(size, _)| size)
    }

    /// How many classes there are.
    pub fn classes(&self) -> u64 {
        self.entries().map(|(_, count)| count).sum()
    }

    /// How many rows there are.
    pub fn rows(&self) -> u64 {
        self.entries().map(|(size, count)| size * count).sum()
    }
}
