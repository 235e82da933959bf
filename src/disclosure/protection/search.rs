//! The search for cells to hide: audit, hide the cheapest cells that help, clean up.
//!
//! Per small cell and direction: is there a solution within the reader's bounds that takes the cell to the end of the
//! small range? If not, a second program finds the cheapest visible cells whose freedom would allow it (Kelly,
//! Golden and Assad, Networks 22, 1992); they are hidden. Hiding only ever widens bounds, so solutions once found stay good.

use super::knowledge::Layout;
use super::program::{Freedom, NOISE, holds, minimize};
use super::{Cells, Status, Zeros};
use crate::error::{Error, Result};
use crate::stop::Stop;

/// Work that cleaning may spend, in variables of linear programs solved: large tables stay as they are.
const CLEANING: usize = 60_000;
/// What other unproven cells count in an audit: a solution often serves several.
const COMPANY: f64 = 1e-4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Low,
    High,
}

pub(super) struct Search<'a> {
    layout: Layout<'a>,
    stop: &'a Stop,
    statuses: Vec<Status>,
    prices: Vec<f64>,
    /// Solutions found, as deviations from the true table.
    witnesses: Vec<Vec<f64>>,
    /// Per cell, the solution that reaches the low and the high end of the small range.
    proof: Vec<[Option<usize>; 2]>,
    /// Implied cells for which the cells that join in hiding say nothing of their size.
    quiet: Vec<bool>,
    /// Implied zeros for which nothing more can be done: the whole table is withheld.
    spent: Vec<bool>,
}

impl<'a> Search<'a> {
    pub(super) fn new(cells: &'a Cells<'a>, stop: &'a Stop) -> Self {
        let layout = Layout::new(cells);
        let prices = (0..cells.values.len())
            .map(|i| cells.reluctance.map_or(1.0, |r| r[i]) * (1.0 + 0.1 * (1.0 + cells.values[i] as f64).ln()))
            .collect();
        Self {
            statuses: layout.first_statuses(),
            proof: vec![[None; 2]; cells.values.len()],
            quiet: vec![false; cells.values.len()],
            spent: vec![false; cells.values.len()],
            // The true table is the first solution.
            witnesses: vec![vec![0.0; cells.values.len()]],
            layout,
            stop,
            prices,
        }
    }

    pub(super) fn run(mut self) -> Result<Vec<Status>> {
        for cell in 0..self.statuses.len() {
            self.prove(cell, 0);
        }
        loop {
            for cell in 0..self.statuses.len() {
                for end in [End::High, End::Low] {
                    self.secure(cell, end)?;
                }
            }
            if (0..self.statuses.len()).all(|cell| !self.is_open(cell, End::Low) && !self.is_open(cell, End::High)) {
                break;
            }
        }
        self.clean()?;
        self.certify()?;
        Ok((0..self.statuses.len()).map(|cell| self.last_status(cell)).collect())
    }

    /// What is said of a cell in the end; of implied ones only whether they were to be protected.
    fn last_status(&self, cell: usize) -> Status {
        match self.statuses[cell] {
            Status::Withheld if self.layout.is_implied(cell) => {
                if self.is_secret(cell) || self.spent[cell] {
                    Status::Small
                } else {
                    Status::Visible
                }
            }
            status => status,
        }
    }

    fn value(&self, cell: usize) -> f64 {
        self.layout.cells.values[cell] as f64
    }

    /// Whether the criterion is demanded of a cell: of all that are called small, and of small counts withheld.
    fn is_secret(&self, cell: usize) -> bool {
        match self.statuses[cell] {
            Status::Small => true,
            Status::Withheld if self.layout.cells.values[cell] == 0 => {
                self.layout.is_implied(cell) && self.layout.cells.zeros == Zeros::Hide && !self.spent[cell]
            }
            Status::Withheld => (1..self.layout.cells.threshold).contains(&self.layout.cells.values[cell]),
            Status::Visible | Status::Protective => false,
        }
    }

    fn is_open(&self, cell: usize, end: End) -> bool {
        self.is_secret(cell) && self.proof[cell][end as usize].is_none()
    }

    /// The deviation that takes a cell to an end of the small range.
    fn goal(&self, cell: usize, end: End) -> f64 {
        let target = match end {
            End::Low => 1.0,
            End::High => self.layout.cells.threshold as f64 - 1.0,
        };
        target - self.value(cell)
    }

