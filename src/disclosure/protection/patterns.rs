//! Patterns: small sets of cells of a product table whose deviations balance in every relation.
//!
//! In one dimension, moving a unit from leaf `b` to leaf `a` changes exactly the nodes that hold one of the two; adding
//! a unit at `a` alone changes the nodes that hold `a`. The product of one such move per dimension keeps every relation.
//! This is the hypercube method (Repsilber 1994; Giessing and Repsilber, GHMITER, 2002) carried from plain cross-tables
//! over to hierarchies: cells are searched for from one secret cell outwards, dimension by dimension, the cheapest first.

use std::cell::{Cell, OnceCell};

use super::Status;
use super::product::Product;

/// What a pattern may do to the cells it meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Leave {
    /// Move cells that are hidden already, within their bounds.
    Nothing,
    /// Hide visible cells.
    Hide,
    /// Also take what is said about the size of hidden cells.
    Withhold,
}

/// A table in the course of a search, as a pattern sees it.
#[derive(Debug)]
pub(super) struct Board {
    pub(super) spots: Vec<Spot>,
    pub(super) threshold: i64,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    pub(super) value: i64,
    /// The deviation that a certificate under construction has reached.
    pub(super) base: i64,
    pub(super) price: f64,
    pub(super) status: Status,
    /// The least that a hidden cell can be.
    pub(super) floor: i8,
    /// Whether its status may change.
    pub(super) open: bool,
    /// Whether it may deviate at all.
    pub(super) movable: bool,
    /// Whether it stands in relations that the dimensions do not know.
    pub(super) tied: bool,
}

/// What withholding costs, relative to a cell's price.
const SILENCE: f64 = 0.7;

impl Spot {
    /// The status in which a cell may take all values from `least` to `most`, and what that costs.
    fn status_for(&self, least: i64, most: i64, threshold: i64, leave: Leave) -> Option<(Status, f64)> {
        if !self.movable || least < self.floor as i64 {
            return None;
        }
        let fits = match self.status {
            Status::Visible => false,
            Status::Small => most < threshold,
            Status::Protective => least >= threshold,
            Status::Withheld => true,
        };
        if fits {
            return Some((self.status, 0.0));
        }
        if !self.open || leave == Leave::Nothing {
            return None;
        }
        match self.status {
            Status::Visible if self.value == 0 => None,
            Status::Visible if least >= threshold && self.value >= threshold => Some((Status::Protective, self.price)),
            _ if leave == Leave::Hide => None,
            Status::Visible => Some((Status::Withheld, self.price * (1.0 + SILENCE))),
            _ => Some((Status::Withheld, self.price * SILENCE)),
        }
    }

    /// What it costs that a cell has its status and not the one before.
    pub(super) fn price_of(&self, before: Status) -> f64 {
        let hidden = if before == Status::Visible { self.price } else { 0.0 };
        let silent = if self.status == Status::Withheld {
            self.price * SILENCE
        } else {
            0.0
        };
        hidden + silent
    }

    fn reach(&self, sign: i64, moves: [i64; 2]) -> (i64, i64) {
        let first = self.value + self.base + sign * moves[0];
        let second = self.value + self.base + sign * moves[1];
        (first.min(second), first.max(second))
    }
}

impl Board {
    fn cost(&self, cell: usize, sign: i8, ask: &Ask) -> Option<f64> {
        if self.spots[cell].tied {
            return None;
        }
        self.cost_anywhere(cell, sign, ask)
    }

    /// The cost of a cell in a pattern that knows all relations.
    pub(super) fn cost_anywhere(&self, cell: usize, sign: i8, ask: &Ask) -> Option<f64> {
        let spot = &self.spots[cell];
        let (least, most) = spot.reach(sign as i64, ask.moves);
        spot.status_for(least, most, self.threshold, ask.leave)
            .map(|(_, cost)| cost)
    }

    /// The status a cell takes when it joins a pattern.
    pub(super) fn joining(&self, cell: usize, sign: i8, ask: &Ask) -> Option<Status> {
        let spot = &self.spots[cell];
        let (least, most) = spot.reach(sign as i64, ask.moves);
        spot.status_for(least, most, self.threshold, ask.leave)
            .map(|(status, _)| status)
    }
}

