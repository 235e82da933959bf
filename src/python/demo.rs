//! Binding of the demo population: makes a warehouse of it.
#![allow(clippy::needless_pass_by_value)] // what Python hands over is owned

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use pyo3::prelude::*;

use super::signals::interruptible;
use crate::error::{Error, Result};
use crate::event::CODE;
use crate::store::direct::{ShardTables, Whole, write};
use crate::synth::{Config, World};

/// Makes a warehouse of a synthetic population; the same seed gives the same population, whatever the shards.
#[pyfunction]
#[pyo3(signature = (path, *, persons, seed, first_year, years, events_per_person, shard_persons, now, progress=None))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn make_demo(
    py: Python<'_>,
    path: PathBuf,
    persons: u32,
    seed: u64,
    first_year: i32,
    years: u32,
    events_per_person: f64,
    shard_persons: u32,
    now: String,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    if persons == 0 {
        return Err(Error::Argument("a population of no persons cannot be made: ask for one at least".into()).into());
    }
    interruptible(py, progress, |stop| -> Result<()> {
        let config = Config {
            persons,
            seed,
            first_year,
            years,
            events_per_person,
        };
        config.check()?;
        let world = World::new(&config);
        let shards = persons.div_ceil(shard_persons.max(1));
        let each = persons.div_ceil(shards);
        let whole = Whole {
            shards: persons.div_ceil(each),
            concepts: world.concepts()?,
            provenance: serde_json::json!({
                "kind": "demo",
                "persons": persons,
                "seed": seed,
                "first_year": first_year,
                "years": years,
                "events_per_person": events_per_person,
                "truths": world.truths(),
            }),
            now,
        };
        let make = |shard: u32| -> Result<ShardTables> {
            let first = shard * each;
            let tables = world.generate(first, each.min(persons - first), stop)?;
            let domains = tables.domains.into_iter();
            Ok(ShardTables {
                persons: tables.persons,
                observation: tables.observation,
                residence: with_codes(&tables.residence)?,
                domains: domains
                    .map(|domain| (domain.name.to_owned(), domain.vocabulary.to_owned(), domain.batch))
                    .collect(),
            })
        };
        write(&path, &whole, make, stop)
    })
}

/// The residences with their communes as codes, which is what a store knows how to sort.
fn with_codes(residence: &RecordBatch) -> Result<RecordBatch> {
    let schema = residence.schema();
    let fields = schema.fields().iter().map(|field| {
        let name = if field.name() == "commune" { CODE } else { field.name() };
        field.as_ref().clone().with_name(name)
    });
    Ok(RecordBatch::try_new(
        Arc::new(Schema::new(fields.collect::<Vec<_>>())),
        residence.columns().to_vec(),
    )?)
}
