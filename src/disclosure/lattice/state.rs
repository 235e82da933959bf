//! Where a search stands: groups generalized by the columns chosen so far, and the classes by these columns alone.

use super::groups::{Groups, Scratch};
use super::judge::Judge;
use super::key::{Field, Key};
use super::numbering::Numbering;
use super::rest::Rest;

/// What makes a group: its class by the columns chosen so far, and what is left of it in all others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    class: u32,
    rest: u32,
}

/// Groups after the levels of the first columns were chosen, in order of what is left of them.
#[derive(Debug, Clone)]
pub(super) struct State<K> {
    pub(super) groups: Groups<Place>,
    /// By class: its codes in the columns chosen so far.
    keys: Vec<K>,
    /// Rows of groups that were dropped, since every node that is left open suppresses them.
    pub(super) dropped: u64,
}

/// The pairs that occur of a class by the columns chosen so far and a code of the next one.
#[derive(Default)]
pub(super) struct Pairs {
    /// By what was counted, such as groups: its pair.
    of: Vec<u32>,
    class: Vec<u32>,
    code: Vec<u32>,
    rows: Vec<u64>,
    population: Vec<u64>,
}

/// The classes by the columns chosen so far and the next one at a level.
pub(super) struct Classes<K> {
    /// By pair with a leaf code: its class.
    of_pair: Vec<u32>,
    /// By class: its codes in these columns.
    pub(super) keys: Vec<K>,
    pub(super) rows: Vec<u64>,
    /// By class: whether it is too small, as all its parts are in every node that is left open.
    pub(super) fails: Vec<bool>,
}

const NONE: u32 = u32::MAX;

impl Pairs {
    /// Numbers pairs, and sums their rows; by a table where it is not much larger than what is numbered.
    fn count(
        each: impl ExactSizeIterator<Item = (u32, u32, u64)>,
        classes: usize,
        codes: usize,
        numbering: &mut Numbering,
    ) -> Self {
        let mut pairs = Self {
            of: Vec::with_capacity(each.len()),
            ..Self::default()
        };
        let size = classes.saturating_mul(codes);
        if size <= (1 << 14_usize).max(16 * each.len()) {
            let mut table = vec![NONE; size];
            for (class, code, rows) in each {
                let pair = &mut table[class as usize * codes + code as usize];
                if *pair == NONE {
                    *pair = pairs.class.len() as u32;
                    pairs.class.push(class);
                    pairs.code.push(code);
                    pairs.rows.push(0);
                }
                pairs.rows[*pair as usize] += rows;
                pairs.of.push(*pair);
            }
            return pairs;
        }
        let mut keys = Vec::new();
        numbering.clear(each.len());
        for (class, code, rows) in each {
            let pair = numbering.insert(u64::from(class) << 32 | u64::from(code), &mut keys);
            if pair as usize == pairs.rows.len() {
                pairs.rows.push(0);
            }
            pairs.rows[pair as usize] += rows;
            pairs.of.push(pair);
        }
        pairs.class = keys.iter().map(|key| (key >> 32) as u32).collect();
        pairs.code = keys.iter().map(|key| *key as u32).collect();
        pairs
    }

    /// Adds the population of what was counted.
    fn with_population(mut self, population: &[u64]) -> Self {
        self.population = sums(&self.of, population, self.class.len());
        self
    }
}

fn sums(of: &[u32], counts: &[u64], groups: usize) -> Vec<u64> {
    let mut sums = vec![0; if counts.is_empty() { 0 } else { groups }];
    for (&group, &count) in of.iter().zip(counts) {
        sums[group as usize] += count;
    }
    sums
}

impl<K: Key> State<K> {
    /// No column is chosen: all groups are of one class. They must be in ascending order of their keys.
    pub(super) fn new(groups: Groups<K>) -> Self {
        let places = (0..groups.len() as u32).map(|rest| Place { class: 0, rest });
        Self {
            groups: Groups {
                keys: places.collect(),
                rows: groups.rows,
                population: groups.population,
                cells: groups.cells,
            },
            keys: vec![K::default()],
            dropped: 0,
        }
    }

