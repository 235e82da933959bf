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

use super::column::Column;
use super::groups::{Groups, Scratch};
use super::judge::{Judge, Verdict};
use super::key::{Field, Key, fields};
use super::lattice::Lattice;
use super::meter::Meter;
use super::rest::{Rest, ascending, rests};
use super::state::State;
use super::utility::{Score, Utility};
use super::walk::Walk;
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
/// Nodes from which on a lattice is large, and how long to climb in one when time is not limited.
const LARGE: f64 = 1e5;
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Default)]
struct Progress {
    best: Option<Visited>,
    /// The least bound of what was left when time was up.
    left: Option<Score>,
    visited: Vec<Visited>,
}

pub(super) struct Search<'a, K> {
    pub(super) columns: Vec<Column>,
    /// From the place of a column in the search to its place in the frame.
    order: Vec<usize>,
    pub(super) fields: Vec<Field>,
    /// The groups in ascending order of their keys.
    base: Groups<K>,
    /// By depth: what is left of the groups.
    pub(super) rests: Vec<Rest>,
    pub(super) values: Vec<usize>,
    pub(super) judge: Judge,
    wholes: &'a [Whole],
    utility: Utility,
    counts: Vec<Vec<u64>>,
    rows: u64,
    nodes: f64,
    end: Option<Instant>,
    pub(super) stop: &'a Stop,
    late: AtomicBool,
    counted: AtomicU64,
    state: Mutex<Progress>,
}

impl<'a, K: Key> Search<'a, K> {
    pub(super) fn new(lattice: &'a Lattice, limits: Limits, stop: &'a Stop) -> Self {
        let Lattice {
            columns,
            microdata,
            counts,
            ..
        } = lattice;
        // Columns of many values first: what they rule out is ruled out early, and groups become few soon.
        let mut order: Vec<usize> = (0..columns.len()).collect();
        order.sort_by_key(|&column| std::cmp::Reverse(columns[column].leaf_codes()));
        let (fields, _) = fields(order.iter().map(|&column| columns[column].leaf_codes()));
        let mut of_column = vec![fields[0]; columns.len()];
        for (&column, &field) in order.iter().zip(&fields) {
            of_column[column] = field;
        }
        let base = microdata.base(&of_column);
        let base = base.in_order(&ascending(&base.keys, &fields));
        Self {
            rests: rests(&base.keys, &fields),
            base,
            columns: order.iter().map(|&column| columns[column].clone()).collect(),
            counts: order.iter().map(|&column| counts[column].clone()).collect(),
            order,
            fields,
            values: microdata.values().to_vec(),
            judge: Judge::new(&lattice.models),
            wholes: &lattice.wholes,
            utility: lattice.utility,
            rows: microdata.rows() as u64,
            nodes: lattice.nodes(),
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
        if self.end.is_some() || self.nodes > LARGE {
            let now = Instant::now();
            let half = self.end.map_or(PATIENCE, |end| end.saturating_duration_since(now) / 2);
            walk.climb(|| now.elapsed() >= half)?;
        }
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

    /// The classes of a node, straight from the groups.
    pub(super) fn classes(&self, levels: &[usize], scratch: &mut Scratch) -> Groups<K> {
        self.base.at(&self.fields, &self.columns, levels, &self.values, scratch)
    }

    pub(super) fn verdict(&self, classes: &Groups<K>, dropped: u64) -> Verdict {
        self.judge.verdict(classes, dropped, self.wholes)
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
    pub(super) fn is_hopeless(&self, bound: &Score) -> bool {
        self.state()
            .best
            .as_ref()
            .is_some_and(|best| bound.exceeds(&best.score))
    }

    pub(super) fn is_late(&self) -> bool {
        if !self.late.load(Ordering::Relaxed) && self.end.is_some_and(|end| Instant::now() >= end) {
            self.late.store(true, Ordering::Relaxed);
        }
        self.late.load(Ordering::Relaxed)
    }

    /// Remembers that nodes of this bound were not looked at.
    pub(super) fn leave(&self, bound: Score) {
        let mut state = self.state();
        if state.left.as_ref().is_none_or(|left| bound.compare(left).is_lt()) {
            state.left = Some(bound);
        }
    }

    pub(super) fn report(&self, levels: &[usize], safe: bool, suppressed: u64, mut score: Score) {
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
