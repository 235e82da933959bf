//! The meter: a utility measure on given columns and rows; exact for a node, a bound for all nodes left open.

use super::column::Column;
use super::groups::Groups;
use super::key::{Field, Key};
use super::utility::{Aggregate, Measure, Score, Utility};

/// What is known of all nodes that a partial choice of levels leaves open.
#[derive(Debug, Clone, Copy)]
pub(super) struct AtLeast {
    /// Rows that are suppressed, at least.
    pub(super) suppressed: u64,
    /// Classes there are, at most.
    pub(super) classes: usize,
    /// The sum of squared class sizes, at least.
    pub(super) squares: f64,
}

impl AtLeast {
    /// So many rows are suppressed, and there are so many classes at most.
    pub(super) fn suppressed(suppressed: u64, classes: usize) -> Self {
        Self {
            suppressed,
            classes,
            squares: 0.0,
        }
    }
}

/// The classes of a node, and which of them fail.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged<'a, K> {
    pub(super) keys: &'a [K],
    pub(super) rows: &'a [u64],
    pub(super) fails: &'a [bool],
    /// Rows that are suppressed and not among the groups any more.
    pub(super) dropped: u64,
}

impl<'a, K> Judged<'a, K> {
    pub(super) fn new(classes: &'a Groups<K>, fails: &'a [bool], dropped: u64) -> Self {
        Self {
            keys: &classes.keys,
            rows: &classes.rows,
            fails,
            dropped,
        }
    }

    /// Rows that are suppressed.
    fn lost(&self) -> u64 {
        let failing = self.rows.iter().zip(self.fails).filter(|(_, fails)| **fails);
        self.dropped + failing.map(|(rows, _)| rows).sum::<u64>()
    }

    /// The sum, over the rows of classes that fail or do not, of what a row of a class counts.
    fn sum(&self, failing: bool, of: impl Fn(&K) -> f64) -> f64 {
        let all = self.keys.iter().zip(self.rows).zip(self.fails);
        let classes = all.filter(|(_, fails)| **fails == failing);
        classes.map(|((key, rows), _)| *rows as f64 * of(key)).sum()
    }
}

/// A measure on given columns and rows.
pub(super) struct Meter<'a> {
    utility: Utility,
    columns: &'a [Column],
    rows: f64,
    generalized: f64,
    suppressed: f64,
    weights: Vec<f64>,
    /// By column and level: the measure's sum over all rows where nothing is suppressed.
    alone: Vec<Vec<f64>>,
    /// By column and level: the least that a row adds when it is suppressed.
    least_added: Vec<Vec<f64>>,
}

impl<'a> Meter<'a> {
    /// `counts` has the rows of each leaf code of each column.
    pub(super) fn new(utility: Utility, columns: &'a [Column], counts: &[Vec<u64>], rows: u64) -> Self {
        let factor = utility.suppression_weight;
        let generalized = if factor <= 0.5 { 1.0 } else { 1.0 - 2.0 * (factor - 0.5) };
        let suppressed = if factor < 0.5 { 2.0 * factor } else { 1.0 };
        let heaviest = columns.iter().map(|column| column.weight).fold(0.0, f64::max);
        let mut meter = Self {
            utility,
            columns,
            rows: rows as f64,
            generalized,
            suppressed,
            weights: columns.iter().map(|column| column.weight / heaviest).collect(),
            alone: Vec::new(),
            least_added: Vec::new(),
        };
        for (column, counts) in columns.iter().zip(counts) {
            let levels = 0..column.levels.len();
            meter
                .alone
                .push(levels.clone().map(|level| meter.alone(column, level, counts)).collect());
            let most = |level: usize| column.levels[level].share.iter().copied().fold(0.0, f64::max);
            meter
                .least_added
                .push(levels.map(|level| suppressed * (1.0 - most(level))).collect());
        }
        meter
    }

