//! A frame collapsed to its classes, and the questions that are answered from the classes alone.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::codes::Column;
use super::count;
use super::layout::{Decoder, Layout};
use super::spectrum::Spectrum;
use crate::error::Result;
use crate::stop::Stop;

/// Codes of more than so many values are renumbered by what occurs.
const WIDE: u64 = 1 << 32;

/// The classes of a frame by some columns: class of each row, size of each class.
pub struct Classes {
    columns: usize,
    ids: Vec<u32>,
    pub(super) sizes: Vec<u64>,
    pub(super) decoder: Decoder,
}

impl Classes {
    pub(super) fn collapse(columns: &[Column], rows: usize, stop: &Stop) -> Result<Self> {
        let layout = Layout::plan(columns, rows, stop)?;
        let counted = count::collapse(&layout, rows, true, stop)?;
        Ok(Self {
            columns: columns.len(),
            ids: counted.ids,
            sizes: counted.sizes,
            decoder: layout.decoder(counted.keys),
        })
    }

    /// The class of each row, from 0, in an order that means nothing.
    pub fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// The number of rows of each class.
    pub fn sizes(&self) -> &[u64] {
        &self.sizes
    }

    /// The number of classes of each size.
    pub fn spectrum(&self) -> Spectrum {
        Spectrum::of(&self.sizes)
    }

    /// How many values the column of this number takes; null counts as one.
    pub fn distinct(&self, column: usize) -> u64 {
        let Some((codes, cardinality)) = self.decoder.codes(column) else {
            return 0;
        };
        if cardinality / 8 <= codes.len() as u64 {
            let mut seen = vec![false; cardinality as usize];
            for code in codes {
                seen[code as usize] = true;
            }
            seen.into_iter().map(u64::from).sum()
        } else {
            codes.into_iter().collect::<FxHashSet<_>>().len() as u64
        }
    }

    /// The codes of each class in some columns, 0 being missing; renumbered where they are far apart.
    pub fn narrow_codes(&self, columns: impl IntoIterator<Item = usize>, stop: &Stop) -> Result<Vec<Vec<u64>>> {
        columns
            .into_iter()
            .filter_map(|column| self.decoder.codes(column))
            .map(|(codes, cardinality)| {
                stop.check()?;
                if cardinality <= WIDE {
                    return Ok(codes);
                }
                let mut numbers = FxHashMap::default();
                numbers.insert(0, 0);
                let number = |code| {
                    let next = numbers.len() as u64;
                    *numbers.entry(code).or_insert(next)
                };
                Ok(codes.into_iter().map(number).collect())
            })
            .collect()
    }

    /// How many columns the classes are by.
    pub fn width(&self) -> usize {
        self.columns
    }

    /// How many different values of a sensitive column each class has; null counts as one.
    ///
    /// Distinct l-diversity (Machanavajjhala et al. 2007) is the smallest of them.
    pub fn diversity(&self, sensitive: &Column, stop: &Stop) -> Result<Vec<u64>> {
        let rows = self.ids.len();
        let class = Column::of(self.ids.clone(), self.sizes.len() as u64);
        let layout = Layout::plan(&[class, sensitive.clone()], rows, stop)?;
        let pairs = count::collapse(&layout, rows, false, stop)?;
        let pairs = layout.decoder(pairs.keys);
        let mut values = vec![0; self.sizes.len()];
        for class in pairs.codes(0).map(|(codes, _)| codes).unwrap_or_default() {
            values[class as usize] += 1;
        }
        Ok(values)
    }

    /// The number of rows in the class of each row.
    pub fn row_sizes(&self) -> Vec<u64> {
        self.ids.par_iter().map(|&class| self.sizes[class as usize]).collect()
    }
}
