//! Columns as codes: where a row's code comes from, and how it gets into the row's key.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::chunks::{Bits, Chunks};
use super::dense::{self, Values};
use super::shuffle::{PIECE, pieces};
use crate::error::{Error, Result};
use crate::stop::Stop;

/// A column read as codes from 0 (null) to `cardinality - 1`; not every code need occur.
#[derive(Clone)]
pub struct Column {
    pub(super) cardinality: u64,
    pub(super) source: Arc<dyn Source>,
}

/// Where codes come from.
pub(super) trait Source: Send + Sync {
    /// Adds `stride` times the code of each of `rows` to `keys`.
    fn add(&self, rows: Range<usize>, stride: u64, keys: &mut [u64]);

    /// The same column with (almost) only codes that occur, if that can be had; `force` accepts any cost.
    fn compact(&self, force: bool, stop: &Stop) -> Result<Option<Column>> {
        let (_, _) = (force, stop);
        Ok(None)
    }
}

impl Column {
    /// The same column with fewer codes that do not occur; `force` accepts any cost.
    pub(super) fn compact(&self, force: bool, stop: &Stop) -> Result<Self> {
        let smaller = self.source.compact(force, stop)?;
        Ok(smaller
            .filter(|column| column.cardinality < self.cardinality)
            .unwrap_or_else(|| self.clone()))
    }

    /// The code of each of `rows` rows.
    pub(super) fn codes(&self, rows: usize) -> Vec<u64> {
        let mut codes = vec![0; rows];
        self.source.add(0..rows, 1, &mut codes);
        codes
    }

    /// A column of one code for all rows.
    pub(super) fn constant() -> Self {
        struct Nothing;
        impl Source for Nothing {
            fn add(&self, _: Range<usize>, _: u64, _: &mut [u64]) {}
        }
        Self {
            cardinality: 1,
            source: Arc::new(Nothing),
        }
    }

    /// A column of materialized codes.
    pub(super) fn of(codes: Vec<u32>, cardinality: u64) -> Self {
        Self {
            cardinality,
            source: Arc::new(Stored(codes)),
        }
    }

    /// A column of materialized codes that may be wide; nothing is assumed about null.
    pub(super) fn wide(codes: Vec<u64>, cardinality: u64) -> Self {
        Self {
            cardinality,
            source: Arc::new(Wide(codes)),
        }
    }

    /// A column of numbers: the distance from the smallest, plus one, is the code.
    pub(super) fn numbers<N: Bits>(chunks: Chunks<N>, rows: usize, stop: &Stop) -> Result<Self> {
        let (low, high) = extremes(&chunks, rows, stop)?;
        // A range of (almost) 64 bits leaves no room for null: number the values that occur.
        let Some(cardinality) = high.saturating_sub(low).checked_add(2) else {
            return number_values(&chunks, rows, stop);
        };
        Ok(Self {
            cardinality: if low > high { 1 } else { cardinality },
            source: Arc::new(Offset {
                chunks,
                low,
                cardinality,
            }),
        })
    }

    /// A dictionary column: per chunk of indices a table from index to code.
    pub(super) fn dictionary<N: Bits>(indices: Chunks<N>, tables: Vec<Arc<[u32]>>, cardinality: u64) -> Self {
        Self {
            cardinality,
            source: Arc::new(Dictionary {
                cardinality,
                indices,
                tables,
            }),
        }
    }
}

fn extremes<N: Bits>(chunks: &Chunks<N>, rows: usize, stop: &Stop) -> Result<(u64, u64)> {
    let wider = |a: (u64, u64), b: (u64, u64)| (a.0.min(b.0), a.1.max(b.1));
    pieces(rows, PIECE)
        .into_par_iter()
        .map(|piece| {
            stop.check()?;
            let mut range = (u64::MAX, 0);
            chunks.each_chunk(piece, |_, chunk, inside, _| {
                let values = &chunk.values[inside.clone()];
                match &chunk.nulls {
                    None => range = wider(range, N::extremes(values)),
                    Some(nulls) => {
                        for (value, row) in values.iter().zip(inside) {
                            if nulls.is_valid(row) {
                                range = wider(range, (value.bits(), value.bits()));
                            }
                        }
                    }
                }
            });
            Ok(range)
        })
        .try_reduce(|| (u64::MAX, 0), |a, b| Ok(wider(a, b)))
}

