//! The persons of a warehouse as columns, for the forecast of a crossing; they stay inside the package.

use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, RecordBatch, StringArray, UInt8Array};
use arrow_schema::{DataType, Field, Schema};
use pyo3::prelude::*;

use super::arrow::Table;
use super::signals::interruptible;
use super::warehouse::Warehouse;
use crate::error::Result;
use crate::event;
use crate::person::NEVER;

/// Sex, birth month, day of death and commune on a day, a row per person, in no order that means anything.
#[pyfunction]
#[pyo3(signature = (warehouse, day, progress=None))]
pub(crate) fn people(
    py: Python<'_>,
    warehouse: &Bound<'_, Warehouse>,
    day: i32,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Table> {
    let schema = Arc::new(Schema::new(vec![
        Field::new("sex", DataType::UInt8, false),
        Field::new("birth_month", DataType::Date32, false),
        Field::new("death", DataType::Date32, true),
        Field::new("commune", DataType::Utf8, true),
    ]));
    let warehouse = warehouse.get().inner();
    let batches = interruptible(py, progress, |stop| -> Result<_> {
        stop.expect(warehouse.shards().len() as u64);
        let mut batches = Vec::new();
        for shard in warehouse.shards() {
            stop.check()?;
            let facts = shard.facts(true)?;
            let residences = shard.residences(day, warehouse.cache(), warehouse.reads())?;
            let death = facts.death.iter().map(|day| (*day != NEVER).then_some(*day));
            let columns: Vec<ArrayRef> = vec![
                Arc::new(UInt8Array::from(facts.sex.clone())),
                event::days(facts.birth_month.clone()),
                Arc::new(death.collect::<Date32Array>()),
                Arc::new(residences.iter().collect::<StringArray>()),
            ];
            batches.push(RecordBatch::try_new(Arc::clone(&schema), columns)?);
            stop.advance(1);
        }
        Ok(batches)
    })?;
    Ok(Table::from_batches(schema, batches))
}
