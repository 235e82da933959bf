//! A plan from entry to rows with an end, shard by shard, and the attrition on the way.

use rayon::prelude::*;
use serde::Serialize;

use super::codes::{Dictionary, Matched, queries, resolve};
use super::criteria::holds;
use super::entry::{self, Rows, count_persons};
use super::exit;
use super::plan::{Events, Exit, Limit, Plan, RuleKind};
use super::scope::Scope;
use crate::error::{Error, Result};

/// The rows of one shard that are in the cohort: sorted by person and start, not overlapping.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members {
    /// The persons, as rows of the shard.
    pub person: Vec<u32>,
    /// Their first days.
    pub start: Vec<i32>,
    /// Their last days.
    pub end: Vec<i32>,
}

/// What is left after a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The step's name.
    pub name: String,
    /// How many persons are left.
    pub persons: u64,
    /// How many rows are left.
    pub rows: u64,
}

/// A cohort: its members shard by shard, and how it came to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cohort {
    /// By shard.
    pub members: Vec<Members>,
    /// Step by step.
    pub attrition: Vec<Step>,
}

impl Cohort {
    /// How many persons are in it.
    pub fn persons(&self) -> u64 {
        self.members.iter().map(|members| count_persons(&members.person)).sum()
    }
}

/// The queries of a plan with their codes resolved.
#[derive(Debug, Default)]
pub struct Resolved(Vec<(Events, Matched)>);

impl Resolved {
    /// Resolves every query of a plan against what the warehouse has.
    pub fn new(plan: &Plan, dictionary: &Dictionary<'_>) -> Result<Self> {
        let mut resolved = Vec::new();
        for events in queries(plan) {
            let matched = resolve(&events, dictionary)?;
            resolved.push((events, matched));
        }
        if let Exit::EndOfSupply {
            codes: None, domain, ..
        } = &plan.exit
            && !plan.entry.events.iter().any(|events| events.domain == *domain)
        {
            return Err(Error::Definition(format!(
                "the end of supply is asked for domain '{domain}', of which the entry has no events: say which codes, as in end_of_supply(codes=...)"
            )));
        }
        Ok(Self(resolved))
    }

    /// The queries of a few events that belong to no plan.
    pub fn of_events(events: &[Events], dictionary: &Dictionary<'_>) -> Result<Self> {
        let resolved = events
            .iter()
            .map(|events| Ok((events.clone(), resolve(events, dictionary)?)));
        Ok(Self(resolved.collect::<Result<_>>()?))
    }

    /// The codes of a query.
    pub fn of(&self, events: &Events) -> Result<&Matched> {
        let found = self
            .0
            .iter()
            .find(|(known, _)| known.domain == events.domain && known.codes == events.codes);
        found.map(|(_, matched)| matched).ok_or_else(|| {
            Error::Definition(format!(
                "a query of domain '{}' was not resolved: please report it",
                events.domain
            ))
        })
    }

    /// Every query with its codes.
    pub fn iter(&self) -> impl Iterator<Item = &(Events, Matched)> {
        self.0.iter()
    }
}

/// Evaluates a plan on shards, all of them at once on the threads there are.
pub fn evaluate(plan: &Plan, resolved: &Resolved, scopes: &[Scope<'_>]) -> Result<Cohort> {
    let parts: Vec<(Members, Vec<Step>)> = scopes
        .par_iter()
        .map(|scope| one_shard(plan, resolved, scope))
        .collect::<Result<_>>()?;
    let mut members = Vec::with_capacity(parts.len());
    let mut attrition: Vec<Step> = Vec::new();
    for (shard, steps) in parts {
        members.push(shard);
        if attrition.is_empty() {
            attrition = steps;
        } else {
            for (sum, step) in attrition.iter_mut().zip(steps) {
                sum.persons += step.persons;
                sum.rows += step.rows;
            }
        }
    }
    Ok(Cohort { members, attrition })
}

fn one_shard(plan: &Plan, resolved: &Resolved, scope: &Scope<'_>) -> Result<(Members, Vec<Step>)> {
    let mut steps = Vec::with_capacity(plan.rules.len() + 4);
    let step = |name: &str, persons: u64, rows: usize| Step {
        name: name.to_owned(),
        persons,
        rows: rows as u64,
    };
    let (mut person, mut day) = entry::entry_events(&plan.entry, scope, resolved)?;
    steps.push(step("entry events", count_persons(&person), person.len()));
    if plan.entry.between != (None, None) {
        entry::in_calendar(&mut person, &mut day, plan.calendar()?);
        steps.push(step("in the calendar window", count_persons(&person), person.len()));
    }
    let mut rows = entry::observed(&person, &day, &plan.entry, scope);
    steps.push(step("under observation", rows.persons(), rows.len()));
    for rule in &plan.rules {
        let mut mask = holds(&rule.when, &rows, scope, resolved)?;
        if rule.kind == RuleKind::Exclude {
            mask.iter_mut().for_each(|holds| *holds = !*holds);
        }
        rows.keep(&mask);
        steps.push(step(&rule.name, rows.persons(), rows.len()));
    }
    limit(&mut rows, plan.limit);
    if plan.limit != Limit::All {
        let name = if plan.limit == Limit::First {
            "first entry"
        } else {
            "last entry"
        };
        steps.push(step(name, rows.persons(), rows.len()));
    }
    let ends = exit::ends(plan, &rows, scope, resolved)?;
    scope.stop.advance(1);
    Ok((join(&rows, &ends), steps))
}

/// Keeps each person's first or last row, or all.
fn limit(rows: &mut Rows, limit: Limit) {
    let n = rows.len();
    let mask: Vec<bool> = match limit {
        Limit::All => return,
        Limit::First => (0..n).map(|i| i == 0 || rows.person[i - 1] != rows.person[i]).collect(),
        Limit::Last => (0..n)
            .map(|i| i + 1 == n || rows.person[i + 1] != rows.person[i])
            .collect(),
    };
    rows.keep(&mask);
}

/// Joins a person's rows that overlap.
fn join(rows: &Rows, ends: &[i32]) -> Members {
    let mut members = Members::default();
    for (i, &end) in ends.iter().enumerate() {
        let (person, start) = (rows.person[i], rows.day[i]);
        match (members.person.last(), members.end.last_mut()) {
            (Some(&last), Some(last_end)) if last == person && start <= *last_end => *last_end = (*last_end).max(end),
            _ => {
                members.person.push(person);
                members.start.push(start);
                members.end.push(end);
            }
        }
    }
    members
}
