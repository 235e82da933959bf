//! Counts keys: the one loop over rows that everything else rests on.
//!
//! Few possible keys: a table of counts per thread. More, but not many times the rows: rows are sorted into partitions by
//! the high part of the key, and each partition is counted in a table by its low part. Sparse keys: partitions by
//! hash, and a small hash table each. In each case the table being written stays in the second-level cache.

use rayon::prelude::*;

use super::layout::{BLOCK, Layout};
use super::scheme::{Cells, Hashed, Scheme};
use super::shuffle::{PIECE, Piece, pieces, transpose};
use super::spectrum::Spectrum;
use crate::error::{Error, Result};
use crate::stop::Stop;

/// Up to so many possible keys are counted in one table.
pub(super) const TABLE: u64 = 1 << 18;
/// More possible keys per row than this are hashed: reading empty cells costs more than hashing.
const SPARSE: u64 = 16;
/// Rows collapsed to classes.
#[derive(Default)]
pub(super) struct Counted {
    /// The class of each row; empty if not asked for.
    pub(super) ids: Vec<u32>,
    /// Rows per class.
    pub(super) sizes: Vec<u64>,
    /// The key of each class.
    pub(super) keys: Vec<u64>,
}

/// Counts the classes of each size.
pub(super) fn spectrum(layout: &Layout, rows: usize, stop: &Stop) -> Result<Spectrum> {
    if layout.domain() <= TABLE {
        let mut spectrum = Spectrum::default();
        for count in table(layout, rows, stop)? {
            spectrum.add(u64::from(count));
        }
        Ok(spectrum)
    } else if layout.domain() / SPARSE <= rows as u64 {
        sum(&Cells::new(layout.domain()), layout, rows, stop)
    } else {
        sum(&Hashed::new(rows), layout, rows, stop)
    }
}

/// Counts the rows of each class; with `ids`, also says which class each row is of.
pub(super) fn collapse(layout: &Layout, rows: usize, ids: bool, stop: &Stop) -> Result<Counted> {
    if layout.domain() <= TABLE {
        collapse_table(layout, rows, ids, stop)
    } else if layout.domain() / SPARSE <= rows as u64 {
        collapse_parts(&Cells::new(layout.domain()), layout, rows, ids, stop)
    } else {
        collapse_parts(&Hashed::new(rows), layout, rows, ids, stop)
    }
}

/// Rows of each possible key.
fn table(layout: &Layout, rows: usize, stop: &Stop) -> Result<Vec<u32>> {
    let cells = layout.domain() as usize;
    let share = rows.div_ceil(rayon::current_num_threads()).max(PIECE);
    pieces(rows, share)
        .into_par_iter()
        .map(|share| {
            let mut counts = vec![0_u32; cells];
            let mut keys = vec![0; BLOCK];
            for piece in pieces(share.len(), PIECE) {
                stop.check()?;
                // Keys are counted while they are in the first-level cache.
                for block in pieces(piece.len(), BLOCK) {
                    let start = share.start + piece.start + block.start;
                    let keys = &mut keys[..block.len()];
                    layout.keys(start..start + block.len(), keys);
                    for &mut key in keys {
                        counts[key as usize] += 1;
                    }
                }
            }
            Ok(counts)
        })
        .try_reduce(
            || vec![0; cells],
            |mut left, right| {
                left.iter_mut().zip(right).for_each(|(left, right)| *left += right);
                Ok(left)
            },
        )
}

fn collapse_table(layout: &Layout, rows: usize, ids: bool, stop: &Stop) -> Result<Counted> {
    let mut cells = table(layout, rows, stop)?;
    let mut counted = Counted::default();
    for (key, cell) in cells.iter_mut().enumerate().filter(|(_, cell)| **cell > 0) {
        counted.sizes.push(u64::from(*cell));
        *cell = counted.keys.len() as u32;
        counted.keys.push(key as u64);
    }
    if ids {
        counted.ids = vec![0; rows];
        counted
            .ids
            .par_chunks_mut(PIECE)
            .zip(pieces(rows, PIECE))
            .try_for_each(|(ids, piece)| {
                stop.check()?;
                let mut keys = vec![0; piece.len()];
                layout.keys(piece, &mut keys);
                for (id, key) in ids.iter_mut().zip(keys) {
                    *id = cells[key as usize];
                }
                Ok::<_, Error>(())
            })?;
    }
    Ok(counted)
}

