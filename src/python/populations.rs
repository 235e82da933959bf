//! Who is behind the counts of curves, prevalences and masks of rules, for the history of releases.
#![allow(clippy::needless_pass_by_value)] // what Python hands over is owned

use std::slice;

use pyo3::prelude::*;
use roaring::RoaringBitmap;

use super::ask::{on_shards, parse, with_dictionary};
use super::cohort::Cohort;
use super::history::PersonSet;
use super::signals::interruptible;
use crate::cohort::plan::{Events, Plan};
use crate::cohort::{self, Condition, Sets};
use crate::tally::{By, Rules};

fn opaque(sets: Vec<RoaringBitmap>) -> Vec<PersonSet> {
    sets.into_iter().map(PersonSet::of).collect()
}

/// By stratum and length of follow-up: the persons followed for longer, with the outcome by then, censored by then.
#[pyfunction]
pub(crate) fn populations_followed(
    py: Python<'_>,
    cohort: &Bound<'_, Cohort>,
    outcome: &str,
    by: &str,
    washout: Option<u32>,
    lag: u32,
    lengths: Vec<i64>,
) -> PyResult<Vec<PersonSet>> {
    let (outcome, by): (Events, Vec<By>) = (parse(outcome)?, parse(by)?);
    let cohort = cohort.get();
    let warehouse = &cohort.warehouse;
    let rules = Rules { washout, lag };
    let found = interruptible(py, None, |stop| {
        let sets = with_dictionary(warehouse, |dictionary| {
            Sets::of_events(slice::from_ref(&outcome), dictionary)
        })?;
        on_shards(warehouse, &sets, true, warehouse.reads(), None, stop, |scopes| {
            cohort::populations_followed(&cohort.found, &outcome, &by, rules, &lengths, scopes)
        })
    })?;
    Ok(opaque(found))
}

/// By stratum, the persons present in a period and those of them who have a condition: events, or another cohort.
#[pyfunction]
#[pyo3(signature = (cohort, by, period, *, events=None, lasting=None, other=None))]
pub(crate) fn populations_present(
    py: Python<'_>,
    cohort: &Bound<'_, Cohort>,
    by: &str,
    period: (i32, i32),
    events: Option<&str>,
    lasting: Option<u32>,
    other: Option<&Bound<'_, Cohort>>,
) -> PyResult<(Vec<PersonSet>, Vec<PersonSet>)> {
    let by: Vec<By> = parse(by)?;
    let events: Option<Events> = events.map(parse).transpose()?;
    let cohort = cohort.get();
    let other = other.map(Bound::get);
    if let Some(other) = other {
        cohort.same_warehouse(other)?;
    }
    let warehouse = &cohort.warehouse;
    let (persons, cases) = interruptible(py, None, |stop| {
        let asked = events.as_slice();
        let sets = with_dictionary(warehouse, |dictionary| Sets::of_events(asked, dictionary))?;
        on_shards(warehouse, &sets, true, warehouse.reads(), None, stop, |scopes| {
            let condition = match (asked, other) {
                ([events, ..], _) => Condition::Events(events, lasting),
                ([], Some(other)) => Condition::Cohort(&other.found),
                ([], None) => Condition::Cohort(&cohort.found),
            };
            cohort::populations_present(&cohort.found, condition, &by, period, scopes)
        })
    })?;
    Ok((opaque(persons), opaque(cases)))
}

/// The masks of rules that persons' best events pass, and the persons of each.
#[pyfunction]
pub(crate) fn populations_by_mask(
    py: Python<'_>,
    cohort: &Bound<'_, Cohort>,
    plan: &str,
) -> PyResult<Vec<(u64, PersonSet)>> {
    let plan = Plan::from_json(plan)?;
    let cohort = cohort.get();
    let (warehouse, memo) = (&cohort.warehouse, &cohort.memo);
    let found = interruptible(py, None, |stop| {
        let sets = with_dictionary(warehouse, |dictionary| Sets::new(&plan, dictionary, Some(memo)))?;
        let people = plan.asks_for_people();
        on_shards(
            warehouse,
            &sets,
            people,
            warehouse.reads(),
            Some(memo),
            stop,
            |scopes| cohort::populations_by_mask(&plan, scopes),
        )
    })?;
    Ok(found
        .into_iter()
        .map(|(mask, set)| (mask, PersonSet::of(set)))
        .collect())
}
