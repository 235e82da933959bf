//! Bindings of an open warehouse.
//!
//! What comes out here is exact and stays inside the package: `kohort.results` hands it to the gate.
#![allow(clippy::needless_pass_by_value)] // what Python hands over is owned

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use pyo3::prelude::*;
use rayon::prelude::*;

use super::ask::{self, Tables, on_shards, parse, with_dictionary};
use super::cohort::Cohort;
use super::history::PersonSet;
use super::signals::interruptible;
use crate::cohort::plan::{Codes, Events};
use crate::cohort::unicity::{Ask, Bucket, Count, unicity};
use crate::cohort::{self, Matched, Memo, Plan, Scope, Sets};
use crate::error::{Error, Result};
use crate::event::Source;
use crate::store;

/// An open warehouse.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct Warehouse(Arc<store::Warehouse>, Arc<Memo>);

impl Warehouse {
    /// The warehouse behind it.
    pub(super) fn inner(&self) -> &store::Warehouse {
        &self.0
    }
}

#[pymethods]
impl Warehouse {
    /// Opens the snapshot in force; decoded columns are kept within `memory` bytes.
    #[new]
    fn new(path: PathBuf, memory: usize) -> Result<Self> {
        // Decoded columns are dear to get again, sub-results cheaper: a quarter of the budget is for these.
        let warehouse = store::Warehouse::open(&path, memory / 4 * 3)?;
        Ok(Self(Arc::new(warehouse), Arc::new(Memo::new(memory / 4))))
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
            let mut answer = Vec::with_capacity(codes.include.len());
            for pattern in &codes.include {
                let one = Codes {
                    vocabulary: codes.vocabulary.clone(),
                    include: vec![pattern.clone()],
                    exclude: Vec::new(),
                };
                let matched = Matched::new(Some(&one), &Tables(&self.0))?;
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
        interruptible(py, progress, |stop| {
            stop.expect(self.0.shards().len() as u64);
            ask::evaluate(&self.0, &self.1, plan, stop)
        })
    }

    /// Runs plans side by side; what they share is evaluated once. The answers are in the order of the plans.
    #[pyo3(signature = (plans, progress=None))]
    fn run_many(
        &self,
        py: Python<'_>,
        plans: Vec<String>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<Cohort>> {
        let plans: Vec<Plan> = plans.iter().map(|plan| Plan::from_json(plan)).collect::<Result<_>>()?;
        interruptible(py, progress, |stop| {
            stop.expect((self.0.shards().len() * plans.len()) as u64);
            plans
                .into_par_iter()
                .map(|plan| ask::evaluate(&self.0, &self.1, plan, stop))
                .collect()
        })
    }

    /// Asks every rule of a plan of every qualified event: events by mask, and persons by the mask of their best event.
    fn inclusion(&self, py: Python<'_>, plan: &str) -> PyResult<(BTreeMap<u64, u64>, BTreeMap<u64, u64>)> {
        let plan = Plan::from_json(plan)?;
        let warehouse = &self.0;
        let found = interruptible(py, None, |stop| {
            let sets = with_dictionary(warehouse, |dictionary| Sets::new(&plan, dictionary, Some(&self.1)))?;
            on_shards(
                warehouse,
                &sets,
                plan.asks_for_people(),
                warehouse.reads(),
                Some(&self.1),
                stop,
                |scopes| cohort::inclusion(&plan, scopes),
            )
        })?;
        Ok((found.events, found.persons))
    }

    /// Forgets sub-results, so that the next plan is evaluated from its beginning; decoded columns stay.
    fn forget(&self) {
        self.1.clear();
    }

    /// How many persons have an event of a query.
    #[pyo3(signature = (events, progress=None))]
    fn count_persons(&self, py: Python<'_>, events: &str, progress: Option<&Bound<'_, PyAny>>) -> PyResult<u64> {
        let events: Events = parse(events)?;
        let warehouse = &self.0;
        interruptible(py, progress, |stop| {
            let sets = with_dictionary(warehouse, |dictionary| {
                Sets::of_events(std::slice::from_ref(&events), dictionary)
            })?;
            if events.domain == cohort::DEATH {
                return on_shards(warehouse, &sets, true, warehouse.reads(), None, stop, |scopes| {
                    Ok(scopes.iter().map(Scope::count_deaths).sum())
                });
            }
            cohort::count_persons(
                warehouse.shards(),
                &events,
                &sets,
                warehouse.cache(),
                warehouse.reads(),
                stop,
            )
        })
    }

    /// By bucket and number of points: how many sampled persons have so many points, and how many are alone with them.
    #[pyo3(signature = (events, *, place, points, buckets, samples, seed, progress=None))]
    #[allow(clippy::too_many_arguments)] // by keyword from Python
    fn unicity(
        &self,
        py: Python<'_>,
        events: &str,
        place: Option<String>,
        points: usize,
        buckets: Vec<String>,
        samples: usize,
        seed: u64,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<Vec<(u64, u64)>>> {
        let events: Vec<Events> = parse(events)?;
        let named = |name: &String| {
            Bucket::named(name).ok_or_else(|| Error::Definition(format!("there is no bucket of days called '{name}'")))
        };
        let buckets = buckets.iter().map(named).collect::<Result<Vec<_>>>()?;
        let warehouse = &self.0;
        let counts = interruptible(py, progress, |stop| {
            let sets = with_dictionary(warehouse, |dictionary| Sets::of_events(&events, dictionary))?;
            let ask = Ask {
                events: &events,
                place: place.as_deref(),
                points,
                buckets: &buckets,
                samples,
                seed,
            };
            unicity(
                warehouse.shards(),
                &ask,
                &sets,
                warehouse.cache(),
                warehouse.reads(),
                stop,
            )
        })?;
        let pairs = |counts: Vec<Count>| counts.iter().map(|count| (count.persons, count.alone)).collect();
        Ok(counts.into_iter().map(pairs).collect())
    }

    /// How the first persons are numbered, at most so many, as a digest; and how many the warehouse has.
    #[pyo3(signature = (first=None))]
    fn numbering(&self, py: Python<'_>, first: Option<u64>) -> PyResult<(String, u64)> {
        interruptible(py, None, |stop| self.0.numbering(first.unwrap_or(u64::MAX), stop))
    }

    /// By query, the persons who have an event of it.
    fn populations_of(&self, py: Python<'_>, queries: &str) -> PyResult<Vec<PersonSet>> {
        let queries: Vec<Events> = parse(queries)?;
        let warehouse = &self.0;
        let found = interruptible(py, None, |stop| {
            let sets = with_dictionary(warehouse, |dictionary| Sets::of_events(&queries, dictionary))?;
            on_shards(warehouse, &sets, true, warehouse.reads(), None, stop, |scopes| {
                cohort::populations_of(&queries, scopes)
            })
        })?;
        Ok(found.into_iter().map(PersonSet::of).collect())
    }

    /// All persons of the warehouse.
    fn population(&self) -> PersonSet {
        let persons: usize = self.0.shards().iter().map(store::Shard::len).sum();
        PersonSet::of((0..persons as u32).collect())
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
