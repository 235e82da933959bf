//! Combinations that only few persons carry: is there one that stands on fewer than the threshold?
//!
//! The functions of one chain that vanish on it are known exactly, person by person. Whether some combination of them
//! stands on fewer than t persons is the weight of the lightest word of a linear code, found by branching: a group of
//! t persons or more with equal values must be met with zero; of the rest, each group is met with zero, which takes a
//! dimension, or is paid for, which takes its persons from the t - 1 that there are.

use rustc_hash::{FxHashMap, FxHashSet};

use super::chain::Sparse;
use super::field::Field;
use crate::error::Result;
use crate::stop::Stop;

/// How many branches are looked at before a combination is taken to exist.
const BRANCHES: usize = 200_000;

/// A combination of released sets, and the persons on whom it is not zero.
#[derive(Debug, Clone, Default)]
pub(super) struct Function {
    /// Person and value.
    pub(super) values: Sparse,
    /// Set and coefficient.
    pub(super) terms: Sparse,
}

/// What the search found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// No combination stands on few persons.
    None,
    /// One does: the sets that are in it.
    Sets(Vec<u32>),
    /// There were too many to look at.
    TooMany,
}

/// Whether a new function is a combination of known ones.
pub(super) fn is_combination(known: &[Function], new: &Function, field: Field) -> bool {
    let mut rows: Vec<FxHashMap<u32, u64>> = Vec::new();
    for function in known.iter().chain([new]) {
        let mut row: FxHashMap<u32, u64> = function.values.iter().copied().collect();
        for earlier in &rows {
            let Some((pivot, scale)) = earlier.iter().next().map(|(place, value)| (*place, *value)) else {
                continue;
            };
            if let Some(&value) = row.get(&pivot) {
                let factor = field.times(value, field.over(scale));
                for (&place, &other) in earlier {
                    let entry = row.entry(place).or_insert(0);
                    *entry = field.minus(*entry, field.times(factor, other));
                    if *entry == 0 {
                        row.remove(&place);
                    }
                }
            }
        }
        rows.push(row);
    }
    rows.last().is_none_or(FxHashMap::is_empty)
}

/// Looks for a combination that contains the last function and is not zero on at least 1 and fewer than `threshold`.
pub(super) fn lightest(known: &[Function], new: &Function, threshold: u64, field: Field, stop: &Stop) -> Result<Found> {
    let functions = connected(known, new);
    let mut of: FxHashMap<u32, Vec<u64>> = FxHashMap::default();
    for (number, function) in functions.iter().enumerate() {
        for &(person, value) in &function.values {
            of.entry(person).or_insert_with(|| vec![0; functions.len()])[number] = value;
        }
    }
    // Persons whose values are multiples of each other vanish together.
    let mut points: FxHashMap<Vec<u64>, u64> = FxHashMap::default();
    for mut point in of.into_values() {
        let Some(&first) = point.iter().find(|value| **value != 0) else {
            continue;
        };
        let scale = field.over(first);
        point.iter_mut().for_each(|value| *value = field.times(*value, scale));
        *points.entry(point).or_insert(0) += 1;
    }
    let mut points: Vec<(Vec<u64>, u64)> = points.into_iter().collect();
    points.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let unit = |number: usize| -> Vec<u64> {
        let entry = |other| if other == number { field.one } else { 0 };
        (0..functions.len()).map(entry).collect()
    };
    let mut space: Vec<Vec<u64>> = (0..functions.len()).map(unit).collect();
    let heavy = points.partition_point(|point| point.1 >= threshold);
    for (point, _) in &points[..heavy] {
        space = vanishing(space, point, field);
    }
    let mut search = Search {
        points: &points[heavy..],
        field,
        stop,
        left: BRANCHES,
    };
    Ok(match search.run(&space, 0, threshold)? {
        None if search.left == 0 => Found::TooMany,
        None => Found::None,
        Some(coefficients) => {
            let mut sets: FxHashMap<u32, u64> = FxHashMap::default();
            for (function, coefficient) in functions.iter().zip(coefficients) {
                for &(set, value) in &function.terms {
                    let entry = sets.entry(set).or_insert(0);
                    *entry = field.add(*entry, field.times(coefficient, value));
                }
            }
            let mut sets: Vec<u32> = sets
                .into_iter()
                .filter(|(_, value)| *value != 0)
                .map(|(set, _)| set)
                .collect();
            sets.sort_unstable();
            Found::Sets(sets)
        }
    })
}

