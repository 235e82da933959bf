//! The protection of tables too large for programs over all cells.
//!
//! For each secret cell and each end of its interval a sparse certificate is sought: first among cells hidden already,
//! then with the cheapest cells that would have to be hidden, in patterns ([`super::patterns`]) or, where no pattern
//! helps, by a program on the neighborhood ([`super::local`]). Whole numbers throughout, but in programs.

use super::audit::Proof;
use super::knowledge::Layout;
use super::patterns::{Ask, Board, Compass, Leave, Pattern, Spot, Thoroughness};
use super::product::Product;
use super::{Status, local};
use crate::error::{Error, Result};
use crate::stop::Stop;

/// Cells of the neighborhoods tried one after the other; the larger one is the whole of a table of some hundreds.
const NEIGHBORHOODS: [usize; 2] = [150, 1_000];
/// Into how many patterns one amount may be split.
const SPLITS: usize = 12;
/// How many cells cleaning may look at.
const CLEANING: usize = 150_000_000;

pub(super) struct Large<'a> {
    pub(super) layout: &'a Layout<'a>,
    pub(super) board: Board,
    compass: Option<Compass<'a>>,
    pub(super) proof: Proof,
    /// What each certificate proves, as cell and end.
    pub(super) proves: Vec<Vec<(usize, usize)>>,
    /// Statuses as they were before each change.
    journal: Vec<(usize, Status)>,
    thoroughness: Thoroughness,
    stop: &'a Stop,
}

/// A way to prove ends of a cell: what would change, and what it proves.
struct Attempt {
    cost: f64,
    statuses: Vec<(usize, Status)>,
    certificates: Vec<Vec<(usize, f64)>>,
}

impl<'a> Large<'a> {
    pub(super) fn new(
        layout: &'a Layout<'a>,
        product: Option<&'a Product>,
        statuses: Vec<Status>,
        stop: &'a Stop,
    ) -> Self {
        let cells = layout.cells;
        let prices = layout.prices();
        let mut movable: Vec<bool> = (0..statuses.len()).map(|i| !layout.is_structural(i)).collect();
        if let Some(product) = product {
            // A pattern knows the relations of the product alone.
            let own = product.relation_count();
            for relation in cells.relations.iter().skip(own) {
                for &i in relation.parts.iter().chain([&relation.total]) {
                    movable[i] = false;
                }
            }
        }
        let spots = (0..statuses.len())
            .map(|i| Spot {
                value: cells.values[i] as i64,
                base: 0,
                price: prices[i],
                status: statuses[i],
                floor: 1,
                open: layout.fixed(i).is_none(),
                movable: movable[i],
            })
            .collect();
        let mut large = Self {
            layout,
            board: Board {
                spots,
                threshold: cells.threshold as i64,
            },
            compass: product
                .filter(|p| !p.axes.is_empty())
                .map(|product| Compass::new(product, cells.values)),
            proof: Proof {
                certificates: Vec::new(),
                of: vec![[None; 2]; statuses.len()],
            },
            proves: Vec::new(),
            journal: Vec::new(),
            thoroughness: Thoroughness::Normal,
            stop,
        };
        large.lower_floors();
        large
    }

    /// Hides what it takes, and returns the statuses with their proof.
    pub(super) fn protect(mut self) -> Result<(Vec<Status>, Proof)> {
        loop {
            let open = self.open_cells();
            if open.is_empty() {
                break;
            }
            for (n, cell) in open.into_iter().enumerate() {
                if n % 64 == 0 {
                    self.stop.check()?;
                }
                self.secure(cell)?;
            }
            self.lower_floors();
        }
        self.clean()?;
        let statuses = self.statuses();
        Ok((statuses, self.proof))
    }

    /// The proof of statuses chosen elsewhere, as far as it is found.
    pub(super) fn prove(mut self) -> Result<Proof> {
        for cell in self.open_cells() {
            self.stop.check()?;
            for end in [1, 0] {
                self.thoroughness = Thoroughness::Normal;
                if self.needs(cell, end) == 0 || self.reach_freely(cell, end) {
                    continue;
                }
                self.thoroughness = Thoroughness::Wide;
                if self.reach_freely(cell, end) {
                    continue;
                }
                for limit in NEIGHBORHOODS {
                    if self.solve(cell, end, Leave::Nothing, limit) {
                        break;
                    }
                }
            }
        }
        Ok(self.proof)
    }

    fn statuses(&self) -> Vec<Status> {
        self.board.spots.iter().map(|spot| spot.status).collect()
    }

