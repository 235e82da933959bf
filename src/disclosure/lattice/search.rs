//! Branch and bound over the lattice: the levels of one column are chosen after another.
//!
//! A partial choice of levels leaves open all nodes that have these levels. Groups generalized so far, with all other
//! columns left out, are coarser than every one of these nodes: what they suppress, each of the nodes suppresses, so too
//! much of it rules all of them out (predictive tagging: Samarati 2001; El Emam et al. 2009; Kohlmayer et al. 2012), and
//! what these rows and levels lose, each of the nodes loses. Groups are rolled up from choice to choice.
//!
//! The result does not depend on threads: ties are broken by the levels.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::column::{Column, Level};
use super::groups::{Groups, Scratch};
use super::judge::Judge;
use super::key::{Field, Key, fields};
use super::lattice::Lattice;
use super::meter::{AtLeast, Judged, Meter};
use super::state::{Classes, Pairs, State};
use super::utility::{Score, Utility};
use crate::disclosure::models::Whole;
use crate::error::Result;
use crate::stop::Stop;

/// When a search ends before it has proved its result the best.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// After so much time.
    pub time: Option<Duration>,
}

/// A node whose classes were counted.
#[derive(Debug, Clone)]
pub struct Visited {
    /// Its levels, column by column.
    pub levels: Vec<usize>,
    /// Whether it is safe.
    pub safe: bool,
    /// Rows that it suppresses.
    pub suppressed: u64,
    /// What it loses.
    pub score: Score,
}

/// What a search found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The best safe node, if any is safe.
    pub best: Option<Visited>,
    /// No node loses less than this; none is given where the search went to its end.
    pub bound: Option<Score>,
    /// Nodes whose classes were counted.
    pub counted: u64,
    /// Some of these, for a picture.
    pub visited: Vec<Visited>,
}

/// Nodes that are remembered for a picture.
const REMEMBERED: usize = 5_000;
/// Columns whose levels are tried on several threads.
const PARALLEL_DEPTH: usize = 3;

#[derive(Default)]
struct Progress {
    best: Option<Visited>,
    /// The least bound of what was left when time was up.
    left: Option<Score>,
    visited: Vec<Visited>,
}

pub(super) struct Search<'a, K> {
    columns: Vec<Column>,
    /// From the place of a column in the search to its place in the frame.
    order: Vec<usize>,
    fields: Vec<Field>,
    bits: u32,
    base: Groups<K>,
    values: Vec<usize>,
    judge: Judge,
    wholes: &'a [Whole],
    utility: Utility,
    counts: Vec<Vec<u64>>,
    rows: u64,
    end: Option<Instant>,
    stop: &'a Stop,
    late: AtomicBool,
    counted: AtomicU64,
    state: Mutex<Progress>,
}

impl<'a, K: Key> Search<'a, K> {
    pub(super) fn new(lattice: &Lattice<'a>, limits: Limits, stop: &'a Stop) -> Self {
        let (columns, microdata) = (lattice.columns, lattice.microdata);
        let counts = microdata.counts(columns);
        // Columns of many values first: what they rule out is ruled out early, and groups become few soon.
        let mut order: Vec<usize> = (0..columns.len()).collect();
        order.sort_by_key(|&column| std::cmp::Reverse(columns[column].leaf_codes()));
        let (fields, bits) = fields(order.iter().map(|&column| columns[column].leaf_codes()));
        let mut of_column = vec![fields[0]; columns.len()];
        for (&column, &field) in order.iter().zip(&fields) {
            of_column[column] = field;
        }
        Self {
            base: microdata.base(&of_column),
            columns: order.iter().map(|&column| columns[column].clone()).collect(),
            counts: order.iter().map(|&column| counts[column].clone()).collect(),
            order,
            fields,
            bits,
            values: microdata.values().to_vec(),
            judge: Judge::new(lattice.models),
            wholes: lattice.wholes,
            utility: lattice.utility,
            rows: microdata.rows() as u64,
            end: limits.time.map(|time| Instant::now() + time),
            stop,
            late: AtomicBool::new(false),
            counted: AtomicU64::new(0),
            state: Mutex::default(),
        }
    }

