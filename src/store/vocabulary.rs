//! Vocabulary tables: labels of codes, which codes descend from which, and which map to which.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;

use crate::error::{Error, Result, parquet_at};
use crate::event::{self, Stored};

/// The columns of each table, all of them text and without nulls.
fn columns(table: &str) -> Option<[&'static str; 3]> {
    match table {
        "concept" => Some(["vocabulary", "code", "label"]),
        "ancestor" => Some(["vocabulary", "ancestor", "descendant"]),
        "maps_to" => Some(["vocabulary", "code", "standard"]),
        _ => None,
    }
}

/// A vocabulary table in its stored form, or why it cannot be one.
pub(crate) fn check(table: &str, batch: &RecordBatch) -> Result<RecordBatch> {
    let names = columns(table).ok_or_else(|| {
        Error::Ingest(format!(
            "'{table}' is not a vocabulary table: there are 'concept', 'ancestor' and 'maps_to'"
        ))
    })?;
    let mut arrays: Vec<ArrayRef> = Vec::with_capacity(names.len());
    for name in names {
        let array = event::column(batch, name)?;
        if *array.data_type() != DataType::Utf8 {
            return Err(event::wrong_type(name, "text"));
        }
        if array.null_count() > 0 {
            return Err(Error::Ingest(format!(
                "column '{name}' of vocabulary table '{table}' has nulls: leave such rows out"
            )));
        }
        arrays.push(Arc::clone(array));
    }
    let fields = names.map(|name| Field::new(name, DataType::Utf8, false));
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields.to_vec())), arrays)?)
}

/// The labels of the codes of a vocabulary that `wanted` picks.
pub(crate) fn labels(
    concepts: &Stored,
    vocabulary: &str,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    each_row(concepts, "concept", |[of, code, label]| {
        if of == vocabulary && wanted(code) {
            found.push((code.to_owned(), label.to_owned()));
        }
    })?;
    Ok(found)
}

/// Hands every row to `visit`, batch by batch: the tables of a whole vocabulary do not fit memory as text.
pub(crate) fn each_row(stored: &Stored, table: &str, mut visit: impl FnMut([&str; 3])) -> Result<()> {
    let names = columns(table).ok_or_else(|| stored.damaged())?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(stored.open()?)
        .and_then(|builder| builder.with_batch_size(1 << 16).build())
        .map_err(parquet_at(stored.path()))?;
    for batch in reader {
        let batch = batch.map_err(|error| parquet_at(stored.path())(ParquetError::from(error)))?;
        let mut texts = Vec::with_capacity(names.len());
        for name in names {
            texts.push(
                event::column(&batch, name)?
                    .as_string_opt::<i32>()
                    .ok_or_else(|| stored.damaged())?,
            );
        }
        for row in 0..batch.num_rows() {
            visit([texts[0].value(row), texts[1].value(row), texts[2].value(row)]);
        }
    }
    Ok(())
}
