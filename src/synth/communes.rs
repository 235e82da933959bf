//! Communes: invented places with codes of INSEE's structure (département, then number), sizes and an exposure.
//!
//! None of them is real, although a code may by chance be that of a real commune. Sizes are lognormal: a few towns
//! hold most of the population.

use std::sync::Arc;

use arrow_array::StringArray;

use super::random::{Draw, Subject};

/// Départements: two characters, or three overseas, where two digits are left for the commune.
const OVERSEAS: [&str; 5] = ["971", "972", "973", "974", "976"];
/// Spread of the logarithm of a commune's size.
const SPREAD: f64 = 1.7;

/// All communes, sorted by code.
#[derive(Debug)]
pub(super) struct Communes {
    pub(super) dictionary: Arc<StringArray>,
    pub(super) exposed: Vec<bool>,
    /// Share of the population in all communes up to and including each one.
    cumulative: Vec<f64>,
    /// First commune of the département of each one, and the first of the next.
    department: Vec<(u32, u32)>,
}

impl Communes {
    pub(super) fn new(seed: u64) -> Self {
        let mut draw = Draw::new(seed, 0, Subject::Communes);
        let mut codes: Vec<String> = Vec::new();
        let mut department = Vec::new();
        let mainland = (1..=95)
            .filter(|&number| number != 20)
            .map(|number| format!("{number:02}"));
        let corsica = ["2A".to_owned(), "2B".to_owned()];
        let mut prefixes: Vec<String> = mainland.chain(corsica).collect();
        prefixes.extend(OVERSEAS.map(str::to_owned));
        prefixes.sort_unstable();
        for prefix in prefixes {
            let digits = 5 - prefix.len();
            let first = codes.len() as u32;
            // Between 25 and 75 communes where three digits are free, numbered with holes as the real ones are.
            let wanted = 25 + draw.below(51);
            let (step, limit) = if digits == 3 { (2 * 900 / wanted, 999) } else { (5, 99) };
            let mut number = 1 + draw.below(4);
            while number <= limit && (codes.len() as u32 - first) < wanted {
                codes.push(format!("{prefix}{number:0digits$}"));
                number += 1 + draw.below(step);
            }
            let next = codes.len() as u32;
            department.extend((first..next).map(|_| (first, next)));
        }
        let sizes: Vec<f64> = codes.iter().map(|_| (SPREAD * draw.normal()).exp()).collect();
        let total: f64 = sizes.iter().sum();
        let mut sum = 0.0;
        let cumulative = sizes
            .iter()
            .map(|size| {
                sum += size / total;
                sum
            })
            .collect();
        Self {
            exposed: codes.iter().map(|code| is_exposed(code)).collect(),
            dictionary: Arc::new(codes.into()),
            cumulative,
            department,
        }
    }

    /// A commune in proportion to its size.
    pub(super) fn pick(&self, draw: &mut Draw) -> u32 {
        self.at(draw.uniform(), 0, self.cumulative.len())
    }

    /// A commune of the same département, in proportion to its size.
    pub(super) fn pick_near(&self, commune: u32, draw: &mut Draw) -> u32 {
        let (first, next) = self.department[commune as usize];
        let low = if first == 0 {
            0.0
        } else {
            self.cumulative[first as usize - 1]
        };
        let high = self.cumulative[next as usize - 1];
        self.at(low + draw.uniform() * (high - low), first as usize, next as usize)
    }

    fn at(&self, share: f64, first: usize, next: usize) -> u32 {
        let place = self.cumulative[first..next].partition_point(|&sum| sum <= share);
        (first + place).min(next - 1) as u32
    }

    /// The share of the population that lives in exposed communes when it settles.
    pub(super) fn exposed_share(&self) -> f64 {
        let mut before = 0.0;
        let mut share = 0.0;
        for (sum, exposed) in self.cumulative.iter().zip(&self.exposed) {
            if *exposed {
                share += sum - before;
            }
            before = *sum;
        }
        share
    }
}

/// The rule of exposure, so simple that an analyst can write it in any language: the code ends in 0 or 5.
fn is_exposed(code: &str) -> bool {
    code.ends_with(['0', '5'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn communes_are_well_formed_sorted_and_uneven() {
        let communes = Communes::new(20_240_131);
        let codes: Vec<&str> = communes.dictionary.iter().flatten().collect();
        assert!((4_300..5_700).contains(&codes.len()), "{}", codes.len());
        assert!(codes.is_sorted_by(|a, b| a < b));
        for code in &codes {
            assert_eq!(code.len(), 5);
            assert!(code[2..].bytes().all(|byte| byte.is_ascii_digit()), "{code}");
            assert!(
                code.starts_with("2A") || code.starts_with("2B") || code.parse::<u32>().is_ok(),
                "{code}"
            );
        }
        let share = communes.exposed.iter().filter(|exposed| **exposed).count() as f64 / codes.len() as f64;
        assert!((0.15..0.25).contains(&share), "{share}");
        let mut sizes: Vec<f64> = communes.cumulative.windows(2).map(|pair| pair[1] - pair[0]).collect();
        sizes.sort_by(f64::total_cmp);
        let top: f64 = sizes.iter().rev().take(codes.len() / 10).sum();
        assert!(
            top > 0.5,
            "the largest tenth of the communes holds {top} of the population"
        );
    }

    #[test]
    fn a_near_move_stays_in_the_departement() {
        let communes = Communes::new(3);
        let mut draw = Draw::new(3, 0, Subject::Life);
        for _ in 0..2_000 {
            let here = communes.pick(&mut draw);
            let there = communes.pick_near(here, &mut draw);
            let prefix = |place: u32| {
                let code = communes.dictionary.value(place as usize);
                code[..if code.starts_with("97") { 3 } else { 2 }].to_owned()
            };
            assert_eq!(prefix(here), prefix(there));
        }
    }
}
