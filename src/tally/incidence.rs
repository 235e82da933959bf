//! Incidence: persons at risk, those who have the outcome, and the days until then.

use super::at_risk::{AtRisk, Rules, each_person, enter};
use super::strata::Strata;
use crate::person::Facts;

/// Exact incidence by stratum.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Incidence {
    /// Persons at risk.
    pub persons: Vec<u64>,
    /// Persons who had the outcome while at risk.
    pub events: Vec<u64>,
    /// Days at risk, the day of the outcome included.
    pub person_days: Vec<u64>,
}

impl Incidence {
    /// Nobody, in so many strata.
    pub fn none(strata: usize) -> Self {
        Self {
            persons: vec![0; strata],
            events: vec![0; strata],
            person_days: vec![0; strata],
        }
    }

    /// Adds the tally of another shard.
    pub fn add(&mut self, other: &Self) {
        let sum = |into: &mut [u64], from: &[u64]| into.iter_mut().zip(from).for_each(|(a, b)| *a += b);
        sum(&mut self.persons, &other.persons);
        sum(&mut self.events, &other.events);
        sum(&mut self.person_days, &other.person_days);
    }
}

/// What is told of each person at risk.
pub trait Teller {
    /// A person is at risk, in a stratum.
    fn at_risk(&mut self, cell: usize, person: u32);
    /// The person has the outcome.
    fn event(&mut self, cell: usize, person: u32);
    /// So many days at risk.
    fn days(&mut self, cell: usize, days: u64);
}

impl Teller for Incidence {
    fn at_risk(&mut self, cell: usize, _: u32) {
        self.persons[cell] += 1;
    }

    fn event(&mut self, cell: usize, _: u32) {
        self.events[cell] += 1;
    }

    fn days(&mut self, cell: usize, days: u64) {
        self.person_days[cell] += days;
    }
}

/// Who is behind an incidence, by stratum, in the order of persons.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Behind {
    /// Persons at risk.
    pub persons: Vec<Vec<u32>>,
    /// Persons who had the outcome while at risk.
    pub events: Vec<Vec<u32>>,
}

impl Behind {
    /// Nobody, in so many strata.
    pub fn none(strata: usize) -> Self {
        Self {
            persons: vec![Vec::new(); strata],
            events: vec![Vec::new(); strata],
        }
    }
}

impl Teller for Behind {
    fn at_risk(&mut self, cell: usize, person: u32) {
        self.persons[cell].push(person);
    }

    fn event(&mut self, cell: usize, person: u32) {
        self.events[cell].push(person);
    }

    fn days(&mut self, _: usize, _: u64) {}
}

/// Counts first outcomes and time at risk, each person once, in the stratum of the person's first day at risk.
///
/// `outcomes` are persons and days in order. A person leaves the risk with the first outcome, whether or not it falls
/// into a row; death ends the risk whatever the rows say.
pub fn incidence(
    at_risk: AtRisk<'_>,
    outcomes: (&[u32], &[i32]),
    facts: &Facts,
    strata: &Strata<'_>,
    rules: Rules,
) -> Incidence {
    let mut tally = Incidence::none(strata.len());
    incidence_of(at_risk, outcomes, facts, strata, rules, &mut tally);
    tally
}

/// The same, told person by person.
pub fn incidence_of(
    at_risk: AtRisk<'_>,
    outcomes: (&[u32], &[i32]),
    facts: &Facts,
    strata: &Strata<'_>,
    rules: Rules,
    tally: &mut impl Teller,
) {
    each_person(at_risk, outcomes, |person, spells, outcomes| {
        let Some(entry) = enter(person, spells, outcomes, facts, rules) else {
            return;
        };
        let cell = strata.of(facts, person, entry.first);
        tally.at_risk(cell, person);
        for (start, end) in entry.spells {
            match entry.outcome {
                Some(day) if day < start => break,
                Some(day) if day <= end => {
                    tally.event(cell, person);
                    tally.days(cell, (day - start + 1) as u64);
                    break;
                }
                _ => tally.days(cell, (end - start + 1) as u64),
            }
        }
    });
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

    fn facts(death: Vec<i32>) -> Facts {
        let persons = death.len();
        Facts {
            persons,
            sex: vec![1; persons],
            birth_month: vec![0; persons],
            death,
            periods: Spans::new(persons, Vec::new()),
        }
    }

    fn count(rows: &[(u32, i32, i32)], outcomes: &[(u32, i32)], death: Vec<i32>, rules: Rules) -> (u64, u64, u64) {
        let person: Vec<u32> = rows.iter().map(|row| row.0).collect();
        let start: Vec<i32> = rows.iter().map(|row| row.1).collect();
        let end: Vec<i32> = rows.iter().map(|row| row.2).collect();
        let who: Vec<u32> = outcomes.iter().map(|row| row.0).collect();
        let when: Vec<i32> = outcomes.iter().map(|row| row.1).collect();
        let strata = Strata::new(&[], &NoCalendar).unwrap();
        let at_risk = AtRisk {
            person: &person,
            start: &start,
            end: &end,
        };
        let tally = incidence(at_risk, (&who, &when), &facts(death), &strata, rules);
        (tally.persons[0], tally.events[0], tally.person_days[0])
    }

    #[test]
    fn a_life_in_days() {
        let ever = Rules { washout: None, lag: 0 };
        let rows = [(0, 10, 19), (0, 30, 39)];
        assert_eq!(count(&rows, &[], vec![NEVER], ever), (1, 0, 20));
        assert_eq!(count(&rows, &[(0, 32)], vec![NEVER], ever), (1, 1, 13));
        assert_eq!(count(&rows, &[(0, 10)], vec![NEVER], ever), (1, 1, 1));
        assert_eq!(
            count(&rows, &[(0, 25)], vec![NEVER], ever),
            (1, 0, 10),
            "an outcome between rows ends the risk"
        );
        assert_eq!(count(&rows, &[(0, 5)], vec![NEVER], ever), (0, 0, 0), "had it before");
        let short = Rules {
            washout: Some(3),
            lag: 0,
        };
        assert_eq!(count(&rows, &[(0, 5)], vec![NEVER], short), (1, 0, 20));
        assert_eq!(count(&rows, &[(0, 7)], vec![NEVER], short), (0, 0, 0));
        assert_eq!(count(&rows, &[], vec![34], ever), (1, 0, 15), "death ends the risk");
        let late = Rules { washout: None, lag: 12 };
        assert_eq!(
            count(&rows, &[], vec![NEVER], late),
            (0, 0, 0),
            "no day is left after the lag"
        );
        let lag = Rules { washout: None, lag: 4 };
        assert_eq!(
            count(&rows, &[(0, 12)], vec![NEVER], lag),
            (0, 0, 0),
            "within the lag is before the risk"
        );
        assert_eq!(count(&rows, &[(0, 14)], vec![NEVER], lag), (1, 1, 1));
        assert_eq!(count(&rows, &[], vec![9], ever), (0, 0, 0), "dead before the start");
    }
}
