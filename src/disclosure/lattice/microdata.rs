//! The rows of a frame, collapsed once to groups.

use super::column::Column;
use super::groups::{Cells, Groups};
use super::key::{Field, Key};
use crate::disclosure::classes::{self, Classes};
use crate::error::Result;
use crate::stop::Stop;

/// The groups of a frame by its quasi-identifiers.
pub struct Microdata {
    /// By row: its group.
    group: Vec<u32>,
    /// By column and group: the leaf code.
    codes: Vec<Vec<u32>>,
    /// By column and leaf code: a row that has the value.
    representatives: Vec<Vec<usize>>,
    /// By sensitive column and code: a row that has the value.
    sensitive_representatives: Vec<Vec<usize>>,
    released: Vec<u64>,
    population: Vec<u64>,
    cells: Vec<Cells>,
    /// By sensitive column: how many codes there are.
    values: Vec<usize>,
    rows: usize,
}

impl Microdata {
    /// Collapses rows; the first `released` of them are to be released, all of them are the population if there are more.
    pub fn new(
        columns: &[classes::Column],
        sensitive: &[classes::Column],
        rows: usize,
        released: usize,
        stop: &Stop,
    ) -> Result<Self> {
        let classes = classes::collapse(columns, rows, stop)?;
        let groups = classes.sizes().len();
        let mut first = vec![usize::MAX; groups];
        let mut counts = vec![0_u64; groups];
        for (row, &group) in classes.ids().iter().enumerate() {
            let first = &mut first[group as usize];
            *first = row.min(*first);
            counts[group as usize] += u64::from(row < released);
        }
        let mut microdata = Self {
            group: classes.ids()[..released].to_vec(),
            codes: Vec::new(),
            representatives: Vec::new(),
            sensitive_representatives: Vec::new(),
            released: counts,
            population: if released < rows {
                population(&classes, released)
            } else {
                Vec::new()
            },
            cells: Vec::new(),
            values: Vec::new(),
            rows: released,
        };
        let ranks = classes.ranks(columns.len(), stop)?;
        for (codes, width) in ranks.codes.into_iter().zip(ranks.widths) {
            let mut representatives = vec![usize::MAX; width as usize];
            for (&code, &row) in codes.iter().zip(&first) {
                let slot = &mut representatives[code as usize];
                *slot = row.min(*slot);
            }
            microdata.codes.push(codes);
            microdata.representatives.push(representatives);
        }
        for column in sensitive {
            stop.check()?;
            let (codes, width) = column.dense(rows, stop)?;
            let (codes, representatives) = by_first_use(&codes[..released], width);
            let width = representatives.len();
            let counted = classes::count_pairs(&microdata.group, groups, &codes, width, stop)?;
            microdata.cells.push(cells(&counted, groups));
            microdata.values.push(width);
            microdata.sensitive_representatives.push(representatives);
        }
        Ok(microdata)
    }

    /// By leaf code of a column: a row that has the value.
    pub fn representatives(&self, column: usize) -> &[usize] {
        &self.representatives[column]
    }

    /// By code of a sensitive column: a row that has the value.
    pub fn sensitive_representatives(&self, column: usize) -> &[usize] {
        &self.sensitive_representatives[column]
    }

    /// The group of each row.
    pub(super) fn group(&self) -> &[u32] {
        &self.group
    }

    /// The leaf code of each group.
    pub(super) fn codes(&self, column: usize) -> &[u32] {
        &self.codes[column]
    }

    /// How many sensitive columns there are.
    pub(super) fn sensitive(&self) -> usize {
        self.cells.len()
    }

    /// How many quasi-identifiers there are.
    pub(super) fn columns(&self) -> usize {
        self.codes.len()
    }

    /// How many rows are to be released.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many groups there are.
    pub fn groups(&self) -> usize {
        self.released.len()
    }

    /// Rows of each leaf code of each column.
    pub(super) fn counts(&self, columns: &[Column]) -> Vec<Vec<u64>> {
        let of_column = |(column, codes): (&Column, &Vec<u32>)| {
            let mut counts = vec![0; column.leaf_codes()];
            for (&code, &rows) in codes.iter().zip(&self.released) {
                counts[code as usize] += rows;
            }
            counts
        };
        columns.iter().zip(&self.codes).map(of_column).collect()
    }

    /// The groups with keys of all columns, the columns in this order.
    pub(super) fn base<K: Key>(&self, fields: &[Field]) -> Groups<K> {
        let mut keys = vec![K::default(); self.groups()];
        for (codes, &field) in self.codes.iter().zip(fields) {
            for (key, &code) in keys.iter_mut().zip(codes) {
                *key = key.with(field, code);
            }
        }
        Groups {
            keys,
            rows: self.released.clone(),
            population: self.population.clone(),
            cells: self.cells.clone(),
        }
    }

    /// How often each code of a sensitive column occurs.
    pub fn sensitive_counts(&self, column: usize) -> Vec<u64> {
        let mut counts = vec![0; self.values[column]];
        for (&value, &count) in self.cells[column].value.iter().zip(&self.cells[column].count) {
            counts[value as usize] += count;
        }
        counts
    }

    /// By sensitive column: how many codes there are.
    pub(super) fn values(&self) -> &[usize] {
        &self.values
    }
}

fn population(classes: &Classes, released: usize) -> Vec<u64> {
    let mut counts = vec![0; classes.sizes().len()];
    for &group in &classes.ids()[released..] {
        counts[group as usize] += 1;
    }
    counts
}

/// Codes numbered by first use, and for each the row that uses it first; `width` is one more than the greatest.
fn by_first_use(codes: &[u32], width: usize) -> (Vec<u32>, Vec<usize>) {
    let mut numbers = vec![u32::MAX; width];
    let mut first = Vec::new();
    let number = |(row, &code): (usize, &u32)| {
        let slot = &mut numbers[code as usize];
        if *slot == u32::MAX {
            *slot = first.len() as u32;
            first.push(row);
        }
        *slot
    };
    (codes.iter().enumerate().map(number).collect(), first)
}

/// The values of a sensitive column by group, from pairs of a group and a value in order.
fn cells(counted: &[(u32, u32, u64)], groups: usize) -> Cells {
    let mut cells = Cells {
        start: vec![0; groups + 1],
        ..Cells::default()
    };
    for &(group, value, count) in counted {
        cells.start[group as usize + 1] += 1;
        cells.value.push(value);
        cells.count.push(count);
    }
    for group in 0..groups {
        cells.start[group + 1] += cells.start[group];
    }
    cells
}
