//! A plan from entry to rows with an end, shard by shard, and the attrition on the way.

use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;
use serde::Serialize;

use super::criteria::holds;
use super::entry::{self, Rows, count_persons};
use super::exit;
use super::memo::{Name, Reached, name};
use super::plan::{Exit, Limit, Plan, Rule, RuleKind};
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

/// What a step cost, over all shards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Spent {
    /// The step's name.
    pub name: String,
    /// The time of all shards together.
    pub nanoseconds: u64,
    /// In how many shards its result was known already.
    pub kept: u32,
}

/// A cohort: its members shard by shard, and how it came to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cohort {
    /// By shard.
    pub members: Vec<Members>,
    /// Step by step.
    pub attrition: Vec<Step>,
    /// What each step cost.
    pub spent: Vec<Spent>,
}

impl Cohort {
    /// How many persons are in it.
    pub fn persons(&self) -> u64 {
        self.members.iter().map(|members| count_persons(&members.person)).sum()
    }
}

/// How many persons two cohorts of one warehouse share.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overlap {
    /// Persons of both.
    pub both: u64,
    /// Persons of the first alone.
    pub first: u64,
    /// Persons of the second alone.
    pub second: u64,
}

/// Compares the persons of two cohorts.
pub fn overlap(a: &Cohort, b: &Cohort) -> Overlap {
    let mut sum = Overlap::default();
    for (a, b) in a.members.iter().zip(&b.members) {
        let mut other = b.person.iter().copied().peekable();
        let mut last = None;
        for &person in &a.person {
            if last == Some(person) {
                continue;
            }
            last = Some(person);
            while other.next_if(|probe| *probe < person).is_some() {}
            sum.both += u64::from(other.peek() == Some(&person));
        }
        sum.first += count_persons(&a.person);
        sum.second += count_persons(&b.person);
    }
    sum.first -= sum.both;
    sum.second -= sum.both;
    sum
}

/// Checks of a plan what only its parts together can tell.
fn check(plan: &Plan) -> Result<()> {
    if let Exit::EndOfSupply {
        codes: None, domain, ..
    } = &plan.exit
        && !plan.entry.events.iter().any(|events| events.domain == *domain)
    {
        return Err(Error::Definition(format!(
            "the end of supply is asked for domain '{domain}', of which the entry has no events: say which codes, as in end_of_supply(codes=...)"
        )));
    }
    Ok(())
}

/// Evaluates a plan on shards, all of them at once on the threads there are.
pub fn evaluate(plan: &Plan, scopes: &[Scope<'_>]) -> Result<Cohort> {
    check(plan)?;
    let parts: Vec<(Members, Vec<Step>, Vec<Spent>)> = scopes
        .par_iter()
        .map(|scope| one_shard(plan, scope))
        .collect::<Result<_>>()?;
    let mut members = Vec::with_capacity(parts.len());
    let mut attrition: Vec<Step> = Vec::new();
    let mut spent: Vec<Spent> = Vec::new();
    for (shard, steps, times) in parts {
        members.push(shard);
        if attrition.is_empty() {
            (attrition, spent) = (steps, times);
        } else {
            for (sum, step) in attrition.iter_mut().zip(steps) {
                sum.persons += step.persons;
                sum.rows += step.rows;
            }
            for (sum, step) in spent.iter_mut().zip(times) {
                sum.nanoseconds += step.nanoseconds;
                sum.kept += step.kept;
            }
        }
    }
    Ok(Cohort {
        members,
        attrition,
        spent,
    })
}

/// The rows of a shard as a plan's steps make them one from another; each is looked up before it is made.
struct Steps<'a> {
    scope: &'a Scope<'a>,
    name: Name,
    reached: Reached,
    spent: Vec<Spent>,
}

impl<'a> Steps<'a> {
    /// Takes the next step, which depends on the steps before and on `part` of the plan.
    fn take(
        &mut self,
        label: &str,
        part: &impl Serialize,
        make: impl FnOnce(&Rows, &mut Vec<Step>) -> Result<Rows>,
    ) -> Result<()> {
        let began = Instant::now();
        self.name = name(self.name, part, &self.scope.sets.contents);
        let known = self.scope.memo.and_then(|(memo, shard)| memo.rows(self.name, shard));
        let kept = known.is_some();
        self.reached = match known {
            Some(reached) => reached,
            None => {
                let (rows, steps) = &*self.reached;
                let mut steps = steps.clone();
                let rows = make(rows, &mut steps)?;
                let reached = Arc::new((rows, steps));
                if let Some((memo, shard)) = self.scope.memo {
                    memo.put_rows(self.name, shard, &reached);
                }
                reached
            }
        };
        self.spent.push(Spent {
            name: label.to_owned(),
            nanoseconds: began.elapsed().as_nanos() as u64,
            kept: u32::from(kept),
        });
        Ok(())
    }