    pub(super) fn run(self) -> Result<Found> {
        let meter = Meter::new(self.utility, &self.columns, &self.counts, self.rows);
        let least: Vec<usize> = (0..self.columns.len()).map(|column| self.least_level(column)).collect();
        let drops = meter.needs_no_suppressed_rows() && !self.judge.looks_at_absent();
        let walk = Walk {
            search: &self,
            meter: &meter,
            drops,
        };
        let start = State::new(self.base.clone());
        walk.choose(0, &start, &least, 0)?;
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let bound = match (state.left, &state.best) {
            (Some(left), Some(best)) if best.score.compare(&left).is_lt() => Some(best.score.clone()),
            (left, _) => left,
        };
        Ok(Found {
            best: state.best,
            bound,
            counted: self.counted.into_inner(),
            visited: state.visited,
        })
    }

    fn state(&self) -> std::sync::MutexGuard<'_, Progress> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The least level of a column that is not ruled out by the column alone.
    fn least_level(&self, column: usize) -> usize {
        let suppressed = |level: &usize| -> u64 {
            let level = &self.columns[column].levels[*level];
            let mut rows = vec![0; level.codes];
            for (&code, &count) in level.of_leaf.iter().zip(&self.counts[column]) {
                rows[code as usize] += count;
            }
            rows.into_iter().filter(|rows| *rows < self.judge.least_rows()).sum()
        };
        let height = self.columns[column].height();
        (0..height)
            .find(|level| suppressed(level) <= self.judge.budget())
            .unwrap_or(height)
    }

    /// Whether a bound is worse than the best that is known.
    fn is_hopeless(&self, bound: &Score) -> bool {
        self.state()
            .best
            .as_ref()
            .is_some_and(|best| bound.exceeds(&best.score))
    }

    fn is_late(&self) -> bool {
        if !self.late.load(Ordering::Relaxed) && self.end.is_some_and(|end| Instant::now() >= end) {
            self.late.store(true, Ordering::Relaxed);
        }
        self.late.load(Ordering::Relaxed)
    }

    /// Remembers that nodes of this bound were not looked at.
    fn leave(&self, bound: Score) {
        let mut state = self.state();
        if state.left.as_ref().is_none_or(|left| bound.compare(left).is_lt()) {
            state.left = Some(bound);
        }
    }

    fn report(&self, levels: &[usize], safe: bool, suppressed: u64, mut score: Score) {
        self.counted.fetch_add(1, Ordering::Relaxed);
        let values = score.values.clone();
        let mut in_frame = vec![0; levels.len()];
        for (place, (&column, &level)) in self.order.iter().zip(levels).enumerate() {
            in_frame[column] = level;
            if let Some(&value) = values.get(place) {
                score.values[column] = value;
            }
        }
        let node = Visited {
            levels: in_frame,
            safe,
            suppressed,
            score,
        };
        let mut state = self.state();
        let better = |best: &Visited| {
            let by_score = node.score.compare(&best.score);
            let height = |node: &Visited| node.levels.iter().sum::<usize>();
            by_score
                .then(height(&node).cmp(&height(best)))
                .then_with(|| node.levels.cmp(&best.levels))
                .is_lt()
        };
        if safe && state.best.as_ref().is_none_or(better) {
            state.best = Some(node.clone());
        }
        if state.visited.len() < REMEMBERED {
            state.visited.push(node);
        }
    }
}

/// A search with what is computed from it once.
struct Walk<'a, K> {
    search: &'a Search<'a, K>,
    meter: &'a Meter<'a>,
    /// Whether groups that are lost for good need not be carried on.
    drops: bool,
}

/// A level of the next column that is worth a look.
struct Choice<K> {
    level: usize,
    classes: Classes<K>,
    suppressed: u64,
    bound: Score,
}

