//! The walk of a search: which levels of the next column are worth a look, and what they lead to.

use rayon::prelude::*;

use super::column::Level;
use super::groups::{Groups, Scratch};
use super::key::Key;
use super::meter::{AtLeast, Judged, Meter};
use super::search::Search;
use super::state::{Classes, Pairs, State};
use super::utility::Score;
use crate::error::Result;

/// Columns whose levels are tried on several threads.
const PARALLEL_DEPTH: usize = 3;

/// A search with what is computed from it once.
pub(super) struct Walk<'a, K> {
    pub(super) search: &'a Search<'a, K>,
    pub(super) meter: &'a Meter<'a>,
    /// Whether groups that are lost for good need not be carried on.
    pub(super) drops: bool,
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
        let pairs = state.pairs(&search.rests[depth], column.leaf_codes(), &mut scratch.numbering);
        let mut tried = levels.to_vec();
        let mut choices = Vec::new();
        let known = |suppressed| AtLeast::suppressed(suppressed, state.groups.len());
        for level in levels[depth]..=column.height() {
            tried[depth] = level;
            if search.is_hopeless(&self.meter.bound(&tried, known(suppressed))) {
                continue;
            }
            let Level { of_leaf, codes, .. } = &column.levels[level];
            let classes = state.classes(
                &pairs,
                (search.fields[depth], of_leaf, *codes),
                &search.judge,
                &mut scratch.numbering,
            );
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

    /// Looks at all nodes that the levels of the columns before `depth` leave open.
    pub(super) fn choose(&self, depth: usize, state: &State<K>, levels: &[usize], suppressed: u64) -> Result<()> {
        let search = self.search;
        search.stop.check()?;
        if search.is_late() {
            let least = AtLeast::suppressed(suppressed, state.groups.len());
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
        let rest = &search.rests[depth];
        let raised = state.raise(rest, &search.values, (pairs, &choice.classes), self.drops, scratch);
        if depth + 1 == search.columns.len() {
            let dropped = raised.dropped;
            self.judge(&levels, &raised.into_classes(), dropped);
            return Ok(());
        }
        let squares = raised.groups.rows.iter().map(|&rows| rows as f64 * rows as f64).sum();
        let least = AtLeast {
            squares,
            ..AtLeast::suppressed(choice.suppressed, raised.groups.len())
        };
        if search.is_hopeless(&self.meter.bound(&levels, least)) {
            return Ok(());
        }
        self.choose(depth + 1, &raised, &levels, choice.suppressed)
    }

    /// Judges and measures a node whose classes these are, and remembers it.
    pub(super) fn judge(&self, levels: &[usize], classes: &Groups<K>, dropped: u64) -> (bool, Score) {
        let search = self.search;
        let verdict = search.verdict(classes, dropped);
        let judged = Judged::new(classes, &verdict.fails, dropped);
        let score = self.meter.exact(levels, judged, &search.fields);
        search.report(levels, verdict.safe, verdict.suppressed, score.clone());
        (verdict.safe, score)
    }
}
