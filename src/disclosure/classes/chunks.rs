//! Primitive values of a column that comes in batches, addressed by the row of the whole column.

use std::ops::Range;

use arrow_array::{Array, ArrayRef};
use arrow_buffer::{ArrowNativeType, NullBuffer, ScalarBuffer};

use super::dense::Values;

/// A number as 64 bits that are equal exactly when the values are to be taken for equal.
///
/// Integers keep their order, so that a narrow range of values is a narrow range of bits.
pub(super) trait Bits: ArrowNativeType + Send + Sync {
    /// The bits.
    fn bits(self) -> u64;

    /// The least and the greatest bits; `(u64::MAX, 0)` of no values.
    fn extremes(values: &[Self]) -> (u64, u64) {
        values.iter().fold((u64::MAX, 0), |(low, high), value| {
            let bits = value.bits();
            (low.min(bits), high.max(bits))
        })
    }
}

/// The extremes of integers, compared in their own width: that is several at once.
macro_rules! extremes {
    () => {
        fn extremes(values: &[Self]) -> (u64, u64) {
            if values.is_empty() {
                return (u64::MAX, 0);
            }
            let (mut low, mut high) = (Self::MAX, Self::MIN);
            for &value in values {
                low = low.min(value);
                high = high.max(value);
            }
            (low.bits(), high.bits())
        }
    };
}

/// Turns the order of signed integers into that of unsigned ones.
const SIGN: u64 = 1 << 63;

macro_rules! signed {
    ($($native:ty),*) => {$(
        impl Bits for $native {
            fn bits(self) -> u64 {
                (i64::from(self) as u64) ^ SIGN
            }

            extremes!();
        }
    )*};
}
macro_rules! unsigned {
    ($($native:ty),*) => {$(
        impl Bits for $native {
            fn bits(self) -> u64 {
                u64::from(self)
            }

            extremes!();
        }
    )*};
}
signed!(i8, i16, i32, i64);
unsigned!(u8, u16, u32, u64);

impl Bits for f32 {
    fn bits(self) -> u64 {
        // NaNs differ in their payload, zeros in their sign: one value each.
        u64::from(if self.is_nan() { Self::NAN } else { self + 0.0 }.to_bits())
    }
}

impl Bits for f64 {
    fn bits(self) -> u64 {
        if self.is_nan() { Self::NAN } else { self + 0.0 }.to_bits()
    }
}

/// One batch's values and validity.
#[derive(Clone)]
pub(super) struct Chunk<N: ArrowNativeType> {
    pub(super) values: ScalarBuffer<N>,
    pub(super) nulls: Option<NullBuffer>,
}

/// The values of a column in batches; cloning shares them.
#[derive(Clone)]
pub(super) struct Chunks<N: ArrowNativeType> {
    /// The first row of each chunk, and the number of rows.
    starts: Vec<usize>,
    chunks: Vec<Chunk<N>>,
}

impl<N: Bits> Chunks<N> {
    /// Views the values of arrays whose physical type is `N`, without copying.
    pub(super) fn view(arrays: &[ArrayRef]) -> Self {
        Self::new(arrays.iter().map(|array| {
            let data = array.to_data();
            let values = match data.buffers().first() {
                Some(buffer) if !array.is_empty() => ScalarBuffer::new(buffer.clone(), data.offset(), data.len()),
                _ => ScalarBuffer::from(Vec::new()),
            };
            (values, array.nulls().cloned())
        }))
    }

    /// From values and validity of each batch.
    pub(super) fn new(parts: impl Iterator<Item = (ScalarBuffer<N>, Option<NullBuffer>)>) -> Self {
        let mut starts = vec![0];
        let mut chunks = Vec::new();
        for (values, nulls) in parts {
            starts.push(starts[starts.len() - 1] + values.len());
            let nulls = nulls.filter(|nulls| nulls.null_count() > 0);
            chunks.push(Chunk { values, nulls });
        }
        Self { starts, chunks }
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.starts[self.starts.len() - 1]
    }

    /// Calls `visit(chunk number, chunk, range within the chunk, range within rows)` for all that `rows` touches.
    pub(super) fn each_chunk(
        &self,
        rows: Range<usize>,
        mut visit: impl FnMut(usize, &Chunk<N>, Range<usize>, Range<usize>),
    ) {
        let first = self
            .starts
            .partition_point(|&start| start <= rows.start)
            .saturating_sub(1);
        for (number, chunk) in self.chunks.iter().enumerate().skip(first) {
            let (from, to) = (
                self.starts[number].max(rows.start),
                self.starts[number + 1].min(rows.end),
            );
            if from < to {
                let base = self.starts[number];
                visit(
                    number,
                    chunk,
                    from - base..to - base,
                    from - rows.start..to - rows.start,
                );
            }
            if self.starts[number + 1] >= rows.end {
                break;
            }
        }
    }
}

impl<N: Bits> Values for Chunks<N> {
    type Value = u64;

    fn each(&self, rows: Range<usize>, mut visit: impl FnMut(Option<u64>)) {
        self.each_chunk(rows, |_, chunk, inside, _| {
            let values = &chunk.values[inside.clone()];
            match &chunk.nulls {
                None => values.iter().for_each(|value| visit(Some(value.bits()))),
                Some(nulls) => {
                    for (value, row) in values.iter().zip(inside) {
                        visit(nulls.is_valid(row).then(|| value.bits()));
                    }
                }
            }
        });
    }
}
