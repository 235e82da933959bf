//! The search for cells to hide: audit, hide the cheapest cells that help, clean up.
//!
//! Per small cell and direction: is there a solution within the reader's bounds that takes the cell to the end of the
//! small range? If not, a second program finds the cheapest visible cells whose freedom would allow it (Kelly,
//! Golden and Assad, Networks 22, 1992); they are hidden. Hiding only ever widens bounds, so solutions once found stay good.

use super::audit::Proof;
use super::knowledge::Layout;
use super::large::released;
use super::program::{Freedom, NOISE, holds, minimize};
use super::{Cells, Status};
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
    /// Cells that were withheld because statuses told too much, not because rules demand it.
    withdrawn: Vec<bool>,
    prices: Vec<f64>,
    /// Solutions found, as deviations from the true table.
    witnesses: Vec<Vec<f64>>,
    /// Per cell, the solution that reaches the low and the high end of the small range.
    proof: Vec<[Option<usize>; 2]>,
}

impl<'a> Search<'a> {
    pub(super) fn new(cells: &'a Cells<'a>, stop: &'a Stop) -> Self {
        let layout = Layout::new(cells);
        let prices = layout.prices();
        Self {
            statuses: layout.first_statuses(),
            withdrawn: vec![false; cells.values.len()],
            proof: vec![[None; 2]; cells.values.len()],
            // The true table is the first solution.
            witnesses: vec![vec![0.0; cells.values.len()]],
            layout,
            stop,
            prices,
        }
    }

    pub(super) fn run(mut self) -> Result<(Vec<Status>, Proof)> {
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
        let sparse = |deviations: &Vec<f64>| {
            let moved = deviations.iter().copied().enumerate();
            moved.filter(|(_, by)| *by != 0.0).collect()
        };
        let proof = Proof {
            certificates: self.witnesses.iter().map(sparse).collect(),
            of: self.proof,
        };
        Ok((self.statuses, proof))
    }

    fn value(&self, cell: usize) -> f64 {
        self.layout.cells.values[cell] as f64
    }

    fn demand(&self, cell: usize) -> Option<(u64, u64)> {
        self.layout.demand(cell, self.statuses[cell])
    }

    fn is_open(&self, cell: usize, end: End) -> bool {
        self.proof[cell][end as usize].is_none() && self.demand(cell).is_some()
    }

    /// The deviation that takes a cell to an end of the interval that must stay possible.
    fn goal(&self, cell: usize, end: End) -> f64 {
        self.demand(cell).map_or(0.0, |(low, high)| match end {
            End::Low => low as f64,
            End::High => high as f64,
        } - self.value(cell))
    }

    fn reaches(&self, cell: usize, end: End, deviation: f64) -> bool {
        let goal = self.goal(cell, end);
        let slack = NOISE * goal.abs().max(1.0);
        match end {
            End::Low => deviation <= goal + slack,
            End::High => deviation >= goal - slack,
        }
    }

