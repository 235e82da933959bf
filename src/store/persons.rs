//! A shard's persons on disk: the tables `persons`, `observation` and `residence`, written and read back.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, UInt8Type};
use arrow_array::{Array, Date32Array, RecordBatch, StringArray, UInt8Array, UInt32Array};
use arrow_schema::{DataType, Field, Schema};

use crate::error::Result;
use crate::event::{self, END, PERSON, START, Stored};
use crate::person::{Facts, NEVER, Spans};

/// One shard's persons on their way in.
#[derive(Debug, Default)]
pub(crate) struct Persons {
    pub(crate) names: Vec<String>,
    pub(crate) sex: Vec<u8>,
    pub(crate) birth_month: Vec<i32>,
    pub(crate) death: Vec<Option<i32>>,
}

impl Persons {
    pub(crate) fn batch(&self) -> Result<RecordBatch> {
        let rows = self.names.len() as u32;
        let schema = Schema::new(vec![
            event::person_field(),
            Field::new("person_id", DataType::Utf8, false),
            Field::new("sex", DataType::UInt8, false),
            Field::new("birth_month", DataType::Date32, false),
            Field::new("death", DataType::Date32, true),
        ]);
        Ok(RecordBatch::try_new(
            Arc::new(schema),
            vec![
                Arc::new(UInt32Array::from_iter_values(0..rows)),
                Arc::new(StringArray::from_iter_values(&self.names)),
                Arc::new(UInt8Array::from(self.sex.clone())),
                event::days(self.birth_month.clone()),
                Arc::new(Date32Array::from(self.death.clone())),
            ],
        )?)
    }
}

/// Observation periods, `(person, from, to)`, as a table.
pub(crate) fn observation(mut rows: Vec<(u32, i32, i32)>) -> Result<RecordBatch> {
    rows.sort_unstable();
    rows.dedup();
    let schema = Schema::new(vec![
        event::person_field(),
        Field::new(START, DataType::Date32, false),
        Field::new(END, DataType::Date32, false),
    ]);
    Ok(RecordBatch::try_new(
        Arc::new(schema),
        vec![
            Arc::new(UInt32Array::from_iter_values(rows.iter().map(|row| row.0))),
            event::days(rows.iter().map(|row| row.1).collect()),
            event::days(rows.iter().map(|row| row.2).collect()),
        ],
    )?)
}

/// Reads a shard's persons, whose observation periods are known.
pub(crate) fn read(persons: &Stored, periods: Spans, count: usize) -> Result<Facts> {
    let mut facts = Facts::of_periods(count, periods);
    for batch in event::read_columns(persons, &["sex", "birth_month", "death"])? {
        let damage = || persons.damaged();
        let sex = event::column(&batch, "sex")?
            .as_primitive_opt::<UInt8Type>()
            .ok_or_else(damage)?;
        facts.sex.extend_from_slice(sex.values());
        let birth = event::column(&batch, "birth_month")?;
        event::whole(birth, persons)?;
        facts
            .birth_month
            .extend_from_slice(birth.as_primitive_opt::<Date32Type>().ok_or_else(damage)?.values());
        let death = event::dates(&batch, "death")?;
        if death.null_count() == 0 {
            facts.death.extend_from_slice(death.values());
        } else {
            facts.death.extend(death.iter().map(|day| day.unwrap_or(NEVER)));
        }
    }
    if facts.sex.len() != count || facts.birth_month.len() != count || facts.death.len() != count {
        return Err(persons.damaged());
    }
    Ok(facts)
}

/// Reads a shard's observation periods.
pub(crate) fn periods(observation: &Stored, count: usize) -> Result<Spans> {
    let mut rows = Vec::new();
    for batch in event::read_columns(observation, &[PERSON, START, END])? {
        let person = event::persons(&batch)?;
        let (from, to) = (event::dates(&batch, START)?, event::dates(&batch, END)?);
        if person.values().iter().any(|person| *person as usize >= count) {
            return Err(observation.damaged());
        }
        let days = from.values().iter().zip(to.values());
        rows.extend(
            person
                .values()
                .iter()
                .zip(days)
                .map(|(person, (from, to))| (*person, *from, *to)),
        );
    }
    Ok(Spans::new(count, rows))
}

/// The names of some persons of a shard, in the order asked for.
pub(crate) fn names(persons: &Stored) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for batch in event::read_columns(persons, &["person_id"])? {
        let column = event::column(&batch, "person_id")?;
        let texts = column.as_string_opt::<i32>().ok_or_else(|| persons.damaged())?;
        names.extend((0..texts.len()).map(|i| texts.value(i).to_owned()));
    }
    Ok(names)
}
