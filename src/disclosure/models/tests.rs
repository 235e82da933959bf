//! The measures against their definitions, worked out plainly in floating point.
#![allow(clippy::float_cmp)] // figures that are exact are compared exactly

use proptest::prelude::*;

use super::{Class, Composition, Histories, Measure, Requirement, Whole};
use crate::stop::Stop;

/// A class and its whole, by counts of all values of the domain.
struct Case {
    values: Vec<u32>,
    counts: Vec<u64>,
    whole: Whole,
}

impl Case {
    fn new(here: &[u64], all: &[u64]) -> Self {
        let occurring = || (0..).zip(here).filter(|(_, count)| **count > 0);
        Self {
            values: occurring().map(|(code, _)| code).collect(),
            counts: occurring().map(|(_, count)| *count).collect(),
            whole: Whole::new(all.to_vec()),
        }
    }

    fn class(&self) -> Class<'_> {
        Class {
            size: self.counts.iter().sum(),
            values: &self.values,
            counts: &self.counts,
        }
    }

    fn of(&self, measure: Measure) -> f64 {
        measure.of(&self.class(), &self.whole)
    }

    fn holds(&self, measure: Measure, threshold: f64) -> bool {
        requirement(measure, threshold).holds(&self.class(), &self.whole)
    }
}

fn requirement(measure: Measure, threshold: f64) -> Requirement {
    Requirement {
        measure,
        threshold,
        size: 0,
        sensitive: None,
    }
}

fn shares(counts: &[u64]) -> Vec<f64> {
    let sum: u64 = counts.iter().sum();
    counts.iter().map(|&count| count as f64 / sum as f64).collect()
}

fn naive_ordered(here: &[u64], all: &[u64], sequence: &[u32]) -> f64 {
    let (p, q) = (shares(here), shares(all));
    let (mut sum, mut moved) = (0.0, 0.0_f64);
    for &code in sequence {
        sum += p[code as usize] - q[code as usize];
        moved += f64::abs(sum);
    }
    moved / (sequence.len() as f64 - 1.0).max(1.0)
}

/// The recursion of the paper: per inner node `height/H * min(positive, negative)`.
fn naive_hierarchical(here: &[u64], all: &[u64], levels: &[Vec<u32>]) -> f64 {
    let (p, q) = (shares(here), shares(all));
    let mut extra: Vec<f64> = p.iter().zip(q).map(|(p, q)| p - q).collect();
    let mut below: Vec<usize> = (0..here.len()).collect();
    let mut cost = 0.0;
    for (number, level) in levels.iter().enumerate() {
        let nodes = *level.iter().max().unwrap() as usize + 1;
        let (mut positive, mut negative) = (vec![0.0; nodes], vec![0.0; nodes]);
        let mut seen = std::collections::HashSet::new();
        for (leaf, &node) in level.iter().enumerate() {
            if seen.insert(below[leaf]) {
                let extra: f64 = extra[below[leaf]];
                positive[node as usize] += extra.max(0.0);
                negative[node as usize] += (-extra).max(0.0);
            }
        }
        for node in 0..nodes {
            cost += (number + 1) as f64 / levels.len() as f64 * f64::min(positive[node], negative[node]);
        }
        extra = positive.iter().zip(negative).map(|(p, n)| p - n).collect();
        below = level.iter().map(|&node| node as usize).collect();
    }
    cost
}

fn close(left: f64, right: f64) -> bool {
    left == right || (left - right).abs() <= 1e-9 * left.abs().max(right.abs()).max(1e-3)
}

/// Counts in the class and outside of it; the class is not empty.
fn counts() -> impl Strategy<Value = Vec<(u64, u64)>> {
    let count = prop_oneof![Just(0_u64), 1_u64..5, 1_u64..3_000_000_000];
    prop::collection::vec((count.clone(), count), 1..12)
        .prop_filter("a class has rows", |pairs| pairs.iter().any(|(here, _)| *here > 0))
}

