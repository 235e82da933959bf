//! Utility measures: what a node of the lattice loses, and at least.
//!
//! Definitions and their rounding are ARX's, so that results compare number by number: Loss (Iyengar 2002, as the share
//! of a hierarchy's leaves), non-uniform entropy (de Waal and Willenborg 1999; Gionis and Tassa 2009), precision (Sweeney
//! 2002), discernibility (Bayardo and Agrawal 2005; DM* of El Emam et al. 2009), average class size (LeFevre et al. 2006),
//! ambiguity (Nergiz and Clifton 2007), height.

use std::cmp::Ordering;

use serde::Deserialize;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Share of the domain that generalized values cover; suppressed values cover all.
    Loss,
    /// Non-uniform entropy that does not look at suppression: generalizing further never lowers it.
    MonotonicEntropy,
    /// Non-uniform entropy, suppressed rows at what is lost by joining them.
    Entropy,
    /// Share of the height of each hierarchy that does not look at suppression.
    MonotonicPrecision,
    /// Share of the height of each hierarchy; suppressed rows at full height.
    Precision,
    /// Sum of the levels.
    Height,
    /// Sum of squared class sizes; suppressed rows cost as many as there are rows.
    Discernibility,
    /// Sum of squared class sizes, suppressed ones included (DM*).
    MonotonicDiscernibility,
    /// Rows by class.
    AverageClassSize,
    /// Combinations of values that a class may stand for.
    Ambiguity,
}

/// How the values of several columns become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// The sum.
    Sum,
    /// The largest.
    Maximum,
    /// The mean.
    ArithmeticMean,
    /// The geometric mean of one plus each, less one.
    GeometricMean,
    /// All of them, largest first; compared in that order.
    Rank,
}

/// A measure with its parameters.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Utility {
    /// What is measured.
    pub measure: Measure,
    /// How columns are put together.
    pub aggregate: Aggregate,
    /// From 0, suppression costs nothing, to 1, generalization costs nothing; 0.5 is both in full.
    pub suppression_weight: f64,
}

/// What is lost: less is better.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The number, or the numbers of a rank.
    pub total: Vec<f64>,
    /// By column, where the measure is by column.
    pub values: Vec<f64>,
}

impl Score {
    pub(super) fn single(total: f64) -> Self {
        Self {
            total: vec![total],
            values: Vec::new(),
        }
    }

    /// Less is better.
    pub fn compare(&self, other: &Self) -> Ordering {
        // Zeros of both signs are equal.
        let order = |(a, b): (&f64, &f64)| a.partial_cmp(b).unwrap_or_else(|| a.total_cmp(b));
        let pairs = self.total.iter().zip(&other.total);
        pairs.map(order).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }

    /// Whether it is worse than another by more than rounding.
    pub(super) fn exceeds(&self, other: &Self) -> bool {
        for (a, b) in self.total.iter().zip(&other.total) {
            let slack = 1e-12 * b.abs().max(1e-3);
            if *a > b + slack {
                return true;
            }
            if *a < b - slack {
                return false;
            }
        }
        false
    }
}
