//! l-diversity: how many values, and how evenly, a class has.
//!
//! A. Machanavajjhala, D. Kifer, J. Gehrke, M. Venkitasubramaniam, "l-diversity: privacy beyond k-anonymity", ACM TKDD 1
//! (2007). The corrected entropy: P. Grassberger, "Entropy estimates from insufficient samplings", arXiv:physics/0307138
//! (2003), as l-diversity by S. Stammler, S. Katzenbeisser, K. Hamacher, "Correcting finite sampling issues in entropy
//! l-diversity", PSD 2016.

use std::cell::RefCell;

use super::Class;

thread_local! {
    /// Counts being sorted; kept, so that no class allocates.
    static SORTED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// What stands for the logarithm of a count in the entropy.
#[derive(Clone, Copy)]
pub(super) enum Logarithm {
    /// The natural logarithm: the entropy of the class itself.
    Shannon,
    /// Grassberger's G: less biased for the distribution that the class was drawn from.
    Grassberger,
}

impl Logarithm {
    fn of(self, count: u64) -> f64 {
        match self {
            Self::Shannon => (count as f64).ln(),
            Self::Grassberger => grassberger(count),
        }
    }

    /// The effective number of values: exp of `psi(n) - sum(c * psi(c)) / n`.
    pub(super) fn effective(self, class: &Class<'_>) -> f64 {
        let size = class.size as f64;
        match self {
            _ if class.values.len() == 1 => 1.0,
            // By shares and in bits, so that two or four equally frequent values are two or four.
            Self::Shannon => {
                let bits = |&count: &u64| count as f64 / size * (size / count as f64).log2();
                class.counts.iter().map(bits).sum::<f64>().exp2()
            }
            Self::Grassberger => {
                let sum: f64 = class.counts.iter().map(|&count| count as f64 * self.of(count)).sum();
                (self.of(class.size) - sum / size).exp()
            }
        }
    }

    /// Whether the class has at least `l` values and an entropy of at least `ln l`, a tie up to rounding included.
    pub(super) fn reaches(self, class: &Class<'_>, l: f64) -> bool {
        const ROUNDING: f64 = 1e-13;
        let size = class.size as f64;
        let values = class.values.len() as f64;
        let sum: f64 = class.counts.iter().map(|&count| count as f64 * self.of(count)).sum();
        let total = size * self.of(class.size);
        values >= l && sum <= total - size * l.ln() + ROUNDING * total.abs().max(size)
    }
}

const EULER: f64 = 0.577_215_664_901_532_9;
/// G of 2i by i, up to 100; G of 1 in front.
const SMALL: [f64; 51] = {
    let mut table = [-EULER - std::f64::consts::LN_2; 51];
    let mut i = 1;
    while i <= 50 {
        table[i] = table[i - 1] + 2.0 / (2 * i - 1) as f64;
        i += 1;
    }
    table
};

/// `G(2i+1) = G(2i) = -gamma - ln 2 + sum of 2/(2j-1) for j to i`; an asymptotic expansion above 100.
pub(super) fn grassberger(count: u64) -> f64 {
    let half = count / 2;
    match SMALL.get(half as usize) {
        Some(&value) => value,
        None => {
            let m = 1.0 / (half as f64 * half as f64);
            (2.0 * half as f64).ln() + m * (1.0 / 24.0 - m * (7.0 / 960.0 - m * (31.0 / 8064.0)))
        }
    }
}

/// The greatest count, and the rows left when the `l - 1` most frequent values are taken away.
pub(super) fn head_and_tail(class: &Class<'_>, l: u32) -> (u64, u64) {
    let greatest = class.counts.iter().copied().max().unwrap_or(0);
    let away = l.saturating_sub(1) as usize;
    if away >= class.counts.len() {
        return (greatest, 0);
    }
    let taken = match away {
        0 => 0,
        1 => greatest,
        _ => SORTED.with_borrow_mut(|counts| {
            counts.clear();
            counts.extend(class.counts);
            let (most, _, _) = counts.select_nth_unstable_by(away, |left, right| right.cmp(left));
            most.iter().sum()
        }),
    };
    (greatest, class.size - taken)
}
