//! Bindings of a cohort that was run.
//!
//! What comes out here is exact and stays inside the package: `kohort.results` hands it to the gate.
#![allow(clippy::needless_pass_by_value)] // what Python hands over is owned

use std::sync::Arc;

use arrow_array::{RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use pyo3::prelude::*;

use super::arrow::Table;
use super::ask::{on_shards, parse, with_dictionary};
use super::history::PersonSet;
use super::signals::interruptible;
use crate::cohort::plan::{Events, Window};
use crate::cohort::{self, Memo, Plan, Sets};
use crate::error::{Error, Result};
use crate::event;
use crate::store;
use crate::tally::{By, Rules};

/// A cohort that was run: exact, inside.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct Cohort {
    pub(super) warehouse: Arc<store::Warehouse>,
    pub(super) memo: Arc<Memo>,
    pub(super) plan: Plan,
    pub(super) found: cohort::Cohort,
    pub(super) unmatched: Vec<(String, String)>,
    pub(super) reads: (u64, u64),
}

#[pymethods]
impl Cohort {
    /// Step by step: name, persons left, rows left.
    fn attrition(&self) -> Vec<(String, u64, u64)> {
        self.found
            .attrition
            .iter()
            .map(|step| (step.name.clone(), step.persons, step.rows))
            .collect()
    }

    /// The shared code sets of the plan that match no code of a domain they are asked of: domain and set.
    fn unmatched(&self) -> Vec<(String, String)> {
        self.unmatched.clone()
    }

    /// How many persons are in both of two cohorts of one warehouse, in this alone, and in the other alone.
    fn overlap(&self, other: &Self) -> Result<(u64, u64, u64)> {
        self.same_warehouse(other)?;
        let found = cohort::overlap(&self.found, &other.found);
        Ok((found.both, found.first, found.second))
    }

    /// Why a person is in the cohort or not, as JSON; none where the warehouse does not know the person.
    fn why(&self, py: Python<'_>, person: &str) -> PyResult<Option<String>> {
        let warehouse = &self.warehouse;
        interruptible(py, None, |stop| {
            let mut place = None;
            for (number, shard) in warehouse.shards().iter().enumerate() {
                if let Some(row) = shard.names()?.iter().position(|name| name == person) {
                    place = Some((number, row as u32));
                    break;
                }
            }
            let Some((number, row)) = place else { return Ok(None) };
            let sets = with_dictionary(warehouse, |dictionary| {
                Sets::new(&self.plan, dictionary, Some(&self.memo))
            })?;
            let found = on_shards(
                warehouse,
                &sets,
                self.plan.asks_for_people(),
                warehouse.reads(),
                Some(&self.memo),
                stop,
                |scopes| cohort::why(&self.plan, &self.found.members[number], row, &scopes[number]),
            )?;
            serde_json::to_string(&found)
                .map(Some)
                .map_err(|error| Error::Definition(error.to_string()))
        })
    }

    /// What it cost: rows and bytes decoded, and step by step the name, the nanoseconds of all shards together, and in
    /// how many of the shards the result was known already.
    fn profile(&self) -> (u64, u64, Vec<(String, u64, u32)>) {
        let spent = self.found.spent.iter();
        let steps = spent.map(|step| (step.name.clone(), step.nanoseconds, step.kept));
        (self.reads.0, self.reads.1, steps.collect())
    }

    /// How many persons are in it.
    fn persons(&self) -> u64 {
        self.found.persons()
    }

    /// The rows: `person_id`, `start`, `end`, in the order of persons.
    fn rows(&self, py: Python<'_>) -> PyResult<Table> {
        let schema = Arc::new(Schema::new(vec![
            Field::new("person_id", DataType::Utf8, false),
            Field::new("start", DataType::Date32, false),
            Field::new("end", DataType::Date32, false),
        ]));
        let table = py.detach(|| -> Result<_> {
            let mut batches = Vec::new();
            for (shard, members) in self.warehouse.shards().iter().zip(&self.found.members) {
                if members.person.is_empty() {
                    continue;
                }
                let names = shard.names()?;
                let ids = StringArray::from_iter_values(members.person.iter().map(|person| &names[*person as usize]));
                let days = [event::days(members.start.clone()), event::days(members.end.clone())];
                let [start, end] = days;
                batches.push(RecordBatch::try_new(
                    Arc::clone(&schema),
                    vec![Arc::new(ids), start, end],
                )?);
            }
            Ok(Table::from_batches(schema, batches))
        });
        table.map_err(PyErr::from)
    }

