//! The protection of tables too large for programs over all cells.
//!
//! For each secret cell and each end of its interval a sparse certificate is sought: first among cells hidden already,
//! then with the cheapest cells that would have to be hidden ([`super::attempts`]). What is here is the order of things:
//! which cell is next, what is done when nothing helps, and which cells are shown again in the end.

use super::audit::Proof;
use super::knowledge::Layout;
use super::patterns::{Ask, Board, Compass, Leave, Spot, Thoroughness};
use super::product::Product;
use super::{Status, local};
use crate::error::{Error, Result};
use crate::stop::Stop;

/// Cells of the neighborhoods tried one after the other; the larger one is the whole of a table of some hundreds.
pub(super) const NEIGHBORHOODS: [usize; 2] = [150, 1_000];
/// How many cells cleaning may look at.
const CLEANING: usize = 150_000_000;

pub(super) struct Large<'a> {
    pub(super) layout: &'a Layout<'a>,
    pub(super) board: Board,
    /// Whether cells stand in relations beyond those of the dimensions.
    pub(super) is_linked: bool,
    pub(super) compass: Option<Compass<'a>>,
    pub(super) proof: Proof,
    /// What each certificate proves, as cell and end.
    pub(super) proves: Vec<Vec<(usize, usize)>>,
    /// Statuses as they were before each change.
    pub(super) journal: Vec<(usize, Status)>,
    pub(super) thoroughness: Thoroughness,
    stop: &'a Stop,
}

impl<'a> Large<'a> {
    pub(super) fn new(
        layout: &'a Layout<'a>,
        product: Option<&'a Product>,
        statuses: &[Status],
        stop: &'a Stop,
    ) -> Self {
        let cells = layout.cells;
        let prices = layout.prices();
        let mut tied = vec![product.is_none(); statuses.len()];
        if let Some(product) = product {
            // A pattern knows the relations of the product alone.
            let own = product.relation_count();
            for relation in cells.relations.iter().skip(own) {
                for &i in relation.parts.iter().chain([&relation.total]) {
                    tied[i] = true;
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
                movable: !layout.is_structural(i),
                tied: tied[i],
            })
            .collect();
        let mut large = Self {
            layout,
            is_linked: tied.contains(&true),
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
        self.hold_determined_cells();
        for cell in self.open_cells() {
            self.stop.check()?;
            if !self.board.spots[cell].movable {
                continue;
            }
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

    /// A hidden cell alone in a relation follows by subtraction, and then others with it: none of these can deviate.
    fn hold_determined_cells(&mut self) {
        let layout = self.layout;
        for spot in &mut self.board.spots {
            spot.movable &= spot.status != Status::Visible;
        }
        let mut queue: Vec<usize> = (0..layout.cells.relations.len()).collect();
        while let Some(r) = queue.pop() {
            let relation = layout.relation(r);
            let members = relation.parts.iter().chain([&relation.total]);
            let mut free = members.copied().filter(|&i| self.board.spots[i].movable);
            if let (Some(alone), None) = (free.next(), free.next()) {
                self.board.spots[alone].movable = false;
                queue.extend(&layout.relations_of[alone]);
            }
        }
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
    pub(super) fn needs(&self, cell: usize, end: usize) -> i64 {
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

    /// The last resort: nothing of the table is told, so that it may be any multiple of itself.
    fn withhold_table(&mut self, cell: usize, end: usize) -> Result<()> {
        let table = self.layout.component_of(cell, |_| true);
        let blocking = || table.iter().copied().filter(|&i| self.layout.fixed(i).is_some());
        let shown: Vec<usize> = blocking()
            .filter(|&i| self.board.spots[i].status == Status::Visible && self.board.spots[i].value > 0)
            .collect();
        if !shown.is_empty() {
            return Err(released(cell, self.in_the_way(cell, end, shown)));
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

    /// Which of the cells shown earlier would have to be hidden.
    fn in_the_way(&mut self, cell: usize, end: usize, shown: Vec<usize>) -> Vec<usize> {
        for &i in &shown {
            self.board.spots[i].open = true;
        }
        let ask = Ask {
            cell,
            moves: [self.needs(cell, end), 0],
            leave: Leave::Withhold,
            thoroughness: Thoroughness::Wide,
        };
        let helpful: Vec<usize> = match self.find(&ask) {
            Some(pattern) => pattern.entries.into_iter().map(|(i, _)| i).collect(),
            None => NEIGHBORHOODS
                .iter()
                .find_map(|&limit| local::solve(self.layout, &self.board, cell, ask.moves[0], ask.leave, limit))
                .unwrap_or_default()
                .into_iter()
                .map(|(i, ..)| i)
                .collect(),
        };
        let blocking: Vec<usize> = shown.iter().copied().filter(|i| helpful.contains(i)).collect();
        if blocking.is_empty() { shown } else { blocking }
    }

    /// Shows protective cells again that no certificate needs, the dearest first.
    fn clean(&mut self) -> Result<()> {
        let mut uses: Vec<Vec<usize>> = vec![Vec::new(); self.board.spots.len()];
        let mut noted = 0;
        let mut candidates: Vec<usize> = (0..uses.len())
            .filter(|&i| self.layout.may_be_shown(i, |i| self.board.spots[i].status))
            .collect();
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
