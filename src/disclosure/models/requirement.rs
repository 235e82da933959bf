//! A measure with a threshold that every class must meet.

use serde::{Deserialize, Serialize};

use super::diversity::{Logarithm, head_and_tail};
use super::{Class, Measure, Whole};
use crate::error::{Error, Result};

/// What every class must meet; read from JSON such as `{"measure": "recursive", "l": 3, "threshold": 4.0}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Requirement {
    /// What is measured.
    #[serde(flatten)]
    pub measure: Measure,
    /// The least, or greatest, figure allowed: see [`Requirement::holds`].
    pub threshold: f64,
    /// Rows that a class must have besides: the k of (alpha,k)-anonymity.
    #[serde(default)]
    pub size: u64,
    /// The name of the sensitive column; none for requirements on the size.
    #[serde(default)]
    pub sensitive: Option<String>,
}

impl Requirement {
    /// Reads a list of requirements and refuses thresholds that no comparison makes sense of.
    pub fn read(json: &str) -> Result<Vec<Self>> {
        let requirements: Vec<Self> = serde_json::from_str(json)
            .map_err(|error| Error::Argument(format!("a requirement cannot be read: {error}")))?;
        for requirement in &requirements {
            if requirement.threshold.is_nan() {
                return Err(Error::Argument(
                    "the threshold of a requirement is NaN, which nothing meets: give a number".to_owned(),
                ));
            }
        }
        Ok(requirements)
    }

    /// Whether the class meets the requirement.
    ///
    /// Size, distinct and entropies: at least the threshold. Recursive: the greatest count is below c times the rest
    /// (strictly). Closeness, alpha and beta: at most the threshold. Delta: below the threshold (strictly). Comparisons
    /// and strictness are the published ones, and ARX's.
    pub fn holds(&self, class: &Class<'_>, whole: &Whole) -> bool {
        if class.size < self.size {
            return false;
        }
        let threshold = self.threshold;
        match self.measure {
            Measure::ShannonEntropy => Logarithm::Shannon.reaches(class, threshold),
            Measure::GrassbergerEntropy => Logarithm::Grassberger.reaches(class, threshold),
            Measure::Recursive { l } => {
                let (head, tail) = head_and_tail(class, l);
                (head as f64) < tail as f64 * threshold
            }
            Measure::Delta { .. } => self.measure.of(class, whole) < threshold,
            Measure::Size | Measure::Distinct => self.measure.of(class, whole) >= threshold,
            measure => measure.of(class, whole) <= threshold,
        }
    }

    /// Whether a class that is the union of classes that meet the requirement always meets it, the whole being the same.
    ///
    /// Then, of two generalizations, the coarser one holds where the finer one does (no row being left out). Not so for
    /// Grassberger's entropy, which credits small classes with values not seen (ARX takes it for monotone), nor for
    /// delta-disclosure by the values that occur: a union may make one of them rare.
    pub fn is_monotone(&self) -> bool {
        !matches!(
            self.measure,
            Measure::GrassbergerEntropy | Measure::Delta { absent: false, .. }
        )
    }

    /// Whether a union meets the requirement as soon as one of its parts does.
    ///
    /// Then the rows in failing classes never grow with generalization, and pruning is right with a budget of suppressed
    /// rows too.
    pub fn is_monotone_with_suppression(&self) -> bool {
        matches!(self.measure, Measure::Size | Measure::Distinct)
    }

    /// A class of fewer rows cannot meet the requirement.
    pub fn smallest_class(&self) -> u64 {
        let least = match self.measure {
            Measure::Size | Measure::Distinct | Measure::ShannonEntropy | Measure::GrassbergerEntropy => {
                self.threshold.ceil().max(1.0) as u64
            }
            Measure::Recursive { l } => u64::from(l),
            _ => 1,
        };
        least.max(self.size).max(1)
    }
}
