//! Classes of rows that do not fit into memory: a Parquet file, or any stream of batches, read once.
//!
//! - A *cell* is 128 bits: a number with whether it is missing, or the keyed fingerprint of a text.
//! - A row's *key* holds the cells of all columns: side by side where they are numbers that fit into 128 bits, and
//!   otherwise their keyed fingerprint. Two of n different rows get the same fingerprint with probability n² / 2^129 (10^10
//!   rows: 10^-19); the key of the hash is drawn anew for each count, so nobody can make rows that collide.
//! - Keys are counted in tables by partition; when the tables exceed their budget they are written to a *run*, a file
//!   without a name that is gone with the process, and in the end partition by partition is read back and counted.

mod cells;
mod runs;
mod tables;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use rayon::prelude::*;

use self::cells::Cells;
use self::tables::{Item, Tables};
use super::crowd::Band;
use crate::error::{Error, Result, at, parquet_at};
use crate::stop::Stop;

/// Rows decoded at once.
const BATCH: usize = 1 << 16;
/// Batches that each source gives between two rounds of counting.
const ROUND: usize = 8;

/// Batches that are read one after the other.
type Source = Box<dyn FnMut() -> Result<Option<RecordBatch>> + Send>;

/// What is asked of the rows.
pub struct Question {
    /// The columns that make the classes.
    pub columns: Vec<String>,
    /// The column whose distinct values are counted, instead of rows.
    pub person: Option<String>,
    /// Whether that column may be missing, which then counts as one value.
    pub missing: bool,
}

/// The sizes of the classes of a Parquet file; tables are bounded by `budget` bytes.
pub fn parquet(path: &Path, question: &Question, budget: usize, stop: &Stop) -> Result<Vec<Band>> {
    let file = File::open(path).map_err(at(path))?;
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(parquet_at(path))?;
    let names: Vec<&str> = question
        .columns
        .iter()
        .chain(&question.person)
        .map(String::as_str)
        .collect();
    let groups = metadata.metadata().num_row_groups();
    let sources = (0..groups).map(|group| group_source(path.to_owned(), metadata.clone(), &names, group));
    count(sources.collect(), question, budget, stop)
}

/// One row group, opened when its first batch is asked for.
fn group_source(path: PathBuf, metadata: ArrowReaderMetadata, names: &[&str], group: usize) -> Source {
    // By position: a name may have dots in it, which elsewhere lead into nested columns.
    let schema = metadata.metadata().file_metadata().schema_descr();
    let fields = schema.root_schema().get_fields().iter().enumerate();
    let roots = fields
        .filter(|(_, field)| names.contains(&field.name()))
        .map(|(place, _)| place);
    let mask = ProjectionMask::roots(schema, roots);
    let mut reader: Option<ParquetRecordBatchReader> = None;
    Box::new(move || {
        if reader.is_none() {
            let file = File::open(&path).map_err(at(&path))?;
            let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone())
                .with_projection(mask.clone())
                .with_row_groups(vec![group])
                .with_batch_size(BATCH);
            reader = Some(builder.build().map_err(parquet_at(&path))?);
        }
        Ok(reader.as_mut().and_then(Iterator::next).transpose()?)
    })
}

/// The sizes of the classes of all batches of all sources.
fn count(sources: Vec<Source>, question: &Question, budget: usize, stop: &Stop) -> Result<Vec<Band>> {
    if question.person.is_some() {
        rounds::<[u64; 4]>(sources, question, budget, stop)
    } else {
        rounds::<[u64; 2]>(sources, question, budget, stop)
    }
}

fn rounds<T: Item>(sources: Vec<Source>, question: &Question, budget: usize, stop: &Stop) -> Result<Vec<Band>> {
    let cells = Cells::new(question);
    let mut tables = Tables::<T>::new(budget);
    let mut waiting = sources.into_iter();
    let mut open: Vec<Source> = waiting.by_ref().take(rayon::current_num_threads()).collect();
    while !open.is_empty() {
        stop.check()?;
        let read = open
            .par_iter_mut()
            .map(|source| {
                let mut pieces = Vec::with_capacity(ROUND);
                for _ in 0..ROUND {
                    stop.check()?;
                    let Some(batch) = source()? else {
                        return Ok((pieces, true));
                    };
                    pieces.push(tables.scatter(&cells.items(&batch)?));
                }
                Ok((pieces, false))
            })
            .collect::<Result<Vec<_>>>()?;
        let mut pieces = Vec::new();
        let mut ended = Vec::new();
        for (found, end) in read {
            pieces.extend(found);
            ended.push(end);
        }
        tables.absorb(&pieces, stop)?;
        let mut ended = ended.into_iter();
        open.retain(|_| !ended.next().unwrap_or(true));
        let free = rayon::current_num_threads().saturating_sub(open.len());
        open.extend(waiting.by_ref().take(free));
    }
    tables.bands(stop)
}

/// A column that the rows do not have.
fn absent(name: &str) -> Error {
    Error::Argument(format!("there is no column {name:?} among the rows handed over"))
}
