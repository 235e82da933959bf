//! Random draws: one independent, reproducible sequence for each (seed, person, subject).
//!
//! A person's sequences are seeded from these three numbers alone (splitmix64 into a PCG state), so that neither the
//! chunks in which persons are made, nor the threads, nor what is drawn for another subject changes a history.
//! Logarithms and exponentials come from the platform's mathematical library: on another platform a draw
//! may differ in its last bit, and so, rarely, a day.

use rand::{Rng, RngExt, SeedableRng};
use rand_distr::{Distribution, Exp1, Poisson, StandardNormal};
use rand_pcg::Pcg64Mcg;

/// What a sequence of draws is about; each subject has its own, so that planted outcomes are independent of the rest.
#[derive(Clone, Copy, Debug)]
pub(super) enum Subject {
    Communes = 1,
    Life,
    Chronic,
    Acute,
    Hospital,
    Bladder,
    Asthma,
    Hip,
    Influenza,
}

/// A sequence of draws.
pub(super) struct Draw(Pcg64Mcg);

impl Draw {
    /// The sequence of one person and subject.
    pub(super) fn new(seed: u64, person: u32, subject: Subject) -> Self {
        let key = splitmix(seed ^ splitmix((u64::from(person) << 8) | subject as u64));
        let mut state = [0; 16];
        state[..8].copy_from_slice(&key.to_le_bytes());
        state[8..].copy_from_slice(&splitmix(key).to_le_bytes());
        Self(Pcg64Mcg::from_seed(state))
    }

    /// Uniform over 64 bits.
    pub(super) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in [0, 1).
    pub(super) fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// Uniform among `0..n`; for `n` far below 2^32, so that the bias of the multiplication is nil in practice.
    pub(super) fn below(&mut self, n: u32) -> u32 {
        (((self.bits() >> 32) * u64::from(n)) >> 32) as u32
    }

    /// Uniform among the days `from..=to`; `from` when the interval is empty.
    pub(super) fn day(&mut self, from: i32, to: i32) -> i32 {
        from + self.below((to - from + 1).max(1) as u32) as i32
    }

    /// True with this probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// Exponential with mean 1.
    pub(super) fn exponential(&mut self) -> f64 {
        self.0.sample(Exp1)
    }

    /// Normal with mean 0 and variance 1.
    pub(super) fn normal(&mut self) -> f64 {
        self.0.sample(StandardNormal)
    }

    /// Poisson with this mean.
    pub(super) fn poisson(&mut self, mean: f64) -> u32 {
        if mean < 12.0 {
            let limit = (-mean).exp();
            let mut product = self.uniform();
            let mut count = 0;
            while product > limit {
                product *= self.uniform();
                count += 1;
            }
            count
        } else {
            Poisson::new(mean).map_or(0, |law| law.sample(&mut self.0) as u32)
        }
    }
}

/// One step of splitmix64: a bijection that mixes neighboring numbers apart.
fn splitmix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A choice among weighted alternatives in constant time (Walker's alias method, Vose 1991).
#[derive(Clone, Debug, Default)]
pub(super) struct Alias {
    /// For each cell: its own alternative is kept below this 32-bit threshold, `other` is taken above.
    cells: Vec<(u32, u32)>,
}

impl Alias {
    pub(super) fn new(weights: &[f64]) -> Self {
        let scale = weights.len() as f64 / weights.iter().sum::<f64>();
        let mut height: Vec<f64> = weights.iter().map(|weight| weight * scale).collect();
        let mut cells: Vec<(u32, u32)> = (0..weights.len() as u32).map(|i| (u32::MAX, i)).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..height.len()).partition(|&i| height[i] < 1.0);
        while let (Some(low), Some(&high)) = (small.pop(), large.last()) {
            cells[low] = ((height[low] * f64::from(u32::MAX)) as u32, high as u32);
            height[high] -= 1.0 - height[low];
            if height[high] < 1.0 {
                large.pop();
                small.push(high);
            }
        }
        Self { cells }
    }

    /// The number of one alternative; 0 when there is none to choose from.
    pub(super) fn pick(&self, draw: &mut Draw) -> usize {
        let bits = draw.bits();
        let cell = (((bits >> 32) * self.cells.len() as u64) >> 32) as usize;
        match self.cells.get(cell) {
            Some(&(threshold, other)) if (bits as u32) >= threshold => other as usize,
            _ => cell,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alias_follows_its_weights() {
        let weights = [1.0, 0.0, 5.0, 2.0, 0.5];
        let alias = Alias::new(&weights);
        let mut draw = Draw::new(7, 0, Subject::Communes);
        let mut counts = [0_u32; 5];
        let n = 200_000;
        for _ in 0..n {
            counts[alias.pick(&mut draw)] += 1;
        }
        for (count, weight) in counts.iter().zip(weights) {
            let expected = f64::from(n) * weight / 8.5;
            assert!(
                (f64::from(*count) - expected).abs() <= 5.0 * expected.sqrt(),
                "{counts:?}"
            );
        }
    }

    #[test]
    fn poisson_has_its_mean_and_variance() {
        let mut draw = Draw::new(7, 1, Subject::Acute);
        for mean in [0.3, 4.0, 40.0] {
            let n = 50_000;
            let counts: Vec<f64> = (0..n).map(|_| f64::from(draw.poisson(mean))).collect();
            let average = counts.iter().sum::<f64>() / f64::from(n);
            let variance = counts.iter().map(|c| (c - average).powi(2)).sum::<f64>() / f64::from(n);
            assert!((average / mean - 1.0).abs() < 0.03, "{average} for {mean}");
            assert!((variance / mean - 1.0).abs() < 0.05, "{variance} for {mean}");
        }
    }

    #[test]
    fn sequences_differ_by_seed_person_and_subject() {
        let mut firsts: Vec<u64> = Vec::new();
        for (seed, person) in [(1, 0), (2, 0), (1, 1), (1, 256)] {
            for subject in [Subject::Life, Subject::Hip] {
                firsts.push(Draw::new(seed, person, subject).bits());
            }
        }
        let n = firsts.len();
        firsts.sort_unstable();
        firsts.dedup();
        assert_eq!(firsts.len(), n);
    }
}
