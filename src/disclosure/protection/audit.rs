//! The auditor: checks by substitution that certificates prove what the search claims.
//!
//! Shares no code with the search: what a reader knows, and what is demanded of a cell, is written here a second time,
//! in absolute values. A certificate is a table that differs from the true one in a few cells; it counts when every
//! relation that it touches still holds and every cell stays within what the reader knows.

use super::{Cells, Status, Zeros};

/// Rounding of a solver, relative to the amounts moved; the data are whole numbers.
const TOLERANCE: f64 = 1e-6;

/// Tables that prove cells: certificates as deviations of cells, and which of them takes a cell to its ends.
#[derive(Debug, Default)]
pub(super) struct Proof {
    pub(super) certificates: Vec<Vec<(usize, f64)>>,
    /// Per cell, the certificate for the low and for the high end.
    pub(super) of: Vec<[Option<usize>; 2]>,
}

/// The cells that may not have the status they have, or that no certificate proves; empty when the table is safe.
pub(super) fn unproven(cells: &Cells<'_>, statuses: &[Status], proof: &Proof) -> Vec<usize> {
    let auditor = Auditor::new(cells, statuses);
    let mut verdicts = vec![None; proof.certificates.len()];
    let mut sums = vec![(0.0, 0.0); cells.relations.len()];
    (0..cells.values.len())
        .filter(|&cell| {
            if !auditor.is_lawful(cell) {
                return true;
            }
            let Some((low, high)) = auditor.demand(cell) else {
                return false;
            };
            [low, high].into_iter().enumerate().any(|(end, goal)| {
                let value = cells.values[cell] as f64;
                if (end == 0 && value <= goal) || (end == 1 && value >= goal) {
                    return false;
                }
                let Some(certificate) = proof.of[cell][end] else {
                    return true;
                };
                let entries = &proof.certificates[certificate];
                let sound = *verdicts[certificate].get_or_insert_with(|| auditor.is_possible(entries, &mut sums));
                let moved = value
                    + entries
                        .iter()
                        .filter(|(i, _)| *i == cell)
                        .map(|(_, by)| by)
                        .sum::<f64>();
                let slack = TOLERANCE * (1.0 + (goal - value).abs());
                !sound || (end == 0 && moved > goal + slack) || (end == 1 && moved < goal - slack)
            })
        })
        .collect()
}

struct Auditor<'a> {
    cells: &'a Cells<'a>,
    statuses: &'a [Status],
    /// Relations of each cell, with the sign it has there: one list, cut at `starts`.
    places: Vec<(usize, f64)>,
    starts: Vec<usize>,
    /// Zeros that everyone knows without the table.
    known_zero: Vec<bool>,
    may_be_zero: Vec<bool>,
}

impl<'a> Auditor<'a> {
    fn new(cells: &'a Cells<'a>, statuses: &'a [Status]) -> Self {
        let count = cells.values.len();
        let mut starts = vec![0; count + 1];
        for relation in cells.relations {
            starts[relation.total + 1] += 1;
            relation.parts.iter().for_each(|part| starts[part + 1] += 1);
        }
        for cell in 0..count {
            starts[cell + 1] += starts[cell];
        }
        let mut next = starts.clone();
        let mut places = vec![(0, 0.0); starts[count]];
        for (r, relation) in cells.relations.iter().enumerate() {
            let signed = relation.parts.iter().map(|&part| (part, -1.0));
            for (cell, sign) in signed.chain([(relation.total, 1.0)]) {
                places[next[cell]] = (r, sign);
                next[cell] += 1;
            }
        }
        let mut auditor = Self {
            cells,
            statuses,
            places,
            starts,
            known_zero: cells.structural.map_or_else(|| vec![false; count], <[bool]>::to_vec),
            may_be_zero: Vec::new(),
        };
        auditor.follow_known_zeros();
        auditor.may_be_zero = auditor.possible_zeros();
        auditor
    }

    fn follow_known_zeros(&mut self) {
        loop {
            let before = self.known_zero.iter().filter(|known| **known).count();
            for relation in self.cells.relations {
                if self.known_zero[relation.total] {
                    relation.parts.iter().for_each(|&part| self.known_zero[part] = true);
                }
                if relation.parts.iter().all(|&part| self.known_zero[part]) {
                    self.known_zero[relation.total] = true;
                }
            }
            if self.known_zero.iter().filter(|known| **known).count() == before {
                return;
            }
        }
    }

    fn shows_zero(&self, cell: usize) -> bool {
        self.statuses[cell] == Status::Visible && self.cells.values[cell] == 0
    }

    /// A shown zero that tells nothing about the rule, since it follows from another shown zero.
    fn follows(&self, cell: usize) -> bool {
        self.known_zero[cell]
            || self.places[self.starts[cell]..self.starts[cell + 1]]
                .iter()
                .any(|&(r, _)| {
                    let relation = &self.cells.relations[r];
                    if relation.total == cell {
                        relation.parts.iter().all(|&part| self.shows_zero(part))
                    } else {
                        self.shows_zero(relation.total)
                    }
                })
    }

