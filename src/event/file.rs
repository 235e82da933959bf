//! Reads the runs of one domain file: the directory, the rows of the codes that are asked for, the cache.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int32Type, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_buffer::{Buffer, ScalarBuffer};
use arrow_schema::{ArrowError, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::PageIndexPolicy;

use super::cache::{Cache, Key};
use super::checked::Stored;
use super::columns::{CODE, DAYS_SUPPLY, END, NO_DAY, PERSON, START, column};
use super::directory::Directory;
use super::run::Run;
use crate::error::{Result, parquet_at};

/// What reading has cost since the warehouse was opened.
#[derive(Debug, Default)]
pub struct Reads {
    /// Rows decoded from files.
    pub rows: AtomicU64,
    /// Bytes of the decoded columns.
    pub bytes: AtomicU64,
}

/// Whatever has domain files: a shard of a warehouse.
pub trait Source: Sync {
    /// The file of a domain, when there are events of it.
    fn domain(&self, name: &str) -> Option<&Domain>;

    /// How many persons there are.
    fn persons(&self) -> usize;
}

/// One shard's file of one domain, opened on first use.
#[derive(Debug)]
pub struct Domain {
    events: Stored,
    codes: Stored,
    number: u32,
    directory: OnceLock<Directory>,
    metadata: OnceLock<ArrowReaderMetadata>,
}

/// The plain columns a run can have, by their place in a cache key.
const PLAIN: [&str; 4] = [PERSON, START, END, DAYS_SUPPLY];

impl Domain {
    /// A domain file that is not touched yet; `number` tells it apart in the cache.
    pub fn new(events: Stored, codes: Stored, number: u32) -> Self {
        Self {
            events,
            codes,
            number,
            directory: OnceLock::new(),
            metadata: OnceLock::new(),
        }
    }

    /// Where each code lies.
    pub fn directory(&self) -> Result<&Directory> {
        if let Some(directory) = self.directory.get() {
            return Ok(directory);
        }
        let batches = read_all(&self.codes)?;
        let mut codes: Vec<Box<str>> = Vec::new();
        let mut rows = Vec::new();
        for batch in &batches {
            let names = column(batch, CODE)?
                .as_string_opt::<i32>()
                .ok_or_else(|| self.codes.damaged())?;
            let counts = column(batch, "rows")?
                .as_primitive_opt::<UInt64Type>()
                .ok_or_else(|| self.codes.damaged())?;
            codes.extend(names.iter().flatten().map(Box::from));
            rows.extend_from_slice(counts.values());
        }
        let total = rows.iter().try_fold(0, |total: u64, count| total.checked_add(*count));
        if !codes.is_sorted() || codes.len() != rows.len() || total != Some(self.events.rows()) {
            return Err(self.codes.damaged());
        }
        Ok(self.directory.get_or_init(|| Directory::new(codes, rows)))
    }

    /// The columns of the file.
    pub fn schema(&self) -> Result<SchemaRef> {
        Ok(Arc::clone(self.metadata()?.schema()))
    }

    /// Whether the file has a column.
    pub fn has(&self, name: &str) -> Result<bool> {
        Ok(self.metadata()?.schema().column_with_name(name).is_some())
    }

    /// The runs of codes, given by sorted positions; with their ends where `ends` says so and the domain has them.
    pub fn runs(&self, positions: &[usize], ends: bool, cache: &Cache, reads: &Reads) -> Result<Vec<Run>> {
        let mut wanted = vec![0_u8, 1];
        if ends && self.has(END)? {
            wanted.push(2);
        }
        if ends && self.has(DAYS_SUPPLY)? {
            wanted.push(3);
        }
        let mut columns: Vec<Vec<Buffer>> = Vec::with_capacity(wanted.len());
        for &name in &wanted {
            columns.push(self.plain(positions, name, cache, reads)?);
        }
        let runs = (0..positions.len()).map(|i| {
            let start: ScalarBuffer<i32> = columns[1][i].clone().into();
            let at = |name| {
                wanted
                    .iter()
                    .position(|w| *w == name)
                    .map(|c| ScalarBuffer::<i32>::from(columns[c][i].clone()))
            };
            let end = match (at(2), at(3)) {
                (None, None) => None,
                (end, supply) => Some(last_days(&start, end, supply)),
            };
            Run {
                person: columns[0][i].clone().into(),
                start,
                end,
            }
        });
        Ok(runs.collect())
    }

    /// One plain column of the runs of codes: from the cache, or decoded in as few reads as there are gaps.
    fn plain(&self, positions: &[usize], name: u8, cache: &Cache, reads: &Reads) -> Result<Vec<Buffer>> {
        let key = |position: usize| Key {
            file: self.number,
            column: name,
            code: position as u32,
        };
        let mut found: Vec<Option<Buffer>> = positions.iter().map(|position| cache.get(key(*position))).collect();
        let missing: Vec<usize> = (0..positions.len()).filter(|i| found[*i].is_none()).collect();
        if !missing.is_empty() {
            let directory = self.directory()?;
            let ranges: Vec<_> = missing
                .iter()
                .map(|i| directory.rows(positions[*i]))
                .map(|rows| rows.start as usize..rows.end as usize)
                .collect();
            let mut rest = self.decode(name, &ranges, reads)?;
            for (i, range) in missing.iter().zip(&ranges) {
                let (head, tail) = split(&rest, range.len() * 4);
                cache.put(key(positions[*i]), &head);
                found[*i] = Some(head);
                rest = tail;
            }
        }
        found
            .into_iter()
            .map(|buffer| buffer.ok_or_else(|| self.events.damaged()))
            .collect()
    }

    /// Decodes one plain column over ascending row ranges into one buffer of 4-byte values.
    fn decode(&self, name: u8, ranges: &[std::ops::Range<usize>], reads: &Reads) -> Result<Buffer> {
        let batches = self.read(&[PLAIN[name as usize]], ranges)?;
        let rows: usize = ranges.iter().map(ExactSizeIterator::len).sum();
        let mut values: Vec<u32> = Vec::with_capacity(rows);
        for batch in &batches {
            let array = batch.column(0);
            let damage = || self.events.damaged();
            match name {
                0 => values.extend_from_slice(array.as_primitive_opt::<UInt32Type>().ok_or_else(damage)?.values()),
                1 => values.extend(
                    array
                        .as_primitive_opt::<Date32Type>()
                        .ok_or_else(damage)?
                        .values()
                        .iter()
                        .map(|day| *day as u32),
                ),
                2 => values.extend(
                    array
                        .as_primitive_opt::<Date32Type>()
                        .ok_or_else(damage)?
                        .iter()
                        .map(|day| day.unwrap_or(NO_DAY) as u32),
                ),
                _ => values.extend(
                    array
                        .as_primitive_opt::<Int32Type>()
                        .ok_or_else(damage)?
                        .iter()
                        .map(|days| days.unwrap_or(NO_DAY) as u32),
                ),
            }
        }
        if values.len() != rows {
            return Err(self.events.damaged());
        }
        reads.rows.fetch_add(rows as u64, Ordering::Relaxed);
        reads.bytes.fetch_add(rows as u64 * 4, Ordering::Relaxed);
        Ok(Buffer::from_vec(values))
    }

    /// Any columns over ascending row ranges, as they are stored.
    pub fn read(&self, names: &[&str], ranges: &[std::ops::Range<usize>]) -> Result<Vec<RecordBatch>> {
        let metadata = self.metadata()?.clone();
        let total = metadata.metadata().file_metadata().num_rows() as usize;
        let file = self.events.open()?;
        let mask = ProjectionMask::columns(metadata.parquet_schema(), names.iter().copied());
        let selection =
            RowSelection::from_consecutive_ranges(ranges.iter().filter(|range| !range.is_empty()).cloned(), total);
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
            .with_projection(mask)
            .with_row_selection(selection)
            .with_batch_size(1 << 16)
            .build()
            .map_err(parquet_at(self.events.path()))?;
        decoded(reader, &self.events)
    }

    fn metadata(&self) -> Result<&ArrowReaderMetadata> {
        if let Some(metadata) = self.metadata.get() {
            return Ok(metadata);
        }
        let file = self.events.open()?;
        // The offset index is what lets a selection skip pages instead of decoding and dropping them.
        let options = ArrowReaderOptions::new().with_offset_index_policy(PageIndexPolicy::Optional);
        let metadata = ArrowReaderMetadata::load(&file, options).map_err(parquet_at(self.events.path()))?;
        if metadata.metadata().file_metadata().num_rows() as u64 != self.events.rows() {
            return Err(self.events.damaged());
        }
        Ok(self.metadata.get_or_init(|| metadata))
    }
}

/// The last day an event covers: its end, else its days of supply, else unknown.
fn last_days(
    start: &ScalarBuffer<i32>,
    end: Option<ScalarBuffer<i32>>,
    supply: Option<ScalarBuffer<i32>>,
) -> ScalarBuffer<i32> {
    let Some(supply) = supply else {
        return end.unwrap_or_else(|| std::iter::repeat_n(NO_DAY, start.len()).collect());
    };
    let last = |i: usize| match end.as_ref().map(|end| end[i]) {
        Some(day) if day != NO_DAY => day,
        _ if supply[i] > 0 => start[i].saturating_add(supply[i] - 1),
        _ => NO_DAY,
    };
    (0..start.len()).map(last).collect()
}

fn split(buffer: &Buffer, at: usize) -> (Buffer, Buffer) {
    (buffer.slice_with_length(0, at), buffer.slice(at))
}

/// Every batch of a small file.
pub(crate) fn read_all(stored: &Stored) -> Result<Vec<RecordBatch>> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(stored.open()?)
        .and_then(|builder| builder.with_batch_size(1 << 16).build())
        .map_err(parquet_at(stored.path()))?;
    decoded(reader, stored)
}

/// Every batch of a reader; what cannot be decoded is the file's fault.
fn decoded(reader: ParquetRecordBatchReader, stored: &Stored) -> Result<Vec<RecordBatch>> {
    let batches = reader.collect::<std::result::Result<_, ArrowError>>();
    batches.map_err(|error| parquet_at(stored.path())(ParquetError::from(error)))
}

/// Nothing of this array is null.
pub(crate) fn whole(array: &ArrayRef, stored: &Stored) -> Result<()> {
    if array.null_count() == 0 {
        Ok(())
    } else {
        Err(stored.damaged())
    }
}
