//! Where a search stands: groups generalized by the columns chosen so far, and the classes by these columns alone.

use super::groups::{DROPPED, Groups, Scratch};
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

/// A class by the columns chosen so far and a code of the next one.
#[derive(Debug, Clone, Copy, Default)]
struct Pair {
    class: u32,
    code: u32,
    rows: u64,
}

/// The pairs that occur.
pub(super) struct Pairs {
    /// By what was counted, such as groups: its pair.
    of: Vec<u32>,
    distinct: Vec<Pair>,
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

impl Pairs {
    /// Numbers pairs, and sums their rows; by a table where it is not much larger than what is numbered.
    fn count(
        each: impl ExactSizeIterator<Item = Pair>,
        classes: usize,
        codes: usize,
        numbering: &mut Numbering,
    ) -> Self {
        let mut of = vec![0; each.len()];
        let mut pairs = vec![Pair::default(); each.len()];
        let mut known = 0;
        let size = classes.saturating_mul(codes);
        if size <= (1 << 14_usize).max(16 * each.len()) {
            // By class and code: how many pairs there were once this one was put down. No step depends on a guess
            // whether a pair is new, which would be wrong half the time.
            let mut table = vec![0_u32; size];
            for (of, Pair { class, code, rows }) in of.iter_mut().zip(each) {
                let slot = &mut table[class as usize * codes + code as usize];
                let new = *slot == 0;
                known += u32::from(new);
                *slot = if new { known } else { *slot };
                *of = *slot - 1;
                let pair = &mut pairs[*of as usize];
                (pair.class, pair.code) = (class, code);
                pair.rows += rows;
            }
        } else {
            let mut keys = Vec::new();
            numbering.clear(each.len());
            for (of, Pair { class, code, rows }) in of.iter_mut().zip(each) {
                *of = numbering.insert(u64::from(class) << 32 | u64::from(code), &mut keys);
                let pair = &mut pairs[*of as usize];
                (pair.class, pair.code) = (class, code);
                pair.rows += rows;
            }
            known = keys.len() as u32;
        }
        pairs.truncate(known as usize);
        Self {
            of,
            distinct: pairs,
            population: Vec::new(),
        }
    }

    /// Adds the population of what was counted.
    fn with_population(mut self, population: &[u64]) -> Self {
        self.population = sums(&self.of, population, self.distinct.len());
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
        let each = groups.map(|(place, &rows)| Pair {
            class: place.class,
            code: rest.code[place.rest as usize],
            rows,
        });
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
        let each = pairs.distinct.iter().map(|pair| Pair {
            code: map[pair.code as usize],
            ..*pair
        });
        let classes = Pairs::count(each, self.keys.len(), codes, numbering).with_population(&pairs.population);
        let few = |(class, pair): (usize, &Pair)| {
            let population = classes.population.get(class);
            pair.rows < judge.least_rows() || population.is_some_and(|rows| *rows < judge.least_population())
        };
        let key = |pair: &Pair| self.keys[pair.class as usize].with(field, pair.code);
        Classes {
            fails: classes.distinct.iter().enumerate().map(few).collect(),
            keys: classes.distinct.iter().map(key).collect(),
            rows: classes.distinct.iter().map(|pair| pair.rows).collect(),
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
                return DROPPED;
            }
            keys.push(classes.keys[class]);
            keys.len() as u32 - 1
        };
        let numbers: Vec<u32> = (0..classes.keys.len()).map(number).collect();
        let of_pair: Vec<u32> = classes.of_pair.iter().map(|class| numbers[*class as usize]).collect();

        let mut rows = vec![0; pairs.of.len()];
        let places = self.join(rest, (&pairs.of, &of_pair), keys.len(), &mut rows, &mut scratch.ids);
        rows.truncate(places.len());
        let (population, cells) = self.groups.join_rest(places.len(), values, scratch);
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

    /// Joins groups of the same class of which the same is left; `ids` says which group became which, or was dropped.
    fn join(
        &self,
        rest: &Rest,
        (of, of_pair): (&[u32], &[u32]),
        classes: usize,
        rows: &mut [u64],
        ids: &mut Vec<u32>,
    ) -> Vec<Place> {
        let mut places = vec![Place { class: 0, rest: 0 }; of.len()];
        ids.clear();
        ids.resize(of.len(), DROPPED);
        // By class: how many groups there were once its latest one was put down.
        let mut latest = vec![0_u32; classes];
        // Groups of which the same is left lie side by side; how many groups there were when these began.
        let (mut known, mut left, mut before) = (0, DROPPED, 0);
        let groups = self.groups.keys.iter().zip(&self.groups.rows);
        for (((place, &count), &pair), id) in groups.zip(of).zip(ids) {
            let class = of_pair[pair as usize];
            if class == DROPPED {
                continue;
            }
            let next = rest.next[place.rest as usize];
            before = if next == left { before } else { known };
            left = next;
            let latest = &mut latest[class as usize];
            let new = *latest <= before;
            known += u32::from(new);
            *latest = if new { known } else { *latest };
            *id = *latest - 1;
            places[*id as usize] = Place { class, rest: next };
            rows[*id as usize] += count;
        }
        places.truncate(known as usize);
        places
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
