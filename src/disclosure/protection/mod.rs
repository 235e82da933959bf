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
//! and the value `t-1`** (a sensitive cell: both ends of the interval demanded for it); by convexity its feasible interval contains all of `[1, t-1]`. This is the audit of Fischetti and
//! Salazar-González (Management Science 47, 2001) with the protection levels set to the whole small range. Both solutions
//! are kept as certificates; an auditor that shares no code with the search ([`audit`](mod@audit)) checks them by
//! substitution, so the guarantee rests neither on a solver nor on the search being right.
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
//! A complement or a difference that the table leaves out has no status that a reader could see. Where `implied` says so,
//! nothing is known of its size but what relations tell: it may be anything from 0 on. A small one is protected like any
//! small cell.
//!
//! # Withheld blocks
//!
//! Statuses are knowledge too: in thin tables "fewer than 11" here and "at least 11" there can bound a cell with
//! all numbers hidden. Such a block of hidden cells loses the distinction: all of it becomes **withheld**, hidden
//! without a word on size.
//!
//! # Sensitive cells
//!
//! Rules other than the threshold (group disclosure, dominance, p%) hide cells of any size and demand an interval around
//! the value. Such a cell is withheld from the start. With a threshold of 1 nothing is small, and values may be magnitudes. A
//! demand from zero on says that the reader must reckon with zero there; cells of zero persons are hidden by such a demand too.
//!
//! # Earlier releases
//!
//! Cells that an earlier table shares with this one keep the status it gave them. What it showed cannot be hidden; where this
//! leaves no protection, [`Error::Released`] names the cells in the way.
//!
//! # Large tables
//!
//! Up to some hundreds of cells the search solves linear programs over the whole table ([`search`]). Beyond, it looks
//! for small patterns: in a product of dimensions from their nodes ([`patterns`]), elsewhere relation by relation
//! ([`repair`]). Where there is none it solves programs on the neighborhood of single cells ([`local`]). There, single cells are withheld instead of blocks.

mod attempts;
mod audit;
mod knowledge;
mod large;
mod local;
mod patterns;
mod product;
mod program;
mod repair;
mod search;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_patterns;

pub use product::{Dimension, Product};

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
    /// Persons behind each cell, or whole units of a magnitude (cents).
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
    /// Cells hidden whatever their size, each with an interval around its value that must stay possible.
    pub sensitive: Option<&'a [Option<(u64, u64)>]>,
    /// Statuses that earlier releases gave and that stand.
    pub fixed: Option<&'a [Option<Status>]>,
    /// Cells that the table does not show but a reader can work out: complements, differences; none when absent.
    pub implied: Option<&'a [bool]>,
}

impl<'a> Cells<'a> {
    /// A table with nothing said about single cells.
    pub fn new(values: &'a [u64], relations: &'a [Relation], threshold: u64, zeros: Zeros) -> Self {
        Self {
            values,
            relations,
            threshold,
            zeros,
            reluctance: None,
            structural: None,
            sensitive: None,
            fixed: None,
            implied: None,
        }
    }
}

/// How cells to hide are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Linear programs over the whole table.
    Programs,
    /// Small patterns of cells that balance each other, and programs on neighborhoods where there are none.
    Patterns,
}

/// What [`protect`] decided.
#[derive(Debug, Clone)]
pub struct Protection {
    /// What becomes of each cell.
    pub statuses: Vec<Status>,
    /// The price of the cells that are hidden for the sake of others.
    pub cost: f64,
    /// How they were found.
    pub method: Method,
}

/// Tables of up to so many cells are searched by programs over the whole table.
const PROGRAMS: usize = 500;
/// The same for products of dimensions, where patterns are the faster by far and cost little more.
const PROGRAMS_OF_PRODUCT: usize = 200;