impl<K: Key> Walk<'_, K> {
    /// Levels of the column at `depth` that are not ruled out; `levels` has those chosen before and the least after.
    fn choices(
        &self,
        depth: usize,
        state: &State<K>,
        levels: &[usize],
        suppressed: u64,
        scratch: &mut Scratch,
    ) -> (Pairs, Vec<Choice<K>>) {
        let search = self.search;
        let column = &search.columns[depth];
        let pairs = state.pairs(search.fields[depth], column.leaf_codes(), scratch);
        let mut tried = levels.to_vec();
        let mut choices = Vec::new();
        let known = |suppressed| AtLeast {
            suppressed,
            classes: state.groups.len(),
            squares: 0.0,
        };
        for level in levels[depth]..=column.height() {
            tried[depth] = level;
            if search.is_hopeless(&self.meter.bound(&tried, known(suppressed))) {
                continue;
            }
            let Level { of_leaf, codes, .. } = &column.levels[level];
            let classes = state.classes(&pairs, (search.fields[depth], of_leaf, *codes), &search.judge, scratch);
            let suppressed = state.dropped + classes.suppressed();
            if suppressed > search.judge.budget() {
                continue;
            }
            let mut bound = self.meter.bound(&tried, known(suppressed));
            if search.is_hopeless(&bound) {
                continue;
            }
            if self.drops {
                let kept = Judged {
                    keys: &classes.keys,
                    rows: &classes.rows,
                    fails: &classes.fails,
                    dropped: state.dropped,
                };
                bound = self.meter.closer_bound(bound, &tried, kept, &search.fields[..=depth]);
            }
            if !search.is_hopeless(&bound) {
                choices.push(Choice {
                    level,
                    classes,
                    suppressed,
                    bound,
                });
            }
        }
        // What promises most comes first: others are measured by it.
        choices.sort_by(|a, b| a.bound.compare(&b.bound));
        (pairs, choices)
    }

    fn raised(
        &self,
        depth: usize,
        state: &State<K>,
        (pairs, choice): (&Pairs, &Choice<K>),
        scratch: &mut Scratch,
    ) -> State<K> {
        let search = self.search;
        scratch.bits = search.bits;
        let map = &search.columns[depth].levels[choice.level].of_leaf[..];
        let at = (search.fields[depth], map);
        state.raise(at, &search.values, (pairs, &choice.classes), self.drops, scratch)
    }

    /// Looks at all nodes that the levels of the columns before `depth` leave open.
    fn choose(&self, depth: usize, state: &State<K>, levels: &[usize], suppressed: u64) -> Result<()> {
        let search = self.search;
        search.stop.check()?;
        if search.is_late() {
            let least = AtLeast {
                suppressed,
                classes: state.groups.len(),
                squares: 0.0,
            };
            search.leave(self.meter.bound(levels, least));
            return Ok(());
        }
        let mut scratch = Scratch::default();
        let (pairs, choices) = self.choices(depth, state, levels, suppressed, &mut scratch);
        if depth < PARALLEL_DEPTH {
            return choices
                .par_iter()
                .try_for_each_init(Scratch::default, |scratch, choice| {
                    self.follow(depth, state, levels, (&pairs, choice), scratch)
                });
        }
        choices
            .iter()
            .try_for_each(|choice| self.follow(depth, state, levels, (&pairs, choice), &mut scratch))
    }

    fn follow(
        &self,
        depth: usize,
        state: &State<K>,
        levels: &[usize],
        (pairs, choice): (&Pairs, &Choice<K>),
        scratch: &mut Scratch,
    ) -> Result<()> {
        let search = self.search;
        if search.is_hopeless(&choice.bound) {
            return Ok(());
        }
        let mut levels = levels.to_vec();
        levels[depth] = choice.level;
        let raised = self.raised(depth, state, (pairs, choice), scratch);
        if depth + 1 == search.columns.len() {
            self.judge(&levels, &raised);
            return Ok(());
        }
        let squares = raised.groups.rows.iter().map(|&rows| rows as f64 * rows as f64).sum();
        let least = AtLeast {
            suppressed: choice.suppressed,
            classes: raised.groups.len(),
            squares,
        };
        if search.is_hopeless(&self.meter.bound(&levels, least)) {
            return Ok(());
        }
        self.choose(depth + 1, &raised, &levels, choice.suppressed)
    }

    /// Judges and measures a node whose classes these are.
    fn judge(&self, levels: &[usize], state: &State<K>) {
        let search = self.search;
        let verdict = search.judge.verdict(&state.groups, state.dropped, search.wholes);
        let judged = Judged {
            keys: &state.groups.keys,
            rows: &state.groups.rows,
            fails: &verdict.fails,
            dropped: state.dropped,
        };
        let score = self.meter.exact(levels, judged, &search.fields);
        search.report(levels, verdict.safe, verdict.suppressed, score);
    }
}
