//! Strata: which level of which variable a person has at the start of a row.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::person::Facts;

/// A variable that rows are cut by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum By {
    /// Administrative sex: male, female, unknown.
    Sex,
    /// Completed years at the start of the row: below the first edge, then the bands that begin at each edge.
    Age {
        /// The first year of each band, ascending.
        edges: Vec<i32>,
    },
    /// Calendar year of the start of the row: before the first, then each year, the last one open.
    Year {
        /// The years, ascending.
        edges: Vec<i32>,
    },
}

impl By {
    /// How many levels there are.
    pub fn levels(&self) -> usize {
        match self {
            Self::Sex => 3,
            Self::Age { edges } | Self::Year { edges } => edges.len() + 1,
        }
    }

    fn level(&self, facts: &Facts, person: u32, day: i32, calendar: &dyn Calendar) -> usize {
        match self {
            Self::Sex => match facts.sex[person as usize] {
                1 => 0,
                2 => 1,
                _ => 2,
            },
            Self::Age { edges } => {
                let age = calendar.completed_years(facts.birth_month[person as usize], day);
                edges.partition_point(|edge| *edge <= age)
            }
            Self::Year { edges } => {
                let year = calendar.year(day);
                edges.partition_point(|edge| *edge <= year)
            }
        }
    }
}

/// The two questions about the calendar that strata ask.
pub trait Calendar: Sync {
    /// Completed years from one day to another.
    fn completed_years(&self, from: i32, to: i32) -> i32;
    /// The calendar year of a day.
    fn year(&self, day: i32) -> i32;
}

/// The combinations of the levels of several variables, in row-major order.
pub struct Strata<'a> {
    by: &'a [By],
    calendar: &'a dyn Calendar,
}

impl<'a> Strata<'a> {
    /// The strata of these variables; at most a million of them.
    pub fn new(by: &'a [By], calendar: &'a dyn Calendar) -> Result<Self> {
        for by in by {
            if let By::Age { edges } | By::Year { edges } = by
                && (edges.is_empty() || !edges.is_sorted_by(|a, b| a < b))
            {
                return Err(Error::Argument(
                    "the edges of bands must be given, in ascending order, each once".into(),
                ));
            }
        }
        let cells = by.iter().try_fold(1_usize, |cells, by| cells.checked_mul(by.levels()));
        if cells.is_none_or(|cells| cells > 1_000_000) {
            return Err(Error::Argument(
                "the table would have more than a million cells: cut by fewer levels".into(),
            ));
        }
        Ok(Self { by, calendar })
    }

    /// How many strata there are.
    pub fn len(&self) -> usize {
        self.by.iter().map(By::levels).product()
    }

    /// Whether there is none; there always is one.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The stratum of a person on a day.
    pub fn of(&self, facts: &Facts, person: u32, day: i32) -> usize {
        let level = |by: &By| by.level(facts, person, day, self.calendar);
        self.by.iter().fold(0, |cell, by| cell * by.levels() + level(by))
    }
}
