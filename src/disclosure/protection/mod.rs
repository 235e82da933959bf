//! The protection of tables: which cells to hide so that no small count can be worked out.
//!
//! A **cell** is a number of persons. A **relation** says that one cell is the sum of others: a margin, a
//! complement, a chain of exclusions. A cell of fewer than `threshold` persons is **small** and hidden; further cells
//! become **protective** (hidden too) until the small ones cannot be narrowed down. Rounding, noise, and the history
//! of earlier releases are not here.
//!
//! # The interval criterion
//!
//! The reader knows every visible value, every relation, the threshold, the treatment of zeros, the status of every
//! cell, and how statuses are given ([`knowledge`]): a small cell lies in `[1, t-1]` (from 0 on where zeros are hidden,
//! or inside a small group), a protective one holds at least `t`. What [`protect`] returns satisfies, for each small
//! cell on its own: **over all real solutions of the relations within these bounds, the cell takes both the value 1
//! and the value `t-1`**; by convexity its feasible interval contains all of `[1, t-1]`. This is the audit of Fischetti and
//! Salazar-González (Management Science 47, 2001) with the protection levels set to the whole small range. Both solutions
//! are kept as certificates and checked by substitution, so the guarantee does not rest on the solver being right.
//!
//! It always can be satisfied: if everything of a connected table is withheld, the true table multiplied by any
//! positive factor is another solution, so every cell may have any size.
//!
//! What it does not promise: nothing about several cells *jointly* (the sum of two hidden cells may be known); nothing
//! against someone who knows a hidden cell already, as a member of it may (then its neighbors can follow); nothing
//! about whole-number reasoning beyond the linear relaxation; nothing against inverting the choice of cells itself.
//!
//! # Small groups
//!
//! A total of 1 to `t-1` persons is not broken down at all: its parts are hidden as small, zeros included, since
//! "three nonzero parts" would bound the total from below and each part from above. Elsewhere shown zeros stay shown.
//!
//! # Implied cells
//!
//! A complement or a difference that the table leaves out has no status that a reader could see: of its size nothing
//! is known but what relations tell, so it may be anything from 0 on. A small one is protected like any small cell.
//!
//! # Withheld blocks
//!
//! Statuses are knowledge too: in thin tables "fewer than 11" here and "at least 11" there can bound a cell with
//! all numbers hidden. Such a block of hidden cells loses the distinction: all of it becomes **withheld**, hidden
//! without a word on size.

mod knowledge;
mod program;
mod search;
#[cfg(test)]
mod tests;

use crate::error::{Error, Result};
use crate::stop::Stop;

/// `value[total]` is the sum of `value[parts]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// The cell that is the sum.
    pub total: usize,
    /// The cells that are added, each once.
    pub parts: Vec<usize>,
}

/// Whether a cell of zero persons may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zeros {
    /// Zeros are shown, but inside a small group.
    Show,
    /// Zeros are hidden like other small counts, but structural ones.
    Hide,
}

/// What becomes of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Status {
    /// Shown with its value.
    Visible = 0,
    /// Hidden: fewer persons than the threshold.
    Small = 1,
    /// Hidden to protect a small cell; holds at least the threshold.
    Protective = 2,
    /// Hidden without a word on its size.
    Withheld = 3,
}

/// A table to protect: all cells with margins and complements, and what ties them together.
#[derive(Debug, Clone, Copy)]
pub struct Cells<'a> {
    /// Persons behind each cell.
    pub values: &'a [u64],
    /// Every relation that a reader knows from the table's layout.
    pub relations: &'a [Relation],
    /// Counts from 1 to one below it are hidden.
    pub threshold: u64,
    /// Whether zeros are shown.
    pub zeros: Zeros,
    /// How much each cell would be missed, positive; all alike when absent. A cell's price also grows slowly with its value.
    pub reluctance: Option<&'a [f64]>,
    /// Cells that are zero for everyone's knowledge (no pregnant men), always shown; none when absent.
    pub structural: Option<&'a [bool]>,
    /// Cells that the table does not show but a reader can work out: complements, differences; none when absent.
    pub implied: Option<&'a [bool]>,
}

/// Decides the status of every cell; see the module for what is guaranteed.
///
/// The answer depends on the arguments alone, not on time or on threads.
pub fn protect(cells: &Cells<'_>, stop: &Stop) -> Result<Vec<Status>> {
    validate(cells)?;
    search::Search::new(cells, stop).run()
}

fn validate(cells: &Cells<'_>) -> Result<()> {
    let count = cells.values.len();
    let refuse = |message: String| Err(Error::Argument(message));
    if cells.threshold == 0 {
        return refuse("the threshold must be at least 1 person, got 0".into());
    }
    if let Some(reluctance) = cells.reluctance {
        if reluctance.len() != count {
            return refuse(format!(
                "reluctance has {} entries for {count} cells: give one per cell",
                reluctance.len()
            ));
        }
        if let Some(at) = reluctance.iter().position(|r| !r.is_finite() || *r <= 0.0) {
            return refuse(format!("the reluctance of cell {at} is not a positive number"));
        }
    }
    if let Some(structural) = cells.structural {
        if structural.len() != count {
            return refuse(format!(
                "structural has {} entries for {count} cells: give one per cell",
                structural.len()
            ));
        }
        if let Some(at) = (0..count).find(|&i| structural[i] && cells.values[i] != 0) {
            return refuse(format!("cell {at} is called a structural zero but holds persons"));
        }
    }
    if cells.implied.is_some_and(|implied| implied.len() != count) {
        return refuse(format!("implied must have an entry for each of the {count} cells"));
    }
    let mut seen = vec![usize::MAX; count];
    for (r, relation) in cells.relations.iter().enumerate() {
        for &cell in relation.parts.iter().chain([&relation.total]) {
            if cell >= count {
                return refuse(format!("relation {r} names cell {cell}, but there are {count} cells"));
            }
            if seen[cell] == r {
                return refuse(format!("relation {r} names cell {cell} twice"));
            }
            seen[cell] = r;
        }
        let sum = relation
            .parts
            .iter()
            .try_fold(0_u64, |sum, &part| sum.checked_add(cells.values[part]));
        if sum != Some(cells.values[relation.total]) {
            return refuse(format!(
                "relation {r} does not hold: cell {} is not the sum of its {} parts",
                relation.total,
                relation.parts.len()
            ));
        }
    }
    Ok(())
}
