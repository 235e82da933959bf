//! A heuristic for large lattices: from the top down, one step at a time, to where no step is an improvement.
//!
//! Steps lower one column, or lower one and raise another (top-down specialization: Fung, Wang and Yu 2005). What is
//! found is what the branch and bound measures others by, and the answer when time runs out.

use rayon::prelude::*;

use super::column::Column;
use super::groups::Scratch;
use super::key::Key;
use super::meter::AtLeast;
use super::utility::Score;
use super::walk::Walk;
use crate::error::Result;

/// A node, its levels in the order of the search.
struct Place {
    levels: Vec<usize>,
    safe: bool,
    score: Score,
}

impl<K: Key> Walk<'_, K> {
    /// Climbs down from the node of all highest levels, if that one is safe, as long as there is time.
    pub(super) fn climb(&self, late: impl Fn() -> bool) -> Result<()> {
        let heights: Vec<usize> = self.search.columns.iter().map(Column::height).collect();
        let mut at = self.look(heights.clone(), &mut Scratch::default());
        while at.safe && !late() {
            self.search.stop.check()?;
            let nothing_known = AtLeast::suppressed(0, usize::MAX);
            let steps: Vec<Vec<usize>> = steps(&at.levels, &heights)
                .filter(|levels| !self.meter.bound(levels, nothing_known).exceeds(&at.score))
                .collect();
            let looked = steps
                .into_par_iter()
                .map_init(Scratch::default, |scratch, levels| self.look(levels, scratch));
            let safe = looked.filter(|place| place.safe);
            let best = safe.min_by(|a, b| a.score.compare(&b.score).then_with(|| a.levels.cmp(&b.levels)));
            match best {
                Some(best) if best.score.compare(&at.score).is_lt() => at = best,
                _ => break,
            }
        }
        Ok(())
    }

    /// Counts, judges and measures a node.
    fn look(&self, levels: Vec<usize>, scratch: &mut Scratch) -> Place {
        let (safe, score) = self.judge(&levels, &self.search.classes(&levels, scratch), 0);
        Place { levels, safe, score }
    }
}

/// All nodes that lower one column by a level, or also raise another.
fn steps<'a>(at: &'a [usize], heights: &'a [usize]) -> impl Iterator<Item = Vec<usize>> + 'a {
    let lowered = (0..at.len()).filter(|&column| at[column] > 0).map(|column| {
        let mut levels = at.to_vec();
        levels[column] -= 1;
        (column, levels)
    });
    lowered.flat_map(move |(down, levels)| {
        let raised = (0..levels.len())
            .filter(|&up| up != down && levels[up] < heights[up])
            .map(|up| {
                let mut levels = levels.clone();
                levels[up] += 1;
                levels
            });
        let raised: Vec<Vec<usize>> = raised.collect();
        std::iter::once(levels).chain(raised)
    })
}