    /// The classes with the next column, ungeneralized.
    pub(super) fn pairs(&self, rest: &Rest, codes: usize, numbering: &mut Numbering) -> Pairs {
        let groups = self.groups.keys.iter().zip(&self.groups.rows);
        let each = groups.map(|(place, &rows)| (place.class, rest.code[place.rest as usize], rows));
        Pairs::count(each, self.keys.len(), codes, numbering).with_population(&self.groups.population)
    }

    /// The classes with the next column at a level.
    pub(super) fn classes(
        &self,
        pairs: &Pairs,
        (field, map, codes): (Field, &[u32], usize),
        judge: &Judge,
        numbering: &mut Numbering,
    ) -> Classes<K> {
        let each = pairs.class.iter().zip(&pairs.code).zip(&pairs.rows);
        let each = each.map(|((&class, &code), &rows)| (class, map[code as usize], rows));
        let classes = Pairs::count(each, self.keys.len(), codes, numbering).with_population(&pairs.population);
        let few = |class: usize| {
            classes.rows[class] < judge.least_rows()
                || classes
                    .population
                    .get(class)
                    .is_some_and(|rows| *rows < judge.least_population())
        };
        let codes = classes.class.iter().zip(&classes.code);
        Classes {
            fails: (0..classes.rows.len()).map(few).collect(),
            keys: codes
                .map(|(&class, &code)| self.keys[class as usize].with(field, code))
                .collect(),
            rows: classes.rows,
            of_pair: classes.of,
        }
    }

    /// Where the search stands once the next column is at a level; groups that are lost for good are dropped, if asked.
    pub(super) fn raise(
        &self,
        rest: &Rest,
        values: &[usize],
        (pairs, classes): (&Pairs, &Classes<K>),
        drops: bool,
        scratch: &mut Scratch,
    ) -> Self {
        let mut keys = Vec::with_capacity(classes.keys.len());
        let number = |class: usize| {
            if drops && classes.fails[class] {
                return NONE;
            }
            keys.push(classes.keys[class]);
            keys.len() as u32 - 1
        };
        let numbers: Vec<u32> = (0..classes.keys.len()).map(number).collect();
        let of_pair: Vec<u32> = classes.of_pair.iter().map(|class| numbers[*class as usize]).collect();

        let plain = self.groups.population.is_empty() && self.groups.cells.is_empty();
        let (mut places, mut rows) = (Vec::with_capacity(pairs.of.len()), Vec::with_capacity(pairs.of.len()));
        let mut kept = Vec::new();
        scratch.ids.clear();
        // By class: how many groups there were once its latest one was put down.
        let mut latest = vec![0; keys.len()];
        // Groups of which as much is left lie side by side; how many groups there were when these began.
        let (mut left, mut before) = (NONE, 0);
        for (group, (place, &pair)) in self.groups.keys.iter().zip(&pairs.of).enumerate() {
            let class = of_pair[pair as usize];
            if class == NONE {
                continue;
            }
            let next = rest.next[place.rest as usize];
            if next != left {
                (left, before) = (next, places.len());
            }
            let latest = &mut latest[class as usize];
            if *latest <= before {
                places.push(Place { class, rest: next });
                rows.push(0);
                *latest = places.len();
            }
            rows[*latest - 1] += self.groups.rows[group];
            if !plain {
                kept.push(group as u32);
                scratch.ids.push(*latest as u32 - 1);
            }
        }
        let (population, cells) = self.groups.join_rest(&kept, places.len(), values, scratch);
        Self {
            groups: Groups {
                keys: places,
                rows,
                population,
                cells,
            },
            keys,
            dropped: if drops {
                self.dropped + classes.suppressed()
            } else {
                self.dropped
            },
        }
    }

    /// The classes, once nothing else is left of the groups.
    pub(super) fn into_classes(self) -> Groups<K> {
        let places = self.groups.keys.iter();
        Groups {
            keys: places.map(|place| self.keys[place.class as usize]).collect(),
            rows: self.groups.rows,
            population: self.groups.population,
            cells: self.groups.cells,
        }
    }
}

impl<K> Classes<K> {
    /// Rows of classes that are too small.
    pub(super) fn suppressed(&self) -> u64 {
        let failing = self.rows.iter().zip(&self.fails).filter(|(_, fails)| **fails);
        failing.map(|(rows, _)| rows).sum()
    }
}