    fn possible_zeros(&self) -> Vec<bool> {
        let cells = self.cells;
        let count = cells.values.len();
        if cells.zeros == Zeros::Hide {
            return vec![true; count];
        }
        let asked = |cell: usize| cells.sensitive.and_then(|s| s[cell]).is_some_and(|(low, _)| low == 0);
        let implied = |cell: usize| cells.implied.is_some_and(|implied| implied[cell]) && !self.known_zero[cell];
        let mut answer: Vec<bool> = (0..count)
            .map(|cell| cells.values[cell] == 0 || asked(cell) || implied(cell))
            .collect();
        for relation in cells.relations {
            let group =
                matches!(self.statuses[relation.total], Status::Small | Status::Withheld) && !implied(relation.total);
            let closed = |part: &usize| {
                self.statuses[*part] != Status::Visible || (self.shows_zero(*part) && self.follows(*part))
            };
            if group && relation.parts.iter().all(closed) {
                relation.parts.iter().for_each(|&part| answer[part] = true);
            }
        }
        // A table of which nothing is shown: one that no chain of relations joins to a cell with more said about it.
        let mut told: Vec<bool> = (0..count)
            .map(|cell| self.statuses[cell] != Status::Withheld && !self.known_zero[cell])
            .collect();
        let mut queue: Vec<usize> = (0..count).filter(|&cell| told[cell]).collect();
        while let Some(cell) = queue.pop() {
            for &(r, _) in &self.places[self.starts[cell]..self.starts[cell + 1]] {
                let relation = &cells.relations[r];
                for &other in relation.parts.iter().chain([&relation.total]) {
                    if !std::mem::replace(&mut told[other], true) {
                        queue.push(other);
                    }
                }
            }
        }
        for (answer, told) in answer.iter_mut().zip(told) {
            *answer |= !told;
        }
        answer
    }

    /// Whether a cell has a status that its value allows and its rules demand.
    fn is_lawful(&self, cell: usize) -> bool {
        let (value, threshold) = (self.cells.values[cell], self.cells.threshold);
        let asked = self.cells.sensitive.is_some_and(|s| s[cell].is_some());
        let given = self.cells.fixed.and_then(|f| f[cell]);
        if given.is_some_and(|given| given != self.statuses[cell]) {
            return false;
        }
        match self.statuses[cell] {
            Status::Visible => {
                let zero_is_hidden = self.cells.zeros == Zeros::Hide && threshold > 1 && given.is_none();
                !asked
                    && match value {
                        0 => !zero_is_hidden || self.known_zero[cell],
                        value => value >= threshold,
                    }
            }
            Status::Small => value < threshold,
            Status::Protective => value >= threshold,
            Status::Withheld => true,
        }
    }

    /// The interval that must remain possible for a cell.
    fn demand(&self, cell: usize) -> Option<(f64, f64)> {
        let (value, threshold) = (self.cells.values[cell], self.cells.threshold);
        let small = match self.statuses[cell] {
            Status::Visible => return None,
            Status::Small => true,
            Status::Withheld => value > 0 && value < threshold,
            Status::Protective => false,
        };
        let mut range = self.cells.sensitive.and_then(|s| s[cell]);
        if small {
            let (low, high) = range.unwrap_or((value, value));
            range = Some((low.min(1), high.max(threshold - 1)));
        }
        range.map(|(low, high)| (low as f64, high as f64))
    }

    /// Whether a reader must reckon with the table that a certificate describes.
    fn is_possible(&self, entries: &[(usize, f64)], sums: &mut [(f64, f64)]) -> bool {
        let threshold = self.cells.threshold as f64;
        let mut possible = true;
        let mut seen = entries.iter().map(|(cell, _)| *cell).collect::<Vec<_>>();
        seen.sort_unstable();
        possible &= seen.windows(2).all(|pair| pair[0] != pair[1]);
        for &(cell, by) in entries {
            let claimed = self.cells.values[cell] as f64 + by;
            let floor = if self.may_be_zero[cell] { 0.0 } else { 1.0 };
            let (low, high) = match self.statuses[cell] {
                Status::Visible => (self.cells.values[cell] as f64, self.cells.values[cell] as f64),
                Status::Small => (floor, threshold - 1.0),
                Status::Protective => (threshold, f64::INFINITY),
                Status::Withheld => (floor, f64::INFINITY),
            };
            let slack = TOLERANCE * (1.0 + by.abs());
            possible &= by.is_finite() && claimed >= low - slack && claimed <= high + slack;
            possible &= !self.known_zero[cell] || by == 0.0;
            for &(r, sign) in &self.places[self.starts[cell]..self.starts[cell + 1]] {
                sums[r].0 += sign * by;
                sums[r].1 += by.abs();
            }
        }
        for &(cell, _) in entries {
            for &(r, _) in &self.places[self.starts[cell]..self.starts[cell + 1]] {
                let (sum, size) = std::mem::take(&mut sums[r]);
                possible &= sum.abs() <= TOLERANCE * (1.0 + size);
            }
        }
        possible
    }
}