fn number_values<V: Values>(values: &V, rows: usize, stop: &Stop) -> Result<Column> {
    let (codes, cardinality) = dense::number(values, rows, stop)?;
    Ok(Column::of(codes, cardinality))
}

/// For each of `width` codes its rank among those that occur, from 1; `mark` marks the codes of a range of rows.
fn ranks(
    width: usize,
    rows: usize,
    stop: &Stop,
    mark: impl Fn(Range<usize>, &mut [bool]) + Sync,
) -> Result<(Arc<[u32]>, u64)> {
    let threads = rayon::current_num_threads();
    let seen = pieces(rows, rows.div_ceil(threads).max(PIECE))
        .into_par_iter()
        .map(|piece| {
            let mut seen = vec![false; width];
            for block in pieces(piece.len(), PIECE) {
                stop.check()?;
                mark(piece.start + block.start..piece.start + block.end, &mut seen);
            }
            Ok::<_, Error>(seen)
        })
        .try_reduce(
            || vec![false; width],
            |mut a, b| {
                a.iter_mut().zip(b).for_each(|(a, b)| *a |= b);
                Ok(a)
            },
        )?;
    let mut next = 0_u32;
    let table = seen
        .into_iter()
        .map(|seen| {
            next += u32::from(seen);
            next
        })
        .collect();
    Ok((table, u64::from(next) + 1))
}

struct Stored(Vec<u32>);

impl Source for Stored {
    fn add(&self, rows: Range<usize>, stride: u64, keys: &mut [u64]) {
        for (key, &code) in keys.iter_mut().zip(&self.0[rows]) {
            *key = key.wrapping_add(stride.wrapping_mul(u64::from(code)));
        }
    }
}

struct Wide(Vec<u64>);

impl Source for Wide {
    fn add(&self, rows: Range<usize>, stride: u64, keys: &mut [u64]) {
        for (key, &code) in keys.iter_mut().zip(&self.0[rows]) {
            *key = key.wrapping_add(stride.wrapping_mul(code));
        }
    }

    fn compact(&self, force: bool, stop: &Stop) -> Result<Option<Column>> {
        if !force {
            return Ok(None);
        }
        number_values(self, self.0.len(), stop).map(Some)
    }
}

impl Values for Wide {
    type Value = u64;

    fn each(&self, rows: Range<usize>, mut visit: impl FnMut(Option<u64>)) {
        self.0[rows].iter().for_each(|&code| visit(Some(code)));
    }
}

/// Ranges up to this are made dense by marking what occurs.
const MARKED: u64 = 1 << 22;
/// Rows looked at before numbering the values of a wide range, and how many distinct ones are too many.
const SAMPLE: usize = 8192;
const MANY: usize = SAMPLE / 2;

struct Offset<N: Bits> {
    chunks: Chunks<N>,
    low: u64,
    cardinality: u64,
}

impl<N: Bits> Source for Offset<N> {
    fn add(&self, rows: Range<usize>, stride: u64, keys: &mut [u64]) {
        // Below `low` by one, so that the smallest value has code 1. The bits under a null are arbitrary.
        let zero = self.low.wrapping_sub(1);
        let code = |value: N| value.bits().wrapping_sub(zero);
        self.chunks.each_chunk(rows, |_, chunk, inside, outside| {
            let (values, keys) = (&chunk.values[inside.clone()], &mut keys[outside]);
            match &chunk.nulls {
                None => {
                    for (key, &value) in keys.iter_mut().zip(values) {
                        *key = key.wrapping_add(stride.wrapping_mul(code(value)));
                    }
                }
                Some(nulls) => {
                    for ((key, &value), row) in keys.iter_mut().zip(values).zip(inside) {
                        let code = if nulls.is_valid(row) { code(value) } else { 0 };
                        *key = key.wrapping_add(stride.wrapping_mul(code));
                    }
                }
            }
        });
    }

