//! Whom each row hides among: the rows, or persons, that cannot be told apart from it by some columns.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::codes::Column;
use super::collapsed::Classes;
use super::count;
use super::layout::Layout;
use super::persons::Pairs;
use super::wildcards;
use crate::error::Result;
use crate::stop::Stop;

/// How missing values are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nulls {
    /// A value of its own, which matches other missing values and nothing else.
    Category,
    /// Matches every value, known or missing.
    Any,
}

/// The classes of a frame with the size of the crowd of each: rows or distinct persons, missing values read either way.
pub struct Crowds {
    classes: Classes,
    persons: Option<Pairs>,
    nulls: Nulls,
    sizes: Vec<u64>,
}

/// A size of crowd, how many classes have it, and how many rows are in these.
pub type Band = (u64, u64, u64);

impl Crowds {
    /// Finds the crowd of each row by `columns`, counting rows or the distinct values of `person`.
    pub fn find(columns: &[Column], person: Option<&Column>, nulls: Nulls, rows: usize, stop: &Stop) -> Result<Self> {
        let classes = Classes::collapse(columns, rows, stop)?;
        let persons = person
            .map(|person| Pairs::find(classes.ids(), classes.sizes().len(), person, stop))
            .transpose()?;
        let codes = match nulls {
            Nulls::Category => Vec::new(),
            Nulls::Any => classes.narrow_codes(0..columns.len(), stop)?,
        };
        let sizes = measure(&codes, classes.sizes(), persons.as_ref(), nulls, stop)?;
        Ok(Self {
            classes,
            persons,
            nulls,
            sizes,
        })
    }

    /// The classes, missing being a value of its own.
    pub fn classes(&self) -> &Classes {
        &self.classes
    }

    /// The crowd of each class.
    pub fn sizes(&self) -> &[u64] {
        &self.sizes
    }

    /// The sizes that occur, smallest first.
    pub fn bands(&self) -> Vec<Band> {
        bands(&self.sizes, self.classes.sizes())
    }

    /// The same by all columns but the one of this number; no row is read again.
    pub fn without(&self, column: usize, stop: &Stop) -> Result<Vec<Band>> {
        let others = (0..self.classes.width()).filter(|&other| other != column);
        let codes = self.classes.narrow_codes(others, stop)?;
        let columns: Vec<Column> = codes
            .iter()
            .map(|codes| Column::wide(codes.clone(), codes.iter().max().map_or(1, |most| most + 1)))
            .collect();
        let count = self.sizes.len();
        let layout = Layout::plan(&columns, count, stop)?;
        let joined = count::collapse(&layout, count, true, stop)?;
        let mut rows = vec![0; joined.sizes.len()];
        let mut first = vec![0; joined.sizes.len()];
        for (class, (&into, &size)) in joined.ids.iter().zip(self.classes.sizes()).enumerate() {
            rows[into as usize] += size;
            first[into as usize] = class;
        }
        let persons = match &self.persons {
            None => None,
            Some(persons) => Some(persons.join(&joined.ids, rows.len(), stop)?),
        };
        let codes: Vec<Vec<u64>> = codes
            .iter()
            .map(|codes| first.iter().map(|&class| codes[class]).collect())
            .collect();
        let sizes = measure(&codes, &rows, persons.as_ref(), self.nulls, stop)?;
        Ok(bands(&sizes, &rows))
    }

    /// How many different values of a sensitive column there are in the crowd of each class; missing counts as one.
    pub fn diversity(&self, sensitive: &Column, stop: &Stop) -> Result<Vec<u64>> {
        match self.nulls {
            Nulls::Category => self.classes.diversity(sensitive, stop),
            Nulls::Any => {
                let count = self.sizes.len();
                let values = Pairs::find(self.classes.ids(), count, sensitive, stop)?;
                wildcards::values(
                    &self.classes.narrow_codes(0..self.classes.width(), stop)?,
                    count,
                    &values,
                    stop,
                )
            }
        }
    }

    /// The crowd of each row.
    pub fn row_sizes(&self) -> Vec<u64> {
        self.classes
            .ids()
            .par_iter()
            .map(|&class| self.sizes[class as usize])
            .collect()
    }
}

/// The crowd of each class, given its codes and rows.
fn measure(codes: &[Vec<u64>], rows: &[u64], persons: Option<&Pairs>, nulls: Nulls, stop: &Stop) -> Result<Vec<u64>> {
    match (nulls, persons) {
        (Nulls::Category, None) => Ok(rows.to_vec()),
        (Nulls::Category, Some(persons)) => Ok(persons.per_class()),
        (Nulls::Any, None) => wildcards::rows(codes, rows, stop),
        (Nulls::Any, Some(persons)) => wildcards::values(codes, rows.len(), persons, stop),
    }
}

fn bands(sizes: &[u64], rows: &[u64]) -> Vec<Band> {
    let mut tally = Tally::default();
    for (&size, &rows) in sizes.iter().zip(rows) {
        tally.add(size, rows);
    }
    tally.bands()
}

/// Sizes below this are counted in an array.
const SMALL: usize = 1024;

/// Classes and rows by size of crowd.
pub(super) struct Tally {
    small: Vec<(u64, u64)>,
    large: BTreeMap<u64, (u64, u64)>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            small: vec![(0, 0); SMALL],
            large: BTreeMap::new(),
        }
    }
}

impl Tally {
    /// Counts one class.
    pub(super) fn add(&mut self, size: u64, rows: u64) {
        self.add_band((size, 1, rows));
    }

    fn add_band(&mut self, (size, classes, rows): Band) {
        let entry = match self.small.get_mut(size as usize) {
            Some(entry) => entry,
            None => self.large.entry(size).or_default(),
        };
        *entry = (entry.0 + classes, entry.1 + rows);
    }

    /// Joins what two threads counted.
    pub(super) fn merge(mut self, other: Self) -> Self {
        for band in other.bands() {
            self.add_band(band);
        }
        self
    }

    /// The sizes that occur, smallest first.
    pub(super) fn bands(self) -> Vec<Band> {
        let small = self.small.into_iter().enumerate();
        small
            .map(|(size, entry)| (size as u64, entry))
            .chain(self.large)
            .filter(|(_, (classes, _))| *classes > 0)
            .map(|(size, (classes, rows))| (size, classes, rows))
            .collect()
    }
}
