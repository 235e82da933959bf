//! Microaggregation by maximum distance to the average vector (MDAV; Domingo-Ferrer and Torra 2005, algorithm MDAV-generic).
//!
//! Each round takes the row farthest from the mean of what is left with its k - 1 nearest, then the row farthest from that
//! one with its own; the last 2k - 1 rows or fewer stay together.

use rayon::prelude::*;

use crate::error::Result;
use crate::stop::Stop;

/// Fewer numbers than this are not worth a second thread.
const PARALLEL: usize = 1 << 16;

/// Rows of standardized numbers, those still without a group at the front.
struct Left {
    width: usize,
    numbers: Vec<f64>,
    rows: Vec<u32>,
}

impl Left {
    fn count(&self) -> usize {
        self.rows.len()
    }

    fn at(&self, place: usize) -> &[f64] {
        &self.numbers[place * self.width..(place + 1) * self.width]
    }

    /// The squared distance of each place from `from`, in the order of places.
    fn distances(&self, from: &[f64], into: &mut Vec<f64>) {
        into.clear();
        if self.numbers.len() >= PARALLEL {
            self.numbers
                .par_chunks_exact(self.width)
                .with_min_len(1024)
                .map(|row| square(row, from))
                .collect_into_vec(into);
        } else {
            into.extend(self.numbers.chunks_exact(self.width).map(|row| square(row, from)));
        }
    }

    fn mean(&self) -> Vec<f64> {
        let mut mean = vec![0.0; self.width];
        for row in self.numbers.chunks_exact(self.width) {
            mean.iter_mut().zip(row).for_each(|(sum, number)| *sum += number);
        }
        let count = self.count() as f64;
        mean.iter_mut().for_each(|sum| *sum /= count);
        mean
    }

    /// Takes the rows at `places` out.
    fn take(&mut self, places: &mut [usize]) -> Vec<u32> {
        places.sort_unstable_by(|left, right| right.cmp(left));
        let mut group: Vec<u32> = places.iter().map(|&place| self.rows[place]).collect();
        for &place in places.iter() {
            self.rows.swap_remove(place);
            let last = self.numbers.len() - self.width;
            self.numbers.copy_within(last.., place * self.width);
            self.numbers.truncate(last);
        }
        group.sort_unstable();
        group
    }
}

fn square(left: &[f64], right: &[f64]) -> f64 {
    left.iter()
        .zip(right)
        .map(|(left, right)| (left - right) * (left - right))
        .sum()
}

/// The groups of `count` rows of `width` numbers each, row after row in `numbers`; equal distances go by the row's number.
pub fn groups(numbers: Vec<f64>, width: usize, k: usize, stop: &Stop) -> Result<Vec<Vec<u32>>> {
    let count = numbers.len() / width.max(1);
    let mut left = Left {
        width,
        numbers,
        rows: (0..count as u32).collect(),
    };
    let mut groups = Vec::with_capacity(count / k.max(1));
    let mut distances = Vec::new();
    stop.expect(count as u64);
    while left.count() >= 3 * k {
        stop.check()?;
        left.distances(&left.mean(), &mut distances);
        let first = left.at(farthest(&left, &distances)).to_vec();
        groups.push(nearest(&mut left, &first, k, &mut distances));
        // The row farthest from the first one, among those that are left, as its distances were found above.
        left.distances(&first, &mut distances);
        let second = left.at(farthest(&left, &distances)).to_vec();
        groups.push(nearest(&mut left, &second, k, &mut distances));
        stop.advance(2 * k as u64);
    }
    if left.count() >= 2 * k {
        left.distances(&left.mean(), &mut distances);
        let first = left.at(farthest(&left, &distances)).to_vec();
        groups.push(nearest(&mut left, &first, k, &mut distances));
    }
    if left.count() > 0 {
        let mut rest = left.rows;
        rest.sort_unstable();
        groups.push(rest);
    }
    Ok(groups)
}

fn farthest(left: &Left, distances: &[f64]) -> usize {
    let mut best = 0;
    for place in 1..distances.len() {
        let order = distances[place].total_cmp(&distances[best]);
        if order.is_gt() || (order.is_eq() && left.rows[place] < left.rows[best]) {
            best = place;
        }
    }
    best
}

/// Takes the k rows nearest to `to`.
fn nearest(left: &mut Left, to: &[f64], k: usize, distances: &mut Vec<f64>) -> Vec<u32> {
    left.distances(to, distances);
    let mut places: Vec<usize> = (0..left.count()).collect();
    let by = |a: &usize, b: &usize| {
        distances[*a]
            .total_cmp(&distances[*b])
            .then(left.rows[*a].cmp(&left.rows[*b]))
    };
    if k < places.len() {
        places.select_nth_unstable_by(k - 1, by);
        places.truncate(k);
    }
    left.take(&mut places)
}
