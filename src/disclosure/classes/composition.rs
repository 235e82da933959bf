//! Classes looked at through a sensitive column.

use std::ops::Range;
use std::sync::Arc;

use super::codes::{Column, Source};
use super::collapsed::Classes;
use super::count;
use super::layout::Layout;
use crate::disclosure::models::Composition;
use crate::error::Result;
use crate::stop::Stop;

impl Classes {
    /// What each class is made of, by the codes of a sensitive column with a row per row of the frame.
    ///
    /// Class numbers are those of [`Classes::ids`]. The second answer is one more than the greatest code.
    pub fn composition(&self, sensitive: &Column, stop: &Stop) -> Result<(Composition, usize)> {
        let rows = self.ids().len();
        let classes = self.sizes().len();
        let class = Column::of(self.ids().to_vec(), classes as u64);
        // Dense, so that codes have 32 bits.
        let sensitive = sensitive.compact(true, stop)?;
        let codes = sensitive.cardinality as usize;
        let layout = Layout::plan(&[class, sensitive], rows, stop)?;
        let pairs = count::collapse(&layout, rows, false, stop)?;
        let decoder = layout.decoder(pairs.keys);
        let part = |column| decoder.codes(column).map(|(codes, _)| codes).unwrap_or_default();
        let triples: Vec<(u32, u32, u64)> = part(0)
            .into_iter()
            .zip(part(1))
            .zip(pairs.sizes)
            .map(|((class, code), size)| (class as u32, code as u32, size))
            .collect();
        stop.check()?;
        Ok((Composition::new(classes, &triples), codes))
    }
}

impl Column {
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
