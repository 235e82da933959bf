//! The names and types of the columns that every domain file has.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, UInt32Type};
use arrow_array::{ArrayRef, Date32Array, RecordBatch, UInt32Array};
use arrow_schema::{DataType, Field};

use crate::error::{Error, Result};

/// The person's row in the shard, `UInt32`.
pub const PERSON: &str = "person";
/// The first day, `Date32`.
pub const START: &str = "start";
/// The last day, `Date32`, null where it is not known; a domain may lack the column.
pub const END: &str = "end";
/// The code, dictionary-encoded text.
pub const CODE: &str = "code";
/// Days that a delivery lasts, `Int32`; a drug domain may have it.
pub const DAYS_SUPPLY: &str = "days_supply";

/// How "no day" is written in a column of plain days.
pub const NO_DAY: i32 = i32::MIN;

/// The field of the person column.
pub(crate) fn person_field() -> Field {
    Field::new(PERSON, DataType::UInt32, false)
}

/// A column of days from plain numbers.
pub(crate) fn days(values: Vec<i32>) -> ArrayRef {
    Arc::new(Date32Array::from(values))
}

/// A named column, or an error that lists those there are.
pub(crate) fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef> {
    batch.column_by_name(name).ok_or_else(|| {
        let schema = batch.schema();
        let there: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        Error::Ingest(format!("column '{name}' is missing; there are {}", there.join(", ")))
    })
}

/// The person column of a batch.
pub(crate) fn persons(batch: &RecordBatch) -> Result<&UInt32Array> {
    column(batch, PERSON)?
        .as_primitive_opt::<UInt32Type>()
        .ok_or_else(|| wrong_type(PERSON, "UInt32"))
}

/// A column of days.
pub(crate) fn dates<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a Date32Array> {
    column(batch, name)?
        .as_primitive_opt::<Date32Type>()
        .ok_or_else(|| wrong_type(name, "Date32"))
}

pub(crate) fn wrong_type(name: &str, wanted: &str) -> Error {
    Error::Ingest(format!(
        "column '{name}' is not of type {wanted}: cast it before the ingest"
    ))
}