    /// Hiding more can only make more zeros possible.
    fn lower_floors(&mut self) {
        let zero = self.layout.zero_is_possible(&self.statuses());
        for (spot, zero) in self.board.spots.iter_mut().zip(zero) {
            spot.floor = i8::from(!zero);
        }
    }

    /// Cells with an end that is not proven, those of few persons in many relations first.
    fn open_cells(&self) -> Vec<usize> {
        let mut open: Vec<usize> = (0..self.board.spots.len())
            .filter(|&cell| (0..2).any(|end| self.needs(cell, end) != 0))
            .collect();
        let parts = |&cell: &usize| {
            self.layout.relations_of[cell]
                .iter()
                .filter(|r| self.layout.relation(**r).total == cell)
                .count()
        };
        open.sort_by_key(parts);
        open
    }

    /// The deviation that a cell still has to be proven to allow at an end; zero for none.
    fn needs(&self, cell: usize, end: usize) -> i64 {
        if self.proof.of[cell][end].is_some() {
            return 0;
        }
        let spot = &self.board.spots[cell];
        self.layout
            .demand(cell, spot.status)
            .map_or(0, |(low, high)| match end {
                0 => (low as i64 - spot.value).min(0),
                _ => (high as i64 - spot.value).max(0),
            })
    }

    /// Hides what it takes for both ends of one cell.
    fn secure(&mut self, cell: usize) -> Result<()> {
        for end in [1, 0] {
            let _ = self.needs(cell, end) == 0 || self.reach_freely(cell, end);
        }
        let (up, down) = (self.needs(cell, 1), self.needs(cell, 0));
        if up != 0 && down != 0 {
            // One set of hidden cells for both ends, or one for each.
            let both = self.attempt(|large| large.reach(cell, [up, down], Leave::Hide));
            let each = self.attempt(|large| large.hide_for(cell, 1) && large.hide_for(cell, 0));
            self.take_cheapest(vec![both, each]);
        }
        for end in [1, 0] {
            let reached = self.needs(cell, end) == 0
                || self.reach_freely(cell, end)
                || self.hide_for(cell, end)
                || self.reach(cell, [self.needs(cell, end), 0], Leave::Withhold)
                || self.reach_in_parts(cell, end, Leave::Withhold, 1, Thoroughness::Normal)
                || self.reach_in_parts(cell, end, Leave::Withhold, 1, Thoroughness::Wide)
                || self.solve_around(cell, end);
            if !reached {
                self.withhold_table(cell, end)?;
            }
        }
        Ok(())
    }

