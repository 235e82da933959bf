//! The codes of all quasi-identifiers of a group in one integer, a field of bits for each.

/// Where a column's code is in a key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) shift: u32,
    pub(super) bits: u32,
}

/// An integer with a field for each column.
pub(super) trait Key: Copy + Eq + Send + Sync + Default + std::fmt::Debug {
    /// The code in a field.
    fn code(self, field: Field) -> u32;
    /// The same with another code in a field.
    fn with(self, field: Field, code: u32) -> Self;
    /// A hash, best in its high bits.
    fn hash(self) -> u64;
}

macro_rules! key {
    ($integer:ty, $hash:expr) => {
        impl Key for $integer {
            #[inline]
            fn code(self, field: Field) -> u32 {
                ((self >> field.shift) as u32) & ((1 << field.bits) - 1)
            }

            #[inline]
            fn with(self, field: Field, code: u32) -> Self {
                let mask = ((1 << field.bits) - 1) << field.shift;
                (self & !mask) | (<$integer>::from(code) << field.shift)
            }

            #[inline]
            fn hash(self) -> u64 {
                $hash(self)
            }
        }
    };
}

/// Two to the 64, over the golden ratio: spreads what differs in low bits over the high ones.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

key!(u64, |key: u64| (key ^ (key >> 32)).wrapping_mul(SPREAD));
key!(u128, |key: u128| {
    let (low, high) = (key as u64, (key >> 64) as u64);
    (low.wrapping_mul(SPREAD) ^ high).wrapping_mul(SPREAD | 2)
});

/// A field for each column, the first in the lowest bits; the second part says how many bits they take together.
pub(super) fn fields(codes: impl Iterator<Item = usize>) -> (Vec<Field>, u32) {
    let mut shift = 0;
    let fields = codes
        .map(|codes| {
            let bits = codes.max(2).next_power_of_two().trailing_zeros();
            let field = Field { shift, bits };
            shift += bits;
            field
        })
        .collect();
    (fields, shift)
}
