//! Models that compare the share of each value in the class with its share in the whole, value by value.

use super::{Class, Whole};

/// A value of the class: its share there, and in the whole, times the rows of both.
struct Value {
    here: u128,
    there: u128,
    /// Its share in the whole.
    share: f64,
}

impl Value {
    /// `(q - p) / p`; the difference is one of integers, so that what is left of it is not rounded away.
    fn gain(&self) -> f64 {
        let difference = self.here.abs_diff(self.there) as f64 / self.there as f64;
        if self.here < self.there {
            -difference
        } else {
            difference
        }
    }

    /// `|ln(q / p)|`.
    fn logarithm(&self) -> f64 {
        let gain = self.gain();
        let logarithm = if gain.abs() < 0.5 {
            gain.ln_1p()
        } else {
            (self.here as f64 / self.there as f64).ln()
        };
        logarithm.abs()
    }
}

fn values(class: &Class<'_>, whole: &Whole) -> impl Iterator<Item = Value> {
    let (size, all) = (u128::from(class.size), u128::from(whole.size()));
    class.pairs().map(move |(code, count)| {
        let rows = u128::from(whole.counts()[code]);
        Value {
            here: u128::from(count) * all,
            there: rows * size,
            share: rows as f64 / all as f64,
        }
    })
}

/// The share of the most frequent value.
///
/// R. C.-W. Wong, J. Li, A. W.-C. Fu, K. Wang, "(alpha, k)-anonymity", KDD 2006.
pub(super) fn alpha(class: &Class<'_>) -> f64 {
    class.counts.iter().copied().max().unwrap_or(0) as f64 / class.size as f64
}

/// The greatest relative gain `(q - p) / p` of a value.
///
/// J. Cao, P. Karras, "Publishing microdata with a robust privacy guarantee", PVLDB 5 (2012).
pub(super) fn basic_beta(class: &Class<'_>, whole: &Whole) -> f64 {
    values(class, whole).map(|value| value.gain()).fold(0.0, f64::max)
}

/// The same, and infinite if a value gains more than `-ln p`: then no beta is large enough.
pub(super) fn enhanced_beta(class: &Class<'_>, whole: &Whole) -> f64 {
    let bounded = |value: Value| match value.gain() {
        gain if gain > -value.share.ln() => f64::INFINITY,
        gain => gain,
    };
    values(class, whole).map(bounded).fold(0.0, f64::max)
}

/// The greatest `|log(q / p)|` of a value of the class; infinite, with `absent`, if a value of the whole is not in it.
///
/// J. Brickell, V. Shmatikov, "The cost of privacy: destruction of data-mining utility in anonymized data publishing",
/// KDD 2008.
pub(super) fn delta(class: &Class<'_>, whole: &Whole, base: f64, absent: bool) -> f64 {
    if absent && (class.values.len() as u64) < whole.distinct() {
        return f64::INFINITY;
    }
    let greatest = values(class, whole).map(|value| value.logarithm()).fold(0.0, f64::max);
    greatest / base.ln()
}
