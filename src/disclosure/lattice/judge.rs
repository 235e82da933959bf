//! Privacy models as the search sees them: which classes of a node fail, and which failures a coarser node cannot heal.

use serde::Deserialize;

use super::groups::Groups;
use crate::disclosure::models::{Presence, Requirement, Whole};

/// A privacy model.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "model", rename_all = "snake_case", deny_unknown_fields)]
pub enum Model {
    /// Each class has so many rows at least (Sweeney 2002).
    KAnonymity {
        /// Rows.
        k: u64,
    },
    /// The population has so many rows at least of each class (Sweeney 2002).
    KMap {
        /// Rows of the population.
        k: u64,
    },
    /// The share of the population's rows that are in the release, of each class (Nergiz et al. 2007).
    DeltaPresence {
        /// At least.
        lower: f64,
        /// At most.
        upper: f64,
    },
    /// Classes by rows of the release, at most: the risk of a row on average.
    AverageRisk {
        /// At most.
        threshold: f64,
    },
    /// What the values of a sensitive column must fulfill in each class.
    Sensitive {
        /// Which sensitive column.
        column: usize,
        /// What they must fulfill.
        requirement: Requirement,
    },
}

/// The models that must hold together, and how many rows may be suppressed for it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Models {
    /// All must hold.
    pub models: Vec<Model>,
    /// Rows that may be suppressed.
    pub budget: u64,
}

/// Models ready to be asked.
pub(super) struct Judge {
    /// Rows that a class must have.
    least_rows: u64,
    /// Rows of the population that a class must have.
    least_population: u64,
    presence: Vec<(f64, f64)>,
    sensitive: Vec<(usize, Requirement)>,
    average: f64,
    budget: u64,
}

/// What the models say of the classes of a node.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// By class: whether its rows must be suppressed.
    pub(super) fails: Vec<bool>,
    /// Rows that must be suppressed.
    pub(super) suppressed: u64,
    /// Whether the node is safe, once they are.
    pub(super) safe: bool,
}

impl Judge {
    pub(super) fn new(models: &Models) -> Self {
        let mut judge = Self {
            least_rows: 1,
            least_population: 0,
            presence: Vec::new(),
            sensitive: Vec::new(),
            average: 1.0,
            budget: models.budget,
        };
        for model in &models.models {
            match model {
                Model::KAnonymity { k } => judge.least_rows = judge.least_rows.max(*k),
                Model::KMap { k } => judge.least_population = judge.least_population.max(*k),
                Model::DeltaPresence { lower, upper } => judge.presence.push((*lower, *upper)),
                Model::AverageRisk { threshold } => judge.average = judge.average.min(*threshold),
                Model::Sensitive { column, requirement } => {
                    judge.least_rows = judge.least_rows.max(requirement.smallest_class());
                    judge.sensitive.push((*column, requirement.clone()));
                }
            }
        }
        judge
    }

    /// Rows that a class must have at least: a class that has them keeps them in every coarser node.
    pub(super) fn least_rows(&self) -> u64 {
        self.least_rows
    }

    /// Rows of the population that a class must have at least.
    pub(super) fn least_population(&self) -> u64 {
        self.least_population
    }

    pub(super) fn budget(&self) -> u64 {
        self.budget
    }

    /// Whether classes in which nobody is released matter.
    pub(super) fn looks_at_absent(&self) -> bool {
        !self.presence.is_empty()
    }

    /// Asks all models of all classes; `dropped` rows are suppressed already.
    pub(super) fn verdict<K>(&self, classes: &Groups<K>, dropped: u64, wholes: &[Whole]) -> Verdict {
        let mut verdict = Verdict {
            safe: true,
            ..Verdict::default()
        };
        let mut released = 0_u64;
        for (class, &rows) in classes.rows.iter().enumerate() {
            let population = classes.population.get(class).copied().unwrap_or(0);
            let share = Presence {
                sample: rows,
                population,
            }
            .share();
            let present = self
                .presence
                .iter()
                .all(|(lower, upper)| (*lower..=*upper).contains(&share));
            if rows == 0 {
                // Nobody of this class is in the release: there is nothing to suppress, and nothing that would help.
                verdict.safe &= present;
                verdict.fails.push(false);
                continue;
            }
            let fails = rows < self.least_rows
                || population < self.least_population
                || !present
                || !self.sensitive.iter().all(|(column, requirement)| {
                    let class = classes.cells[*column].class(class, rows);
                    requirement.holds(&class, &wholes[*column])
                });
            verdict.fails.push(fails);
            if fails {
                verdict.suppressed += rows;
            } else {
                released += 1;
            }
        }
        let rows: u64 = classes.rows.iter().sum();
        let kept = rows - verdict.suppressed;
        verdict.suppressed += dropped;
        verdict.safe &=
            verdict.suppressed <= self.budget && (kept == 0 || released as f64 <= self.average * kept as f64);
        verdict
    }
}
