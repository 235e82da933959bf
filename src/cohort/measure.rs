//! What is measured of a cohort: incidence of an outcome, and what its persons had before.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::calendar::{civil_from_days, completed_years};
use super::criteria::{Bounds, leap};
use super::entry::Rows;
use super::evaluate::{Cohort, Members};
use super::plan::{Events, Occurrence, Window};
use super::query::events_of;
use super::scope::{DEATH, Scope};
use crate::error::Result;
use crate::event::Run;
use crate::tally::{
    AtRisk, By, Calendar, FollowUp, Incidence, Presence, Prevalence, Rules, Strata, follow_up, incidence, prevalence,
};

/// The Gregorian calendar, for strata.
pub(super) struct Gregorian;

impl Calendar for Gregorian {
    fn completed_years(&self, from: i32, to: i32) -> i32 {
        completed_years(from, to)
    }

    fn year(&self, day: i32) -> i32 {
        civil_from_days(day).0
    }
}

/// Exact incidence of an outcome among a cohort, by stratum.
pub fn outcome_incidence(
    cohort: &Cohort,
    outcome: &Events,
    by: &[By],
    rules: Rules,
    scopes: &[Scope<'_>],
) -> Result<Incidence> {
    let strata = Strata::new(by, &Gregorian)?;
    let parts = of_shards(cohort, scopes, |scope, members| {
        let run = events_of(outcome, scope)?;
        let outcomes = (&run.person[..], &run.start[..]);
        Ok(incidence(at_risk(members), outcomes, scope.facts, &strata, rules))
    })?;
    let mut sum = Incidence::none(strata.len());
    parts.iter().for_each(|part| sum.add(part));
    Ok(sum)
}

/// How long the persons of a cohort were followed until an outcome or censoring, by stratum.
pub fn outcome_survival(
    cohort: &Cohort,
    outcome: &Events,
    by: &[By],
    rules: Rules,
    scopes: &[Scope<'_>],
) -> Result<FollowUp> {
    let strata = Strata::new(by, &Gregorian)?;
    let parts = of_shards(cohort, scopes, |scope, members| {
        let run = events_of(outcome, scope)?;
        let outcomes = (&run.person[..], &run.start[..]);
        Ok(follow_up(at_risk(members), outcomes, scope.facts, &strata, rules))
    })?;
    let mut sum = FollowUp::default();
    parts.iter().for_each(|part| sum.add(part));
    Ok(sum)
}

/// What makes a person a case.
#[derive(Debug, Clone, Copy)]
pub enum Condition<'a> {
    /// An event, from its day on: for so many days, or for good.
    Events(&'a Events, Option<u32>),
    /// Being in another cohort of the same warehouse.
    Cohort(&'a Cohort),
}

/// Exact prevalence of a condition among a cohort in a period of days, both included, by stratum.
pub fn condition_prevalence(
    cohort: &Cohort,
    condition: Condition<'_>,
    by: &[By],
    period: (i32, i32),
    scopes: &[Scope<'_>],
) -> Result<Prevalence> {
    let strata = Strata::new(by, &Gregorian)?;
    let parts: Vec<Prevalence> = scopes
        .par_iter()
        .enumerate()
        .map(|(shard, scope)| {
            let here = presence(&cohort.members[shard]);
            with_condition(condition, shard, scope, |spans| {
                prevalence(here, spans, period, scope.facts, &strata)
            })
        })
        .collect::<Result<_>>()?;
    let mut sum = Prevalence::none(strata.len());
    parts.iter().for_each(|part| sum.add(part));
    Ok(sum)
}

/// Hands over the days on which persons of a shard have a condition.
pub(super) fn with_condition<T>(
    condition: Condition<'_>,
    shard: usize,
    scope: &Scope<'_>,
    work: impl FnOnce(Presence<'_>) -> T,
) -> Result<T> {
    scope.stop.check()?;
    match condition {
        Condition::Cohort(other) => Ok(work(presence(&other.members[shard]))),
        Condition::Events(events, days) => {
            let run = events_of(events, scope)?;
            let lasts = |day: &i32| days.map_or(i32::MAX, |days| day.saturating_add_unsigned(days));
            let end: Vec<i32> = run.start.iter().map(lasts).collect();
            Ok(work(Presence {
                person: &run.person,
                start: &run.start,
                end: &end,
            }))
        }
    }
}

/// Tallies the shards of a cohort side by side.
fn of_shards<T: Send>(
    cohort: &Cohort,
    scopes: &[Scope<'_>],
    tally: impl Fn(&Scope<'_>, &Members) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let shards = scopes.par_iter().zip(&cohort.members);
    shards.map(|(scope, members)| tally(scope, members)).collect()
}

pub(super) fn at_risk(members: &Members) -> AtRisk<'_> {
    AtRisk {
        person: &members.person,
        start: &members.start,
        end: &members.end,
    }
}

pub(super) fn presence(members: &Members) -> Presence<'_> {
    Presence {
        person: &members.person,
        start: &members.start,
        end: &members.end,
    }
}

/// How many persons of a cohort are in each stratum on their first day.
pub fn persons_by(cohort: &Cohort, by: &[By], scopes: &[Scope<'_>]) -> Result<Vec<u64>> {
    let strata = Strata::new(by, &Gregorian)?;
    let mut counts = vec![0; strata.len()];
    for (scope, members) in scopes.iter().zip(&cohort.members) {
        scope.stop.check()?;
        let rows = first_rows(members, scope);
        for (person, day) in rows.person.iter().zip(&rows.day) {
            counts[strata.of(scope.facts, *person, *day)] += 1;
        }
    }
    Ok(counts)
}

/// How many persons of a cohort have an event of each query in a window around their first day.
///
/// Persons are gone through once for all queries, and a domain's columns are read in one go.
pub fn persons_with(
    cohort: &Cohort,
    queries: &[Events],
    window: Window,
    observed: bool,
    scopes: &[Scope<'_>],
) -> Result<Vec<u64>> {
    let bounds = Bounds { window, observed };
    let parts: Vec<Vec<u64>> = scopes
        .par_iter()
        .zip(&cohort.members)
        .map(|(scope, members)| {
            let mut counts = vec![0; queries.len()];
            with_each(queries, bounds, &first_rows(members, scope), scope, |query, _| {
                counts[query] += 1;
            })?;
            scope.stop.advance(1);
            Ok(counts)
        })
        .collect::<Result<_>>()?;
    let mut sums = vec![0; queries.len()];
    for part in parts {
        sums.iter_mut().zip(part).for_each(|(sum, count)| *sum += count);
    }
    Ok(sums)
}

/// Tells which rows, each of a person of its own, have an event of which query in their windows.
pub(super) fn with_each(
    queries: &[Events],
    bounds: Bounds,
    rows: &Rows,
    scope: &Scope<'_>,
    mut tell: impl FnMut(usize, usize),
) -> Result<()> {
    if rows.len() == 0 {
        return Ok(());
    }
    let every = Every::read(queries, scope)?;
    // The last query, counted from one, that each row was found for.
    let mut found = vec![0; rows.len()];
    for (place, query) in queries.iter().enumerate() {
        scope.stop.check()?;
        let number = place as u32 + 1;
        let mut walk = |run: &Run| find(run, rows, bounds, number, &mut found, |row| tell(place, row));
        match every.runs(query, scope)? {
            Some(runs) => runs.into_iter().for_each(walk),
            None => walk(events_of(query, scope)?.as_ref()),
        }
    }
    Ok(())
}

/// Whether every event of the query's codes is meant, so that the runs of the codes need not become one.
fn by_code(query: &Events) -> bool {
    query.is_plain() && query.occurrence == Occurrence::All && query.domain != DEATH
}

/// The runs of all codes that queries name, read together: domain by domain, the sorted positions and their runs.
struct Every(BTreeMap<String, (Vec<usize>, Vec<Run>)>);

impl Every {
    fn read(queries: &[Events], scope: &Scope<'_>) -> Result<Self> {
        let mut asked: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for query in queries.iter().filter(|query| by_code(query)) {
            if let Some((_, positions)) = scope.found(&query.domain, query.codes.as_ref())? {
                asked.entry(query.domain.clone()).or_default().extend(&*positions);
            }
        }
        let mut read = BTreeMap::new();
        for (name, positions) in asked {
            if let Some(domain) = scope.source.domain(&name) {
                let positions: Vec<usize> = positions.into_iter().collect();
                let runs = domain.runs(&positions, false, scope.cache, scope.reads)?;
                read.insert(name, (positions, runs));
            }
        }
        Ok(Self(read))
    }

    /// The runs of a query, one per code; none where its events must be put in order first.
    fn runs(&self, query: &Events, scope: &Scope<'_>) -> Result<Option<Vec<&Run>>> {
        if !by_code(query) {
            return Ok(None);
        }
        let found = scope.found(&query.domain, query.codes.as_ref())?;
        let (Some((_, wanted)), Some((positions, runs))) = (found, self.0.get(&query.domain)) else {
            return Ok(Some(Vec::new()));
        };
        let place = |position: &usize| positions.binary_search(position).ok();
        Ok(Some(
            wanted.iter().filter_map(place).map(|place| &runs[place]).collect(),
        ))
    }
}

/// Marks the rows that have an event of the run in their windows with a number; tells which were not marked so.
fn find(run: &Run, rows: &Rows, bounds: Bounds, number: u32, marks: &mut [u32], mut tell: impl FnMut(usize)) {
    let persons = &run.person[..];
    let (mut row, mut at) = (0, 0);
    while row < rows.len() && at < persons.len() {
        let person = rows.person[row];
        if person < persons[at] {
            row = leap(&rows.person, row, persons[at]);
            continue;
        }
        at = leap(persons, at, person);
        if marks[row] != number && persons.get(at) == Some(&person) {
            let end = leap(persons, at, person.saturating_add(1));
            let (from, to) = bounds.of(rows.day[row], rows.period[row]);
            let days = &run.start[at..end];
            let next = days.partition_point(|day| *day < from);
            if days.get(next).is_some_and(|day| *day <= to) {
                marks[row] = number;
                tell(row);
            }
            at = end;
        }
        row += 1;
    }
}

/// Each person's first row, as an index row.
pub(super) fn first_rows(members: &Members, scope: &Scope<'_>) -> Rows {
    let mut rows = Rows::default();
    for i in 0..members.person.len() {
        let (person, day) = (members.person[i], members.start[i]);
        if i == 0 || members.person[i - 1] != person {
            // A member's first day lies in a period: the entry saw to it.
            let period = scope.facts.periods.covering(person, day, day);
            rows.push(person, day, period.unwrap_or((day, day)));
        }
    }
    rows
}
