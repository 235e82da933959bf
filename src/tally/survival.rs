//! Survival: how many days each person was followed, and whether the outcome ended it.

use std::collections::BTreeMap;

use super::at_risk::{AtRisk, Rules, each_person, enter};
use super::strata::Strata;
use crate::person::Facts;

/// Follow-up by stratum and by its length in days: persons whom the outcome ended, and persons censored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FollowUp(BTreeMap<(usize, u32), [u64; 2]>);

impl FollowUp {
    /// Adds the tally of another shard.
    pub fn add(&mut self, other: &Self) {
        for (key, more) in &other.0 {
            let counts = self.0.entry(*key).or_default();
            counts[0] += more[0];
            counts[1] += more[1];
        }
    }

    /// Stratum, days, persons with the outcome and persons censored, in order.
    pub fn rows(&self) -> impl Iterator<Item = (usize, u32, u64, u64)> + '_ {
        self.0
            .iter()
            .map(|((stratum, days), [events, censored])| (*stratum, *days, *events, *censored))
    }
}

/// Follows each person from the first day at risk until the outcome or the end of the unbroken time at risk.
///
/// Days are counted from the first day, which is day 0; a person censored on a day was at risk on it. An outcome after
/// a gap in the time at risk is not seen: the person is censored where the gap begins.
pub fn follow_up(
    at_risk: AtRisk<'_>,
    outcomes: (&[u32], &[i32]),
    facts: &Facts,
    strata: &Strata<'_>,
    rules: Rules,
) -> FollowUp {
    let mut found = Vec::new();
    follow_each(at_risk, outcomes, facts, strata, rules, |_, stratum, days, censored| {
        found.push((stratum, days, censored));
    });
    // Sorted first, so that the map is touched once per day and not once per person.
    found.sort_unstable();
    let mut tally = FollowUp::default();
    for same in found.chunk_by(|a, b| a == b) {
        let (stratum, days, censored) = same[0];
        tally.0.entry((stratum, days)).or_default()[usize::from(censored)] += same.len() as u64;
    }
    tally
}

/// The same, told person by person: the person, the stratum, the days, and whether the person was censored.
pub fn follow_each(
    at_risk: AtRisk<'_>,
    outcomes: (&[u32], &[i32]),
    facts: &Facts,
    strata: &Strata<'_>,
    rules: Rules,
    mut tell: impl FnMut(u32, usize, u32, bool),
) {
    each_person(at_risk, outcomes, |person, spells, outcomes| {
        let Some(entry) = enter(person, spells, outcomes, facts, rules) else {
            return;
        };
        let mut last = entry.first;
        for (start, end) in entry.spells {
            if start > last.saturating_add(1) {
                break;
            }
            last = last.max(end);
        }
        let event = entry.outcome.filter(|day| *day <= last);
        let days = event.unwrap_or(last).abs_diff(entry.first);
        tell(person, strata.of(facts, person, entry.first), days, event.is_none());
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

    fn follow(rows: &[(u32, i32, i32)], outcomes: &[(u32, i32)], death: Vec<i32>) -> FollowUp {
        let persons = death.len();
        let facts = Facts {
            persons,
            sex: vec![1; persons],
            birth_month: vec![0; persons],
            death,
            periods: Spans::new(persons, Vec::new()),
        };
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
        let rules = Rules { washout: None, lag: 0 };
        follow_up(at_risk, (&who, &when), &facts, &strata, rules)
    }

    fn one(rows: &[(u32, i32, i32)], outcomes: &[(u32, i32)], death: i32) -> Vec<(u32, u64, u64)> {
        let found = follow(rows, outcomes, vec![death]);
        found.rows().map(|(_, days, events, out)| (days, events, out)).collect()
    }

    #[test]
    fn a_life_from_its_first_day() {
        let rows = [(0, 10, 19), (0, 20, 29), (0, 40, 49)];
        assert_eq!(
            one(&rows, &[], NEVER),
            [(19, 0, 1)],
            "joined rows are one, a gap ends it"
        );
        assert_eq!(one(&rows, &[(0, 10)], NEVER), [(0, 1, 0)]);
        assert_eq!(one(&rows, &[(0, 29)], NEVER), [(19, 1, 0)]);
        assert_eq!(one(&rows, &[(0, 45)], NEVER), [(19, 0, 1)], "an outcome after the gap");
        assert_eq!(one(&rows, &[(0, 9)], NEVER), [], "had it before");
        assert_eq!(one(&rows, &[(0, 25)], 22), [(12, 0, 1)], "dead before the outcome");
    }

    #[test]
    fn shards_add_up() {
        let rows: Vec<(u32, i32, i32)> = (0..6).map(|person| (person, 0, 5 + person as i32 % 2)).collect();
        let outcomes = [(0, 5), (2, 5), (3, 2)];
        let whole = follow(&rows, &outcomes, vec![NEVER; 6]);
        let mut sum = follow(&rows[..3], &outcomes[..2], vec![NEVER; 6]);
        sum.add(&follow(&rows[3..], &outcomes[2..], vec![NEVER; 6]));
        assert_eq!(sum, whole);
        let rows: Vec<_> = whole.rows().collect();
        assert_eq!(rows, [(0, 2, 1, 0), (0, 5, 2, 1), (0, 6, 0, 2)]);
    }
}