    fn reaches(&self, cell: usize, end: End, deviation: f64) -> bool {
        match end {
            End::Low => deviation <= self.goal(cell, End::Low) + NOISE,
            End::High => deviation >= self.goal(cell, End::High) - NOISE,
        }
    }

    fn prove(&mut self, cell: usize, witness: usize) {
        for end in [End::Low, End::High] {
            if self.proof[cell][end as usize].is_none() && self.reaches(cell, end, self.witnesses[witness][cell]) {
                self.proof[cell][end as usize] = Some(witness);
            }
        }
    }

    /// Keeps a solution if it is one, and notes every cell that it proves.
    fn keep(&mut self, deviations: Vec<f64>) -> bool {
        let cells = self.layout.cells;
        if !holds(
            cells.relations,
            cells.values,
            &self.layout.bounds(&self.statuses),
            &deviations,
        ) {
            return false;
        }
        self.witnesses.push(deviations);
        for cell in 0..self.statuses.len() {
            self.prove(cell, self.witnesses.len() - 1);
        }
        true
    }

    /// Hides what it takes for one end of one cell.
    fn secure(&mut self, cell: usize, end: End) -> Result<()> {
        while self.is_open(cell, end) {
            self.stop.check()?;
            if let Some(deviations) = self.audit(cell, end)
                && self.reaches(cell, end, deviations[cell])
                && self.keep(deviations)
            {
                continue;
            }
            if !self.hide_for(cell, end) {
                self.widen(cell)?;
            }
        }
        Ok(())
    }

    fn block(&self, cell: usize) -> Vec<usize> {
        self.layout.component_of(cell, |i| self.statuses[i] != Status::Visible)
    }

    /// Whether the sizes of a block's shown cells are withheld.
    fn is_withheld(&self, block: &[usize]) -> bool {
        let withheld = |i: usize| self.statuses[i] == Status::Withheld && !self.layout.is_implied(i);
        block.iter().any(|&i| withheld(i))
    }

    /// The solution within the reader's bounds that takes the cell furthest; hidden cells of its block alone move.
    fn audit(&self, cell: usize, end: End) -> Option<Vec<f64>> {
        let bounds = self.layout.bounds(&self.statuses);
        let mut freedom = vec![Freedom::Fixed; self.statuses.len()];
        let sign = if end == End::High { -1.0 } else { 1.0 };
        let mut weights = Vec::new();
        for i in self.block(cell) {
            let (low, mut high) = (bounds[i].0 - self.value(i), bounds[i].1 - self.value(i));
            if self.is_secret(i) && self.is_open(i, end) {
                // No need to go beyond the small range: without this a withheld cell would have no maximum.
                high = high.min(self.goal(i, End::High));
                weights.push((i, if i == cell { sign } else { sign * COMPANY }));
            }
            freedom[i] = Freedom::Free(low, high);
        }
        minimize(self.layout.cells.relations, &freedom, &weights)
    }

    /// Hides the cheapest visible cells that let the cell reach the end; false when none would.
    fn hide_for(&mut self, cell: usize, end: End) -> bool {
        let bounds = self.layout.bounds(&self.statuses);
        let (floor, joining) = if self.quiet[cell] || self.is_withheld(&self.block(cell)) {
            (1.0, Status::Withheld)
        } else {
            (self.layout.cells.threshold as f64, Status::Protective)
        };
        let freedom: Vec<Freedom> = (0..self.statuses.len())
            .map(|i| match self.statuses[i] {
                _ if i == cell => Freedom::Free(self.goal(i, end), self.goal(i, end)),
                Status::Visible if self.layout.cells.values[i] == 0 => Freedom::Fixed,
                Status::Visible => Freedom::Priced((floor - self.value(i)).min(0.0), f64::INFINITY, self.prices[i]),
                _ => Freedom::Free(bounds[i].0 - self.value(i), bounds[i].1 - self.value(i)),
            })
            .collect();
        let Some(deviations) = minimize(self.layout.cells.relations, &freedom, &[]) else {
            return false;
        };
        let mut found = false;
        for (i, deviation) in deviations.iter().enumerate() {
            if self.statuses[i] == Status::Visible && *deviation != 0.0 {
                self.statuses[i] = joining;
                found = true;
            }
        }
        self.spread_withholding();
        self.keep(deviations) || found
    }

