//! Whole numbers modulo a prime of 60 bits that is drawn anew for each history.
//!
//! Ranks and combinations of 0/1 vectors are exact questions about rational numbers. Modulo a prime a determinant
//! that is not zero may look like zero, but only where the prime divides it. Hadamard bounds a determinant of n rows of
//! zeros and ones by n^(n/2): it has fewer than n log2(n) / 118 prime factors of 60 bits, of the 10^16 there are. An
//! analyst who does not know the prime cannot aim at it.

use ring::rand::{SecureRandom, SystemRandom};

use crate::error::{Error, Result};

/// How many products may be summed before they are reduced: each is below 2^120, and 2^124 can be reduced.
const SUMMED: usize = 16;

/// A prime field in Montgomery's form (P. Montgomery, Mathematics of Computation 44, 1985).
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    prime: u64,
    /// Minus the inverse of the prime modulo 2^64.
    inverse: u64,
    /// One, in Montgomery's form.
    pub(super) one: u64,
}

impl Field {
    /// A field of a random prime.
    pub(super) fn random() -> Result<Self> {
        let random = SystemRandom::new();
        loop {
            let mut bytes = [0; 8];
            random.fill(&mut bytes).map_err(|_| {
                Error::Argument("the system gives no random numbers: releases cannot be compared without".into())
            })?;
            let candidate = u64::from_le_bytes(bytes) >> 5 | 1 << 59 | 1;
            if is_prime(candidate) {
                return Ok(Self::of(candidate));
            }
        }
    }

    fn of(prime: u64) -> Self {
        let mut inverse = prime;
        for _ in 0..6 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(prime.wrapping_mul(inverse)));
        }
        let one = ((1_u128 << 64) % u128::from(prime)) as u64;
        Self {
            prime,
            inverse: inverse.wrapping_neg(),
            one,
        }
    }

    #[inline]
    fn reduce(self, value: u128) -> u64 {
        let factor = (value as u64).wrapping_mul(self.inverse);
        let reduced = ((value + u128::from(factor) * u128::from(self.prime)) >> 64) as u64;
        reduced.min(reduced.wrapping_sub(self.prime))
    }

    #[inline]
    pub(super) fn add(self, a: u64, b: u64) -> u64 {
        let sum = a + b;
        sum.min(sum.wrapping_sub(self.prime))
    }

    #[inline]
    pub(super) fn minus(self, a: u64, b: u64) -> u64 {
        let difference = a.wrapping_sub(b);
        difference.min(difference.wrapping_add(self.prime))
    }

    #[inline]
    pub(super) fn times(self, a: u64, b: u64) -> u64 {
        self.reduce(u128::from(a) * u128::from(b))
    }

    /// One over a number that is not zero (Fermat).
    pub(super) fn over(self, a: u64) -> u64 {
        let (mut power, mut base, mut exponent) = (self.one, a, self.prime - 2);
        while exponent > 0 {
            if exponent & 1 == 1 {
                power = self.times(power, base);
            }
            base = self.times(base, base);
            exponent >>= 1;
        }
        power
    }

    /// The sum of products of a sparse vector and a dense one.
    #[inline]
    pub(super) fn dot(self, sparse: &[(u32, u64)], dense: &[u64]) -> u64 {
        let mut sum = 0;
        for some in sparse.chunks(SUMMED) {
            let part = some.iter().fold(0_u128, |sum, (place, value)| {
                sum + u128::from(*value) * u128::from(dense[*place as usize])
            });
            sum = self.add(sum, self.reduce(part));
        }
        sum
    }
}

/// Miller and Rabin's test with the bases that decide every number below 3.3 * 10^24 (Sorenson and Webster 2015).
fn is_prime(number: u64) -> bool {
    let wide = u128::from(number);
    let times = |a: u128, b: u128| a * b % wide;
    let power = |base: u128, exponent: u64| {
        (0..64).rev().fold(1, |found, bit| {
            let squared = times(found, found);
            if exponent >> bit & 1 == 1 {
                times(squared, base)
            } else {
                squared
            }
        })
    };
    let twos = (number - 1).trailing_zeros();
    [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41].iter().all(|&base| {
        let mut found = power(base, (number - 1) >> twos);
        if found == 1 {
            return true;
        }
        for _ in 0..twos {
            if found == wide - 1 {
                return true;
            }
            found = times(found, found);
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_primes_and_others() {
        assert!(is_prime((1 << 61) - 1) && is_prime(1_000_000_007));
        assert!(!is_prime((1 << 59) - 1) && !is_prime(3_215_031_751) && !is_prime(1_000_000_007 * 998_244_353));
    }

    #[test]
    fn arithmetic_is_that_of_residues() {
        let field = Field::random().unwrap();
        let of = |n: u64| (0..n).fold(0, |sum, _| field.add(sum, field.one));
        assert_eq!(field.times(of(6), of(7)), of(42));
        assert_eq!(field.minus(of(3), of(5)), field.minus(0, of(2)));
        assert_eq!(field.times(of(9), field.over(of(9))), field.one);
        let sparse: Vec<(u32, u64)> = (0..100).map(|i| (i, field.minus(0, field.one))).collect();
        assert_eq!(field.dot(&sparse, &vec![of(3); 100]), field.minus(0, of(300)));
    }
}
