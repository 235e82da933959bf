//! What the levels chosen so far suppress whatever the others will be.

use std::cell::RefCell;

use super::column::Column;
use super::groups::Groups;
use super::judge::Judge;
use super::key::{Field, Key};
use super::numbering::Numbering;

/// Bits of keys that address a table of counts directly.
const DIRECT: u32 = 18;

/// Rows that a class must have, of the release and of the population: what has them keeps them when it grows.
pub(super) struct Prefix {
    rows: u64,
    population: u64,
    budget: u64,
}

#[derive(Default)]
struct Tables {
    rows: Vec<u64>,
    population: Vec<u64>,
    places: Vec<u32>,
    numbering: Numbering,
}

thread_local! {
    static TABLES: RefCell<Tables> = RefCell::default();
}

impl Prefix {
    pub(super) fn new(judge: &Judge) -> Self {
        Self {
            rows: judge.least_rows(),
            population: judge.least_population(),
            budget: judge.budget(),
        }
    }

    /// The least level of a column that is not ruled out by the column alone.
    pub(super) fn least_level(&self, column: &Column, counts: &[u64]) -> usize {
        let suppressed = |level: &usize| {
            let level = &column.levels[*level];
            let mut rows = vec![0; level.codes];
            for (&code, &count) in level.of_leaf.iter().zip(counts) {
                rows[code as usize] += count;
            }
            rows.into_iter().filter(|rows| *rows < self.rows).sum::<u64>()
        };
        (0..column.height())
            .find(|level| suppressed(level) <= self.budget)
            .unwrap_or(column.height())
    }

    /// The rows of classes that are too small by the columns up to one, which has just been mapped; none where that is
    /// more than may be suppressed.
    pub(super) fn suppressed<K: Key>(&self, groups: &Groups<K>, field: Field, map: &[u32]) -> Option<u64> {
        let bits = field.shift + field.bits;
        let key = |key: K| key.low(bits).with(field, map[key.code(field) as usize]);
        TABLES.with_borrow_mut(|tables| {
            if bits <= DIRECT {
                let places = groups.keys.iter().map(|&old| key(old).index() as u32);
                tables.places.clear();
                tables.places.extend(places);
                self.count(tables, 1 << bits, groups)
            } else {
                let classes = tables
                    .numbering
                    .number(groups.keys.iter().map(|&old| key(old)), &mut tables.places)
                    .len();
                self.count(tables, classes, groups)
            }
        })
    }

    fn count<K>(&self, tables: &mut Tables, classes: usize, groups: &Groups<K>) -> Option<u64> {
        let sum = |table: &mut Vec<u64>, places: &[u32], counts: &[u64]| {
            table.clear();
            table.resize(classes, 0);
            for (&place, &count) in places.iter().zip(counts) {
                table[place as usize] += count;
            }
        };
        sum(&mut tables.rows, &tables.places, &groups.rows);
        let few = |place: u32| tables.rows[place as usize] < self.rows;
        let of = tables.places.iter().zip(&groups.rows);
        let suppressed: u64 = if self.population == 0 {
            of.map(|(&place, &rows)| if few(place) { rows } else { 0 }).sum()
        } else {
            sum(&mut tables.population, &tables.places, &groups.population);
            let few = |place: u32| tables.population[place as usize] < self.population || few(place);
            of.map(|(&place, &rows)| if few(place) { rows } else { 0 }).sum()
        };
        (suppressed <= self.budget).then_some(suppressed)
    }
}
