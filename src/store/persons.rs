//! A shard's persons on disk: the tables `persons`, `observation` and `residence`, written and read back.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type, UInt8Type};
use arrow_array::{Array, ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray, UInt8Array, UInt32Array};
use arrow_schema::{DataType, Field, Schema};

use super::check::PERSON_ID;
use crate::error::{Error, Result};
use crate::event::{self, END, PERSON, START, Stored};
use crate::person::{Facts, NEVER, Spans};

const SEX: &str = "sex";
const BIRTH_MONTH: &str = "birth_month";
const DEATH: &str = "death";
/// The columns that persons have in any case.
const OWN: [&str; 4] = [PERSON_ID, SEX, BIRTH_MONTH, DEATH];

/// One shard's persons on their way in.
#[derive(Debug, Default)]
pub(crate) struct Persons {
    pub(crate) names: Vec<String>,
    pub(crate) sex: Vec<u8>,
    pub(crate) birth_month: Vec<i32>,
    pub(crate) death: Vec<Option<i32>>,
    /// Whatever else is stored of persons, as numbers: names and columns.
    pub(crate) further: Vec<(String, Vec<Option<i64>>)>,
}

impl Persons {
    pub(crate) fn batch(&self) -> Result<RecordBatch> {
        let rows = self.names.len() as u32;
        let mut fields = vec![
            event::person_field(),
            Field::new(PERSON_ID, DataType::Utf8, false),
            Field::new(SEX, DataType::UInt8, false),
            Field::new(BIRTH_MONTH, DataType::Date32, false),
            Field::new(DEATH, DataType::Date32, true),
        ];
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from_iter_values(0..rows)),
            Arc::new(StringArray::from_iter_values(&self.names)),
            Arc::new(UInt8Array::from(self.sex.clone())),
            event::days(self.birth_month.clone()),
            Arc::new(Date32Array::from(self.death.clone())),
        ];
        for (name, values) in &self.further {
            fields.push(Field::new(name, DataType::Int64, true));
            columns.push(Arc::new(Int64Array::from(values.clone())));
        }
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
    }

    /// Makes room for the further columns of a batch: the same in every batch, and all of numbers.
    pub(crate) fn expect(&mut self, batch: &RecordBatch) -> Result<()> {
        let schema = batch.schema();
        let fields = schema
            .fields()
            .iter()
            .filter(|field| !OWN.contains(&field.name().as_str()));
        let mut names = Vec::new();
        for field in fields {
            let name = field.name();
            if name == PERSON {
                return Err(Error::Ingest(format!(
                    "column '{PERSON}' is reserved: rename it before the ingest"
                )));
            }
            if *field.data_type() != DataType::Int64 {
                return Err(event::wrong_type(name, "Int64"));
            }
            names.push(name.clone());
        }
        if self.names.is_empty() {
            self.further = names.into_iter().map(|name| (name, Vec::new())).collect();
        } else if !self.further.iter().map(|(name, _)| name).eq(&names) {
            return Err(Error::Ingest(format!(
                "persons: a batch has the further columns ({}) where earlier ones had others: give all of them the same columns",
                names.join(", ")
            )));
        }
        Ok(())
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
    for batch in event::read_columns(persons, &[SEX, BIRTH_MONTH, DEATH])? {
        let damage = || persons.damaged();
        let sex = event::column(&batch, SEX)?
            .as_primitive_opt::<UInt8Type>()
            .ok_or_else(damage)?;
        facts.sex.extend_from_slice(sex.values());
        let birth = event::column(&batch, BIRTH_MONTH)?;
        event::whole(birth, persons)?;
        facts
            .birth_month
            .extend_from_slice(birth.as_primitive_opt::<Date32Type>().ok_or_else(damage)?.values());
        let death = event::dates(&batch, DEATH)?;
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

/// Reads a further column of a shard's persons, when there is one of that name; null is `i64::MIN`.
pub(crate) fn further(persons: &Stored, name: &str, count: usize) -> Result<Option<Vec<i64>>> {
    let mut values = Vec::with_capacity(count);
    for batch in event::read_columns(persons, &[name])? {
        let Some(column) = batch.column_by_name(name) else {
            return Ok(None);
        };
        let Some(numbers) = column.as_primitive_opt::<Int64Type>() else {
            return Ok(None);
        };
        values.extend(numbers.iter().map(|value| value.unwrap_or(i64::MIN)));
    }
    if values.len() == count {
        Ok(Some(values))
    } else {
        Err(persons.damaged())
    }
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
    for batch in event::read_columns(persons, &[PERSON_ID])? {
        let column = event::column(&batch, PERSON_ID)?;
        let texts = column.as_string_opt::<i32>().ok_or_else(|| persons.damaged())?;
        names.extend((0..texts.len()).map(|i| texts.value(i).to_owned()));
    }
    Ok(names)
}
