//! Where a search stands: groups generalized by the columns chosen so far, and the classes by these columns alone.

use super::groups::{Cells, Groups, Scratch};
use super::judge::Judge;
use super::key::{Field, Key};
use super::numbering::Numbering;

/// Groups after the levels of the first columns were chosen.
#[derive(Debug, Clone)]
pub(super) struct State<K> {
    pub(super) groups: Groups<K>,
    /// By group: its class by the columns chosen so far, all others left out.
    class: Vec<u32>,
    classes: usize,
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
pub(super) struct Classes {
    /// By pair: its class.
    of_pair: Vec<u32>,
    rows: Vec<u64>,
    population: Vec<u64>,
}

/// Tables of this many entries are small, whatever is counted in them.
const SMALL: usize = 1 << 16;
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
    if size > SMALL.max(4 * pairs.len()) {
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
    pub(super) fn new(groups: Groups<K>) -> Self {
        Self {
            class: vec![0; groups.len()],
            classes: 1,
            groups,
            dropped: 0,
        }
    }

    /// The classes with the next column, ungeneralized.
    pub(super) fn pairs(&self, field: Field, codes: usize, scratch: &mut Scratch) -> Pairs {
        let mut of_group = Vec::new();
        let pairs = self
            .class
            .iter()
            .zip(&self.groups.keys)
            .map(|(&class, key)| (class, key.code(field)));
        let distinct = number(pairs, self.classes, codes, &mut scratch.numbering, &mut of_group);
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
    pub(super) fn classes(&self, pairs: &Pairs, map: &[u32], codes: usize, scratch: &mut Scratch) -> Classes {
        let mut of_pair = Vec::new();
        let generalized = pairs
            .class
            .iter()
            .zip(&pairs.code)
            .map(|(&class, &code)| (class, map[code as usize]));
        let classes = number(generalized, self.classes, codes, &mut scratch.numbering, &mut of_pair).len();
        Classes {
            rows: sums(&of_pair, &pairs.rows, classes),
            population: sums(&of_pair, &pairs.population, classes),
            of_pair,
        }
    }

    /// Where the search stands once the next column is at a level; groups that are lost for good are dropped, if asked.
    pub(super) fn raise(
        &self,
        field: Field,
        map: &[u32],
        values: &[usize],
        (pairs, classes): (&Pairs, &Classes),
        drop_failing: Option<&Judge>,
        scratch: &mut Scratch,
    ) -> Self {
        let mut next = 0;
        let numbers: Vec<u32> = (0..classes.rows.len())
            .map(|class| {
                if drop_failing.is_some_and(|judge| classes.fails(class, judge)) {
                    return NONE;
                }
                next += 1;
                next - 1
            })
            .collect();
        let of_group = |group: usize| numbers[classes.of_pair[pairs.of_group[group] as usize] as usize];
        let kept: Vec<u32> = (0..self.groups.len() as u32)
            .filter(|group| of_group(*group as usize) != NONE)
            .collect();
        let all: u64 = self.groups.rows.iter().sum();
        let left: u64 = kept.iter().map(|group| self.groups.rows[*group as usize]).sum();
        let class: Vec<u32> = kept.iter().map(|group| of_group(*group as usize)).collect();
        let rest = field.shift + field.bits;
        let keys = kept.iter().map(|group| {
            let key = self.groups.keys[*group as usize];
            key.with(field, map[key.code(field) as usize])
        });
        let ids = number_groups(&class, keys, rest, next as usize, scratch);
        let groups = self.groups.joined(&kept, ids, values, scratch);
        let mut of_joined = vec![0; groups.len()];
        for (&id, &class) in scratch.ids.iter().zip(&class) {
            of_joined[id as usize] = class;
        }
        Self {
            groups,
            class: of_joined,
            classes: next as usize,
            dropped: self.dropped + all - left,
        }
    }
}

/// Numbers groups by their class and the codes of the columns above `rest` bits; gives their keys.
fn number_groups<K: Key>(
    class: &[u32],
    keys: impl ExactSizeIterator<Item = K>,
    rest: u32,
    classes: usize,
    scratch: &mut Scratch,
) -> Vec<K> {
    let keys: Vec<K> = keys.collect();
    let most = keys.iter().map(|key| key.above(rest)).max().unwrap_or_default();
    let codes = most
        .checked_add(1)
        .and_then(|codes| usize::try_from(codes).ok())
        .unwrap_or(usize::MAX);
    if classes.saturating_mul(codes) > SMALL.max(4 * keys.len()) {
        return scratch.numbering.number(keys.into_iter(), &mut scratch.ids);
    }
    let mut table = vec![NONE; classes * codes];
    let mut distinct = Vec::new();
    scratch.ids.clear();
    scratch.ids.extend(keys.iter().zip(class).map(|(&key, &class)| {
        let slot = &mut table[class as usize * codes + key.above(rest) as usize];
        if *slot == NONE {
            *slot = distinct.len() as u32;
            distinct.push(key);
        }
        *slot
    }));
    distinct
}

impl Classes {
    fn fails(&self, class: usize, judge: &Judge) -> bool {
        self.rows[class] < judge.least_rows()
            || self
                .population
                .get(class)
                .is_some_and(|rows| *rows < judge.least_population())
    }

    /// Rows of classes that are too small: they stay so in every node that is left open.
    pub(super) fn suppressed(&self, judge: &Judge) -> u64 {
        let failing = |class: &usize| self.fails(*class, judge);
        (0..self.rows.len()).filter(failing).map(|class| self.rows[class]).sum()
    }
}

impl Cells {
    /// The values of some groups alone.
    pub(super) fn of(&self, groups: &[u32]) -> Self {
        let mut cells = Self {
            start: vec![0],
            ..Self::default()
        };
        for &group in groups {
            let range = self.start[group as usize]..self.start[group as usize + 1];
            cells.value.extend_from_slice(&self.value[range.clone()]);
            cells.count.extend_from_slice(&self.count[range]);
            cells.start.push(cells.value.len());
        }
        cells
    }
}