proptest! {
    #[test]
    fn figures_are_as_defined(pairs in counts(), l in 1_u32..5, seed in any::<u64>()) {
        let here: Vec<u64> = pairs.iter().map(|pair| pair.0).collect();
        let all: Vec<u64> = pairs.iter().map(|pair| pair.0 + pair.1).collect();
        let mut case = Case::new(&here, &all);
        let (p, q) = (shares(&here), shares(&all));
        let occurring = || p.iter().zip(&q).filter(|(p, _)| **p > 0.0);

        prop_assert!(close(case.of(Measure::TEqual), p.iter().zip(&q).map(|(p, q)| (p - q).abs()).sum::<f64>() / 2.0));
        let entropy: f64 = occurring().map(|(p, _)| -p * p.ln()).sum();
        prop_assert!(close(case.of(Measure::ShannonEntropy), entropy.exp()));
        prop_assert!(close(case.of(Measure::Alpha), p.iter().copied().fold(0.0, f64::max)));
        let beta = occurring().map(|(p, q)| p / q - 1.0).fold(0.0, f64::max);
        prop_assert!(close(case.of(Measure::BasicBeta), beta));
        let delta = occurring().map(|(p, q)| (p / q).log2().abs()).fold(0.0, f64::max);
        let figure = case.of(Measure::Delta { base: 2.0, absent: false });
        prop_assert!(close(figure, delta));
        let mut sorted = case.counts.clone();
        sorted.sort_unstable_by(|a, b| b.cmp(a));
        let tail: u64 = sorted.iter().skip(l as usize - 1).sum();
        let figure = case.of(Measure::Recursive { l });
        prop_assert!(close(figure, sorted[0] as f64 / tail as f64));

        // An order that is that of the codes, and one that is not.
        let mut sequence: Vec<u32> = (0..here.len() as u32).collect();
        for _ in 0..2 {
            case.whole = case.whole.with_order(&sequence).unwrap();
            prop_assert!(close(case.of(Measure::TOrdered), naive_ordered(&here, &all, &sequence)));
            sequence.sort_by_key(|&code| u64::from(code + 1).wrapping_mul(seed | 1));
        }
        // Trees whose nodes are runs of codes, and scattered ones.
        for scatter in [1, 2] {
            let part = |code: u32, width: u32| if scatter == 1 { code / width } else { code % width };
            let codes = || 0..here.len() as u32;
            let levels = [
                codes().map(|code| part(code, 4)).collect::<Vec<_>>(),
                codes().map(|code| part(code, 4) / 2).collect(),
                codes().map(|_| 0).collect(),
            ];
            case.whole = case.whole.with_tree(&levels).unwrap();
            prop_assert!(close(case.of(Measure::THierarchical), naive_hierarchical(&here, &all, &levels)));
        }
    }

    #[test]
    fn combinations_are_counted_as_in_a_table_of_all(
        persons in prop::collection::vec(prop::collection::btree_set(0_u32..7, 0..6), 1..14),
        most in 1_usize..=5, required in 1_u64..5,
    ) {
        prop_assume!(persons.iter().flatten().any(|code| *code > 0));
        // Every subset of the codes of each person; code 0 is none.
        let mut table: std::collections::BTreeMap<u32, u64> = std::collections::BTreeMap::new();
        for codes in &persons {
            let mask = codes.iter().fold(0_u32, |mask, code| mask | 1 << code) & !1;
            for part in (1..128_u32).filter(|part| part & mask == *part && part.count_ones() <= most as u32) {
                *table.entry(part).or_default() += 1;
            }
        }
        let mut offending = vec![0; most];
        for (&part, &count) in &table {
            let smaller = |&other: &u32| other != part && other & part == other;
            if count < required && table.keys().filter(|other| smaller(other)).all(|other| table[other] >= required) {
                offending[part.count_ones() as usize - 1] += 1;
            }
        }
        let triples = (0..)
            .zip(&persons)
            .flat_map(|(person, codes)| codes.iter().map(move |&code| (person, code, 1)));
        let histories = Histories::new(&Composition::of_runs(triples), 7);
        let found = histories.combinations(most, required, &Stop::new()).unwrap();
        prop_assert_eq!(found.k, table.values().copied().min().unwrap());
        prop_assert_eq!(found.offending, offending);
    }

    #[test]
    fn unions_keep_what_is_called_monotone(left in counts(), right in counts(), threshold in 0.01_f64..4.0) {
        let width = left.len().max(right.len());
        let at = |pairs: &[(u64, u64)], i: usize| pairs.get(i).copied().unwrap_or((0, 0));
        let part = |pairs: &[(u64, u64)]| (0..width).map(|i| at(pairs, i).0).collect::<Vec<_>>();
        let all: Vec<u64> = (0..width).map(|i| at(&left, i).0 + at(&left, i).1 + at(&right, i).0).collect();
        let union: Vec<u64> = part(&left).iter().zip(part(&right)).map(|(a, b)| a + b).collect();
        let levels = [(0..width as u32).map(|code| code / 3).collect(), vec![0; width]];
        let sequence: Vec<u32> = (0..width as u32).collect();
        let case = |here: &[u64]| {
            let mut case = Case::new(here, &all);
            case.whole = case.whole.with_order(&sequence).unwrap().with_tree(&levels).unwrap();
            case
        };
        for measure in [
            Measure::Size, Measure::Distinct, Measure::ShannonEntropy, Measure::Recursive { l: 2 }, Measure::TEqual,
            Measure::TOrdered, Measure::THierarchical, Measure::Alpha, Measure::BasicBeta, Measure::EnhancedBeta,
            Measure::Delta { base: 2.0, absent: true },
        ] {
            let requirement = requirement(measure, threshold);
            let holds = |case: &Case| requirement.holds(&case.class(), &case.whole);
            let (one, other) = (holds(&case(&part(&left))), holds(&case(&part(&right))));
            prop_assert!(requirement.is_monotone());
            prop_assert!(!(one && other) || holds(&case(&union)), "{measure:?}");
            if requirement.is_monotone_with_suppression() {
                prop_assert!(!(one || other) || holds(&case(&union)), "{measure:?}");
            }
        }
    }
}

