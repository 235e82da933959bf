//! A table against the population that it was drawn from: k-map and delta-presence.

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

/// The figures of a table against its population, over all classes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PresenceFigures {
    /// The fewest rows of the population in a class that the table has a row in: the k of k-map.
    pub k: u64,
    /// The least and the greatest share of a class of the population that is in the table: the bounds of delta-presence.
    pub shares: (f64, f64),
    /// The mean over the table's rows of one over the population of their class: the journalist's average success.
    pub mean_risk: f64,
    /// Whether a class has more rows in the table than in the population: then the one is not a sample of the other.
    pub exceeds: bool,
}

impl PresenceFigures {
    /// Over classes with at least a row in one of the two.
    pub fn of(classes: impl Iterator<Item = Presence>) -> Self {
        let mut figures = Self {
            k: u64::MAX,
            shares: (f64::INFINITY, 0.0),
            mean_risk: 0.0,
            exceeds: false,
        };
        let mut rows = 0;
        for class in classes {
            if class.sample > 0 {
                figures.k = figures.k.min(class.population);
            }
            rows += class.sample;
            figures.mean_risk += class.share();
            figures.exceeds |= class.sample > class.population;
            figures.shares = (figures.shares.0.min(class.share()), figures.shares.1.max(class.share()));
        }
        figures.mean_risk /= rows as f64;
        figures
    }
}
