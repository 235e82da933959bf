//! The tables handed out: persons, observation, residence, and one batch of events per domain.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, Date32Array, DictionaryArray, Int32Array, Int64Array, RecordBatch, StringArray, UInt8Array, UInt32Array,
};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, Schema};

use super::calendar::day_of;
use super::codes::Vocabulary;
use super::life::Life;
use super::recorder::{NO_DAY, NO_STAY, Recorder};
use super::vocabularies::Vocabularies;
use crate::error::Result;

/// Persons with all their events.
#[derive(Clone, Debug, PartialEq)]
pub struct Tables {
    /// person (u32, row in this table), person_id, sex (1 man, 2 woman), birth_month (its first day), death.
    pub persons: RecordBatch,
    /// person, start, end; sorted, not overlapping.
    pub observation: RecordBatch,
    /// person, commune, start, end; sorted, not overlapping.
    pub residence: RecordBatch,
    /// The events.
    pub domains: Vec<Domain>,
}

/// The events of one domain: person, start, end where the domain has one, code, then what the domain adds.
#[derive(Clone, Debug, PartialEq)]
pub struct Domain {
    /// "drug", "diagnosis", "procedure" or "stay".
    pub name: &'static str,
    /// The vocabulary of the codes.
    pub vocabulary: &'static str,
    /// The events, in an order that is the same each time but not sorted.
    pub batch: RecordBatch,
}

/// Columns about persons while they are made.
#[derive(Debug, Default)]
pub(super) struct People {
    ids: Vec<String>,
    sexes: Vec<u8>,
    birth_months: Vec<i32>,
    deaths: Vec<i32>,
    observation: (Vec<u32>, Vec<i32>, Vec<i32>),
    residence: (Vec<u32>, Vec<i32>, Vec<i32>, Vec<i32>),
}

impl People {
    pub(super) fn add(&mut self, life: &Life) {
        let row = self.ids.len() as u32;
        self.ids.push(format!("D{:08}", life.number));
        self.sexes.push(life.sex as u8 + 1);
        self.birth_months.push(day_of(life.birth_year, life.birth_month, 1));
        self.deaths.push(life.death.unwrap_or(NO_DAY));
        for &(from, to) in &life.periods {
            self.observation.0.push(row);
            self.observation.1.push(from);
            self.observation.2.push(to);
        }
        for &(commune, from, to) in &life.residence {
            self.residence.0.push(row);
            self.residence.1.push(commune as i32);
            self.residence.2.push(from);
            self.residence.3.push(to);
        }
    }

    /// The three tables about persons and the batches of the events.
    pub(super) fn into_tables(
        self,
        events: Recorder,
        communes: &Arc<StringArray>,
        vocabularies: &Vocabularies,
    ) -> Result<Tables> {
        let persons = batch(vec![
            ("person", numbers((0..self.ids.len() as u32).collect())),
            ("person_id", Arc::new(StringArray::from(self.ids))),
            ("sex", Arc::new(UInt8Array::from(self.sexes))),
            ("birth_month", days(self.birth_months)),
            ("death", maybe_days(self.deaths)),
        ])?;
        let (person, start, end) = self.observation;
        let observation = batch(vec![
            ("person", numbers(person)),
            ("start", days(start)),
            ("end", days(end)),
        ])?;
        let (person, commune, start, end) = self.residence;
        let residence = batch(vec![
            ("person", numbers(person)),
            ("commune", coded(commune, communes)?),
            ("start", days(start)),
            ("end", days(end)),
        ])?;
        Ok(Tables {
            persons,
            observation,
            residence,
            domains: domains(events, vocabularies)?,
        })
    }
}

/// The batches of the events.
fn domains(events: Recorder, vocabularies: &Vocabularies) -> Result<Vec<Domain>> {
    let Recorder {
        drugs,
        diagnoses,
        procedures,
        stays,
        ..
    } = events;
    let keyed =
        |codes: Vec<u16>, book: &Vocabulary| coded(codes.into_iter().map(|c| book.key(c)).collect(), &book.dictionary);
    let drug = batch(vec![
        ("person", numbers(drugs.person)),
        ("start", days(drugs.start)),
        ("code", keyed(drugs.code, &vocabularies.drug)?),
        ("quantity", Arc::new(Int32Array::from(drugs.quantity))),
        ("days_supply", Arc::new(Int32Array::from(drugs.supply))),
    ])?;
    let diagnosis = batch(vec![
        ("person", numbers(diagnoses.person)),
        ("start", days(diagnoses.start)),
        ("end", maybe_days(diagnoses.end)),
        ("code", keyed(diagnoses.code, &vocabularies.diagnosis)?),
        ("stay_id", maybe_stays(diagnoses.stay)),
        ("kind", coded(diagnoses.kind, &vocabularies.kind)?),
    ])?;
    let procedure = batch(vec![
        ("person", numbers(procedures.person)),
        ("start", days(procedures.start)),
        ("code", keyed(procedures.code, &vocabularies.procedure)?),
        ("stay_id", maybe_stays(procedures.stay)),
    ])?;
    let stay = batch(vec![
        ("person", numbers(stays.person)),
        ("start", days(stays.start)),
        ("end", days(stays.end)),
        ("code", coded(stays.code, &vocabularies.stay.dictionary)?),
        ("stay_id", Arc::new(Int64Array::from(stays.stay))),
    ])?;
    let domain = |name, vocabulary, batch| Domain {
        name,
        vocabulary,
        batch,
    };
    Ok(vec![
        domain("drug", vocabularies.drug.name, drug),
        domain("diagnosis", vocabularies.diagnosis.name, diagnosis),
        domain("procedure", vocabularies.procedure.name, procedure),
        domain("stay", vocabularies.stay.name, stay),
    ])
}

/// A batch whose columns may be null where, and only where, the design says so.
fn batch(columns: Vec<(&'static str, ArrayRef)>) -> Result<RecordBatch> {
    let nullable = |name: &str, kind: &DataType| match name {
        "death" | "stay_id" => true,
        "end" => *kind == DataType::Date32,
        _ => false,
    };
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, column)| Field::new(*name, column.data_type().clone(), nullable(name, column.data_type())))
        .collect();
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

fn numbers(values: Vec<u32>) -> ArrayRef {
    Arc::new(UInt32Array::from(values))
}

fn days(values: Vec<i32>) -> ArrayRef {
    Arc::new(Date32Array::from(values))
}

fn maybe_days(values: Vec<i32>) -> ArrayRef {
    let known: NullBuffer = values.iter().map(|day| *day != NO_DAY).collect();
    Arc::new(Date32Array::new(ScalarBuffer::from(values), Some(known)))
}

fn maybe_stays(values: Vec<i64>) -> ArrayRef {
    let known: NullBuffer = values.iter().map(|stay| *stay != NO_STAY).collect();
    Arc::new(Int64Array::new(ScalarBuffer::from(values), Some(known)))
}

/// Keys of a sorted dictionary that all shards share.
fn coded(keys: Vec<i32>, dictionary: &Arc<StringArray>) -> Result<ArrayRef> {
    let dictionary: ArrayRef = Arc::<StringArray>::clone(dictionary);
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(
        Int32Array::from(keys),
        dictionary,
    )?))
}
