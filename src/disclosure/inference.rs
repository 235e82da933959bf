//! What a reader learns of a sensitive value from the class of a person.
//!
//! Whoever knows the quasi-identifiers of a person knows its class, and with it how often each sensitive value occurs
//! there: the **posterior** of a value is its share of the class. With background knowledge, that the person has none of
//! `m` further values, their rows drop out; worst are the `m` most frequent ones. See A. Machanavajjhala et al.,
//! "l-diversity: privacy beyond k-anonymity", ACM TKDD 1 (2007): homogeneity and background-knowledge attack.

use rayon::prelude::*;

use crate::disclosure::models::Composition;
use crate::error::Result;
use crate::stop::Stop;

/// What is learned when so many values are excluded.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Learned {
    /// Classes in which one value is left.
    pub certain_classes: u64,
    /// Rows in these classes.
    pub certain_rows: u64,
    /// Rows whose own value has a posterior above the bound.
    pub likely_rows: u64,
    /// The largest posterior of a row's own value.
    pub worst: f64,
}

/// By number of values excluded, from none to `known`.
pub fn learned(composition: &Composition, known: usize, bound: f64, stop: &Stop) -> Result<Vec<Learned>> {
    let compositions = compositions(composition);
    (0..=known)
        .map(|excluded| {
            let merge = |a: Learned, b: Learned| Learned {
                certain_classes: a.certain_classes + b.certain_classes,
                certain_rows: a.certain_rows + b.certain_rows,
                likely_rows: a.likely_rows + b.likely_rows,
                worst: a.worst.max(b.worst),
            };
            stop.check()?;
            Ok(compositions
                .par_iter()
                .map(|counts| of_class(counts, excluded, bound))
                .reduce(Learned::default, merge))
        })
        .collect()
}

/// By class, how many rows each of its values has, most first.
fn compositions(composition: &Composition) -> Vec<Vec<u64>> {
    let counts = (0..composition.len()).into_par_iter().map(|class| {
        let mut counts = composition.class(class).counts.to_vec();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        counts
    });
    counts.collect()
}

/// `counts` are in descending order.
fn of_class(counts: &[u64], excluded: usize, bound: f64) -> Learned {
    let rows: u64 = counts.iter().sum();
    if counts.len() <= excluded + 1 {
        return Learned {
            certain_classes: 1,
            certain_rows: rows,
            likely_rows: if bound < 1.0 { rows } else { 0 },
            worst: 1.0,
        };
    }
    let top: u64 = counts[..=excluded].iter().sum();
    let mut learned = Learned::default();
    for (place, &count) in counts.iter().enumerate() {
        // The most frequent values but the row's own.
        let out = if place <= excluded {
            top - count
        } else {
            top - counts[excluded]
        };
        let posterior = count as f64 / (rows - out) as f64;
        learned.worst = learned.worst.max(posterior);
        if posterior > bound {
            learned.likely_rows += count;
        }
    }
    learned
}
