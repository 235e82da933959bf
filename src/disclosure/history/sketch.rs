//! Parity sketches: 1,024 bits that tell most pairs of sets apart without looking at their members.

use roaring::RoaringBitmap;

const LANES: usize = 16;

/// Each bit is the parity of how many members fall into its bucket.
///
/// The sketch is linear over GF(2): the sketches of two sets differ exactly in the buckets that hold an odd number of
/// their symmetric difference, so a Hamming distance of d proves that at least d members differ, whatever the buckets
/// are. How members are spread over buckets decides only how often the proof succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sketch([u64; LANES]);

impl Sketch {
    pub(super) fn of(set: &RoaringBitmap) -> Self {
        let mut lanes = [0_u64; LANES];
        let (mut word, mut lane, mut turn) = (u32::MAX, 0, 0);
        let mut buffer = [0; 1_024];
        let mut members = set.iter();
        loop {
            let some = members.next_many(&mut buffer);
            if some.is_empty() {
                return Self(lanes);
            }
            for &mut member in some {
                if member >> 6 != word {
                    // Sixty-four neighbors stay apart; whose lane and turn these are is spread by the finalizer of
                    // MurmurHash3.
                    word = member >> 6;
                    let mut hash = (word ^ word >> 16).wrapping_mul(0x85eb_ca6b);
                    hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
                    hash ^= hash >> 16;
                    (lane, turn) = (hash as usize % LANES, hash >> 8);
                }
                lanes[lane] ^= 1 << (member.wrapping_add(turn) & 63);
            }
        }
    }

    /// At least so many members are in one of two sets and not in both.
    pub(super) fn apart(&self, other: &Self) -> u64 {
        let pairs = self.0.iter().zip(&other.0);
        pairs.map(|(a, b)| u64::from((a ^ b).count_ones())).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_sketch_never_claims_more_than_there_is(
            a in prop::collection::btree_set(0_u32..5_000, 0..300),
            b in prop::collection::btree_set(0_u32..5_000, 0..300),
        ) {
            let (a, b): (RoaringBitmap, RoaringBitmap) = (a.iter().collect(), b.iter().collect());
            let claimed = Sketch::of(&a).apart(&Sketch::of(&b));
            prop_assert!(claimed <= a.symmetric_difference_len(&b));
            prop_assert_eq!(claimed % 2, a.symmetric_difference_len(&b) % 2);
        }
    }
}
