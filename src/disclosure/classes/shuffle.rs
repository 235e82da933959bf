//! Items sorted by partition within pieces of rows, so that one partition's items are worked on while its table is in cache.
//!
//! Each piece is sorted for itself (counting sort, stable), which needs no exchange between threads and no unsafe
//! code; a partition is then the list of its slices, one per piece.

use std::ops::Range;

/// Rows per piece: small enough that scattering one stays in the second-level cache.
pub(super) const PIECE: usize = 1 << 17;

/// The row ranges of all pieces of `size` rows; the last may be shorter.
pub(super) fn pieces(rows: usize, size: usize) -> Vec<Range<usize>> {
    (0..rows.div_ceil(size))
        .map(|i| i * size..((i + 1) * size).min(rows))
        .collect()
}

/// The items of one piece, sorted by partition.
pub(super) struct Piece<T> {
    items: Vec<T>,
    starts: Vec<u32>,
}

impl<T: Copy + Default> Piece<T> {
    /// Sorts `keys` into `parts` partitions; `locate` says where a key goes and what is kept of it.
    pub(super) fn scatter<K: Copy>(keys: &[K], parts: usize, locate: impl Fn(K) -> (usize, T)) -> Self {
        let mut starts = vec![0_u32; parts + 1];
        for &key in keys {
            starts[locate(key).0 + 1] += 1;
        }
        for part in 0..parts {
            starts[part + 1] += starts[part];
        }
        let mut cursors = starts.clone();
        let mut items = vec![T::default(); keys.len()];
        for &key in keys {
            let (part, item) = locate(key);
            items[cursors[part] as usize] = item;
            cursors[part] += 1;
        }
        Self { items, starts }
    }

    /// The items of one partition, in the order of their rows.
    pub(super) fn part(&self, part: usize) -> &[T] {
        &self.items[self.starts[part] as usize..self.starts[part + 1] as usize]
    }

    /// How many items the piece has.
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// Undoes the sort: calls `visit` with the answer for each of the keys that were scattered, and its partition.
    pub(super) fn gather(
        &self,
        answers: &[u32],
        parts: impl Iterator<Item = usize>,
        mut visit: impl FnMut(usize, u32),
    ) {
        let mut cursors = self.starts.clone();
        for part in parts {
            visit(part, answers[cursors[part] as usize]);
            cursors[part] += 1;
        }
    }
}

/// For each partition, the slices of `answers` (one buffer per piece) that belong to its items.
pub(super) fn transpose<'a, T>(
    pieces: &[Piece<T>],
    answers: &'a mut [Vec<u32>],
    parts: usize,
) -> Vec<Vec<&'a mut [u32]>> {
    let mut slices: Vec<Vec<&mut [u32]>> = (0..parts).map(|_| Vec::with_capacity(pieces.len())).collect();
    for (piece, buffer) in pieces.iter().zip(answers) {
        let mut rest = buffer.as_mut_slice();
        for (part, list) in slices.iter_mut().enumerate() {
            let (head, tail) = rest.split_at_mut((piece.starts[part + 1] - piece.starts[part]) as usize);
            list.push(head);
            rest = tail;
        }
    }
    slices
}