    fn compact(&self, force: bool, stop: &Stop) -> Result<Option<Column>> {
        let rows = self.chunks.rows();
        if self.cardinality <= MARKED {
            return self.mark(rows, stop).map(Some);
        }
        if force || self.repeats(rows) {
            return number_values(&self.chunks, rows, stop).map(Some);
        }
        Ok(None)
    }
}

impl<N: Bits> Offset<N> {
    /// Numbers the values of a narrow range by marking those that occur.
    fn mark(&self, rows: usize, stop: &Stop) -> Result<Column> {
        let (table, cardinality) = ranks(self.cardinality as usize, rows, stop, |rows, seen| {
            self.chunks.each(rows, |bits| {
                if let Some(bits) = bits {
                    seen[(bits - self.low) as usize] = true;
                }
            });
        })?;
        let (low, chunks) = (self.low, self.chunks.clone());
        Ok(Column {
            cardinality,
            source: Arc::new(Marked { chunks, low, table }),
        })
    }

    /// Whether the values of a sample of rows repeat enough for numbering them to pay.
    fn repeats(&self, rows: usize) -> bool {
        let mut distinct = HashSet::new();
        let step = (rows / SAMPLE).max(1);
        for row in (0..rows).step_by(step) {
            self.chunks.each(row..row + 1, |bits| {
                distinct.insert(bits);
            });
        }
        distinct.len() <= MANY
    }
}

/// Numbers of a narrow range, numbered in their order.
struct Marked<N: Bits> {
    chunks: Chunks<N>,
    low: u64,
    table: Arc<[u32]>,
}

impl<N: Bits> Source for Marked<N> {
    fn add(&self, rows: Range<usize>, stride: u64, keys: &mut [u64]) {
        let mut keys = keys.iter_mut();
        self.chunks.each(rows, |bits| {
            if let (Some(key), Some(bits)) = (keys.next(), bits) {
                let code = self.table[bits.wrapping_sub(self.low) as usize];
                *key = key.wrapping_add(stride.wrapping_mul(u64::from(code)));
            }
        });
    }
}

struct Dictionary<N: Bits> {
    cardinality: u64,
    indices: Chunks<N>,
    tables: Vec<Arc<[u32]>>,
}

impl<N: Bits> Source for Dictionary<N> {
    fn add(&self, rows: Range<usize>, stride: u64, keys: &mut [u64]) {
        self.indices.each_chunk(rows, |number, chunk, inside, outside| {
            let (values, keys, table) = (&chunk.values[inside.clone()], &mut keys[outside], &self.tables[number]);
            let code = |index: N| stride.wrapping_mul(u64::from(table[index.as_usize()]));
            match &chunk.nulls {
                None => {
                    for (key, &index) in keys.iter_mut().zip(values) {
                        *key = key.wrapping_add(code(index));
                    }
                }
                Some(nulls) => {
                    for ((key, &index), row) in keys.iter_mut().zip(values).zip(inside) {
                        if nulls.is_valid(row) {
                            *key = key.wrapping_add(code(index));
                        }
                    }
                }
            }
        });
    }

    fn compact(&self, _: bool, stop: &Stop) -> Result<Option<Column>> {
        let width = self.cardinality as usize;
        let (ranks, cardinality) = ranks(width, self.indices.rows(), stop, |rows, seen| {
            self.indices.each_chunk(rows, |number, chunk, inside, _| {
                let table = &self.tables[number];
                for row in inside {
                    if chunk.nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)) {
                        seen[table[chunk.values[row].as_usize()] as usize] = true;
                    }
                }
            });
            seen[0] = false;
        })?;
        let rank = |&code: &u32| if code == 0 { 0 } else { ranks[code as usize] };
        let mut tables: Vec<Arc<[u32]>> = Vec::with_capacity(self.tables.len());
        for (number, table) in self.tables.iter().enumerate() {
            let same = number > 0 && Arc::ptr_eq(table, &self.tables[number - 1]);
            tables.push(if same {
                Arc::clone(&tables[number - 1])
            } else {
                table.iter().map(rank).collect()
            });
        }
        let indices = self.indices.clone();
        Ok(Some(Column::dictionary(indices, tables, cardinality)))
    }
}