/// ARX's sums of 32 bits wrap around above 46,340 rows: it accepts t = 0.4 at 100,000 rows, and t = 0.1 at 200,000.
#[test]
fn homogeneous_classes_of_large_tables_fail_hierarchical_closeness() {
    for rows in [46_340_u64, 100_000, 200_000, 1 << 32, 1 << 40] {
        let half = rows / 2;
        let mut case = Case::new(&[half, 0], &[half, rows - half]);
        case.whole = case.whole.with_tree(&[vec![0, 0]]).unwrap();
        assert_eq!(case.of(Measure::THierarchical), 0.5);
        for t in [0.1, 0.2, 0.4, 0.499_999] {
            assert!(!case.holds(Measure::THierarchical, t), "{rows} rows, t = {t}");
        }
        assert!(case.holds(Measure::THierarchical, 0.5));
    }
}

#[test]
fn thresholds_are_strict_where_the_definitions_are() {
    let case = Case::new(&[2, 2, 0], &[4, 4, 2]);
    assert!(case.holds(Measure::ShannonEntropy, 2.0) && !case.holds(Measure::ShannonEntropy, 2.000_001));
    assert!(case.holds(Measure::Distinct, 2.0) && !case.holds(Measure::Distinct, 3.0));
    assert!(case.holds(Measure::TEqual, case.of(Measure::TEqual)));
    assert!(!case.holds(Measure::Recursive { l: 2 }, 1.0) && case.holds(Measure::Recursive { l: 2 }, 1.000_001));
    assert!(!case.holds(Measure::Recursive { l: 3 }, f64::MAX));
    let delta = Measure::Delta {
        base: 2.0,
        absent: false,
    };
    assert!(!case.holds(delta, case.of(delta)));
    assert_eq!(
        case.of(Measure::Delta {
            base: 2.0,
            absent: true
        }),
        f64::INFINITY
    );
    // Uniform classes are ties at every l, whatever the rounding of logarithms.
    for values in 1..200_u64 {
        for count in [1, 3, 7, 1000, 12_345_678_901] {
            let counts = vec![count; values as usize];
            assert!(Case::new(&counts, &counts).holds(Measure::ShannonEntropy, values as f64));
        }
    }
}

