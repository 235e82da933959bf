//! A quasi-identifier with its generalization hierarchy, as codes.

use crate::error::{Error, Result};

/// One level of a hierarchy.
#[derive(Debug, Clone)]
pub struct Level {
    /// The code at this level of each leaf code; codes are dense from 0.
    pub of_leaf: Vec<u32>,
    /// How many codes the level has.
    pub codes: usize,
    /// By code: the share of the hierarchy's leaves that it covers.
    pub share: Vec<f64>,
}

/// A quasi-identifier: its leaves are the values that occur, and level 0 is these values themselves.
#[derive(Debug, Clone)]
pub struct Column {
    /// The levels, from the values themselves to the most general one.
    pub levels: Vec<Level>,
    /// How many leaves the hierarchy has, those that do not occur included.
    pub leaves: f64,
    /// How much the column counts in utility measures.
    pub weight: f64,
}

impl Column {
    /// A column from the label number and the share of each leaf at each level; labels are numbered anew, densely.
    ///
    /// Refuses levels of unequal length, and labels that do not nest: what is equal at a level must be equal above.
    pub fn new(labels: &[Vec<u32>], shares: &[Vec<f64>], leaves: f64, weight: f64) -> Result<Self> {
        let width = labels.first().map_or(0, Vec::len);
        if labels.is_empty() || shares.len() != labels.len() || labels.iter().any(|level| level.len() != width) {
            return Err(Error::Argument(
                "the levels of a hierarchy must all have a label for each value".into(),
            ));
        }
        let mut levels: Vec<Level> = Vec::with_capacity(labels.len());
        for (labels, shares) in labels.iter().zip(shares) {
            let level = Level::new(labels, shares);
            if let Some(below) = levels.last() {
                nests(below, &level)?;
            }
            levels.push(level);
        }
        Ok(Self { levels, leaves, weight })
    }

    /// The number of the most general level.
    pub fn height(&self) -> usize {
        self.levels.len() - 1
    }

    /// How many values occur.
    pub fn leaf_codes(&self) -> usize {
        self.levels[0].of_leaf.len()
    }
}

impl Level {
    fn new(labels: &[u32], shares: &[f64]) -> Self {
        let mut dense = rustc_hash::FxHashMap::default();
        let mut share = Vec::new();
        let of_leaf = labels
            .iter()
            .zip(shares)
            .map(|(&label, &covered)| {
                let next = share.len() as u32;
                *dense.entry(label).or_insert_with(|| {
                    share.push(covered);
                    next
                })
            })
            .collect();
        Self {
            of_leaf,
            codes: share.len(),
            share,
        }
    }
}

fn nests(below: &Level, above: &Level) -> Result<()> {
    let mut parent = vec![u32::MAX; below.codes];
    for (&low, &high) in below.of_leaf.iter().zip(&above.of_leaf) {
        let slot = &mut parent[low as usize];
        if *slot != u32::MAX && *slot != high {
            return Err(Error::Argument(
                "a hierarchy does not nest: two values that are equal at one level differ above it".into(),
            ));
        }
        *slot = high;
    }
    Ok(())
}
