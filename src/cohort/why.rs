//! Why one person is in a cohort or not: every entry event, and every criterion with its verdict.
//!
//! This is row-level: what comes out is for work inside the secure environment.

use serde::Serialize;

use super::criteria::{counts_of, holds};
use super::entry::{self, Rows};
use super::evaluate::{Members, qualified};
use super::plan::{Criterion, Plan, RuleKind};
use super::scope::Scope;
use crate::error::Result;

/// What a plan makes of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Why {
    /// The entry events.
    pub events: Vec<Event>,
    /// The rows of which the rules were asked.
    pub rows: Vec<Row>,
    /// First and last days in the cohort.
    pub members: Vec<(i32, i32)>,
}

/// An entry event, and what became of it before the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// The index day.
    pub day: i32,
    /// Whether it lies in the calendar window.
    pub in_calendar: bool,
    /// Whether it is observed long enough.
    pub observed: bool,
    /// Whether the limit of entry events, and the qualification, left it.
    pub qualified: bool,
}

/// A qualified row, and the verdicts of the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The index day.
    pub day: i32,
    /// The observation period that holds it.
    pub period: (i32, i32),
    /// Rule by rule.
    pub rules: Vec<Verdict>,
}

/// Whether a criterion held, and those inside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Whether it held; of a rule: whether the rule was passed.
    pub holds: bool,
    /// How many events, days or values it counted, where it counts.
    pub count: Option<u32>,
    /// The criteria inside, in their order.
    pub of: Vec<Verdict>,
}

/// Tells what a plan makes of a person of a shard; `members` are the rows of the shard that are in the cohort.
pub fn why(plan: &Plan, members: &Members, person: u32, scope: &Scope<'_>) -> Result<Why> {
    let calendar = plan.calendar()?;
    let events = entry::entry_events(&plan.entry, plan.index_needs(), scope)?;
    let (before, after) = (plan.entry.observed.before as i32, plan.entry.observed.after as i32);
    let reached = qualified(plan, scope)?;
    let mask: Vec<bool> = reached.0.person.iter().map(|who| *who == person).collect();
    let rows = reached.0.keeping(&mask);
    let found = (0..events.person.len())
        .filter(|i| events.person[*i] == person)
        .map(|i| {
            let day = events.start[i];
            let observed = |day: i32| {
                let (first, last) = (day.saturating_sub(before), day.saturating_add(after));
                scope.facts.periods.covering(person, first, last).is_some()
            };
            Event {
                day,
                in_calendar: (calendar.0..=calendar.1).contains(&day),
                observed: observed(day),
                qualified: rows.day.contains(&day),
            }
        });
    let mut told = Vec::with_capacity(rows.len());
    for row in 0..rows.len() {
        let one = rows.keeping(&(0..rows.len()).map(|other| other == row).collect::<Vec<_>>());
        let mut rules = Vec::with_capacity(plan.rules.len());
        for rule in &plan.rules {
            let inside = verdict(&rule.when, &one, scope)?;
            rules.push(Verdict {
                holds: inside.holds == (rule.kind == RuleKind::Require),
                count: None,
                of: vec![inside],
            });
        }
        told.push(Row {
            day: one.day[0],
            period: one.period[0],
            rules,
        });
    }
    let places = (0..members.person.len()).filter(|i| members.person[*i] == person);
    Ok(Why {
        events: found.collect(),
        rows: told,
        members: places.map(|i| (members.start[i], members.end[i])).collect(),
    })
}

/// The verdict of a criterion on a single row.
fn verdict(criterion: &Criterion, row: &Rows, scope: &Scope<'_>) -> Result<Verdict> {
    let all = |of: &[Criterion]| {
        of.iter()
            .map(|inner| verdict(inner, row, scope))
            .collect::<Result<Vec<_>>>()
    };
    let of = match criterion {
        Criterion::All { of }
        | Criterion::Any { of }
        | Criterion::AtLeast { of, .. }
        | Criterion::AtMost { of, .. } => all(of)?,
        Criterion::Not { of } => vec![verdict(of, row, scope)?],
        Criterion::Events(_) | Criterion::Age { .. } | Criterion::Sex { .. } | Criterion::Where { .. } => Vec::new(),
    };
    let count = match criterion {
        Criterion::Events(counted) => counts_of(counted, u32::MAX, row, scope)?.first().copied(),
        _ => None,
    };
    Ok(Verdict {
        holds: holds(criterion, row, scope)?.first().copied().unwrap_or(false),
        count,
        of,
    })
}
