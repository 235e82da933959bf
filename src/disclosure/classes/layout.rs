//! How the codes of several columns share one 64-bit key, and what is done when they do not fit.

use std::ops::Range;
use std::sync::Arc;

use super::codes::Column;
use super::count;
use crate::error::Result;
use crate::stop::Stop;

/// Keys are made in blocks of this many rows, column by column, while the block is in the first-level cache.
pub(super) const BLOCK: usize = 1024;
/// Codes that do not occur are weeded out when there are more possible keys than this per row.
const LOOSE: u64 = 4;
/// After this cardinality is exceeded a column is renumbered before columns are collapsed.
const NARROW: u64 = 1 << 31;

/// A place in the key: `code = key / stride % cardinality`.
#[derive(Clone)]
struct Place {
    stride: u64,
    cardinality: u64,
    what: What,
}

/// What a place of the key holds.
#[derive(Clone)]
enum What {
    /// The code of the column of this number.
    Column(usize),
    /// The class by the leading columns, which did not fit.
    Leading(Arc<Decoder>),
}

/// Finds the codes of a class in its key.
#[derive(Clone, Default)]
pub(super) struct Decoder {
    places: Vec<Place>,
    /// The key of each class.
    keys: Vec<u64>,
}

/// The columns of a key, the first being the most significant.
pub(super) struct Layout {
    columns: Vec<Column>,
    places: Vec<Place>,
    domain: u64,
}

impl Layout {
    /// Finds a key for the columns; collapses the leading ones to classes where 64 bits do not suffice.
    pub(super) fn plan(columns: &[Column], rows: usize, stop: &Stop) -> Result<Self> {
        let mut columns = columns.to_vec();
        let domain = |columns: &[Column]| {
            columns
                .iter()
                .try_fold(1_u64, |domain, column| domain.checked_mul(column.cardinality))
        };
        let tight = (rows as u64).saturating_mul(LOOSE).max(count::TABLE);
        if domain(&columns).is_none_or(|domain| domain > tight) {
            for column in &mut columns {
                *column = column.compact(false, stop)?;
            }
        }
        if domain(&columns).is_none() {
            for column in columns.iter_mut().filter(|column| column.cardinality > NARROW) {
                *column = column.compact(true, stop)?;
            }
        }
        let numbered = columns
            .into_iter()
            .enumerate()
            .map(|(number, column)| (What::Column(number), column));
        let mut open: Vec<(What, Column)> = Vec::new();
        let mut product = 1_u64;
        for (what, column) in numbered {
            if let Some(next) = product.checked_mul(column.cardinality) {
                product = next;
            } else {
                let (ids, cardinality, decoder) = Self::of(open).classes(rows, stop)?;
                // Fits: a class number and a narrow code have 32 bits each at most.
                product = cardinality * column.cardinality;
                open = vec![(What::Leading(Arc::new(decoder)), Column::of(ids, cardinality))];
            }
            open.push((what, column));
        }
        Ok(Self::of(open))
    }

    fn of(parts: Vec<(What, Column)>) -> Self {
        let mut stride = 1;
        let mut places = Vec::with_capacity(parts.len());
        let mut columns = Vec::with_capacity(parts.len());
        for (what, column) in parts.into_iter().rev() {
            let cardinality = column.cardinality;
            places.push(Place {
                stride,
                cardinality,
                what,
            });
            columns.push(column);
            stride *= cardinality;
        }
        Self {
            columns,
            places,
            domain: stride,
        }
    }

    fn classes(self, rows: usize, stop: &Stop) -> Result<(Vec<u32>, u64, Decoder)> {
        let counted = count::collapse(&self, rows, true, stop)?;
        let cardinality = counted.keys.len() as u64;
        Ok((counted.ids, cardinality, self.decoder(counted.keys)))
    }

    /// One more than the greatest key.
    pub(super) fn domain(&self) -> u64 {
        self.domain
    }

    /// Writes the key of each of `rows`.
    pub(super) fn keys(&self, rows: Range<usize>, keys: &mut [u64]) {
        for (number, block) in keys.chunks_mut(BLOCK).enumerate() {
            let start = rows.start + number * BLOCK;
            block.fill(0);
            for (column, place) in self.columns.iter().zip(&self.places) {
                column.source.add(start..start + block.len(), place.stride, block);
            }
        }
    }

    /// Finds the codes of the classes that have these keys.
    pub(super) fn decoder(self, keys: Vec<u64>) -> Decoder {
        Decoder {
            places: self.places,
            keys,
        }
    }
}

impl Decoder {
    /// The code of each class in the column of this number, and one more than the greatest that is possible.
    pub(super) fn codes(&self, column: usize) -> Option<(Vec<u64>, u64)> {
        self.places.iter().find_map(|place| {
            let part = |&key: &u64| key / place.stride % place.cardinality;
            match &place.what {
                What::Column(number) if *number == column => {
                    Some((self.keys.iter().map(part).collect(), place.cardinality))
                }
                What::Column(_) => None,
                What::Leading(leading) => leading.codes(column).map(|(codes, cardinality)| {
                    let codes = self.keys.iter().map(|key| codes[part(key) as usize]).collect();
                    (codes, cardinality)
                }),
            }
        })
    }
}