/// One way to move in one dimension, seen from the node of the secret cell, which moves by plus one: the others that
/// move, as distances between cell numbers.
#[derive(Debug, Clone)]
struct Step(Vec<(isize, i8)>);

/// How many ways are looked at from one node: leaves inside it, and leaves outside for each of them.
#[derive(Debug, Clone, Copy)]
struct Width {
    inside: usize,
    outside: usize,
    /// How many ways are followed at each dimension but the last.
    beam: usize,
    /// How many cells may be looked at in one search.
    effort: usize,
}

const NARROW: Width = Width {
    inside: 10,
    outside: 24,
    beam: 4,
    effort: 6_000,
};
/// For cells that are shown again if that is easily proven.
const QUICK: usize = 800;
const WIDE: Width = Width {
    inside: 60,
    outside: 60,
    beam: 16,
    effort: 400_000,
};

/// What is asked for: a pattern in which the cell itself moves by each of two amounts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask {
    pub(super) cell: usize,
    /// Deviations, each on its own, that the pattern must allow; zero for none.
    pub(super) moves: [i64; 2],
    pub(super) leave: Leave,
    pub(super) thoroughness: Thoroughness,
}

/// How long a pattern is sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thoroughness {
    Quick,
    Normal,
    Wide,
}

/// A set of cells, each with the sign of its deviation relative to the cell asked for.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    pub(super) entries: Vec<(usize, i8)>,
    pub(super) cost: f64,
}

/// The dimensions of a table, with the ways to move in each.
#[derive(Debug)]
pub(super) struct Compass<'a> {
    product: &'a Product,
    /// Sum of the values at each node of each dimension: leaves that hold much come first.
    weights: Vec<Vec<f64>>,
    narrow: Vec<Vec<OnceCell<Vec<Step>>>>,
    wide: Vec<Vec<OnceCell<Vec<Step>>>>,
    /// Cells looked at so far: a measure of work that does not depend on the machine.
    pub(super) looked: Cell<usize>,
}

impl<'a> Compass<'a> {
    pub(super) fn new(product: &'a Product, values: &[u64]) -> Self {
        let cells = || {
            product
                .axes
                .iter()
                .map(|axis| vec![OnceCell::new(); axis.nodes])
                .collect()
        };
        let mut weights: Vec<Vec<f64>> = product.axes.iter().map(|axis| vec![0.0; axis.nodes]).collect();
        for (cell, &value) in values.iter().take(product.size()).enumerate() {
            for (axis, weights) in weights.iter_mut().enumerate() {
                weights[product.node(cell, axis)] += value as f64;
            }
        }
        Self {
            product,
            weights,
            narrow: cells(),
            wide: cells(),
            looked: Cell::new(0),
        }
    }

    pub(super) fn covers(&self, cell: usize) -> bool {
        cell < self.product.size()
    }

    /// The cheapest pattern found, below a bound on its cost.
    pub(super) fn find(&self, board: &Board, ask: &Ask, bound: f64) -> Option<Pattern> {
        let own = board.cost(ask.cell, 1, ask)?;
        let wide = ask.thoroughness == Thoroughness::Wide;
        let mut width = if wide { WIDE } else { NARROW };
        if ask.thoroughness == Thoroughness::Quick {
            width.effort = QUICK;
        }
        let mut ways: Vec<&[Step]> = (0..self.product.axes.len())
            .map(|axis| self.steps(axis, self.product.node(ask.cell, axis), wide))
            .collect();
        ways.sort_by_key(|steps| steps.len());
        let mut walk = Walk {
            board,
            ask,
            ways,
            width,
            partial: vec![(ask.cell, 1)],
            bound,
            best: None,
            looked: 0,
        };
        walk.extend(0, own);
        self.looked.set(self.looked.get() + walk.looked);
        walk.best
    }

    fn steps(&self, axis: usize, node: usize, wide: bool) -> &[Step] {
        let (cache, width) = if wide {
            (&self.wide, WIDE)
        } else {
            (&self.narrow, NARROW)
        };
        cache[axis][node].get_or_init(|| self.make_steps(axis, node, width))
    }

