//! What a shard knows about its persons, as columns in memory.

/// The day of death of a person who is not known to have died.
pub const NEVER: i32 = i32::MAX;

/// Administrative sex, coded as in ISO/IEC 5218.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    /// Not known.
    Unknown = 0,
    /// Male.
    Male = 1,
    /// Female.
    Female = 2,
}

impl Sex {
    /// The code of ISO/IEC 5218; 9 (not applicable) and anything else are unknown.
    pub fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Male,
            2 => Self::Female,
            _ => Self::Unknown,
        }
    }

    /// The word used in definitions and tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Male => "male",
            Self::Female => "female",
        }
    }
}

/// Closed intervals of days per person, each person's sorted by their first day.
#[derive(Debug, Clone, Default)]
pub struct Spans {
    offsets: Vec<u32>,
    from: Vec<i32>,
    to: Vec<i32>,
}

impl Spans {
    /// Sorts `(person, from, to)` rows into place; equal rows are kept once.
    pub fn new(persons: usize, mut rows: Vec<(u32, i32, i32)>) -> Self {
        rows.sort_unstable();
        rows.dedup();
        let mut offsets = vec![0_u32; persons + 1];
        for &(person, _, _) in &rows {
            offsets[person as usize + 1] += 1;
        }
        for person in 0..persons {
            offsets[person + 1] += offsets[person];
        }
        let from = rows.iter().map(|row| row.1).collect();
        let to = rows.iter().map(|row| row.2).collect();
        Self { offsets, from, to }
    }

    /// The intervals of one person, in order.
    pub fn of(&self, person: u32) -> impl Iterator<Item = (i32, i32)> {
        let range = self.offsets[person as usize] as usize..self.offsets[person as usize + 1] as usize;
        range.map(|i| (self.from[i], self.to[i]))
    }

    /// The first interval that reaches from `before` to `after` at least.
    #[inline]
    pub fn covering(&self, person: u32, before: i32, after: i32) -> Option<(i32, i32)> {
        let range = self.offsets[person as usize] as usize..self.offsets[person as usize + 1] as usize;
        for i in range {
            if self.from[i] > before {
                return None;
            }
            if self.to[i] >= after {
                return Some((self.from[i], self.to[i]));
            }
        }
        None
    }

    /// How many intervals there are.
    pub fn len(&self) -> usize {
        self.from.len()
    }

    /// Whether there is no interval at all.
    pub fn is_empty(&self) -> bool {
        self.from.is_empty()
    }

    /// The earliest first day and the latest last day.
    pub fn extent(&self) -> Option<(i32, i32)> {
        Some((*self.from.iter().min()?, *self.to.iter().max()?))
    }
}

/// The persons of one shard, one entry a person.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// How many persons there are.
    pub persons: usize,
    /// Codes of ISO/IEC 5218.
    pub sex: Vec<u8>,
    /// The first day of the birth month.
    pub birth_month: Vec<i32>,
    /// The day of death, or [`NEVER`].
    pub death: Vec<i32>,
    /// The observation periods.
    pub periods: Spans,
}

impl Facts {
    /// So many persons, of whom nothing is known but their observation periods.
    pub fn of_periods(persons: usize, periods: Spans) -> Self {
        Self {
            persons,
            periods,
            ..Self::default()
        }
    }

    /// How many persons the shard holds.
    pub fn len(&self) -> usize {
        self.persons
    }

    /// Whether the shard holds nobody.
    pub fn is_empty(&self) -> bool {
        self.persons == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_sorted_and_found() {
        let spans = Spans::new(3, vec![(2, 50, 60), (0, 10, 20), (2, 5, 9), (0, 10, 20)]);
        assert_eq!(spans.of(0).collect::<Vec<_>>(), [(10, 20)]);
        assert_eq!(spans.of(1).count(), 0);
        assert_eq!(spans.of(2).collect::<Vec<_>>(), [(5, 9), (50, 60)]);
        assert_eq!(spans.covering(2, 52, 60), Some((50, 60)));
        assert_eq!(spans.covering(2, 52, 61), None);
        assert_eq!(spans.covering(2, 10, 10), None);
        assert_eq!(spans.covering(1, 10, 10), None);
        assert_eq!(spans.extent(), Some((5, 60)));
    }
}
