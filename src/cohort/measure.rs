//! What is measured of a cohort: incidence of an outcome, and what its persons had before.

use rayon::prelude::*;

use super::calendar::{civil_from_days, completed_years};
use super::criteria::holds;
use super::entry::Rows;
use super::evaluate::{Cohort, Members};
use super::plan::{Count, Counted, Criterion, Events, What, Window};
use super::query::events_of;
use super::scope::Scope;
use crate::error::Result;
use crate::tally::{AtRisk, By, Calendar, Incidence, Rules, Strata, incidence};

/// The Gregorian calendar, for strata.
struct Gregorian;

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
    let strata = &strata;
    let parts: Vec<Incidence> = scopes
        .par_iter()
        .zip(&cohort.members)
        .map(|(scope, members)| {
            let run = events_of(outcome, scope)?;
            let at_risk = AtRisk {
                person: &members.person,
                start: &members.start,
                end: &members.end,
            };
            Ok(incidence(
                at_risk,
                (&run.person, &run.start),
                scope.facts,
                strata,
                rules,
            ))
        })
        .collect::<Result<_>>()?;
    let mut sum = Incidence::none(strata.len());
    parts.iter().for_each(|part| sum.add(part));
    Ok(sum)
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

/// How many persons of a cohort have an event in a window around their first day.
pub fn persons_with(
    cohort: &Cohort,
    events: &Events,
    window: Window,
    observed: bool,
    scopes: &[Scope<'_>],
) -> Result<u64> {
    let count = Count {
        of: What::Events,
        at_least: Some(1),
        at_most: None,
    };
    let criterion = Criterion::Events(Box::new(Counted {
        events: events.clone(),
        window,
        observed,
        count,
        end_window: None,
        same_stay: false,
    }));
    let parts: Vec<u64> = scopes
        .par_iter()
        .zip(&cohort.members)
        .map(|(scope, members)| {
            let held = holds(&criterion, &first_rows(members, scope), scope)?;
            Ok(held.into_iter().map(u64::from).sum())
        })
        .collect::<Result<_>>()?;
    Ok(parts.into_iter().sum())
}

/// Each person's first row, as an index row.
fn first_rows(members: &Members, scope: &Scope<'_>) -> Rows {
    let mut rows = Rows::default();
    for i in 0..members.person.len() {
        let (person, day) = (members.person[i], members.start[i]);
        if i == 0 || members.person[i - 1] != person {
            rows.person.push(person);
            rows.day.push(day);
            // A member's first day lies in a period: the entry saw to it.
            rows.period
                .push(scope.facts.periods.covering(person, day, day).unwrap_or((day, day)));
        }
    }
    rows
}