fn scatter<S: Scheme>(scheme: &S, layout: &Layout, rows: usize, stop: &Stop) -> Result<Vec<Piece<S::Item>>> {
    pieces(rows, PIECE)
        .into_par_iter()
        .map_init(
            || vec![0; PIECE.min(rows)],
            |keys, piece| {
                stop.check()?;
                let keys = &mut keys[..piece.len()];
                layout.keys(piece, keys);
                Ok(Piece::scatter(keys, scheme.parts(), |key| scheme.locate(key)))
            },
        )
        .collect()
}

fn sum<S: Scheme>(scheme: &S, layout: &Layout, rows: usize, stop: &Stop) -> Result<Spectrum> {
    let scattered = scatter(scheme, layout, rows, stop)?;
    (0..scheme.parts())
        .into_par_iter()
        .try_fold(
            || (scheme.table(), Spectrum::default()),
            |(mut table, mut spectrum), part| {
                stop.check()?;
                let items = scattered.iter().map(|piece| piece.part(part));
                scheme.count(part, items, None, &mut table, |_, size| {
                    spectrum.add(u64::from(size));
                });
                Ok((table, spectrum))
            },
        )
        .map(|answer| answer.map(|(_, spectrum)| spectrum))
        .try_reduce(Spectrum::default, |left, right| Ok(left.merge(right)))
}

fn collapse_parts<S: Scheme>(scheme: &S, layout: &Layout, rows: usize, ids: bool, stop: &Stop) -> Result<Counted> {
    let scattered = scatter(scheme, layout, rows, stop)?;
    let mut answers: Vec<Vec<u32>> = if ids {
        scattered.par_iter().map(|piece| vec![0; piece.len()]).collect()
    } else {
        Vec::new()
    };
    let mut slices = transpose(&scattered, &mut answers, scheme.parts());
    let found = slices
        .par_iter_mut()
        .enumerate()
        .map_init(
            || scheme.table(),
            |table, (part, slices)| {
                stop.check()?;
                let items = scattered.iter().map(|piece| piece.part(part));
                let (mut keys, mut sizes) = (Vec::new(), Vec::new());
                let slices = ids.then(|| slices.iter_mut());
                scheme.count(part, items, slices, table, |key, size| {
                    keys.push(key);
                    sizes.push(size);
                });
                Ok((keys, sizes))
            },
        )
        .collect::<Result<Vec<_>>>()?;

    let mut counted = Counted::default();
    let classes = found.iter().map(|(keys, _)| keys.len()).sum();
    counted.keys.reserve_exact(classes);
    counted.sizes.reserve_exact(classes);
    let mut bases = Vec::with_capacity(found.len());
    for (keys, sizes) in found {
        bases.push(counted.keys.len() as u32);
        counted.keys.extend(keys);
        counted.sizes.extend(sizes.into_iter().map(u64::from));
    }
    if ids {
        counted.ids = vec![0; rows];
        let outputs = counted.ids.par_chunks_mut(PIECE).zip(pieces(rows, PIECE));
        outputs
            .zip(scattered.par_iter().zip(&answers))
            .try_for_each(|((ids, piece), (sorted, answers))| {
                stop.check()?;
                let mut keys = vec![0; piece.len()];
                layout.keys(piece, &mut keys);
                let mut ids = ids.iter_mut();
                sorted.gather(answers, keys.iter().map(|&key| scheme.locate(key).0), |part, number| {
                    if let Some(id) = ids.next() {
                        *id = bases[part] + number;
                    }
                });
                Ok::<_, Error>(())
            })?;
    }
    Ok(counted)
}