/// The new function last, after those known that share persons with it, directly or through others.
///
/// A lightest combination needs no other: a part that shares no person only adds persons.
fn connected<'a>(known: &'a [Function], new: &'a Function) -> Vec<&'a Function> {
    let mut reached: FxHashSet<u32> = new.values.iter().map(|(person, _)| *person).collect();
    let mut rest: Vec<&Function> = known.iter().collect();
    let mut found = Vec::new();
    loop {
        let (near, far): (Vec<_>, Vec<_>) = rest
            .into_iter()
            .partition(|function| function.values.iter().any(|(person, _)| reached.contains(person)));
        if near.is_empty() {
            break;
        }
        reached.extend(
            near.iter()
                .flat_map(|function| &function.values)
                .map(|(person, _)| *person),
        );
        found.extend(near);
        rest = far;
    }
    found.push(new);
    found
}

fn value(coefficients: &[u64], point: &[u64], field: Field) -> u64 {
    let products = coefficients.iter().zip(point).filter(|(a, b)| **a != 0 && **b != 0);
    products.fold(0, |sum, (a, b)| field.add(sum, field.times(*a, *b)))
}

/// The combinations of a space that vanish on a point: the space itself, or one dimension less.
fn vanishing(mut space: Vec<Vec<u64>>, point: &[u64], field: Field) -> Vec<Vec<u64>> {
    let values: Vec<u64> = space.iter().map(|vector| value(vector, point, field)).collect();
    let Some(pivot) = values.iter().position(|value| *value != 0) else {
        return space;
    };
    let scale = field.over(values[pivot]);
    let taken = space.remove(pivot);
    let others = values.iter().enumerate().filter(|(place, _)| *place != pivot);
    for (vector, (_, &value)) in space.iter_mut().zip(others) {
        if value != 0 {
            let factor = field.times(value, scale);
            for (entry, other) in vector.iter_mut().zip(&taken) {
                *entry = field.minus(*entry, field.times(factor, *other));
            }
        }
    }
    space
}

struct Search<'a> {
    points: &'a [(Vec<u64>, u64)],
    field: Field,
    stop: &'a Stop,
    left: usize,
}

impl Search<'_> {
    /// A vector of the space with a last entry, of whose points from `at` on fewer than `budget` persons are not zero.
    fn run(&mut self, space: &[Vec<u64>], mut at: usize, budget: u64) -> Result<Option<Vec<u64>>> {
        let asks = |vector: &&Vec<u64>| vector.last().is_some_and(|entry| *entry != 0);
        let Some(candidate) = space.iter().find(asks) else {
            return Ok(None);
        };
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        if self.left.is_multiple_of(1_024) {
            self.stop.check()?;
        }
        if space.len() == 1 {
            let mut carried = 0;
            for (point, weight) in &self.points[at..] {
                if value(candidate, point, self.field) != 0 {
                    carried += weight;
                    if carried >= budget {
                        return Ok(None);
                    }
                }
            }
            return Ok(Some(candidate.clone()));
        }
        let points = self.points;
        while at < points.len() && space.iter().all(|vector| value(vector, &points[at].0, self.field) == 0) {
            at += 1;
        }
        if at == points.len() {
            return Ok(Some(candidate.clone()));
        }
        let (point, weight) = &points[at];
        let fewer = vanishing(space.to_vec(), point, self.field);
        if let Some(found) = self.run(&fewer, at + 1, budget)? {
            return Ok(Some(found));
        }
        if *weight < budget {
            return self.run(space, at + 1, budget - weight);
        }
        Ok(None)
    }
}
