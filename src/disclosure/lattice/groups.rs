//! Groups: the rows that share a key, counted; and how groups join when a column is generalized.

use super::key::{Field, Key};
use super::numbering::Numbering;

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

/// Memory that is used again from step to step.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    numbering: Numbering,
    /// The new group of each group.
    pub(super) ids: Vec<u32>,
    order: Vec<u32>,
    starts: Vec<u32>,
    counts: Vec<u64>,
    seen: Vec<u32>,
}

impl<K: Key> Groups<K> {
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Joins the groups whose keys become equal; `ids` in the scratch says which group became which.
    pub(super) fn join(&self, key: impl Fn(K) -> K, values: &[usize], scratch: &mut Scratch) -> Self {
        let keys = scratch
            .numbering
            .number(self.keys.iter().map(|&old| key(old)), &mut scratch.ids);
        let mut joined = Self {
            rows: vec![0; keys.len()],
            keys,
            ..Self::default()
        };
        for (&id, &rows) in scratch.ids.iter().zip(&self.rows) {
            joined.rows[id as usize] += rows;
        }
        if !self.population.is_empty() {
            joined.population = vec![0; joined.len()];
            for (&id, &rows) in scratch.ids.iter().zip(&self.population) {
                joined.population[id as usize] += rows;
            }
        }
        if !self.cells.is_empty() {
            scratch.sort_by_id(joined.len());
            let cells = self.cells.iter().zip(values);
            joined.cells = cells.map(|(cells, &values)| scratch.join(cells, values)).collect();
        }
        joined
    }

    /// Joins groups after one column was generalized.
    pub(super) fn raise(&self, field: Field, map: &[u32], values: &[usize], scratch: &mut Scratch) -> Self {
        self.join(|key| key.with(field, map[key.code(field) as usize]), values, scratch)
    }
}

impl Scratch {
    /// The old groups in order of the new ones.
    fn sort_by_id(&mut self, groups: usize) {
        self.starts.clear();
        self.starts.resize(groups + 1, 0);
        for &id in &self.ids {
            self.starts[id as usize + 1] += 1;
        }
        for group in 0..groups {
            self.starts[group + 1] += self.starts[group];
        }
        self.order.clear();
        self.order.resize(self.ids.len(), 0);
        let mut next = self.starts.clone();
        for (old, &id) in self.ids.iter().enumerate() {
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
                let range = cells.start[*only as usize]..cells.start[*only as usize + 1];
                joined.value.extend_from_slice(&cells.value[range.clone()]);
                joined.count.extend_from_slice(&cells.count[range]);
            } else {
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
            }
            joined.start.push(joined.value.len());
        }
        joined
    }
}
