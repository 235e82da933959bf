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
//!
//! Row numbers and class numbers are 32-bit (a frame of 4,294,967,294 rows at most); sizes are 64-bit.
//! Generalization, models beyond k and distinct l, and out-of-core counting do not live here.

mod chunks;
mod codes;
mod collapsed;
mod composition;
mod count;
mod dense;
mod encode;
mod layout;
mod scheme;
mod shuffle;
mod spectrum;
#[cfg(test)]
mod tests;

use arrow_array::RecordBatch;

pub use codes::Column;
pub use collapsed::Classes;
pub use composition::compose;
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

/// Counts the classes of each size; the cheapest way to k.
pub fn spectrum(columns: &[Column], rows: usize, stop: &Stop) -> Result<Spectrum> {
    let layout = layout::Layout::plan(columns, rows, stop)?;
    count::spectrum(&layout, rows, stop)
}

/// Collapses rows to classes, remembering the class of each row.
pub fn collapse(columns: &[Column], rows: usize, stop: &Stop) -> Result<Classes> {
    Classes::collapse(columns, rows, stop)
}
