//! Ways to prove one end of one cell, each tried, priced and taken back; the cheapest is taken.
//!
//! In patterns ([`super::patterns`]), one or several, and where no pattern helps by a program on the neighborhood
//! ([`super::local`]). Whole numbers throughout, but in programs.

use super::large::{Large, NEIGHBORHOODS};
use super::patterns::{Ask, Leave, Pattern, Thoroughness};
use super::{Status, local, repair};

/// Into how many patterns one amount may be split.
const SPLITS: usize = 12;

/// A way to prove ends of a cell: what would change, and what it proves.
pub(super) struct Attempt {
    cost: f64,
    statuses: Vec<(usize, Status)>,
    certificates: Vec<Vec<(usize, f64)>>,
}

impl Large<'_> {
    /// The cheapest of several ways to hide cells for one end.
    pub(super) fn hide_for(&mut self, cell: usize, end: usize) -> bool {
        let by = self.needs(cell, end);
        if by == 0 || self.reach_freely(cell, end) {
            return true;
        }
        let whole = self.attempt(|large| large.reach(cell, [by, 0], Leave::Hide));
        let mut ways = vec![whole];
        for share in [1, 2, 3, 5] {
            ways.push(self.attempt(|large| large.reach_in_parts(cell, end, Leave::Hide, share, Thoroughness::Normal)));
        }
        self.take_cheapest(ways)
    }

    /// What a way would change, and its price; nothing stays changed.
    pub(super) fn attempt(&mut self, way: impl FnOnce(&mut Self) -> bool) -> Option<Attempt> {
        let (mark, kept) = (self.journal.len(), self.proof.certificates.len());
        let reached = way(self);
        let mut answer = Attempt {
            cost: 0.0,
            statuses: Vec::new(),
            certificates: self.proof.certificates.split_off(kept),
        };
        for (cell, end) in self.proves.drain(kept..).flatten() {
            self.proof.of[cell][end] = None;
        }
        for (cell, before) in self.journal.drain(mark..).rev() {
            let spot = &mut self.board.spots[cell];
            answer.statuses.push((cell, spot.status));
            answer.cost += spot.price_of(before);
            spot.status = before;
        }
        answer.statuses.reverse();
        reached.then_some(answer)
    }

    pub(super) fn take_cheapest(&mut self, ways: Vec<Option<Attempt>>) -> bool {
        // The first of equals.
        let Some(best) = ways.into_iter().flatten().min_by(|a, b| a.cost.total_cmp(&b.cost)) else {
            return false;
        };
        for (cell, status) in best.statuses {
            self.set(cell, status);
        }
        for certificate in best.certificates {
            self.keep(certificate);
        }
        true
    }

    pub(super) fn set(&mut self, cell: usize, status: Status) {
        let before = std::mem::replace(&mut self.board.spots[cell].status, status);
        if before != status {
            self.journal.push((cell, before));
        }
    }

    pub(super) fn find(&self, ask: &Ask) -> Option<Pattern> {
        let compass = self.compass.as_ref().filter(|compass| compass.covers(ask.cell));
        let found = compass.and_then(|compass| compass.find(&self.board, ask, f64::INFINITY));
        if found.is_some() || (compass.is_some() && !self.is_linked) {
            return found;
        }
        repair::find(self.layout, &self.board, ask)
    }

    /// Whether hidden cells alone take a cell to an end.
    pub(super) fn reach_freely(&mut self, cell: usize, end: usize) -> bool {
        let by = self.needs(cell, end);
        self.reach(cell, [by, 0], Leave::Nothing)
            || self.reach_in_parts(cell, end, Leave::Nothing, 1, self.thoroughness)
    }

    /// One pattern for one deviation, or for each of two.
    pub(super) fn reach(&mut self, cell: usize, moves: [i64; 2], leave: Leave) -> bool {
        for thoroughness in [self.thoroughness, Thoroughness::Wide] {
            if thoroughness == Thoroughness::Wide && leave == Leave::Nothing && self.thoroughness != thoroughness {
                break;
            }
            let ask = Ask {
                cell,
                moves,
                leave,
                thoroughness,
            };
            let Some(pattern) = self.find(&ask) else {
                continue;
            };
            self.join(&pattern, &ask);
            for by in moves.into_iter().filter(|by| *by != 0) {
                let entries = pattern
                    .entries
                    .iter()
                    .map(|&(i, sign)| (i, (sign as i64 * by) as f64))
                    .collect();
                self.keep(entries);
            }
            return true;
        }
        false
    }

    /// Gives the cells of a pattern the statuses it needs.
    pub(super) fn join(&mut self, pattern: &Pattern, ask: &Ask) {
        if pattern.cost <= 0.0 {
            return;
        }
        for &(i, sign) in &pattern.entries {
            if let Some(status) = self.board.joining(i, sign, ask) {
                self.set(i, status);
            }
        }
    }

    /// Several patterns, one after the other, that together reach an end; none takes more than a `share` of the way.
    pub(super) fn reach_in_parts(
        &mut self,
        cell: usize,
        end: usize,
        leave: Leave,
        share: i64,
        thoroughness: Thoroughness,
    ) -> bool {
        let goal = self.needs(cell, end);
        let mut moved: Vec<usize> = Vec::new();
        let mut left = goal;
        for _ in 0..SPLITS {
            let most = (goal.abs() + share - 1) / share;
            let mut by = left.clamp(-most, most);
            let found = loop {
                let ask = Ask {
                    cell,
                    moves: [by, 0],
                    leave,
                    thoroughness,
                };
                match self.find(&ask) {
                    Some(pattern) => break Some((pattern, ask)),
                    None if by.abs() <= 1 || by.abs() < goal.abs() / SPLITS as i64 => break None,
                    None => by -= by / 2,
                }
            };
            let Some((pattern, ask)) = found else { break };
            self.join(&pattern, &ask);
            for &(i, sign) in &pattern.entries {
                self.board.spots[i].base += sign as i64 * by;
                moved.push(i);
            }
            left -= by;
            if left == 0 {
                break;
            }
        }
        moved.sort_unstable();
        moved.dedup();
        let entries = moved
            .into_iter()
            .map(|i| (i, std::mem::take(&mut self.board.spots[i].base) as f64))
            .filter(|(_, by)| *by != 0.0)
            .collect();
        if left == 0 && goal != 0 {
            self.keep(entries);
        }
        left == 0
    }

    /// Keeps a certificate, and notes every cell that it proves.
    pub(super) fn keep(&mut self, entries: Vec<(usize, f64)>) {
        let number = self.proof.certificates.len();
        let mut proves = Vec::new();
        for &(i, by) in &entries {
            let end = usize::from(by > 0.0);
            let needed = self.needs(i, end) as f64;
            let slack = 1e-7 * (1.0 + needed.abs());
            if needed != 0.0 && (by - needed) * needed.signum() >= -slack {
                self.proof.of[i][end] = Some(number);
                proves.push((i, end));
            }
        }
        self.proof.certificates.push(entries);
        self.proves.push(proves);
    }

    pub(super) fn solve_around(&mut self, cell: usize, end: usize) -> bool {
        [Leave::Hide, Leave::Withhold]
            .into_iter()
            .any(|leave| NEIGHBORHOODS.iter().any(|&limit| self.solve(cell, end, leave, limit)))
    }

    /// A program on the neighborhood of a cell.
    pub(super) fn solve(&mut self, cell: usize, end: usize, leave: Leave, limit: usize) -> bool {
        let goal = self.needs(cell, end);
        let Some(answer) = local::solve(self.layout, &self.board, cell, goal, leave, limit) else {
            return false;
        };
        let entries: Vec<(usize, f64)> = answer.iter().map(|&(i, by, _)| (i, by)).collect();
        if !self.balances(&entries) {
            return false;
        }
        for (i, _, status) in answer {
            if self.board.spots[i].open {
                self.set(i, status);
            }
        }
        self.keep(entries);
        self.needs(cell, end) == 0
    }

    /// Whether a solver's answer keeps the relations: the auditor would refuse it later, when it can no longer be replaced.
    pub(super) fn balances(&self, entries: &[(usize, f64)]) -> bool {
        let mut sums = std::collections::BTreeMap::<usize, (f64, f64)>::new();
        for &(i, by) in entries {
            for &r in &self.layout.relations_of[i] {
                let sum = sums.entry(r).or_default();
                sum.0 += if self.layout.relation(r).total == i { by } else { -by };
                sum.1 += by.abs();
            }
        }
        sums.values().all(|(sum, size)| sum.abs() <= 1e-7 * (1.0 + size))
    }
}
