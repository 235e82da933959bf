//! What statuses tell: how they are first given, and the bounds that a reader derives from them.
//!
//! Both live in one file because they are one rule read in two directions; neither solves anything.

use super::{Cells, Relation, Status, Zeros};

/// The table as a graph: which relations a cell stands in, and which zeros everyone knows.
pub(super) struct Layout<'a> {
    pub(super) cells: &'a Cells<'a>,
    /// Relations of each cell, as total or as part.
    pub(super) relations_of: Vec<Vec<usize>>,
    /// Structural zeros, with those that follow from them.
    structural: Vec<bool>,
}

impl<'a> Layout<'a> {
    pub(super) fn new(cells: &'a Cells<'a>) -> Self {
        let mut relations_of = vec![Vec::new(); cells.values.len()];
        for (r, relation) in cells.relations.iter().enumerate() {
            for &cell in relation.parts.iter().chain([&relation.total]) {
                relations_of[cell].push(r);
            }
        }
        let mut structural = cells
            .structural
            .map_or_else(|| vec![false; cells.values.len()], <[bool]>::to_vec);
        close_zeros(cells.relations, &mut structural);
        Self {
            cells,
            relations_of,
            structural,
        }
    }

    pub(super) fn relation(&self, r: usize) -> &'a Relation {
        &self.cells.relations[r]
    }

    /// The statuses before any protection: what earlier releases gave, sensitive cells, small counts, and what small
    /// groups hold.
    pub(super) fn first_statuses(&self) -> Vec<Status> {
        let threshold = self.cells.threshold;
        let mut statuses: Vec<Status> = self
            .cells
            .values
            .iter()
            .zip(&self.structural)
            .map(|(&value, &structural)| match value {
                0 if structural || threshold == 1 || self.cells.zeros == Zeros::Show => Status::Visible,
                value if value < threshold => Status::Small,
                _ => Status::Visible,
            })
            .collect();
        if self.cells.zeros == Zeros::Show {
            self.hide_zeros_of_small_groups(&mut statuses);
        }
        for (i, status) in statuses.iter_mut().enumerate() {
            *status = match self.fixed(i) {
                Some(given) => given,
                None if self.sensitive(i).is_some() || self.is_implied(i) => Status::Withheld,
                None => *status,
            };
        }
        statuses
    }

    /// Whether the table leaves a cell out, so that no status tells of its size.
    pub(super) fn is_implied(&self, cell: usize) -> bool {
        self.cells.implied.is_some_and(|implied| implied[cell]) && !self.structural[cell]
    }

    /// What is said in the end: of implied cells only whether they were to be protected.
    pub(super) fn last_statuses(&self, mut statuses: Vec<Status>) -> Vec<Status> {
        for (i, status) in statuses.iter_mut().enumerate() {
            if self.is_implied(i) {
                let small = (1..self.cells.threshold).contains(&self.cells.values[i]);
                *status = if small { Status::Small } else { Status::Visible };
            }
        }
        statuses
    }

    /// The status that an earlier release gave a cell.
    pub(super) fn fixed(&self, cell: usize) -> Option<Status> {
        self.cells.fixed.and_then(|fixed| fixed[cell])
    }

    fn sensitive(&self, cell: usize) -> Option<(u64, u64)> {
        self.cells.sensitive.and_then(|sensitive| sensitive[cell])
    }

    /// The interval that must stay possible for a cell of this status; none for a cell that is no secret.
    pub(super) fn demand(&self, cell: usize, status: Status) -> Option<(u64, u64)> {
        let (value, threshold) = (self.cells.values[cell], self.cells.threshold);
        let small = match status {
            Status::Visible => return None,
            Status::Small => true,
            Status::Withheld => (1..threshold).contains(&value),
            Status::Protective => false,
        };
        match self.sensitive(cell) {
            Some((low, high)) if small => Some((low.min(1), high.max(threshold - 1))),
            None if small => Some((1, threshold - 1)),
            sensitive => sensitive,
        }
    }

    /// How much each cell would be missed.
    pub(super) fn prices(&self) -> Vec<f64> {
        let cells = self.cells;
        (0..cells.values.len())
            .map(|i| cells.reluctance.map_or(1.0, |r| r[i]) * (1.0 + 0.1 * (1.0 + cells.values[i] as f64).ln()))
            .collect()
    }

    /// Whether a reader must reckon with zero for each cell, should it be hidden without a lower limit.
    pub(super) fn zero_is_possible(&self, statuses: &[Status]) -> Vec<bool> {
        let mut answer = self.may_be_zero(statuses);
        for (i, answer) in answer.iter_mut().enumerate() {
            *answer |=
                self.cells.values[i] == 0 || self.is_implied(i) || self.sensitive(i).is_some_and(|(low, _)| low == 0);
        }
        answer
    }

    fn hide_zeros_of_small_groups(&self, statuses: &mut [Status]) {
        let values = self.cells.values;
        let hides = |statuses: &[Status], part: usize| {
            values[part] == 0
                && statuses[part] == Status::Visible
                && !self.structural[part]
                && self.fixed(part).is_none()
                && !self.relations_of[part].iter().any(|&r| {
                    let total = self.relation(r).total;
                    total != part && values[total] == 0 && statuses[total] == Status::Visible
                })
        };
        let mut changed = true;
        while changed {
            changed = false;
            for relation in self.cells.relations {
                if statuses[relation.total] != Status::Small {
                    continue;
                }
                for &part in &relation.parts {
                    if hides(statuses, part) {
                        statuses[part] = Status::Small;
                        changed = true;
                    }
                }
            }
        }
        // A zero that follows from shown zeros gains nothing from being hidden.
        let mut known: Vec<bool> = (0..values.len())
            .map(|i| values[i] == 0 && statuses[i] == Status::Visible)
            .collect();
        close_zeros(self.cells.relations, &mut known);
        for (status, known) in statuses.iter_mut().zip(known) {
            if known {
                *status = Status::Visible;
            }
        }
    }

    /// The reader's bounds on every cell, before any relation is used.
    pub(super) fn bounds(&self, statuses: &[Status]) -> Vec<(f64, f64)> {
        let threshold = self.cells.threshold as f64;
        let may_be_zero = self.zero_is_possible(statuses);
        statuses
            .iter()
            .enumerate()
            .map(|(i, status)| {
                let low = if may_be_zero[i] { 0.0 } else { 1.0 };
                match status {
                    Status::Visible => (self.cells.values[i] as f64, self.cells.values[i] as f64),
                    Status::Small => (low, threshold - 1.0),
                    Status::Protective => (threshold, f64::INFINITY),
                    Status::Withheld => (low, f64::INFINITY),
                }
            })
            .collect()
    }

    /// Whether a reader must reckon with a zero in a hidden cell: where zeros are hidden, inside a group that is not broken
    /// down, and in a table of which nothing is shown.
    fn may_be_zero(&self, statuses: &[Status]) -> Vec<bool> {
        let count = statuses.len();
        if self.cells.zeros == Zeros::Hide {
            return vec![true; count];
        }
        let mut answer = vec![false; count];
        let shown_zero: Vec<bool> = (0..count)
            .map(|i| statuses[i] == Status::Visible && self.cells.values[i] == 0)
            .collect();
        for relation in self.cells.relations {
            let total = statuses[relation.total];
            let whole = relation.parts.iter().all(|&part| {
                statuses[part] != Status::Visible || (shown_zero[part] && self.zero_is_forced(part, &shown_zero))
            });
            // The parts of an implied total are shown where they are zero, as no status tells that it is small.
            let told = !self.is_implied(relation.total);
            if told && matches!(total, Status::Small | Status::Withheld) && whole {
                for &part in &relation.parts {
                    answer[part] = true;
                }
            }
        }
        for component in self.components(|_| true) {
            if component
                .iter()
                .all(|&i| statuses[i] == Status::Withheld || self.structural[i])
            {
                for i in component {
                    answer[i] = true;
                }
            }
        }
        answer
    }

    /// A shown zero that could not have been hidden, because it follows from other shown zeros or from the layout.
    fn zero_is_forced(&self, cell: usize, shown_zero: &[bool]) -> bool {
        self.structural[cell]
            || self.relations_of[cell].iter().any(|&r| {
                let relation = self.relation(r);
                if relation.total == cell {
                    relation.parts.iter().all(|&part| shown_zero[part])
                } else {
                    shown_zero[relation.total]
                }
            })
    }

    /// Whether a protective cell may be tried as visible: no rule keeps it hidden, and no zero elsewhere stays possible
    /// only because all parts of a withheld total are hidden.
    pub(super) fn may_be_shown(&self, cell: usize, statuses: impl Fn(usize) -> Status) -> bool {
        statuses(cell) == Status::Protective
            && self.fixed(cell).is_none()
            && self.sensitive(cell).is_none()
            && self.relations_of[cell].iter().all(|&r| {
                let total = self.relation(r).total;
                total == cell || statuses(total) != Status::Withheld
            })
    }

    pub(super) fn is_structural(&self, cell: usize) -> bool {
        self.structural[cell]
    }

    /// Groups of cells joined by relations, among the cells that `keep` accepts; cells alone are groups too.
    pub(super) fn components(&self, keep: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
        let mut seen = vec![false; self.cells.values.len()];
        let mut answer = Vec::new();
        for start in 0..seen.len() {
            if !seen[start] && keep(start) {
                answer.push(self.component(start, &keep, &mut seen));
            }
        }
        answer
    }

    /// The group of one cell, ascending.
    pub(super) fn component_of(&self, start: usize, keep: impl Fn(usize) -> bool) -> Vec<usize> {
        self.component(start, &keep, &mut vec![false; self.cells.values.len()])
    }

    fn component(&self, start: usize, keep: &impl Fn(usize) -> bool, seen: &mut [bool]) -> Vec<usize> {
        let mut members = vec![start];
        seen[start] = true;
        let mut next = 0;
        while next < members.len() {
            for &r in &self.relations_of[members[next]] {
                let relation = self.relation(r);
                for &cell in relation.parts.iter().chain([&relation.total]) {
                    if !seen[cell] && keep(cell) {
                        seen[cell] = true;
                        members.push(cell);
                    }
                }
            }
            next += 1;
        }
        members.sort_unstable();
        members
    }
}

/// Adds the zeros that follow: parts of a zero, and the sum of zeros.
fn close_zeros(relations: &[Relation], zero: &mut [bool]) {
    let mut changed = true;
    while changed {
        changed = false;
        for relation in relations {
            if zero[relation.total] {
                for &part in &relation.parts {
                    changed |= !std::mem::replace(&mut zero[part], true);
                }
            } else if relation.parts.iter().all(|&part| zero[part]) {
                zero[relation.total] = true;
                changed = true;
            }
        }
    }
}
