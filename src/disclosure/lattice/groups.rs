//! Groups: the rows that share a key, counted; and how groups join when a column is generalized.

use super::column::Column;
use super::key::{Field, Key};
use super::numbering::Numbering;
use crate::disclosure::models::Class;

/// How often each value of a sensitive column occurs in each group.
#[derive(Debug, Clone, Default)]
pub(super) struct Cells {
    /// Where each group's values begin, and where the last one's end.
    pub(super) start: Vec<usize>,
    /// The codes of the values, ascending within a group.
    pub(super) value: Vec<u32>,
    /// How many rows have them.
    pub(super) count: Vec<u64>,
}

impl Cells {
    /// A group of so many rows, as models see it.
    pub(super) fn class(&self, group: usize, size: u64) -> Class<'_> {
        let range = self.start[group]..self.start[group + 1];
        Class {
            size,
            values: &self.value[range.clone()],
            counts: &self.count[range],
        }
    }

    /// The values of some groups alone.
    fn of(&self, groups: &[u32]) -> Self {
        let mut cells = Self {
            start: vec![0],
            ..Self::default()
        };
        for &group in groups {
            cells.append(self, group as usize);
        }
        cells
    }

    /// Puts a group of other cells behind the groups there are.
    fn append(&mut self, other: &Self, group: usize) {
        let range = other.start[group]..other.start[group + 1];
        self.value.extend_from_slice(&other.value[range.clone()]);
        self.count.extend_from_slice(&other.count[range]);
        self.start.push(self.value.len());
    }
}

/// Groups of rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Groups<K> {
    pub(super) keys: Vec<K>,
    /// Rows to be released.
    pub(super) rows: Vec<u64>,
    /// Rows of the population; empty where no model looks at one.
    pub(super) population: Vec<u64>,
    /// By sensitive column.
    pub(super) cells: Vec<Cells>,
}

/// The number of a group that is left out.
pub(super) const DROPPED: u32 = u32::MAX;

/// Memory that is used again from step to step.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub(super) numbering: Numbering,
    /// The new group of each group.
    pub(super) ids: Vec<u32>,
    order: Vec<u32>,
    starts: Vec<u32>,
    counts: Vec<u64>,
    seen: Vec<u32>,
}

impl<K> Groups<K> {
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The population and the sensitive values of groups that are joined to so many.
    ///
    /// `ids` in the scratch says which group becomes which; those that become none are left out.
    pub(super) fn join_rest(&self, joined: usize, values: &[usize], scratch: &mut Scratch) -> (Vec<u64>, Vec<Cells>) {
        if self.population.is_empty() && self.cells.is_empty() {
            return (Vec::new(), Vec::new());
        }
        let mut population = vec![0; if self.population.is_empty() { 0 } else { joined }];
        for (&id, &count) in scratch.ids.iter().zip(&self.population) {
            if id != DROPPED {
                population[id as usize] += count;
            }
        }
        scratch.sort_by_id(joined);
        let cells = self.cells.iter().zip(values);
        let cells = cells.map(|(cells, &values)| scratch.join(cells, values)).collect();
        (population, cells)
    }
}

impl<K: Key> Groups<K> {
    /// The same groups in another order.
    pub(super) fn in_order(&self, order: &[u32]) -> Self {
        let in_order = |counts: &[u64]| order.iter().map(|&group| counts[group as usize]).collect();
        Self {
            keys: order.iter().map(|&group| self.keys[group as usize]).collect(),
            rows: in_order(&self.rows),
            population: if self.population.is_empty() {
                Vec::new()
            } else {
                in_order(&self.population)
            },
            cells: self.cells.iter().map(|cells| cells.of(order)).collect(),
        }
    }

    /// The classes of a node; `ids` in the scratch says which group became which.
    pub(super) fn at(
        &self,
        fields: &[Field],
        columns: &[Column],
        levels: &[usize],
        values: &[usize],
        scratch: &mut Scratch,
    ) -> Self {
        let mut maps: Vec<&[u32]> = Vec::with_capacity(levels.len());
        for (column, &level) in columns.iter().zip(levels) {
            maps.push(&column.levels[level].of_leaf);
        }
        let generalized = |key: &K| {
            let parts = fields.iter().zip(&maps);
            parts.fold(*key, |new, (&field, map)| {
                new.with(field, map[key.code(field) as usize])
            })
        };
        let keys = scratch
            .numbering
            .number(self.keys.iter().map(generalized), &mut scratch.ids);
        let mut rows = vec![0; keys.len()];
        for (&id, &count) in scratch.ids.iter().zip(&self.rows) {
            rows[id as usize] += count;
        }
        let (population, cells) = self.join_rest(keys.len(), values, scratch);
        Self {
            keys,
            rows,
            population,
            cells,
        }
    }
}

impl Scratch {
    /// The old groups in order of the new ones.
    fn sort_by_id(&mut self, groups: usize) {
        self.starts.clear();
        self.starts.resize(groups + 1, 0);
        let kept = || self.ids.iter().enumerate().filter(|(_, id)| **id != DROPPED);
        for (_, &id) in kept() {
            self.starts[id as usize + 1] += 1;
        }
        for group in 0..groups {
            self.starts[group + 1] += self.starts[group];
        }
        self.order.clear();
        self.order.resize(self.starts[groups] as usize, 0);
        let mut next = self.starts.clone();
        for (old, &id) in kept() {
            let place = &mut next[id as usize];
            self.order[*place as usize] = old as u32;
            *place += 1;
        }
    }

    /// Sums the values of the groups that were joined.
    fn join(&mut self, cells: &Cells, values: usize) -> Cells {
        let mut joined = Cells {
            start: vec![0],
            value: Vec::with_capacity(cells.value.len()),
            count: Vec::with_capacity(cells.value.len()),
        };
        self.counts.clear();
        self.counts.resize(values, 0);
        for group in self.starts.windows(2) {
            let old = &self.order[group[0] as usize..group[1] as usize];
            if let [only] = old {
                joined.append(cells, *only as usize);
                continue;
            }
            self.seen.clear();
            for &old in old {
                for cell in cells.start[old as usize]..cells.start[old as usize + 1] {
                    let value = cells.value[cell];
                    let count = &mut self.counts[value as usize];
                    if *count == 0 {
                        self.seen.push(value);
                    }
                    *count += cells.count[cell];
                }
            }
            self.seen.sort_unstable();
            for &value in &self.seen {
                joined.value.push(value);
                joined.count.push(std::mem::take(&mut self.counts[value as usize]));
            }
            joined.start.push(joined.value.len());
        }
        joined
    }
}