    /// The entry events that are observed and taken.
    fn entry(plan: &Plan, scope: &'a Scope<'a>) -> Result<Self> {
        let mut steps = Self {
            scope,
            name: 0,
            reached: Arc::default(),
            spent: Vec::new(),
        };
        let needs = plan.index_needs();
        steps.take("entry events", &(&plan.entry, needs.ends, needs.stay), |_, steps| {
            let mut events = entry::entry_events(&plan.entry, needs, scope)?;
            steps.push(step("entry events", count_persons(&events.person), events.len()));
            if plan.entry.between != (None, None) {
                events = entry::in_calendar(events, plan.calendar()?);
                steps.push(step(
                    "in the calendar window",
                    count_persons(&events.person),
                    events.len(),
                ));
            }
            let (rows, observed) = entry::observed(&events, &plan.entry, scope);
            steps.push(step("under observation", observed.0, observed.1));
            if plan.entry.limit != Limit::All {
                steps.push(of_rows(named(plan.entry.limit, "first event", "last event"), &rows));
            }
            Ok(rows)
        })?;
        if let Some(qualify) = &plan.qualify {
            steps.take("qualified", qualify, |rows, steps| {
                let rows = rows.keeping(&holds(&qualify.when, rows, scope)?).limited(qualify.limit);
                steps.push(of_rows("qualified", &rows));
                Ok(rows)
            })?;
        }
        Ok(steps)
    }

    fn rule(&mut self, rule: &Rule) -> Result<()> {
        let scope = self.scope;
        self.take(&rule.name, rule, |rows, steps| {
            let rows = rows.keeping(&passes(rule, rows, scope)?);
            steps.push(of_rows(&rule.name, &rows));
            Ok(rows)
        })
    }

    fn limit(&mut self, limit: Limit) -> Result<()> {
        if limit == Limit::All {
            return Ok(());
        }
        self.take("limit", &limit, |rows, steps| {
            let rows = rows.limited(limit);
            steps.push(of_rows(named(limit, "first entry", "last entry"), &rows));
            Ok(rows)
        })
    }
}

/// The rows of a shard that the rules are asked of.
pub(crate) fn qualified<'a>(plan: &Plan, scope: &'a Scope<'a>) -> Result<Reached> {
    Ok(Steps::entry(plan, scope)?.reached)
}

/// Whether each row passes a rule.
pub(crate) fn passes(rule: &Rule, rows: &Rows, scope: &Scope<'_>) -> Result<Vec<bool>> {
    let mut mask = holds(&rule.when, rows, scope)?;
    if rule.kind == RuleKind::Exclude {
        mask.iter_mut().for_each(|holds| *holds = !*holds);
    }
    Ok(mask)
}

fn named<'a>(limit: Limit, first: &'a str, last: &'a str) -> &'a str {
    if limit == Limit::First { first } else { last }
}

fn of_rows(name: &str, rows: &Rows) -> Step {
    step(name, rows.persons(), rows.len())
}

fn step(name: &str, persons: u64, rows: usize) -> Step {
    Step {
        name: name.to_owned(),
        persons,
        rows: rows as u64,
    }
}

fn one_shard(plan: &Plan, scope: &Scope<'_>) -> Result<(Members, Vec<Step>, Vec<Spent>)> {
    let mut steps = Steps::entry(plan, scope)?;
    for rule in &plan.rules {
        steps.rule(rule)?;
    }
    steps.limit(plan.limit)?;
    let began = Instant::now();
    let rows = &steps.reached.0;
    let ends = exit::ends(plan, rows, scope)?;
    let members = cut(join(rows, &ends, plan.collapse), plan.cut()?);
    scope.stop.advance(1);
    steps.spent.push(Spent {
        name: "exit".to_owned(),
        nanoseconds: began.elapsed().as_nanos() as u64,
        kept: 0,
    });
    Ok((members, steps.reached.1.clone(), steps.spent))
}

/// Joins a person's rows that overlap, or that lie at most so many days apart; a row that ends before it begins is none.
fn join(rows: &Rows, ends: &[i32], apart: u32) -> Members {
    let mut members = Members::default();
    for (i, &end) in ends.iter().enumerate() {
        let (person, start) = (rows.person[i], rows.day[i]);
        if end < start {
            continue;
        }
        match (members.person.last(), members.end.last_mut()) {
            (Some(&last), Some(last_end)) if last == person && start <= last_end.saturating_add_unsigned(apart) => {
                *last_end = (*last_end).max(end);
            }
            _ => {
                members.person.push(person);
                members.start.push(start);
                members.end.push(end);
            }
        }
    }
    members
}

/// Cuts rows to some days; what lies outside is gone.
fn cut(members: Members, (from, to): (i32, i32)) -> Members {
    if (from, to) == (i32::MIN, i32::MAX) {
        return members;
    }
    let mut inside = Members::default();
    for i in 0..members.person.len() {
        let (start, end) = (members.start[i].max(from), members.end[i].min(to));
        if start <= end {
            inside.person.push(members.person[i]);
            inside.start.push(start);
            inside.end.push(end);
        }
    }
    inside
}
