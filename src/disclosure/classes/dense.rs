//! Numbers the distinct values of a column: dictionary encoding by hashing, in parallel.
//!
//! Each thread numbers the values of its piece of rows with a map of its own; the maps are joined by partitions of
//! the hash, so that no thread waits for another's map even where nearly all values are distinct.

use std::hash::{BuildHasher, Hash};
use std::ops::Range;

use rayon::prelude::*;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::shuffle::{PIECE, Piece, pieces, transpose};
use crate::error::{Error, Result};
use crate::stop::Stop;

/// Values by row.
pub(super) trait Values: Sync {
    /// What is compared.
    type Value: Copy + Default + Eq + Hash + Send + Sync;

    /// The value of each of `rows`, in order; `None` for null.
    fn each(&self, rows: Range<usize>, visit: impl FnMut(Option<Self::Value>));
}

/// Partitions in which the maps of the pieces are joined.
const PARTS: usize = 256;
const LARGEST_PIECE: usize = 1 << 20;
/// Values remembered by their hash.
const RECENT: usize = 1 << 14;

fn part<T: Hash>(value: &T) -> usize {
    // Not the top bits, by which the map tags its entries, nor the low ones, by which it places them.
    (FxBuildHasher.hash_one(value) >> 40) as usize % PARTS
}

/// The code of each row, from 1 in no particular order (0 is null), and the number of codes with that of null.
pub(super) fn number<V: Values>(values: &V, rows: usize, stop: &Stop) -> Result<(Vec<u32>, u64)> {
    let size = rows
        .div_ceil(4 * rayon::current_num_threads())
        .clamp(PIECE / 2, LARGEST_PIECE);
    let mut codes = vec![0_u32; rows];
    let (locals, places): (Vec<_>, Vec<_>) = codes
        .par_chunks_mut(size)
        .zip(pieces(rows, size))
        .map(|(codes, piece)| number_piece(values, piece, codes, stop))
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .unzip();

    let mut numbers: Vec<Vec<u32>> = locals.iter().map(|local| vec![0; local.len()]).collect();
    let sizes = transpose(&locals, &mut numbers, PARTS)
        .into_par_iter()
        .enumerate()
        .map(|(part, mut slices)| {
            stop.check()?;
            let mut map = FxHashMap::<V::Value, u32>::default();
            for (local, slice) in locals.iter().zip(&mut slices) {
                for (&value, number) in local.part(part).iter().zip(slice.iter_mut()) {
                    let next = map.len() as u32;
                    *number = *map.entry(value).or_insert(next);
                }
            }
            Ok(map.len() as u32)
        })
        .collect::<Result<Vec<_>>>()?;
    let mut next = 1_u32;
    let bases: Vec<u32> = sizes
        .into_iter()
        .map(|size| {
            let base = next;
            next += size;
            base
        })
        .collect();

    codes
        .par_chunks_mut(size)
        .zip(locals.par_iter().zip(&places).zip(&numbers))
        .try_for_each(|(codes, ((local, places), numbers))| {
            stop.check()?;
            let mut table = vec![0];
            local.gather(numbers, places.iter().copied().map(usize::from), |part, number| {
                table.push(bases[part] + number);
            });
            for code in codes {
                *code = table[*code as usize];
            }
            Ok::<_, Error>(())
        })?;
    Ok((codes, u64::from(next)))
}

/// Numbers the values of a piece from 1 in their order; returns the distinct values by partition, and the partition of each.
fn number_piece<V: Values>(
    values: &V,
    rows: Range<usize>,
    codes: &mut [u32],
    stop: &Stop,
) -> Result<(Piece<V::Value>, Vec<u16>)> {
    let mut map = FxHashMap::<V::Value, u32>::default();
    let mut distinct = Vec::new();
    // The value last seen of each hash: most values are frequent ones, and found here before the map is asked.
    let mut recent: Vec<(V::Value, u32)> = vec![Default::default(); RECENT];
    for block in pieces(rows.len(), PIECE) {
        stop.check()?;
        let mut codes = codes[block.clone()].iter_mut();
        values.each(rows.start + block.start..rows.start + block.end, |value| {
            if let (Some(code), Some(value)) = (codes.next(), value) {
                let last = &mut recent[FxBuildHasher.hash_one(value) as usize >> 20 & (RECENT - 1)];
                if last.1 == 0 || last.0 != value {
                    let number = *map.entry(value).or_insert_with(|| {
                        distinct.push(value);
                        distinct.len() as u32
                    });
                    *last = (value, number);
                }
                *code = last.1;
            }
        });
    }
    let places = distinct.iter().map(|value| part(value) as u16).collect();
    Ok((Piece::scatter(&distinct, PARTS, |value| (part(&value), value)), places))
}
