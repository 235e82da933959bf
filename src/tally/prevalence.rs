//! Prevalence: persons present in a period, and those who have a condition while they are.

use super::strata::Strata;
use crate::person::Facts;

/// Spans of days: rows in order of person.
#[derive(Debug, Clone, Copy)]
pub struct Presence<'a> {
    /// The persons.
    pub person: &'a [u32],
    /// First days.
    pub start: &'a [i32],
    /// Last days.
    pub end: &'a [i32],
}

/// Exact prevalence by stratum.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prevalence {
    /// Persons present.
    pub persons: Vec<u64>,
    /// Persons present who have the condition.
    pub cases: Vec<u64>,
}

impl Prevalence {
    /// Nobody, in so many strata.
    pub fn none(strata: usize) -> Self {
        Self {
            persons: vec![0; strata],
            cases: vec![0; strata],
        }
    }

    /// Adds the tally of another shard.
    pub fn add(&mut self, other: &Self) {
        let sum = |into: &mut [u64], from: &[u64]| into.iter_mut().zip(from).for_each(|(a, b)| *a += b);
        sum(&mut self.persons, &other.persons);
        sum(&mut self.cases, &other.cases);
    }
}

/// Counts persons present on any day of `[from, to]`, and those whose condition overlaps a day on which they are.
///
/// Each person counts once, in the stratum of the first day present in the period; nobody is present after death.
pub fn prevalence(
    present: Presence<'_>,
    condition: Presence<'_>,
    (from, to): (i32, i32),
    facts: &Facts,
    strata: &Strata<'_>,
) -> Prevalence {
    let mut tally = Prevalence::none(strata.len());
    each_present(present, condition, (from, to), facts, strata, |_, cell, case| {
        tally.persons[cell] += 1;
        tally.cases[cell] += u64::from(case);
    });
    tally
}

/// The same, told person by person: the person, the stratum, and whether the person is a case.
pub fn each_present(
    present: Presence<'_>,
    condition: Presence<'_>,
    (from, to): (i32, i32),
    facts: &Facts,
    strata: &Strata<'_>,
    mut tell: impl FnMut(u32, usize, bool),
) {
    let (mut row, mut at) = (0, 0);
    while row < present.person.len() {
        let person = present.person[row];
        let last_day = to.min(facts.death[person as usize]);
        while at < condition.person.len() && condition.person[at] < person {
            at += 1;
        }
        let spans = at..at + condition.person[at..].partition_point(|other| *other == person);
        let (mut first, mut case) = (None, false);
        while row < present.person.len() && present.person[row] == person {
            let (start, end) = (present.start[row].max(from), present.end[row].min(last_day));
            if start <= end {
                first = first.or(Some(start));
                case = case
                    || spans
                        .clone()
                        .any(|i| condition.start[i] <= end && condition.end[i] >= start);
            }
            row += 1;
        }
        if let Some(first) = first {
            tell(person, strata.of(facts, person, first), case);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::strata::Calendar;
    use super::*;
    use crate::person::{NEVER, Spans};

    struct NoCalendar;
    impl Calendar for NoCalendar {
        fn completed_years(&self, _: i32, _: i32) -> i32 {
            0
        }
        fn year(&self, _: i32) -> i32 {
            0
        }
    }

    fn of(columns: &(Vec<u32>, Vec<i32>, Vec<i32>)) -> Presence<'_> {
        Presence {
            person: &columns.0,
            start: &columns.1,
            end: &columns.2,
        }
    }

    fn count(rows: &[(u32, i32, i32)], spans: &[(u32, i32, i32)], period: (i32, i32), death: i32) -> (u64, u64) {
        let columns = |rows: &[(u32, i32, i32)]| {
            (
                rows.iter().map(|row| row.0).collect::<Vec<_>>(),
                rows.iter().map(|row| row.1).collect::<Vec<_>>(),
                rows.iter().map(|row| row.2).collect::<Vec<_>>(),
            )
        };
        let (rows, spans) = (columns(rows), columns(spans));
        let facts = Facts {
            persons: 3,
            sex: vec![1; 3],
            birth_month: vec![0; 3],
            death: vec![death; 3],
            periods: Spans::new(3, Vec::new()),
        };
        let strata = Strata::new(&[], &NoCalendar).unwrap();
        let tally = prevalence(of(&rows), of(&spans), period, &facts, &strata);
        (tally.persons[0], tally.cases[0])
    }

    #[test]
    fn presence_and_condition_meet_in_the_period() {
        let rows = [(0, 0, 10), (0, 20, 30), (1, 15, 40), (2, 50, 60)];
        assert_eq!(count(&rows, &[], (5, 25), NEVER), (2, 0));
        assert_eq!(count(&rows, &[(0, 12, 14)], (5, 25), NEVER), (2, 0), "while absent");
        assert_eq!(count(&rows, &[(0, 12, 20), (1, 0, 15)], (5, 25), NEVER), (2, 2));
        assert_eq!(count(&rows, &[(1, 26, i32::MAX)], (5, 25), NEVER), (2, 0), "after it");
        assert_eq!(count(&rows, &[(1, 20, i32::MAX)], (25, 25), NEVER), (2, 1), "on a day");
        assert_eq!(count(&rows, &[(1, 20, i32::MAX)], (18, 25), 16), (0, 0), "dead before");
    }
}
