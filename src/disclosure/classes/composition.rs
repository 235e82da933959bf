//! Classes looked at through a sensitive column.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::codes::{Column, Source};
use super::count;
use super::layout::Layout;
use crate::disclosure::models::Composition;
use crate::error::Result;
use crate::stop::Stop;

/// What each class by `columns` is made of, by the codes of a sensitive column; one pass, and no row is remembered.
///
/// The second answer is one more than the greatest code. Classes are numbered by their keys.
pub fn compose(columns: &[Column], sensitive: &Column, rows: usize, stop: &Stop) -> Result<(Composition, usize)> {
    // Dense, so that codes have 32 bits.
    let sensitive = sensitive.compact(true, stop)?;
    let codes = sensitive.cardinality;
    let mut columns = columns.to_vec();
    columns.push(sensitive);
    let layout = Layout::plan(&columns, rows, stop)?;
    let counted = count::collapse(&layout, rows, false, stop)?;
    let mut pairs: Vec<(u64, u64)> = counted.keys.into_iter().zip(counted.sizes).collect();
    stop.check()?;
    // The sensitive column is the least significant part of the key: a class is a run of keys.
    if !pairs.is_sorted_by_key(|&(key, _)| key) {
        pairs.par_sort_unstable_by_key(|&(key, _)| key);
    }
    let pairs = pairs
        .into_iter()
        .map(|(key, size)| (key / codes, (key % codes) as u32, size));
    Ok((Composition::of_runs(pairs), codes as usize))
}

/// How many rows have each pair of a class and a value that occurs, in order; `ids` is the class of each row.
pub fn count_pairs(
    ids: &[u32],
    classes: usize,
    values: &[u32],
    width: usize,
    stop: &Stop,
) -> Result<Vec<(u32, u32, u64)>> {
    let column = |codes: &[u32], width: usize| Column::of(codes.to_vec(), width as u64);
    let layout = Layout::plan(&[column(ids, classes), column(values, width)], ids.len(), stop)?;
    let counted = count::collapse(&layout, ids.len(), false, stop)?;
    let pairs = layout.decoder(counted.keys);
    let part = |column| pairs.codes(column).map(|(codes, _)| codes).unwrap_or_default();
    let pairs = part(0).into_iter().zip(part(1)).zip(counted.sizes);
    let mut triples: Vec<_> = pairs
        .map(|((class, value), count)| (class as u32, value as u32, count))
        .collect();
    triples.par_sort_unstable();
    Ok(triples)
}

impl Column {
    /// The code of each of `rows` rows without the gaps that can be had, and one more than the greatest.
    pub fn dense(&self, rows: usize, stop: &Stop) -> Result<(Vec<u32>, usize)> {
        let column = self.compact(true, stop)?;
        let codes = column.codes(rows).into_iter().map(|code| code as u32).collect();
        Ok((codes, column.cardinality as usize))
    }

    /// Cuts the first `rows` rows off; gives their codes, and the column that is left, with dense codes.
    ///
    /// So a list of values is read with the codes of a column that it is put in front of.
    pub fn split(&self, rows: usize, stop: &Stop) -> Result<(Vec<u32>, Self)> {
        let column = self.compact(true, stop)?;
        let first = column.codes(rows).into_iter().map(|code| code as u32).collect();
        let rest = Self {
            cardinality: column.cardinality,
            source: Arc::new(Rest { column, skipped: rows }),
        };
        Ok((first, rest))
    }
}

/// A column without its first rows.
struct Rest {
    column: Column,
    skipped: usize,
}

impl Source for Rest {
    fn add(&self, rows: Range<usize>, stride: u64, keys: &mut [u64]) {
        self.column
            .source
            .add(rows.start + self.skipped..rows.end + self.skipped, stride, keys);
    }
}
