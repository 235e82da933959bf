//! Where a search stands: groups generalized by the columns chosen so far, and the classes by these columns alone.

use super::groups::{Groups, Scratch};
use super::judge::Judge;
use super::key::{Field, Key};
use super::numbering::Numbering;

/// Groups after the levels of the first columns were chosen.
#[derive(Debug, Clone)]
pub(super) struct State<K> {
    pub(super) groups: Groups<K>,
    /// By group: its class by the columns chosen so far, all others left out.
    class: Vec<u32>,
    /// By class: its codes in the columns chosen so far.
    keys: Vec<K>,
    /// Bits of all fields of a key.
    bits: u32,
    /// Rows of groups that were dropped, since every node that is left open suppresses them.
    pub(super) dropped: u64,
}

/// The classes by the columns chosen so far and the next one, ungeneralized: pairs of a class and a code.
pub(super) struct Pairs {
    /// By group: its pair.
    of_group: Vec<u32>,
    class: Vec<u32>,
    code: Vec<u32>,
    rows: Vec<u64>,
    population: Vec<u64>,
}

/// The classes by the columns chosen so far and the next one at a level.
pub(super) struct Classes<K> {
    /// By pair: its class.
    of_pair: Vec<u32>,
    /// By class: its codes in these columns.
    pub(super) keys: Vec<K>,
    pub(super) rows: Vec<u64>,
    /// By class: whether it is too small, as all its parts are in every node that is left open.
    pub(super) fails: Vec<bool>,
}

/// Whether a table of so many entries is cheaper to fill than so many keys are to hash.
fn is_small(table: usize, keys: usize) -> bool {
    table <= (1 << 14_usize).max(16 * keys)
}

const NONE: u32 = u32::MAX;

/// Numbers pairs of a class and a code, by a table where it is not much larger than what is numbered.
fn number(
    pairs: impl ExactSizeIterator<Item = (u32, u32)>,
    classes: usize,
    codes: usize,
    numbering: &mut Numbering,
    of: &mut Vec<u32>,
) -> Vec<(u32, u32)> {
    let size = classes.saturating_mul(codes);
    if !is_small(size, pairs.len()) {
        let keys = numbering.number(pairs.map(|(class, code)| u64::from(class) << 32 | u64::from(code)), of);
        return keys.into_iter().map(|key| ((key >> 32) as u32, key as u32)).collect();
    }
    let mut table = vec![NONE; size];
    let mut distinct = Vec::new();
    of.clear();
    of.extend(pairs.map(|(class, code)| {
        let slot = &mut table[class as usize * codes + code as usize];
        if *slot == NONE {
            *slot = distinct.len() as u32;
            distinct.push((class, code));
        }
        *slot
    }));
    distinct
}

fn sums(of: &[u32], counts: &[u64], groups: usize) -> Vec<u64> {
    let mut sums = vec![0; if counts.is_empty() { 0 } else { groups }];
    for (&group, &count) in of.iter().zip(counts) {
        sums[group as usize] += count;
    }
    sums
}

impl<K: Key> State<K> {
    /// No column is chosen: all groups are of one class.
    pub(super) fn new(groups: Groups<K>, bits: u32) -> Self {
        Self {
            class: vec![0; groups.len()],
            keys: vec![K::default()],
            bits,
            groups,
            dropped: 0,
        }
    }

    /// The classes with the next column, ungeneralized.
    pub(super) fn pairs(&self, field: Field, codes: usize, scratch: &mut Scratch) -> Pairs {
        let mut of_group = Vec::with_capacity(self.groups.len());
        let pairs = self.class.iter().zip(&self.groups.keys);
        let pairs = pairs.map(|(&class, key)| (class, key.code(field)));
        let distinct = number(pairs, self.keys.len(), codes, &mut scratch.numbering, &mut of_group);
        let (class, code): (Vec<u32>, Vec<u32>) = distinct.into_iter().unzip();
        Pairs {
            rows: sums(&of_group, &self.groups.rows, class.len()),
            population: sums(&of_group, &self.groups.population, class.len()),
            of_group,
            class,
            code,
        }
    }