    /// The cheapest of several ways to hide cells for one end.
    fn hide_for(&mut self, cell: usize, end: usize) -> bool {
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
    fn attempt(&mut self, way: impl FnOnce(&mut Self) -> bool) -> Option<Attempt> {
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

    fn take_cheapest(&mut self, ways: Vec<Option<Attempt>>) -> bool {
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

    fn set(&mut self, cell: usize, status: Status) {
        let before = std::mem::replace(&mut self.board.spots[cell].status, status);
        if before != status {
            self.journal.push((cell, before));
        }
    }

    fn find(&self, ask: &Ask) -> Option<Pattern> {
        self.compass
            .as_ref()
            .filter(|compass| compass.covers(ask.cell))?
            .find(&self.board, ask, f64::INFINITY)
    }

    /// Whether hidden cells alone take a cell to an end.
    pub(super) fn reach_freely(&mut self, cell: usize, end: usize) -> bool {
        let by = self.needs(cell, end);
        self.reach(cell, [by, 0], Leave::Nothing)
            || self.reach_in_parts(cell, end, Leave::Nothing, 1, self.thoroughness)
    }

    /// One pattern for one deviation, or for each of two.
    fn reach(&mut self, cell: usize, moves: [i64; 2], leave: Leave) -> bool {
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
    fn join(&mut self, pattern: &Pattern, ask: &Ask) {
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
    fn reach_in_parts(
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
                    None => by = (by + by.signum()) / 2,
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
    fn keep(&mut self, entries: Vec<(usize, f64)>) {
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

    fn solve_around(&mut self, cell: usize, end: usize) -> bool {
        [Leave::Hide, Leave::Withhold]
            .into_iter()
            .any(|leave| NEIGHBORHOODS.iter().any(|&limit| self.solve(cell, end, leave, limit)))
    }

    /// A program on the neighborhood of a cell.
    fn solve(&mut self, cell: usize, end: usize, leave: Leave, limit: usize) -> bool {
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
    fn balances(&self, entries: &[(usize, f64)]) -> bool {
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

    /// The last resort: nothing of the table is told, so that it may be any multiple of itself.
    fn withhold_table(&mut self, cell: usize, end: usize) -> Result<()> {
        let table = self.layout.component_of(cell, |_| true);
        let blocking = || table.iter().copied().filter(|&i| self.layout.fixed(i).is_some());
        let shown: Vec<usize> = blocking()
            .filter(|&i| self.board.spots[i].status == Status::Visible && self.board.spots[i].value > 0)
            .collect();
        if !shown.is_empty() {
            return Err(released(cell, shown));
        }
        let value = self.board.spots[cell].value as f64;
        if blocking().next().is_some() || value == 0.0 {
            return Err(Error::Argument(format!(
                "the interval demanded for cell {cell} is not possible in this table: demand less, or hide zeros beside it"
            )));
        }
        for &i in &table {
            if !self.layout.is_structural(i) {
                self.board.spots[i].status = Status::Withheld;
            }
        }
        self.lower_floors();
        let factor = self.needs(cell, end) as f64 / value;
        let entries = table
            .iter()
            .map(|&i| (i, factor * self.board.spots[i].value as f64))
            .filter(|(_, by)| *by != 0.0)
            .collect();
        self.keep(entries);
        Ok(())
    }

    /// Shows protective cells again that no certificate needs, the dearest first.
    fn clean(&mut self) -> Result<()> {
        let mut uses: Vec<Vec<usize>> = vec![Vec::new(); self.board.spots.len()];
        let mut noted = 0;
        let mut candidates: Vec<usize> = (0..uses.len()).filter(|&i| self.may_be_shown(i)).collect();
        candidates.sort_by(|&a, &b| {
            self.board.spots[b]
                .price
                .total_cmp(&self.board.spots[a].price)
                .then(a.cmp(&b))
        });
        let looked = |large: &Self| large.compass.as_ref().map_or(0, |compass| compass.looked.get());
        let before = looked(self);
        self.thoroughness = Thoroughness::Quick;
        for (n, candidate) in candidates.into_iter().enumerate() {
            if n % 64 == 0 {
                self.stop.check()?;
            }
            if looked(self) - before > CLEANING {
                break;
            }
            for certificate in noted..self.proof.certificates.len() {
                for &(i, _) in &self.proof.certificates[certificate] {
                    if self.board.spots[i].status == Status::Protective {
                        uses[i].push(certificate);
                    }
                }
            }
            noted = self.proof.certificates.len();
            self.try_to_show(candidate, &uses[candidate]);
        }
        Ok(())
    }

    /// Whether a cell could be shown without a word lost on what is possible elsewhere.
    fn may_be_shown(&self, cell: usize) -> bool {
        let status = |i: usize| self.board.spots[i].status;
        let in_withheld = |r: &usize| {
            let total = self.layout.relation(*r).total;
            total != cell && status(total) == Status::Withheld
        };
        status(cell) == Status::Protective
            && self.board.spots[cell].open
            && self.layout.demand(cell, Status::Protective).is_none()
            && !self.layout.relations_of[cell].iter().any(in_withheld)
    }

    fn try_to_show(&mut self, candidate: usize, uses: &[usize]) {
        let kept = self.proof.certificates.len();
        let mut opened = Vec::new();
        self.board.spots[candidate].status = Status::Visible;
        for &certificate in uses {
            for &(cell, end) in &self.proves[certificate] {
                if self.proof.of[cell][end] == Some(certificate) {
                    self.proof.of[cell][end] = None;
                    opened.push((cell, end, certificate));
                }
            }
        }
        for at in 0..opened.len() {
            let (cell, end, _) = opened[at];
            if self.needs(cell, end) != 0 && !self.reach_freely(cell, end) {
                self.board.spots[candidate].status = Status::Protective;
                for &(cell, end, certificate) in &opened {
                    self.proof.of[cell][end] = Some(certificate);
                }
                self.proof.certificates.truncate(kept);
                self.proves.truncate(kept);
                return;
            }
        }
    }
}

/// Why a cell cannot be protected: what was shown before.
pub(super) fn released(cell: usize, shown: Vec<usize>) -> Error {
    Error::Released {
        message: format!(
            "what earlier releases show leaves cell {cell} without protection: release the table without the cells \
             that it shares with them"
        ),
        cells: shown,
    }
}