#[test]
fn enhanced_beta_is_infinite_where_no_beta_suffices() {
    // A gain of 1 is more than -ln 0.5; a gain of 0.5 is not.
    assert_eq!(Case::new(&[5, 0], &[5, 5]).of(Measure::EnhancedBeta), f64::INFINITY);
    assert!(close(Case::new(&[3, 1], &[3, 3]).of(Measure::EnhancedBeta), 0.5));
    assert!(close(Case::new(&[5, 5], &[5, 5]).of(Measure::EnhancedBeta), 0.0));
    assert!(close(Case::new(&[5], &[9]).of(Measure::EnhancedBeta), 0.0));
}

/// Values of G that ARX tabulates, and the expansion beyond the table; G credits small classes, so it is not monotone.
#[test]
fn grassberger() {
    use super::diversity::grassberger;
    for (count, value) in [
        (1, -1.270_362_845_461_478_2),
        (2, 0.729_637_154_538_521_8),
        (3, 0.729_637_154_538_521_8),
        (4, 1.396_303_821_205_188_6),
        (68, 4.219_543_743_551_427),
    ] {
        assert!(close(grassberger(count), value));
    }
    let exact =
        |half: u64| -0.577_215_664_901_532_9 - 2_f64.ln() + (1..=half).map(|j| 2.0 / (2 * j - 1) as f64).sum::<f64>();
    for half in [50, 51, 52, 1000, 46_341, 1_000_000] {
        assert!(close(grassberger(2 * half), exact(half)) && close(grassberger(2 * half + 1), exact(half)));
    }
    let (small, union) = (Case::new(&[1, 1], &[2, 2]), Case::new(&[2, 2], &[2, 2]));
    assert!(small.holds(Measure::GrassbergerEntropy, 2.0) && !union.holds(Measure::GrassbergerEntropy, 2.0));
    assert!(!requirement(Measure::GrassbergerEntropy, 2.0).is_monotone());
}

#[test]
fn requirements_come_from_json() {
    let read = Requirement::read(
        r#"[{"measure": "recursive", "l": 3, "threshold": 4.0, "sensitive": "icd10"},
            {"measure": "alpha", "threshold": 0.5, "size": 5}, {"measure": "delta", "base": 2.0, "threshold": 1.5}]"#,
    )
    .unwrap();
    assert_eq!(read[0].measure, Measure::Recursive { l: 3 });
    assert_eq!(read[0].sensitive.as_deref(), Some("icd10"));
    assert_eq!(
        (
            read[0].smallest_class(),
            read[1].smallest_class(),
            read[2].smallest_class()
        ),
        (3, 5, 1)
    );
    assert!(Requirement::read(r#"[{"measure": "unheard_of", "threshold": 1.0}]"#).is_err());
    assert!(Requirement::read(r#"[{"measure": "alpha"}]"#).is_err());
    let back = serde_json::to_string(&read).unwrap();
    assert_eq!(Requirement::read(&back).unwrap(), read);
}

#[test]
fn orders_and_trees_that_are_none_are_refused() {
    let whole = || Whole::new(vec![1, 2, 3]);
    assert!(whole().with_order(&[0, 1]).is_err());
    assert!(whole().with_order(&[0, 1, 1, 2]).is_err());
    assert!(whole().with_order(&[0, 1, 3]).is_err());
    assert!(whole().with_tree(&[]).is_err());
    assert!(whole().with_tree(&[vec![0, 0]]).is_err());
    assert!(whole().with_tree(&[vec![0, 0, 1]]).is_err());
    assert!(
        whole()
            .with_tree(&[vec![0, 0, 1], vec![0, 1, 1], vec![0, 0, 0]])
            .is_err()
    );
    assert!(whole().with_tree(&[vec![0, 0, 1], vec![0, 0, 0]]).is_ok());
    let case = Case::new(&[1, 0, 0], &[1, 2, 3]);
    assert!(case.of(Measure::TOrdered).is_nan() && !case.holds(Measure::TOrdered, 1.0));
}