    /// The sum over all rows of what a level costs where nothing is suppressed.
    fn alone(&self, column: &Column, level: usize, counts: &[u64]) -> f64 {
        let height = column.height();
        let relative = if height == 0 { 0.0 } else { level as f64 / height as f64 };
        match self.utility.measure {
            Measure::Loss => {
                let codes = column.levels[level].of_leaf.iter();
                let share = |code: &u32| column.levels[level].share[*code as usize];
                codes
                    .zip(counts)
                    .map(|(code, &rows)| rows as f64 * share(code))
                    .sum::<f64>()
                    * self.generalized
            }
            Measure::Entropy | Measure::MonotonicEntropy => {
                let mut of_code = vec![0_u64; column.levels[level].codes];
                for (&code, &rows) in column.levels[level].of_leaf.iter().zip(counts) {
                    of_code[code as usize] += rows;
                }
                let bits = |(&code, &rows): (&u32, &u64)| {
                    if rows == 0 {
                        0.0
                    } else {
                        rows as f64 * (rows as f64 / of_code[code as usize] as f64).log2()
                    }
                };
                -column.levels[level].of_leaf.iter().zip(counts).map(bits).sum::<f64>() * self.generalized
            }
            Measure::Precision | Measure::MonotonicPrecision => relative,
            Measure::Height => level as f64,
            _ => 0.0,
        }
    }

    /// What the columns lose together.
    fn aggregated(&self, values: Vec<f64>) -> Score {
        let weighted = || values.iter().zip(&self.weights).map(|(value, weight)| value * weight);
        let columns = values.len() as f64;
        let total = match self.utility.aggregate {
            Aggregate::Sum => vec![weighted().sum()],
            Aggregate::Maximum => vec![weighted().fold(0.0, f64::max)],
            Aggregate::ArithmeticMean => vec![weighted().sum::<f64>() / columns],
            Aggregate::GeometricMean => {
                vec![
                    weighted()
                        .map(|value| (value + 1.0).powf(1.0 / columns))
                        .product::<f64>()
                        - 1.0,
                ]
            }
            Aggregate::Rank => {
                let mut rank: Vec<f64> = weighted().collect();
                rank.sort_by(|a, b| b.total_cmp(a));
                rank
            }
        };
        Score { total, values }
    }

    /// Loss of a column from its sum over rows.
    fn normalized(&self, sum: f64, column: usize) -> f64 {
        let least = self.generalized * self.rows / self.columns[column].leaves;
        if self.rows <= least {
            return 0.0;
        }
        rounded(((sum - least) / (self.rows - least)).max(0.0))
    }

    /// A score that no node falls below that has these levels or higher ones.
    pub(super) fn bound(&self, levels: &[usize], least: AtLeast) -> Score {
        let suppressed = least.suppressed as f64;
        let value = |column: usize| {
            let level = levels[column];
            let alone = self.alone[column][level];
            match self.utility.measure {
                Measure::Loss => self.normalized(alone + suppressed * self.least_added[column][level], column),
                Measure::Precision => {
                    let of = |suppressed: f64| self.precision(alone, suppressed);
                    of(suppressed).min(of(self.rows))
                }
                Measure::Entropy | Measure::MonotonicEntropy => rounded(alone),
                _ => alone,
            }
        };
        match self.utility.measure {
            Measure::Discernibility => Score::single(least.squares.max(suppressed * self.rows)),
            Measure::MonotonicDiscernibility => Score::single(least.squares),
            Measure::AverageClassSize => {
                Score::single(self.rows / (least.classes as f64 * self.suppressed + self.generalized))
            }
            Measure::Ambiguity => Score::single(0.0),
            _ => self.aggregated((0..levels.len()).map(value).collect()),
        }
    }

    fn precision(&self, relative: f64, suppressed: f64) -> f64 {
        ((self.rows - suppressed) * relative * self.generalized + suppressed * self.suppressed) / self.rows
    }

    /// The score of a node whose classes are `groups`, of which `fails` are suppressed.
    pub(super) fn exact<K: Key>(&self, levels: &[usize], judged: Judged<'_, K>, fields: &[Field]) -> Score {
        let Judged {
            rows, fails, dropped, ..
        } = judged;
        let lost = judged.lost();
        let suppressed = lost as f64;
        let value = |column: usize| {
            let (level, alone) = (levels[column], self.alone[column][levels[column]]);
            match self.utility.measure {
                Measure::Loss => {
                    let share = self.share(column, level, fields[column]);
                    self.normalized(self.loss(judged, suppressed, alone, share), column)
                }
                Measure::Entropy => rounded(alone + self.joined(judged, fields[column], suppressed)),
                Measure::MonotonicEntropy => rounded(alone),
                Measure::Precision => self.precision(alone, suppressed),
                _ => alone,
            }
        };
        let squares = |fails_too: bool| -> f64 {
            let size = |(&rows, &fails): (&u64, &bool)| {
                let rows = rows as f64;
                if fails && !fails_too {
                    rows * self.rows
                } else {
                    rows * rows
                }
            };
            rows.iter().zip(fails).map(size).sum::<f64>() + dropped as f64 * self.rows
        };
        match self.utility.measure {
            Measure::Discernibility => Score::single(squares(false)),
            Measure::MonotonicDiscernibility => Score::single(squares(true)),
            Measure::AverageClassSize => {
                let released = |(rows, fails): &(&u64, &bool)| **rows > 0 && !**fails;
                let kept = rows.iter().zip(fails).filter(released).count() as f64;
                let some = if lost > 0 { self.generalized } else { 0.0 };
                Score::single(self.rows / (kept * self.suppressed + some))
            }
            Measure::Ambiguity => Score::single(self.ambiguity(levels, judged, fields)),
            _ => self.aggregated((0..levels.len()).map(value).collect()),
        }
    }

