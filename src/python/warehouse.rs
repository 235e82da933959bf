//! Bindings of an open warehouse and of the cohorts that run on it.
//!
//! What comes out here is exact and stays inside the package: `kohort.results` hands it to the gate.
#![allow(clippy::needless_pass_by_value)] // what Python hands over is owned

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow_array::{RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use pyo3::prelude::*;
use rayon::prelude::*;
use serde::de::DeserializeOwned;

use super::arrow::Table;
use super::signals::interruptible;
use crate::cohort::plan::{Codes, Events, Window};
use crate::cohort::{self, Dictionary, Matched, Plan, Resolved, Scope};
use crate::error::{Error, Result};
use crate::event::{self, Source};
use crate::stop::Stop;
use crate::store;
use crate::tally::{By, Rules};

/// An open warehouse.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct Warehouse(Arc<store::Warehouse>);

/// A cohort that was run: exact, inside.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct Cohort {
    warehouse: Arc<store::Warehouse>,
    cohort: cohort::Cohort,
}

fn parse<T: DeserializeOwned>(json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|error| Error::Definition(format!("not as docs/plan.md says: {error}")))
}

/// Hands the warehouse's shards to `work`, ready to be asked; with `people`, of sex, birth and death too.
fn on_shards<T>(
    warehouse: &store::Warehouse,
    people: bool,
    stop: &Stop,
    work: impl FnOnce(&[Scope<'_>]) -> Result<T>,
) -> Result<T> {
    let shards = warehouse.shards();
    shards.par_iter().try_for_each(|shard| {
        stop.check()?;
        shard.facts(people).map(|_| ())
    })?;
    let mut scopes = Vec::with_capacity(shards.len());
    for shard in shards {
        let facts = shard.facts(people)?;
        scopes.push(Scope::new(facts, shard, warehouse.cache(), warehouse.reads(), stop));
    }
    work(&scopes)
}

fn vocabularies(warehouse: &store::Warehouse) -> BTreeMap<String, String> {
    let domains = &warehouse.manifest().domains;
    domains
        .iter()
        .map(|(name, entry)| (name.clone(), entry.vocabulary.clone()))
        .collect()
}

/// Calls `work` with what the warehouse says of codes.
fn with_dictionary<T>(warehouse: &store::Warehouse, work: impl FnOnce(&Dictionary<'_>) -> Result<T>) -> Result<T> {
    let descendants = |vocabulary: &str, code: &str| warehouse.descendants(vocabulary, code);
    work(&Dictionary {
        domains: &vocabularies(warehouse),
        descendants: &descendants,
    })
}

#[pymethods]
impl Warehouse {
    /// Opens the snapshot in force; decoded columns are kept within `memory` bytes.
    #[new]
    fn new(path: PathBuf, memory: usize) -> Result<Self> {
        Ok(Self(Arc::new(store::Warehouse::open(&path, memory)?)))
    }

    /// The manifest of the snapshot, as JSON.
    fn manifest(&self) -> Result<String> {
        serde_json::to_string(self.0.manifest()).map_err(|error| Error::Integrity(error.to_string()))
    }

    /// The codes that a domain has, sorted.
    fn codes(&self, py: Python<'_>, domain: &str) -> PyResult<Vec<String>> {
        let found = py.detach(|| -> Result<_> {
            let mut found = std::collections::BTreeSet::new();
            for shard in self.0.shards() {
                if let Some(domain) = shard.domain(domain) {
                    found.extend(domain.directory()?.codes().iter().map(ToString::to_string));
                }
            }
            Ok(found)
        })?;
        Ok(found.into_iter().collect())
    }

    /// Whether each pattern to include matches any code of the domain.
    fn matching(&self, py: Python<'_>, domain: &str, codes: &str) -> PyResult<Vec<bool>> {
        let codes: Codes = parse(codes)?;
        let answer = py.detach(|| -> Result<_> {
            let descendants = |vocabulary: &str, code: &str| self.0.descendants(vocabulary, code);
            let mut answer = Vec::with_capacity(codes.include.len());
            for pattern in &codes.include {
                let one = Codes {
                    vocabulary: codes.vocabulary.clone(),
                    include: vec![pattern.clone()],
                    exclude: Vec::new(),
                };
                let matched = Matched::new(Some(&one), &descendants)?;
                let mut found = false;
                for shard in self.0.shards() {
                    if let Some(domain) = shard.domain(domain) {
                        found |= !matched.positions(domain.directory()?).is_empty();
                    }
                }
                answer.push(found);
            }
            Ok(answer)
        });
        answer.map_err(PyErr::from)
    }

    /// The labels that the warehouse has for codes of a vocabulary.
    fn labels(&self, py: Python<'_>, vocabulary: &str, codes: Vec<String>) -> PyResult<BTreeMap<String, String>> {
        let wanted: std::collections::BTreeSet<String> = codes.into_iter().collect();
        let labels = py.detach(|| self.0.labels(vocabulary, |code| wanted.contains(code)))?;
        Ok(labels.into_iter().collect())
    }

    /// Runs a plan.
    #[pyo3(signature = (plan, progress=None))]
    fn run(&self, py: Python<'_>, plan: &str, progress: Option<&Bound<'_, PyAny>>) -> PyResult<Cohort> {
        let plan = Plan::from_json(plan)?;
        let warehouse = &self.0;
        let cohort = interruptible(py, progress, |stop| {
            stop.expect(warehouse.shards().len() as u64);
            let resolved = with_dictionary(warehouse, |dictionary| Resolved::new(&plan, dictionary))?;
            on_shards(warehouse, plan.asks_for_people(), stop, |scopes| {
                cohort::evaluate(&plan, &resolved, scopes)
            })
        })?;
        Ok(Cohort {
            warehouse: Arc::clone(warehouse),
            cohort,
        })
    }

    /// How many persons have an event of a query.
    #[pyo3(signature = (events, progress=None))]
    fn count_persons(&self, py: Python<'_>, events: &str, progress: Option<&Bound<'_, PyAny>>) -> PyResult<u64> {
        let events: Events = parse(events)?;
        let warehouse = &self.0;
        interruptible(py, progress, |stop| {
            let resolved = with_dictionary(warehouse, |dictionary| {
                Resolved::of_events(std::slice::from_ref(&events), dictionary)
            })?;
            if events.domain == cohort::DEATH {
                return on_shards(warehouse, true, stop, |scopes| {
                    Ok(scopes.iter().map(Scope::count_deaths).sum())
                });
            }
            cohort::count_persons(
                warehouse.shards(),
                &events,
                &resolved,
                warehouse.cache(),
                warehouse.reads(),
                stop,
            )
        })
    }

    /// Reads every file and compares it with the manifest; gives how many files there are.
    #[pyo3(signature = (progress=None))]
    fn verify(&self, py: Python<'_>, progress: Option<&Bound<'_, PyAny>>) -> PyResult<usize> {
        interruptible(py, progress, |stop| self.0.verify(stop))
    }

    /// Rows and bytes decoded since the opening, and bytes kept.
    fn reads(&self) -> (u64, u64, usize) {
        let reads = self.0.reads();
        (
            reads.rows.load(Ordering::Relaxed),
            reads.bytes.load(Ordering::Relaxed),
            self.0.cache().bytes(),
        )
    }
}

#[pymethods]
impl Cohort {
    /// Step by step: name, persons left, rows left.
    fn attrition(&self) -> Vec<(String, u64, u64)> {
        self.cohort
            .attrition
            .iter()
            .map(|step| (step.name.clone(), step.persons, step.rows))
            .collect()
    }

    /// How many persons are in it.
    fn persons(&self) -> u64 {
        self.cohort.persons()
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
            for (shard, members) in self.warehouse.shards().iter().zip(&self.cohort.members) {
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
            let resolved = with_dictionary(warehouse, |dictionary| {
                Resolved::of_events(std::slice::from_ref(&outcome), dictionary)
            })?;
            on_shards(warehouse, true, stop, |scopes| {
                cohort::outcome_incidence(&self.cohort, &outcome, &by, Rules { washout, lag }, &resolved, scopes)
            })
        })?;
        Ok((tally.persons, tally.events, tally.person_days))
    }

    /// Persons by strata on their first day, in row-major order.
    fn persons_by(&self, py: Python<'_>, by: &str) -> PyResult<Vec<u64>> {
        let by: Vec<By> = parse(by)?;
        interruptible(py, None, |stop| {
            on_shards(&self.warehouse, true, stop, |scopes| {
                cohort::persons_by(&self.cohort, &by, scopes)
            })
        })
    }

    /// Persons who have an event of a query in a window around their first day.
    fn persons_with(&self, py: Python<'_>, events: &str, window: &str, observed: bool) -> PyResult<u64> {
        let (events, window): (Events, Window) = (parse(events)?, parse(window)?);
        let warehouse = &self.warehouse;
        interruptible(py, None, |stop| {
            let resolved = with_dictionary(warehouse, |dictionary| {
                Resolved::of_events(std::slice::from_ref(&events), dictionary)
            })?;
            on_shards(warehouse, true, stop, |scopes| {
                cohort::persons_with(&self.cohort, &events, window, observed, &resolved, scopes)
            })
        })
    }
}
