//! Patterns in tables of any layout: a deviation is repaired, relation by relation, until every relation holds again.
//!
//! Where no dimensions are known, or cells stand in relations beyond those of the dimensions. Greedy: the next cell is the
//! one after which the fewest relations are broken, cheap cells before dear ones; so corners of rectangles and cubes close
//! of themselves. Several tries, each without cells that the one before began with.

use std::collections::{BTreeMap, BTreeSet};

use super::knowledge::Layout;
use super::patterns::{Ask, Board, Pattern, Thoroughness};

/// Cells of one pattern.
const STEPS: usize = 80;
/// How many broken relations a cell's price is worth.
const THRIFT: f64 = 0.3;
/// Members of relations that one try may look at.
const EFFORT: usize = 60_000;

/// The cheapest pattern of several tries.
pub(super) fn find(layout: &Layout<'_>, board: &Board, ask: &Ask) -> Option<Pattern> {
    let own = board.cost_anywhere(ask.cell, 1, ask)?;
    let mut banned = BTreeSet::new();
    let mut best: Option<Pattern> = None;
    let tries = match ask.thoroughness {
        Thoroughness::Quick => 2,
        Thoroughness::Normal => 5,
        Thoroughness::Wide => 16,
    };
    for _ in 0..tries {
        let mut repair = Repair {
            layout,
            board,
            ask,
            entries: vec![(ask.cell, 1)],
            inside: BTreeSet::from([ask.cell]),
            broken: BTreeMap::new(),
            cost: own,
        };
        repair.put(ask.cell, 1);
        let whole = repair.run(&banned, best.as_ref().map_or(f64::INFINITY, |best| best.cost));
        // What the try began with is out of bounds for the next.
        let Some(&(first, _)) = repair.entries.get(1) else {
            break;
        };
        banned.insert(first);
        if whole {
            best = Some(Pattern {
                entries: repair.entries,
                cost: repair.cost,
            });
            if repair.cost <= 0.0 {
                break;
            }
        }
    }
    best
}

struct Repair<'a> {
    layout: &'a Layout<'a>,
    board: &'a Board,
    ask: &'a Ask,
    entries: Vec<(usize, i8)>,
    inside: BTreeSet<usize>,
    /// By how much the total of a relation exceeds its parts.
    broken: BTreeMap<usize, i64>,
    cost: f64,
}

impl Repair<'_> {
    /// Whether every relation holds in the end, at a cost below the limit.
    fn run(&mut self, banned: &BTreeSet<usize>, limit: f64) -> bool {
        let mut looked = 0;
        while !self.broken.is_empty() {
            if self.entries.len() >= STEPS || looked > EFFORT {
                return false;
            }
            let mut best: Option<(f64, usize, i8, f64)> = None;
            for (&r, &excess) in &self.broken {
                let relation = self.layout.relation(r);
                let parts = relation.parts.iter().map(|&part| (part, 1));
                for (cell, turn) in parts.chain([(relation.total, -1)]) {
                    looked += 1;
                    let sign = turn * excess.signum() as i8;
                    if self.inside.contains(&cell) || banned.contains(&cell) {
                        continue;
                    }
                    let Some(cost) = self.board.cost_anywhere(cell, sign, self.ask) else {
                        continue;
                    };
                    let score = self.change(cell, sign) as f64 + THRIFT * cost;
                    if best.is_none_or(|(least, at, ..)| score < least || (score <= least && cell < at)) {
                        best = Some((score, cell, sign, cost));
                    }
                }
            }
            let Some((_, cell, sign, cost)) = best else {
                return false;
            };
            self.cost += cost;
            self.entries.push((cell, sign));
            self.inside.insert(cell);
            self.put(cell, sign);
            if self.cost >= limit {
                return false;
            }
        }
        true
    }

    fn effect(&self, r: usize, cell: usize, sign: i8) -> i64 {
        let sign = i64::from(sign);
        if self.layout.relation(r).total == cell {
            sign
        } else {
            -sign
        }
    }

    /// How much more the relations would be broken.
    fn change(&self, cell: usize, sign: i8) -> i64 {
        let relations = &self.layout.relations_of[cell];
        relations
            .iter()
            .map(|&r| {
                let before = self.broken.get(&r).copied().unwrap_or(0);
                (before + self.effect(r, cell, sign)).abs() - before.abs()
            })
            .sum()
    }

    fn put(&mut self, cell: usize, sign: i8) {
        for &r in &self.layout.relations_of[cell] {
            let after = self.broken.get(&r).copied().unwrap_or(0) + self.effect(r, cell, sign);
            if after == 0 {
                self.broken.remove(&r);
            } else {
                self.broken.insert(r, after);
            }
        }
    }
}