    fn make_steps(&self, d: usize, node: usize, width: Width) -> Vec<Step> {
        let axis = &self.product.axes[d];
        let weight = |leaf: &usize| -self.weights[d][*leaf];
        let inside = &axis.leaves[node];
        let mut own = inside.clone();
        own.sort_by(|a, b| weight(a).total_cmp(&weight(b)));
        own.truncate(width.inside);
        // Few leaves outside for each of many inside.
        let outside = (width.outside / own.len().min(width.inside)).max(3);
        let mut answer = Vec::new();
        for &a in &own {
            let others = (0..axis.nodes).filter(|&b| !axis.holders[b].is_empty() && inside.binary_search(&b).is_err());
            let mut ranked: Vec<(usize, f64, usize)> = others
                .map(|b| (difference(&axis.holders[a], &axis.holders[b]).len(), weight(&b), b))
                .collect();
            ranked.sort_by(|x, y| x.0.cmp(&y.0).then(x.1.total_cmp(&y.1)).then(x.2.cmp(&y.2)));
            let pairs = ranked
                .iter()
                .take(outside)
                .map(|&(_, _, b)| difference(&axis.holders[a], &axis.holders[b]));
            let alone = axis.holders[a].iter().map(|&holder| (holder, 1)).collect();
            for moved in pairs.chain([alone]) {
                answer.push(Step(
                    moved
                        .into_iter()
                        .filter(|&(other, _)| other != node)
                        .map(|(other, sign)| ((other as isize - node as isize) * axis.stride as isize, sign))
                        .collect(),
                ));
            }
        }
        answer
    }
}

/// Nodes that hold one of two leaves: plus for the first, minus for the second.
fn difference(first: &[usize], second: &[usize]) -> Vec<(usize, i8)> {
    let only = |one: &[usize], other: &[usize], sign: i8| -> Vec<(usize, i8)> {
        let missing = |node: &&usize| other.binary_search(node).is_err();
        one.iter().filter(missing).map(|&node| (node, sign)).collect()
    };
    let mut answer = only(first, second, 1);
    answer.extend(only(second, first, -1));
    answer
}

/// A search by branch and bound: a cell once in the pattern stays in it, so the cost so far is a lower bound.
struct Walk<'a> {
    board: &'a Board,
    ask: &'a Ask,
    ways: Vec<&'a [Step]>,
    width: Width,
    partial: Vec<(usize, i8)>,
    bound: f64,
    best: Option<Pattern>,
    looked: usize,
}

impl Walk<'_> {
    fn extend(&mut self, level: usize, cost: f64) {
        let steps = self.ways[level];
        let last = level + 1 == self.ways.len();
        let mut ranked: Vec<(f64, usize)> = Vec::new();
        for (s, step) in steps.iter().enumerate() {
            let limit = if last {
                ranked.first().map_or(self.bound, |best| best.0)
            } else {
                self.bound
            };
            if let Some(total) = self.price(step, cost, limit) {
                if last {
                    ranked.clear();
                }
                ranked.push((total, s));
                if last && total <= 0.0 {
                    break;
                }
            }
        }
        ranked.sort_by(|x, y| x.0.total_cmp(&y.0).then(x.1.cmp(&y.1)));
        ranked.truncate(self.width.beam);
        let before = self.partial.len();
        for (total, s) in ranked {
            if total >= self.bound || (self.looked > self.width.effort && self.best.is_some()) {
                break;
            }
            if self.looked > 4 * self.width.effort {
                return;
            }
            for at in 0..before {
                let (cell, sign) = self.partial[at];
                for &(offset, turn) in &steps[s].0 {
                    self.partial.push(((cell as isize + offset) as usize, sign * turn));
                }
            }
            if last {
                // Equal costs are kept from being found again.
                self.bound = total.min(self.bound);
                self.best = Some(Pattern {
                    entries: self.partial.clone(),
                    cost: total,
                });
            } else {
                self.extend(level + 1, total);
            }
            self.partial.truncate(before);
            if self.best.as_ref().is_some_and(|best| best.cost <= 0.0) {
                return;
            }
        }
    }

    /// The cost with one more step; none when a cell forbids it, or beyond the limit.
    fn price(&mut self, step: &Step, mut cost: f64, limit: f64) -> Option<f64> {
        for &(cell, sign) in &self.partial {
            for &(offset, turn) in &step.0 {
                self.looked += 1;
                cost += self
                    .board
                    .cost((cell as isize + offset) as usize, sign * turn, self.ask)?;
                if cost >= limit {
                    return None;
                }
            }
        }
        Some(cost)
    }
}
