//! What is measured of a class.

use serde::{Deserialize, Serialize};

use super::diversity::{Logarithm, head_and_tail};
use super::{Class, Whole, closeness, likeness};

/// The figure of a class in one model; the docs say which direction is worse.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "measure", rename_all = "snake_case", deny_unknown_fields)]
pub enum Measure {
    /// Rows in the class: its k. Less is worse.
    Size,
    /// Different values: distinct l. Less is worse.
    Distinct,
    /// Effective number of values, exp of the Shannon entropy: entropy l. Less is worse.
    ShannonEntropy,
    /// Effective number of values, exp of Grassberger's entropy estimate; may exceed the number of values. Less is worse.
    GrassbergerEntropy,
    /// The c that recursive (c,l)-diversity must exceed: greatest count over the rows without the l-1 most frequent
    /// values; infinite where there are fewer than l values. More is worse.
    Recursive {
        /// The l of (c,l).
        l: u32,
    },
    /// Earth mover's distance to the whole, all values equally far apart, in [0, 1]. More is worse.
    TEqual,
    /// The same with distances by rank; the whole needs an order (else NaN, which fails). More is worse.
    TOrdered,
    /// The same with distances in a tree; the whole needs a tree (else NaN, which fails). More is worse.
    THierarchical,
    /// The share of the most frequent value, in (0, 1]. More is worse.
    Alpha,
    /// The greatest relative gain of a value's share against the whole. More is worse.
    BasicBeta,
    /// The same, infinite if a value of share p in the whole gains more than -ln p. More is worse.
    EnhancedBeta,
    /// The greatest absolute logarithm of a value's share in the class over its share in the whole. More is worse.
    Delta {
        /// The base of the logarithm: 2 in ARX, e in pyCANON.
        base: f64,
        /// Whether a value that the class lacks counts, as infinite: the letter of the definition.
        #[serde(default)]
        absent: bool,
    },
}

impl Measure {
    /// The class's figure.
    pub fn of(&self, class: &Class<'_>, whole: &Whole) -> f64 {
        match *self {
            Self::Size => class.size as f64,
            Self::Distinct => class.values.len() as f64,
            Self::ShannonEntropy => Logarithm::Shannon.effective(class),
            Self::GrassbergerEntropy => Logarithm::Grassberger.effective(class),
            Self::Recursive { l } => {
                let (head, tail) = head_and_tail(class, l);
                head as f64 / tail as f64
            }
            Self::TEqual => closeness::equal(class, whole),
            Self::TOrdered => closeness::ordered(class, whole),
            Self::THierarchical => closeness::hierarchical(class, whole),
            Self::Alpha => likeness::alpha(class),
            Self::BasicBeta => likeness::basic_beta(class, whole),
            Self::EnhancedBeta => likeness::enhanced_beta(class, whole),
            Self::Delta { base, absent } => likeness::delta(class, whole, base, absent),
        }
    }

    /// Whether a smaller figure is the worse one.
    pub fn less_is_worse(&self) -> bool {
        matches!(
            self,
            Self::Size | Self::Distinct | Self::ShannonEntropy | Self::GrassbergerEntropy
        )
    }

    /// The worse of two figures; NaN if one is.
    pub fn worse(&self, left: f64, right: f64) -> f64 {
        if left.is_nan() || right.is_nan() {
            f64::NAN
        } else if self.less_is_worse() {
            left.min(right)
        } else {
            left.max(right)
        }
    }

    /// The figure that no class is better than: where a search for the worst starts.
    pub fn best(&self) -> f64 {
        if self.less_is_worse() {
            f64::INFINITY
        } else {
            f64::NEG_INFINITY
        }
    }
}