    /// The share of a column's leaves that the code in a key covers at a level.
    fn share<K: Key>(&self, column: usize, level: usize, field: Field) -> impl Fn(&K) -> f64 {
        let share = &self.columns[column].levels[level].share;
        move |key: &K| share[key.code(field) as usize]
    }

    /// The sum of a column's shares, suppressed rows at what they cost.
    fn loss<K: Key>(&self, judged: Judged<'_, K>, lost: f64, alone: f64, share: impl Fn(&K) -> f64) -> f64 {
        if judged.dropped > 0 {
            // The shares of dropped rows are not known, and do not matter: they cost all.
            return judged.sum(false, share) * self.generalized + lost;
        }
        // A suppressed row costs its share and a part of the rest, all of it by default.
        let failing = if lost > 0.0 { judged.sum(true, share) } else { 0.0 };
        alone - failing * self.generalized + failing + self.suppressed * (lost - failing)
    }

    /// A bound that also knows which values the classes that are not lost have, in the columns chosen so far.
    pub(super) fn closer_bound<K: Key>(
        &self,
        bound: Score,
        levels: &[usize],
        classes: Judged<'_, K>,
        fields: &[Field],
    ) -> Score {
        if self.utility.measure != Measure::Loss {
            return bound;
        }
        let lost = classes.lost() as f64;
        let mut values = bound.values;
        for (column, field) in fields.iter().enumerate() {
            let sum = classes.sum(false, self.share(column, levels[column], *field));
            values[column] = self.normalized(sum * self.generalized + lost, column);
        }
        self.aggregated(values)
    }

    /// Whether it is enough to know how many rows a partial choice of levels suppresses.
    pub(super) fn needs_no_suppressed_rows(&self) -> bool {
        match self.utility.measure {
            Measure::Loss => self.suppressed >= 1.0,
            Measure::Entropy | Measure::MonotonicDiscernibility | Measure::Ambiguity => false,
            _ => true,
        }
    }

    /// What suppressed rows lose because their generalized values can no longer be told apart.
    fn joined<K: Key>(&self, judged: Judged<'_, K>, field: Field, suppressed: f64) -> f64 {
        let Judged { keys, rows, fails, .. } = judged;
        if suppressed == 0.0 {
            return 0.0;
        }
        let mut counts = vec![0_u64; 1 << field.bits];
        for ((key, rows), _) in keys.iter().zip(rows).zip(fails).filter(|(_, fails)| **fails) {
            counts[key.code(field) as usize] += rows;
        }
        let bits = |count: u64| count as f64 * (count as f64 / suppressed).log2();
        -counts.into_iter().filter(|count| *count > 0).map(bits).sum::<f64>() * self.suppressed
    }

    fn ambiguity<K: Key>(&self, levels: &[usize], judged: Judged<'_, K>, fields: &[Field]) -> f64 {
        let Judged { keys, rows, fails, .. } = judged;
        let of = |((key, rows), fails): ((&K, &u64), &bool)| {
            let combinations = |(column, field): (usize, &Field)| {
                let level = &self.columns[column].levels[levels[column]];
                let share = if *fails {
                    1.0
                } else {
                    level.share[key.code(*field) as usize]
                };
                share * self.columns[column].leaves
            };
            *rows as f64 * fields.iter().enumerate().map(combinations).product::<f64>()
        };
        keys.iter().zip(rows).zip(fails).map(of).sum()
    }
}

/// Rounds down to ten digits, as ARX does.
fn rounded(value: f64) -> f64 {
    const DIGITS: f64 = 1e10;
    (value * DIGITS).floor() / DIGITS
}
