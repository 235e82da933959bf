//! A table against the population that it was drawn from: k-map and delta-presence.

use serde::{Deserialize, Serialize};

/// Rows of one class in the table, and in the population.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presence {
    /// Rows in the table.
    pub sample: u64,
    /// Rows in the population, the table's own included.
    pub population: u64,
}

impl Presence {
    /// The share of the class's population that is in the table.
    pub fn share(&self) -> f64 {
        if self.sample == 0 {
            0.0
        } else {
            self.sample as f64 / self.population as f64
        }
    }
}

/// What every class must meet against its population.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "model", rename_all = "snake_case", deny_unknown_fields)]
pub enum PresenceRequirement {
    /// At least `k` persons of the population share the class.
    ///
    /// L. Sweeney, "Computational disclosure control", 2001.
    KMap {
        /// The k.
        k: u64,
    },
    /// Knowing the population, the probability of being in the table lies between `lower` and `upper`.
    ///
    /// M. E. Nergiz, M. Atzori, C. Clifton, "Hiding the presence of individuals from shared databases", SIGMOD 2007.
    /// Classes of the population without a row in the table count, with share 0.
    DeltaPresence {
        /// The least share.
        lower: f64,
        /// The greatest share.
        upper: f64,
    },
}

impl PresenceRequirement {
    /// Whether the class meets the requirement; both bounds are inclusive, as in ARX.
    pub fn holds(&self, class: &Presence) -> bool {
        match *self {
            Self::KMap { k } => class.sample == 0 || class.population >= k,
            Self::DeltaPresence { lower, upper } => (lower..=upper).contains(&class.share()),
        }
    }

    /// Whether a union of classes that meet the requirement always meets it: the share of a union lies between theirs.
    pub fn is_monotone(&self) -> bool {
        true
    }

    /// Whether a union meets the requirement as soon as one of its parts does.
    pub fn is_monotone_with_suppression(&self) -> bool {
        matches!(self, Self::KMap { .. })
    }
}
