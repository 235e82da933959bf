//! Who is behind a count: the persons that each number of a release stands for.
//!
//! A person's **number** is the place in the warehouse: the persons of the shards before, and the row in the shard.
//! The sets stay inside, for the check of what is released against what was.

use rayon::prelude::*;
use roaring::RoaringBitmap;

use super::criteria::{Bounds, holds};
use super::entry::{self, Rows};
use super::evaluate::{Cohort, passes, qualified};
use super::measure::{Gregorian, first_rows, with_each};
use super::plan::{Events, Limit, Plan, Window};
use super::query::events_of;
use super::scope::Scope;
use crate::error::Result;
use crate::tally::{AtRisk, Behind, By, Rules, Strata, incidence_of};

/// By cell, the persons of one shard; a person may stand there more than once.
pub(super) type Cells = Vec<Vec<u32>>;

/// Puts the cells of shards together; `persons` tells how many each shard has.
pub(super) fn together(parts: Vec<Cells>, persons: impl Iterator<Item = usize>) -> Vec<RoaringBitmap> {
    let cells = parts.iter().map(Vec::len).max().unwrap_or(0);
    let mut sets = vec![RoaringBitmap::new(); cells];
    let mut first = 0;
    for (part, persons) in parts.into_iter().zip(persons) {
        for (set, mut who) in sets.iter_mut().zip(part) {
            // Several codes of a query are several runs of persons; most cells are in order as they come.
            if !who.is_sorted() {
                who.sort_unstable();
            }
            who.dedup();
            // In order and each once, so that all of them are taken.
            let _ = set.append(who.into_iter().map(|person| person + first));
        }
        first += persons as u32;
    }
    sets.iter_mut().for_each(|set| {
        set.optimize();
    });
    sets
}

pub(super) fn sizes<'a>(scopes: &'a [Scope<'_>]) -> impl Iterator<Item = usize> + 'a {
    scopes.iter().map(|scope| scope.facts.len())
}

/// The persons of a cohort; `persons` tells how many each shard has.
pub fn population(cohort: &Cohort, persons: impl Iterator<Item = usize>) -> RoaringBitmap {
    let parts = cohort.members.iter().map(|members| vec![members.person.clone()]);
    together(parts.collect(), persons).pop().unwrap_or_default()
}

/// The persons of each stratum on their first day: those that `persons_by` counts.
pub fn populations_by(cohort: &Cohort, by: &[By], scopes: &[Scope<'_>]) -> Result<Vec<RoaringBitmap>> {
    let strata = &Strata::new(by, &Gregorian)?;
    let parts: Vec<Cells> = scopes
        .par_iter()
        .zip(&cohort.members)
        .map(|(scope, members)| {
            scope.stop.check()?;
            let rows = first_rows(members, scope);
            let mut cells = vec![Vec::new(); strata.len()];
            for (person, day) in rows.person.iter().zip(&rows.day) {
                cells[strata.of(scope.facts, *person, *day)].push(*person);
            }
            Ok(cells)
        })
        .collect::<Result<_>>()?;
    Ok(together(parts, sizes(scopes)))
}

/// The persons who have an event of each query in the window: those that `persons_with` counts.
pub fn populations_with(
    cohort: &Cohort,
    queries: &[Events],
    window: Window,
    observed: bool,
    scopes: &[Scope<'_>],
) -> Result<Vec<RoaringBitmap>> {
    let bounds = Bounds { window, observed };
    let parts: Vec<Cells> = scopes
        .par_iter()
        .zip(&cohort.members)
        .map(|(scope, members)| {
            let rows = first_rows(members, scope);
            let mut cells = vec![Vec::new(); queries.len()];
            with_each(queries, bounds, &rows, scope, |query, row| {
                cells[query].push(rows.person[row]);
            })?;
            Ok(cells)
        })
        .collect::<Result<_>>()?;
    Ok(together(parts, sizes(scopes)))
}

/// By stratum, the persons at risk and those who had the outcome: those that `outcome_incidence` counts.
pub fn populations_at_risk(
    cohort: &Cohort,
    outcome: &Events,
    by: &[By],
    rules: Rules,
    scopes: &[Scope<'_>],
) -> Result<(Vec<RoaringBitmap>, Vec<RoaringBitmap>)> {
    let strata = &Strata::new(by, &Gregorian)?;
    let parts: Vec<Behind> = scopes
        .par_iter()
        .zip(&cohort.members)
        .map(|(scope, members)| {
            let run = events_of(outcome, scope)?;
            let at_risk = AtRisk {
                person: &members.person,
                start: &members.start,
                end: &members.end,
            };
            let mut behind = Behind::none(strata.len());
            incidence_of(
                at_risk,
                (&run.person, &run.start),
                scope.facts,
                strata,
                rules,
                &mut behind,
            );
            Ok(behind)
        })
        .collect::<Result<_>>()?;
    let (persons, events) = parts.into_iter().map(|part| (part.persons, part.events)).unzip();
    Ok((together(persons, sizes(scopes)), together(events, sizes(scopes))))
}

/// The persons who have an event of each query: those that `count_persons` counts.
pub fn populations_of(queries: &[Events], scopes: &[Scope<'_>]) -> Result<Vec<RoaringBitmap>> {
    let of_shard = |scope: &Scope<'_>| -> Result<Cells> {
        let persons = |query| Ok(events_of(query, scope)?.person.to_vec());
        queries.iter().map(persons).collect()
    };
    let parts: Vec<Cells> = scopes.par_iter().map(of_shard).collect::<Result<_>>()?;
    Ok(together(parts, sizes(scopes)))
}

/// The persons that each step of the attrition leaves, in the order of the steps.
pub fn populations_of_steps(plan: &Plan, scopes: &[Scope<'_>]) -> Result<Vec<RoaringBitmap>> {
    let parts: Vec<Cells> = scopes
        .par_iter()
        .map(|scope| steps(plan, scope))
        .collect::<Result<_>>()?;
    Ok(together(parts, sizes(scopes)))
}

/// One shard's persons after each step: the steps of the evaluation, once more.
fn steps(plan: &Plan, scope: &Scope<'_>) -> Result<Cells> {
    let mut events = entry::entry_events(&plan.entry, plan.index_needs(), scope)?;
    let mut cells: Cells = vec![events.person.to_vec()];
    if plan.entry.between != (None, None) {
        events = entry::in_calendar(events, plan.calendar()?);
        cells.push(events.person.to_vec());
    }
    let (observed, _) = entry::observed(&events, &plan.entry, scope);
    cells.push(observed.person.clone());
    if plan.entry.limit != Limit::All {
        cells.push(observed.person.clone());
    }
    if let Some(qualify) = &plan.qualify {
        let rows = observed.keeping(&holds(&qualify.when, &observed, scope)?);
        cells.push(rows.person);
    }
    let mut rows = Rows::clone(&qualified(plan, scope)?.0);
    for rule in &plan.rules {
        rows = rows.keeping(&passes(rule, &rows, scope)?);
        cells.push(rows.person.clone());
    }
    if plan.limit != Limit::All {
        cells.push(rows.person);
    }
    Ok(cells)
}