    fn prove(&mut self, cell: usize, witness: usize) {
        for end in [End::Low, End::High] {
            if self.is_open(cell, end) && self.reaches(cell, end, self.witnesses[witness][cell]) {
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

    /// The solution within the reader's bounds that takes the cell furthest; hidden cells of its block alone move.
    fn audit(&self, cell: usize, end: End) -> Option<Vec<f64>> {
        let bounds = self.layout.bounds(&self.statuses);
        let mut freedom = vec![Freedom::Fixed; self.statuses.len()];
        let sign = if end == End::High { -1.0 } else { 1.0 };
        let mut weights = Vec::new();
        for i in self.block(cell) {
            let (low, mut high) = (bounds[i].0 - self.value(i), bounds[i].1 - self.value(i));
            if self.is_open(i, end) {
                // No need to go beyond the small range: without this a withheld cell would have no maximum.
                high = high.min(self.goal(i, End::High));
                weights.push((i, if i == cell { sign } else { sign * COMPANY }));
            }
            freedom[i] = Freedom::Free(low, high);
        }
        minimize(self.layout.cells.relations, &freedom, &weights, self.scale(cell, end))
    }

    /// Hides the cheapest visible cells that let the cell reach the end; false when none would.
    fn hide_for(&mut self, cell: usize, end: End) -> bool {
        let bounds = self.layout.bounds(&self.statuses);
        let joining = self.joining(cell);
        let freedom = self.freedom_to_hide(cell, end, &bounds, |i| self.layout.fixed(i).is_none());
        let Some(deviations) = minimize(self.layout.cells.relations, &freedom, &[], self.scale(cell, end)) else {
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

    /// Deviations come in the size of the goal.
    fn scale(&self, cell: usize, end: End) -> f64 {
        (self.goal(cell, end).abs() / 10.0).max(1.0)
    }

    /// What becomes of cells hidden for the sake of another.
    fn joining(&self, cell: usize) -> Status {
        if self.withdrawn[cell] {
            Status::Withheld
        } else {
            Status::Protective
        }
    }

    /// How each cell may deviate when visible ones that `may_hide` accepts can be hidden.
    fn freedom_to_hide(
        &self,
        cell: usize,
        end: End,
        bounds: &[(f64, f64)],
        may_hide: impl Fn(usize) -> bool,
    ) -> Vec<Freedom> {
        let floor = match self.joining(cell) {
            Status::Withheld => 1.0,
            _ => self.layout.cells.threshold as f64,
        };
        (0..self.statuses.len())
            .map(|i| match self.statuses[i] {
                _ if i == cell => Freedom::Free(self.goal(i, end), self.goal(i, end)),
                Status::Visible if self.layout.cells.values[i] == 0 || !may_hide(i) => Freedom::Fixed,
                Status::Visible => Freedom::Priced((floor - self.value(i)).min(0.0), f64::INFINITY, self.prices[i]),
                _ => Freedom::Free(bounds[i].0 - self.value(i), bounds[i].1 - self.value(i)),
            })
            .collect()
    }

    /// Takes what is said about the size of cells, but of those that earlier releases spoke of.
    fn withdraw(&mut self, cells: &[usize]) {
        for &i in cells {
            if self.layout.fixed(i).is_none() {
                self.statuses[i] = Status::Withheld;
                self.withdrawn[i] = true;
            }
        }
    }

    /// A block in which one cell lost what was said about its size loses it altogether.
    fn spread_withholding(&mut self) {
        for block in self.layout.components(|i| self.statuses[i] != Status::Visible) {
            if block.iter().any(|&i| self.withdrawn[i]) {
                self.withdraw(&block);
            }
        }
    }

    /// Nothing is left to hide: the statuses themselves tell too much. First the block loses them, then the table.
    fn widen(&mut self, cell: usize) -> Result<()> {
        let told = |i: usize| !self.withdrawn[i] && self.layout.fixed(i).is_none();
        let block = self.block(cell);
        if block.iter().any(|&i| told(i)) {
            self.withdraw(&block);
            return Ok(());
        }
        let mut table = self.layout.component_of(cell, |_| true);
        table.retain(|&i| !self.layout.is_structural(i));
        self.withdraw(&table);
        for end in [End::Low, End::High] {
            let mut deviations = vec![0.0; self.statuses.len()];
            let factor = self.goal(cell, end) / self.value(cell);
            for &i in &table {
                deviations[i] = factor * self.value(i);
            }
            let kept = !self.is_open(cell, end)
                || self
                    .audit(cell, end)
                    .is_some_and(|deviations| self.keep(deviations) && !self.is_open(cell, end))
                || (factor.is_finite() && self.keep(deviations));
            if !kept || self.is_open(cell, end) {
                return Err(self.impossible(cell, end, &table));
            }
        }
        Ok(())
    }

    /// Why a cell cannot be protected with everything else withheld.
    fn impossible(&self, cell: usize, end: End, table: &[usize]) -> Error {
        let shown = |i: &usize| self.layout.fixed(*i) == Some(Status::Visible) && self.layout.cells.values[*i] > 0;
        let bounds = self.layout.bounds(&self.statuses);
        let freedom = self.freedom_to_hide(cell, end, &bounds, |_| true);
        let helpful = minimize(self.layout.cells.relations, &freedom, &[], self.scale(cell, end));
        let mut blocking: Vec<usize> = table.iter().copied().filter(shown).collect();
        if let Some(deviations) = helpful
            && blocking.iter().any(|&i| deviations[i] != 0.0)
        {
            blocking.retain(|&i| deviations[i] != 0.0);
        }
        if blocking.is_empty() {
            Error::Argument(format!(
                "the interval demanded for cell {cell} is not possible in this table: demand less, or hide zeros beside it"
            ))
        } else {
            released(cell, blocking)
        }
    }

    /// Shows protective cells again that no proof needs, the dearest first.
    fn clean(&mut self) -> Result<()> {
        let mut candidates: Vec<usize> = (0..self.statuses.len())
            .filter(|&i| self.layout.may_be_shown(i, |i| self.statuses[i]))
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
}
