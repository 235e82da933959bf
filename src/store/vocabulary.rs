//! Vocabulary tables: labels of codes, and which codes descend from which.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};

use crate::error::{Error, Result};
use crate::event::{self, Stored};

/// The columns of each table, all of them text and without nulls.
fn columns(table: &str) -> Option<[&'static str; 3]> {
    match table {
        "concept" => Some(["vocabulary", "code", "label"]),
        "ancestor" => Some(["vocabulary", "ancestor", "descendant"]),
        _ => None,
    }
}

/// A vocabulary table in its stored form, or why it cannot be one.
pub(crate) fn check(table: &str, batch: &RecordBatch) -> Result<RecordBatch> {
    let names = columns(table).ok_or_else(|| {
        Error::Ingest(format!(
            "'{table}' is not a vocabulary table: there are 'concept' and 'ancestor'"
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

/// The codes that descend from `code`; a code descends from itself.
pub(crate) fn descendants(ancestors: Option<&Stored>, vocabulary: &str, code: &str) -> Result<Vec<String>> {
    let mut found = vec![code.to_owned()];
    if let Some(stored) = ancestors {
        each_row(stored, "ancestor", |[of, ancestor, descendant]| {
            if ancestor == code && of == vocabulary {
                found.push(descendant.to_owned());
            }
        })?;
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
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

fn each_row(stored: &Stored, table: &str, mut visit: impl FnMut([&str; 3])) -> Result<()> {
    let names = columns(table).ok_or_else(|| stored.damaged())?;
    for batch in event::read_all(stored)? {
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