    /// Incidence of an outcome by strata, in row-major order: persons, events, person-days.
    #[pyo3(signature = (outcome, by, washout, lag, progress=None))]
    fn incidence(
        &self,
        py: Python<'_>,
        outcome: &str,
        by: &str,
        washout: Option<u32>,
        lag: u32,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(Vec<u64>, Vec<u64>, Vec<u64>)> {
        let (outcome, by): (Events, Vec<By>) = (parse(outcome)?, parse(by)?);
        let warehouse = &self.warehouse;
        let tally = interruptible(py, progress, |stop| {
            let sets = with_dictionary(warehouse, |dictionary| {
                Sets::of_events(std::slice::from_ref(&outcome), dictionary)
            })?;
            on_shards(warehouse, &sets, true, warehouse.reads(), None, stop, |scopes| {
                cohort::outcome_incidence(&self.found, &outcome, &by, Rules { washout, lag }, scopes)
            })
        })?;
        Ok((tally.persons, tally.events, tally.person_days))
    }

    /// Follow-up until an outcome: stratum, days, persons with the outcome, persons censored.
    #[pyo3(signature = (outcome, by, washout, lag, progress=None))]
    fn survival(
        &self,
        py: Python<'_>,
        outcome: &str,
        by: &str,
        washout: Option<u32>,
        lag: u32,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<(usize, u32, u64, u64)>> {
        let (outcome, by): (Events, Vec<By>) = (parse(outcome)?, parse(by)?);
        let warehouse = &self.warehouse;
        let tally = interruptible(py, progress, |stop| {
            let sets = with_dictionary(warehouse, |dictionary| {
                Sets::of_events(std::slice::from_ref(&outcome), dictionary)
            })?;
            on_shards(warehouse, &sets, true, warehouse.reads(), None, stop, |scopes| {
                cohort::outcome_survival(&self.found, &outcome, &by, Rules { washout, lag }, scopes)
            })
        })?;
        Ok(tally.rows().collect())
    }

    /// Prevalence of events, each lasting so many days, in a period of days, by strata in row-major order: persons, cases.
    #[pyo3(signature = (events, by, period, lasting, progress=None))]
    fn prevalence_of_events(
        &self,
        py: Python<'_>,
        events: &str,
        by: &str,
        period: (i32, i32),
        lasting: Option<u32>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(Vec<u64>, Vec<u64>)> {
        let (events, by): (Events, Vec<By>) = (parse(events)?, parse(by)?);
        let warehouse = &self.warehouse;
        let tally = interruptible(py, progress, |stop| {
            let sets = with_dictionary(warehouse, |dictionary| {
                Sets::of_events(std::slice::from_ref(&events), dictionary)
            })?;
            on_shards(warehouse, &sets, true, warehouse.reads(), None, stop, |scopes| {
                let condition = cohort::Condition::Events(&events, lasting);
                cohort::condition_prevalence(&self.found, condition, &by, period, scopes)
            })
        })?;
        Ok((tally.persons, tally.cases))
    }

    /// Prevalence of another cohort of the warehouse in a period of days, by strata in row-major order: persons, cases.
    fn prevalence_of_cohort(
        &self,
        py: Python<'_>,
        other: &Self,
        by: &str,
        period: (i32, i32),
    ) -> PyResult<(Vec<u64>, Vec<u64>)> {
        self.same_warehouse(other)?;
        let by: Vec<By> = parse(by)?;
        let (warehouse, sets) = (&self.warehouse, Sets::default());
        let tally = interruptible(py, None, |stop| {
            on_shards(warehouse, &sets, true, warehouse.reads(), None, stop, |scopes| {
                cohort::condition_prevalence(
                    &self.found,
                    cohort::Condition::Cohort(&other.found),
                    &by,
                    period,
                    scopes,
                )
            })
        })?;
        Ok((tally.persons, tally.cases))
    }

    /// Persons by strata on their first day, in row-major order.
    fn persons_by(&self, py: Python<'_>, by: &str) -> PyResult<Vec<u64>> {
        let by: Vec<By> = parse(by)?;
        interruptible(py, None, |stop| {
            on_shards(
                &self.warehouse,
                &Sets::default(),
                true,
                self.warehouse.reads(),
                None,
                stop,
                |scopes| cohort::persons_by(&self.found, &by, scopes),
            )
        })
    }

    /// Persons who have an event of each query in a window around their first day.
    #[pyo3(signature = (queries, window, observed, progress=None))]
    fn persons_with(
        &self,
        py: Python<'_>,
        queries: &str,
        window: &str,
        observed: bool,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<u64>> {
        let (queries, window): (Vec<Events>, Window) = (parse(queries)?, parse(window)?);
        let warehouse = &self.warehouse;
        interruptible(py, progress, |stop| {
            stop.expect(warehouse.shards().len() as u64);
            let sets = with_dictionary(warehouse, |dictionary| Sets::of_events(&queries, dictionary))?;
            on_shards(warehouse, &sets, true, warehouse.reads(), None, stop, |scopes| {
                cohort::persons_with(&self.found, &queries, window, observed, scopes)
            })
        })
    }

    /// The persons of the cohort.
    fn population(&self, py: Python<'_>) -> PersonSet {
        py.detach(|| {
            let persons = self.warehouse.shards().iter().map(store::Shard::len);
            PersonSet::of(cohort::population(&self.found, persons))
        })
    }

    /// The persons that each step of the attrition leaves, in its order.
    fn populations_of_steps(&self, py: Python<'_>) -> PyResult<Vec<PersonSet>> {
        let warehouse = &self.warehouse;
        let found = interruptible(py, None, |stop| {
            let sets = with_dictionary(warehouse, |dictionary| {
                Sets::new(&self.plan, dictionary, Some(&self.memo))
            })?;
            let (people, reads) = (self.plan.asks_for_people(), warehouse.reads());
            on_shards(warehouse, &sets, people, reads, Some(&self.memo), stop, |scopes| {
                cohort::populations_of_steps(&self.plan, scopes)
            })
        })?;
        Ok(found.into_iter().map(PersonSet::of).collect())
    }

    /// By stratum, the persons whom `persons_by` counts.
    fn populations_by(&self, py: Python<'_>, by: &str) -> PyResult<Vec<PersonSet>> {
        let by: Vec<By> = parse(by)?;
        let warehouse = &self.warehouse;
        let found = interruptible(py, None, |stop| {
            let sets = Sets::default();
            on_shards(warehouse, &sets, true, warehouse.reads(), None, stop, |scopes| {
                cohort::populations_by(&self.found, &by, scopes)
            })
        })?;
        Ok(found.into_iter().map(PersonSet::of).collect())
    }

    /// By query, the persons whom `persons_with` counts.
    fn populations_with(
        &self,
        py: Python<'_>,
        queries: &str,
        window: &str,
        observed: bool,
    ) -> PyResult<Vec<PersonSet>> {
        let (queries, window): (Vec<Events>, Window) = (parse(queries)?, parse(window)?);
        let warehouse = &self.warehouse;
        let found = interruptible(py, None, |stop| {
            let sets = with_dictionary(warehouse, |dictionary| Sets::of_events(&queries, dictionary))?;
            on_shards(warehouse, &sets, true, warehouse.reads(), None, stop, |scopes| {
                cohort::populations_with(&self.found, &queries, window, observed, scopes)
            })
        })?;
        Ok(found.into_iter().map(PersonSet::of).collect())
    }

    /// By stratum, the persons at risk and those with the outcome whom `incidence` counts.
    fn populations_at_risk(
        &self,
        py: Python<'_>,
        outcome: &str,
        by: &str,
        washout: Option<u32>,
        lag: u32,
    ) -> PyResult<(Vec<PersonSet>, Vec<PersonSet>)> {
        let (outcome, by): (Events, Vec<By>) = (parse(outcome)?, parse(by)?);
        let warehouse = &self.warehouse;
        let (persons, events) = interruptible(py, None, |stop| {
            let sets = with_dictionary(warehouse, |dictionary| {
                Sets::of_events(std::slice::from_ref(&outcome), dictionary)
            })?;
            on_shards(warehouse, &sets, true, warehouse.reads(), None, stop, |scopes| {
                cohort::populations_at_risk(&self.found, &outcome, &by, Rules { washout, lag }, scopes)
            })
        })?;
        let opaque = |sets: Vec<_>| sets.into_iter().map(PersonSet::of).collect();
        Ok((opaque(persons), opaque(events)))
    }
}

impl Cohort {
    pub(super) fn same_warehouse(&self, other: &Self) -> Result<()> {
        if Arc::ptr_eq(&self.warehouse, &other.warehouse) {
            return Ok(());
        }
        Err(Error::Argument(
            "the two results come from different warehouses: run both definitions on one".into(),
        ))
    }
}
