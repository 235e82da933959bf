//! Incidence: persons at risk, those who have the outcome, and the days until then.

use super::strata::Strata;
use crate::person::Facts;

/// The time at risk: rows in order of (person, start), not overlapping within a person.
#[derive(Debug, Clone, Copy)]
pub struct AtRisk<'a> {
    /// The persons.
    pub person: &'a [u32],
    /// First days.
    pub start: &'a [i32],
    /// Last days.
    pub end: &'a [i32],
}

/// How outcomes before the time at risk count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// A person with an outcome within so many days before the start is not at risk; `None` looks back without limit.
    pub washout: Option<u32>,
    /// The time at risk begins so many days after the start of each row.
    pub lag: u32,
}

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
    let (who, when) = outcomes;
    let mut at = 0;
    let mut row = 0;
    while row < at_risk.person.len() {
        let person = at_risk.person[row];
        let mut next = row;
        while next < at_risk.person.len() && at_risk.person[next] == person {
            next += 1;
        }
        while at < who.len() && who[at] < person {
            at += 1;
        }
        let mut until = at;
        while until < who.len() && who[until] == person {
            until += 1;
        }
        let spells = (row..next).map(|i| (at_risk.start[i].saturating_add_unsigned(rules.lag), at_risk.end[i]));
        count_person(person, spells, &when[at..until], facts, strata, rules, tally);
        row = next;
        at = until;
    }
}

fn count_person(
    person: u32,
    spells: impl Iterator<Item = (i32, i32)>,
    outcomes: &[i32],
    facts: &Facts,
    strata: &Strata<'_>,
    rules: Rules,
    tally: &mut impl Teller,
) {
    let death = facts.death[person as usize];
    let mut spells = spells
        .map(|(start, end)| (start, end.min(death)))
        .filter(|(start, end)| start <= end)
        .peekable();
    let Some(&(first, _)) = spells.peek() else { return };
    let looked_back = rules
        .washout
        .map_or(i32::MIN, |days| first.saturating_sub_unsigned(days));
    let before = outcomes.partition_point(|day| *day < first);
    if outcomes[..before].iter().any(|day| *day >= looked_back) {
        return;
    }
    let outcome = outcomes.get(before).copied();
    let cell = strata.of(facts, person, first);
    tally.at_risk(cell, person);
    for (start, end) in spells {
        match outcome {
            Some(day) if day < start => break,
            Some(day) if day <= end => {
                tally.event(cell, person);
                tally.days(cell, (day - start + 1) as u64);
                break;
            }
            _ => tally.days(cell, (end - start + 1) as u64),
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
