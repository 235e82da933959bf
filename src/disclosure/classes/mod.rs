//! Equivalence classes: the rows of a frame that share the values of the chosen columns.
//!
//! - A [`Column`] is an Arrow column read as dense integer *codes*. Code 0 is null, a category of its own; NaN equals
//!   NaN and -0.0 equals 0.0, because a reader of the published file cannot tell them apart either.
//! - A *key* is one integer that holds the codes of all columns (mixed radix, `layout`). Keys that do not fit into
//!   64 bits are avoided by collapsing the leading columns to classes first.
//! - [`Spectrum`] says how many classes there are of each size: enough for k and for every risk that is a function
//!   of class sizes. [`spectrum`] finds it without remembering which row is where.
//! - [`Classes`] also knows the class of each row, the size of each class and its codes, so that everything further (a
//!   column left out, the diversity of a sensitive column) is asked of the classes and not of the rows again.
//! - [`Crowds`] says whom each row hides among: rows or distinct persons, missing values being a category of their own or
//!   matching anything.
//!
//! Row numbers and class numbers are 32-bit (a frame of 4,294,967,294 rows at most); sizes are 64-bit.
//! Generalization and models beyond k and distinct l do not live here.

mod chunks;
mod codes;
mod collapsed;
mod composition;
mod count;
mod crowd;
mod dense;
mod encode;
mod joined;
mod layout;
mod persons;
mod scheme;
mod shuffle;
mod spectrum;
pub mod stored;
#[cfg(test)]
mod tests;
mod wildcards;

use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;

pub use codes::Column;
pub use collapsed::Classes;
pub use composition::{compose, count_pairs};
pub use crowd::{Band, Crowds, Nulls};
pub use joined::Ranks;
pub use spectrum::Spectrum;

use crate::error::{Error, Result};
use crate::stop::Stop;

/// More rows than this would not leave room for class numbers in 32 bits.
const MAX_ROWS: usize = u32::MAX as usize - 1;

/// Reads the columns called `names` of a stream of batches as codes.
pub fn encode(batches: &[RecordBatch], names: &[String], stop: &Stop) -> Result<Vec<Column>> {
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    if rows > MAX_ROWS {
        return Err(Error::Argument(format!(
            "a frame of {rows} rows is more than kohort counts at once ({MAX_ROWS}): split it by one of the columns"
        )));
    }
    names
        .iter()
        .map(|name| {
            let arrays = batches
                .iter()
                .map(|batch| {
                    batch.column_by_name(name).cloned().ok_or_else(|| {
                        Error::Argument(format!("there is no column {name:?} among the rows handed over"))
                    })
                })
                .collect::<Result<Vec<_>>>()?;
            encode::column(name, &arrays, rows, stop)
        })
        .collect()
}

/// Reads the column that says whose row it is as codes; every row must have a person.
pub fn encode_person(batches: &[RecordBatch], name: &str, stop: &Stop) -> Result<Column> {
    let missing = batches
        .iter()
        .filter_map(|batch| batch.column_by_name(name)?.logical_nulls())
        .any(|nulls| nulls.null_count() > 0);
    if missing {
        return Err(without_person(name));
    }
    encode(batches, &[name.to_owned()], stop)?
        .pop()
        .ok_or_else(|| Error::Argument(format!("there is no column {name:?} among the rows handed over")))
}

fn without_person(name: &str) -> Error {
    Error::Argument(format!(
        "column {name:?} does not say for every row which person it is of: leave out the rows where it is missing, or \
         give them a person"
    ))
}

fn nested(name: &str, kind: &DataType) -> Error {
    Error::Argument(format!(
        "column {name:?} is of type {kind}, which has no single value per row to compare: unnest it, or turn it into \
         text, and try again"
    ))
}

/// Counts the classes of each size; the cheapest way to k.
pub fn spectrum(columns: &[Column], rows: usize, stop: &Stop) -> Result<Spectrum> {
    let layout = layout::Layout::plan(columns, rows, stop)?;
    count::spectrum(&layout, rows, stop)
}

/// For each class, by its codes in each column (0 is missing), the rows of all classes that agree with it wherever both are known.
pub fn agreeing(codes: &[Vec<u64>], rows: &[u64], stop: &Stop) -> Result<Vec<u64>> {
    wildcards::rows(codes, rows, stop)
}

/// Collapses rows to classes, remembering the class of each row.
pub fn collapse(columns: &[Column], rows: usize, stop: &Stop) -> Result<Classes> {
    Classes::collapse(columns, rows, stop)
}