    /// The classes with the next column at a level.
    pub(super) fn classes(
        &self,
        pairs: &Pairs,
        (field, map, codes): (Field, &[u32], usize),
        judge: &Judge,
        scratch: &mut Scratch,
    ) -> Classes<K> {
        let mut of_pair = Vec::with_capacity(pairs.class.len());
        let generalized = pairs.class.iter().zip(&pairs.code);
        let generalized = generalized.map(|(&class, &code)| (class, map[code as usize]));
        let classes = number(
            generalized,
            self.keys.len(),
            codes,
            &mut scratch.numbering,
            &mut of_pair,
        );
        let rows = sums(&of_pair, &pairs.rows, classes.len());
        let population = sums(&of_pair, &pairs.population, classes.len());
        let few = |class: usize| {
            rows[class] < judge.least_rows()
                || population
                    .get(class)
                    .is_some_and(|rows| *rows < judge.least_population())
        };
        Classes {
            fails: (0..classes.len()).map(few).collect(),
            keys: classes
                .into_iter()
                .map(|(class, code)| self.keys[class as usize].with(field, code))
                .collect(),
            rows,
            of_pair,
        }
    }

    /// Where the search stands once the next column is at a level; groups that are lost for good are dropped, if asked.
    pub(super) fn raise(
        &self,
        (field, map): (Field, &[u32]),
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
        let mut raised = Self {
            groups: Groups::default(),
            class: Vec::with_capacity(self.class.len()),
            keys,
            bits: self.bits,
            dropped: if drops {
                self.dropped + classes.suppressed()
            } else {
                self.dropped
            },
        };
        let groups = self.groups.keys.iter().zip(&pairs.of_group).enumerate();
        let kept = groups.filter_map(|(group, (key, pair))| {
            let class = of_pair[*pair as usize];
            (class != NONE).then(|| (group as u32, class, key.with(field, map[key.code(field) as usize])))
        });
        // What is left of the key is the codes of the columns that are not chosen yet.
        let rest = field.shift + field.bits;
        let size = self.bits - rest;
        let codes = if size < 32 { 1 << size } else { usize::MAX };
        let plain = self.groups.population.is_empty() && self.groups.cells.is_empty();
        if plain {
            let Groups { keys, rows, .. } = &mut raised.groups;
            keys.reserve(self.groups.len());
            rows.reserve(self.groups.len());
            let size = raised.keys.len().saturating_mul(codes);
            let mut add = |group: u32, class: u32, id: u32| {
                if id as usize == rows.len() {
                    rows.push(self.groups.rows[group as usize]);
                    raised.class.push(class);
                } else {
                    rows[id as usize] += self.groups.rows[group as usize];
                }
            };
            if is_small(size, self.groups.len()) {
                let mut table = vec![NONE; size];
                for (group, class, key) in kept {
                    let slot = &mut table[class as usize * codes + key.above(rest) as usize];
                    if *slot == NONE {
                        *slot = keys.len() as u32;
                        keys.push(key);
                    }
                    add(group, class, *slot);
                }
            } else {
                scratch.numbering.clear(self.groups.len());
                for (group, class, key) in kept {
                    add(group, class, scratch.numbering.insert(key, keys));
                }
            }
            return raised;
        }
        let kept: Vec<(u32, u32, K)> = kept.collect();
        let numbered = kept.iter().map(|(_, _, key)| *key);
        let keys = scratch.numbering.number(numbered, &mut scratch.ids);
        let groups: Vec<u32> = kept.iter().map(|(group, _, _)| *group).collect();
        raised.groups = self.groups.joined(&groups, keys, values, scratch);
        raised.class.resize(raised.groups.len(), 0);
        for (&id, (_, class, _)) in scratch.ids.iter().zip(&kept) {
            raised.class[id as usize] = *class;
        }
        raised
    }
}

impl<K> Classes<K> {
    /// Rows of classes that are too small.
    pub(super) fn suppressed(&self) -> u64 {
        let failing = self.rows.iter().zip(&self.fails).filter(|(_, fails)| **fails);
        failing.map(|(rows, _)| rows).sum()
    }
}