    /// A block in which one cell is withheld is withheld altogether.
    fn spread_withholding(&mut self) {
        for block in self.layout.components(|i| self.statuses[i] != Status::Visible) {
            if self.is_withheld(&block) {
                for i in block {
                    self.statuses[i] = Status::Withheld;
                }
            }
        }
    }

    /// Nothing is left to hide: the statuses themselves tell too much. First the block loses them, then the table.
    fn widen(&mut self, cell: usize) -> Result<()> {
        let block = self.block(cell);
        if block.iter().any(|&i| self.statuses[i] != Status::Withheld) {
            for i in block {
                self.statuses[i] = Status::Withheld;
            }
            return Ok(());
        }
        if self.layout.is_implied(cell) && !self.quiet[cell] {
            self.quiet[cell] = true;
            return Ok(());
        }
        if self.layout.cells.values[cell] == 0 {
            self.spent[cell] = true;
        }
        let mut deviations = vec![0.0; self.statuses.len()];
        let table = self.layout.component_of(cell, |_| true);
        for end in [End::Low, End::High] {
            let factor = if self.spent[cell] {
                0.0
            } else {
                self.goal(cell, end) / self.value(cell)
            };
            for &i in &table {
                if !self.layout.is_structural(i) {
                    self.statuses[i] = Status::Withheld;
                }
                deviations[i] = factor * self.value(i);
            }
            if !self.keep(deviations.clone()) {
                return Err(Error::Argument(
                    "the relations admit no protection: please report this table's layout".into(),
                ));
            }
        }
        Ok(())
    }

    /// Shows protective cells again that no proof needs, the dearest first.
    fn clean(&mut self) -> Result<()> {
        let mut candidates: Vec<usize> = (0..self.statuses.len())
            .filter(|&i| self.statuses[i] == Status::Protective)
            .collect();
        candidates.sort_by(|&a, &b| self.prices[b].total_cmp(&self.prices[a]));
        let mut budget = CLEANING;
        for candidate in candidates {
            self.stop.check()?;
            let block = self.block(candidate).len();
            let (proof, witnesses) = (self.proof.clone(), self.witnesses.len());
            self.statuses[candidate] = Status::Visible;
            for ends in &mut self.proof {
                for end in ends {
                    end.take_if(|witness| self.witnesses[*witness][candidate] != 0.0);
                }
            }
            if !self.prove_again(block, &mut budget)? {
                self.statuses[candidate] = Status::Protective;
                self.proof = proof;
                self.witnesses.truncate(witnesses);
            }
            if budget == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Whether every cell can be proven with the statuses as they are; gives up when the budget is spent.
    fn prove_again(&mut self, block: usize, budget: &mut usize) -> Result<bool> {
        for cell in 0..self.statuses.len() {
            for end in [End::High, End::Low] {
                if !self.is_open(cell, end) {
                    continue;
                }
                self.stop.check()?;
                if *budget < block {
                    *budget = 0;
                    return Ok(false);
                }
                *budget -= block;
                let proven = self
                    .audit(cell, end)
                    .is_some_and(|deviations| self.reaches(cell, end, deviations[cell]) && self.keep(deviations));
                if !proven {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Substitutes every certificate into the final table: nothing leaves on the solver's word.
    fn certify(&self) -> Result<()> {
        let cells = self.layout.cells;
        let bounds = self.layout.bounds(&self.statuses);
        let mut sound = vec![None; self.witnesses.len()];
        for cell in (0..self.statuses.len()).filter(|&cell| self.is_secret(cell)) {
            for end in [End::Low, End::High] {
                let proven = self.proof[cell][end as usize].is_some_and(|witness| {
                    let deviations = &self.witnesses[witness];
                    self.reaches(cell, end, deviations[cell])
                        && *sound[witness]
                            .get_or_insert_with(|| holds(cells.relations, cells.values, &bounds, deviations))
                });
                if !proven {
                    return Err(Error::Argument(
                        "the table's protection could not be certified: please report its layout".into(),
                    ));
                }
            }
        }
        debug_assert!(
            cells.zeros == Zeros::Hide
                || self
                    .statuses
                    .iter()
                    .zip(cells.values)
                    .all(|(s, &v)| *s != Status::Protective || v >= cells.threshold)
        );
        Ok(())
    }
}