/// Decides the status of every cell; see the module for what is guaranteed.
///
/// `product` says that the first cells are a product of dimensions, whose relations come first among all relations; it
/// helps the search and is not trusted. Without a `method` the size of the table decides. The answer depends on the
/// arguments alone, not on time or on threads.
pub fn protect(
    cells: &Cells<'_>,
    product: Option<&Product>,
    method: Option<Method>,
    stop: &Stop,
) -> Result<Protection> {
    validate(cells, product)?;
    let programs = product.map_or(PROGRAMS, |_| PROGRAMS_OF_PRODUCT);
    // Patterns reckon with what a status says of a cell, which of an implied one is nothing.
    let implied = cells.implied.is_some();
    let method = method.unwrap_or(if implied || cells.values.len() <= programs {
        Method::Programs
    } else {
        Method::Patterns
    });
    let layout = knowledge::Layout::new(cells);
    let before = layout.first_statuses();
    let (statuses, proof) = match method {
        Method::Programs => search::Search::new(cells, stop).run()?,
        Method::Patterns => large::Large::new(&layout, product, &before, stop).protect()?,
    };
    if !audit::unproven(cells, &statuses, &proof).is_empty() {
        return Err(Error::Argument(
            "the table's protection could not be certified: please report its layout".into(),
        ));
    }
    let statuses = layout.last_statuses(statuses);
    let prices = layout.prices();
    let cost = (0..statuses.len())
        .filter(|&i| before[i] == Status::Visible && statuses[i] != Status::Visible)
        .map(|i| prices[i])
        .sum();
    Ok(Protection { statuses, cost, method })
}

/// The cells that statuses chosen elsewhere leave exposed, or that may not have their status; empty when the table is safe.
///
/// Certificates are searched as in [`protect`], and count only when they pass the same check by substitution.
pub fn audit(cells: &Cells<'_>, product: Option<&Product>, statuses: &[Status], stop: &Stop) -> Result<Vec<usize>> {
    validate(cells, product)?;
    if statuses.len() != cells.values.len() {
        return Err(Error::Argument(format!(
            "there are {} statuses for {} cells: give one per cell",
            statuses.len(),
            cells.values.len()
        )));
    }
    let layout = knowledge::Layout::new(cells);
    let proof = large::Large::new(&layout, product, statuses, stop).prove()?;
    Ok(audit::unproven(cells, statuses, &proof))
}

/// Values beyond it are no longer exact as floating-point numbers.
const LARGEST: u64 = 1 << 53;

fn validate(cells: &Cells<'_>, product: Option<&Product>) -> Result<()> {
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
    if let Some(at) = cells.values.iter().position(|&value| value > LARGEST) {
        return refuse(format!(
            "cell {at} holds more than 2^53 units: give a magnitude in larger units"
        ));
    }
    if product.is_some_and(|product| product.size() > count) {
        return refuse("the product of the dimensions has more cells than there are values".into());
    }
    validate_single_cells(cells)?;
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

/// What is said about single cells must fit their values, and each other.
fn validate_single_cells(cells: &Cells<'_>) -> Result<()> {
    let count = cells.values.len();
    let refuse = |message: String| Err(Error::Argument(message));
    if let Some(sensitive) = cells.sensitive {
        if sensitive.len() != count {
            return refuse(format!(
                "sensitive has {} entries for {count} cells: give one per cell",
                sensitive.len()
            ));
        }
        for (at, (demand, value)) in sensitive.iter().zip(cells.values).enumerate() {
            if demand.is_some_and(|(low, high)| low > *value || high < *value || high > LARGEST) {
                return refuse(format!(
                    "the interval demanded for cell {at} does not hold the cell's value"
                ));
            }
            if demand.is_some() && cells.structural.is_some_and(|structural| structural[at]) {
                return refuse(format!(
                    "cell {at} is called sensitive and a structural zero: it is one of them"
                ));
            }
        }
    }
    if let Some(fixed) = cells.fixed {
        if fixed.len() != count {
            return refuse(format!(
                "fixed has {} entries for {count} cells: give one per cell",
                fixed.len()
            ));
        }
        for (at, (status, &value)) in fixed.iter().zip(cells.values).enumerate() {
            let small = value < cells.threshold;
            let demand = cells.sensitive.is_some_and(|sensitive| sensitive[at].is_some());
            match status {
                Some(Status::Visible) if demand || (small && value > 0) => {
                    return Err(Error::Released {
                        message: format!("cell {at} was shown by an earlier release, but its rules now hide it"),
                        cells: vec![at],
                    });
                }
                Some(Status::Small) if !small => {
                    return refuse(format!("cell {at} cannot be fixed as small: it reaches the threshold"));
                }
                Some(Status::Protective) if small => {
                    return refuse(format!(
                        "cell {at} cannot be fixed as protective: it is below the threshold"
                    ));
                }
                _ => {}
            }
        }
    }
    Ok(())
}
