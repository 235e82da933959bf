//! Time at risk: who is under risk of an outcome, from which day on, and when the outcome comes.

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

/// The range of rows of a person, for each person of columns in order of person.
pub(super) fn each_person<'a>(
    at_risk: AtRisk<'a>,
    outcomes: (&'a [u32], &'a [i32]),
    mut then: impl FnMut(u32, &[(i32, i32)], &'a [i32]),
) {
    let (who, when) = outcomes;
    let mut spells = Vec::new();
    let (mut at, mut row) = (0, 0);
    while row < at_risk.person.len() {
        let person = at_risk.person[row];
        spells.clear();
        while row < at_risk.person.len() && at_risk.person[row] == person {
            spells.push((at_risk.start[row], at_risk.end[row]));
            row += 1;
        }
        while at < who.len() && who[at] < person {
            at += 1;
        }
        let from = at;
        while at < who.len() && who[at] == person {
            at += 1;
        }
        then(person, &spells, &when[from..at]);
    }
}

/// A person at risk.
pub(super) struct Entry<S> {
    /// The first day at risk.
    pub(super) first: i32,
    /// The first outcome from that day on, whether or not a spell holds it.
    pub(super) outcome: Option<i32>,
    /// The spells at risk, after the lag and until death.
    pub(super) spells: S,
}

/// When a person comes under risk; nothing for who has no day at risk or had the outcome before.
pub(super) fn enter<'s>(
    person: u32,
    spells: &'s [(i32, i32)],
    outcomes: &[i32],
    facts: &Facts,
    rules: Rules,
) -> Option<Entry<impl Iterator<Item = (i32, i32)> + use<'s>>> {
    let death = facts.death[person as usize];
    let mut spells = spells
        .iter()
        .map(move |(start, end)| (start.saturating_add_unsigned(rules.lag), (*end).min(death)))
        .filter(|(start, end)| start <= end)
        .peekable();
    let &(first, _) = spells.peek()?;
    let looked_back = rules
        .washout
        .map_or(i32::MIN, |days| first.saturating_sub_unsigned(days));
    let before = outcomes.partition_point(|day| *day < first);
    if outcomes[..before].iter().any(|day| *day >= looked_back) {
        return None;
    }
    Some(Entry {
        first,
        outcome: outcomes.get(before).copied(),
        spells,
    })
}
