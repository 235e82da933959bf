//! Mondrian: multidimensional partitioning by recursive median cuts (LeFevre, DeWitt, Ramakrishnan 2006).

use rayon::prelude::*;

use crate::error::Result;
use crate::stop::Stop;

/// Boxes of more rows than this are cut on two threads at once.
const PARALLEL: usize = 4096;

/// A column to cut: the rank of each row, and where each rank lies on the scale by which widths are compared.
pub struct Dimension {
    /// From 0 (missing).
    pub ranks: Vec<u32>,
    /// Never decreasing; one entry per rank.
    pub scale: Vec<f64>,
}

impl Dimension {
    /// The part of the whole scale that lies between two ranks.
    fn width(&self, low: u32, high: u32) -> f64 {
        let whole = self
            .scale
            .last()
            .zip(self.scale.first())
            .map_or(0.0, |(to, from)| to - from);
        let part = self.scale[high as usize] - self.scale[low as usize];
        if whole > 0.0 { part / whole } else { 0.0 }
    }
}

/// How rows are cut, and which parts may stand.
pub struct Rules<'a> {
    /// Whether equal values stay together.
    pub strict: bool,
    /// Whether these rows may be a box of their own.
    pub allowed: &'a (dyn Fn(&[u32]) -> bool + Sync),
}

/// The rows of each box, boxes in the order of the cuts.
pub fn partition(dimensions: &[Dimension], rows: usize, rules: &Rules<'_>, stop: &Stop) -> Result<Vec<Vec<u32>>> {
    let mut all: Vec<u32> = (0..rows as u32).collect();
    cut(dimensions, &mut all, rules, stop)
}

fn cut(dimensions: &[Dimension], rows: &mut [u32], rules: &Rules<'_>, stop: &Stop) -> Result<Vec<Vec<u32>>> {
    stop.check()?;
    let Some(middle) = choose(dimensions, rows, rules) else {
        return Ok(vec![rows.to_vec()]);
    };
    let parallel = rows.len() > PARALLEL;
    let (left, right) = rows.split_at_mut(middle);
    let (left, right) = if parallel {
        rayon::join(
            || cut(dimensions, left, rules, stop),
            || cut(dimensions, right, rules, stop),
        )
    } else {
        (cut(dimensions, left, rules, stop), cut(dimensions, right, rules, stop))
    };
    let mut boxes = left?;
    boxes.extend(right?);
    Ok(boxes)
}

/// Sorts `rows` along the widest dimension that can be cut, and says where; none if no cut is allowed.
fn choose(dimensions: &[Dimension], rows: &mut [u32], rules: &Rules<'_>) -> Option<usize> {
    let mut widths: Vec<(f64, usize)> = dimensions
        .iter()
        .enumerate()
        .filter_map(|(number, dimension)| {
            let (low, high) = extent(&dimension.ranks, rows)?;
            (low < high).then(|| (dimension.width(low, high), number))
        })
        .collect();
    widths.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
    for (_, number) in widths {
        let ranks = &dimensions[number].ranks;
        // By the row, too: the same input gives the same boxes, whatever was cut before.
        let key = |row: &u32| (ranks[*row as usize], *row);
        let half = rows.len() / 2;
        let (_, &mut median, _) = rows.select_nth_unstable_by_key(half, key);
        let candidates: &[usize] = if rules.strict {
            let median = ranks[median as usize];
            let below = place(rows, |row| ranks[row as usize] < median);
            let through = below + place(&mut rows[below..], |row| ranks[row as usize] == median);
            // The more even one first.
            &if below.min(rows.len() - below) >= through.min(rows.len() - through) {
                [below, through]
            } else {
                [through, below]
            }
        } else {
            &[half]
        };
        for &at in candidates {
            if at > 0 && at < rows.len() && (rules.allowed)(&rows[..at]) && (rules.allowed)(&rows[at..]) {
                return Some(at);
            }
        }
    }
    None
}

/// Moves the rows for which `first` holds to the front; returns how many there are.
fn place(rows: &mut [u32], first: impl Fn(u32) -> bool) -> usize {
    let mut front = 0;
    for at in 0..rows.len() {
        if first(rows[at]) {
            rows.swap(front, at);
            front += 1;
        }
    }
    front
}

/// The least and the greatest rank of some rows.
pub fn extent(ranks: &[u32], rows: &[u32]) -> Option<(u32, u32)> {
    let ranks = rows.iter().map(|&row| ranks[row as usize]);
    ranks.fold(None, |range, rank| match range {
        None => Some((rank, rank)),
        Some((low, high)) => Some((low.min(rank), high.max(rank))),
    })
}

/// What a box covers of a dimension: the least and greatest rank that is known (0, 0 if none), and whether some are missing.
pub fn covers(dimension: &Dimension, rows: &[u32]) -> (u32, u32, bool) {
    let mut covered = (u32::MAX, 0, false);
    for &row in rows {
        match dimension.ranks[row as usize] {
            0 => covered.2 = true,
            rank => covered = (covered.0.min(rank), covered.1.max(rank), covered.2),
        }
    }
    if covered.1 == 0 { (0, 0, covered.2) } else { covered }
}

/// The same for every box and dimension, by dimension.
pub fn cover(dimensions: &[Dimension], boxes: &[Vec<u32>]) -> Vec<Vec<(u32, u32, bool)>> {
    dimensions
        .par_iter()
        .map(|dimension| boxes.iter().map(|rows| covers(dimension, rows)).collect())
        .collect()
}
