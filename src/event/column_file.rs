//! Reads columns of one sorted Parquet file by row ranges: only the pages that hold them are decoded.

use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_buffer::Buffer;
use arrow_schema::{ArrowError, DataType};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::PageIndexPolicy;

use super::checked::Stored;
use super::columns::NO_DAY;
use crate::error::{Result, parquet_at};

/// What reading has cost since the warehouse was opened.
#[derive(Debug, Default)]
pub struct Reads {
    /// Rows decoded from files.
    pub rows: AtomicU64,
    /// Bytes of the decoded columns.
    pub bytes: AtomicU64,
}

impl Reads {
    /// Adds what another piece of work has cost.
    pub fn add(&self, other: &Self) {
        self.rows
            .fetch_add(other.rows.load(Ordering::Relaxed), Ordering::Relaxed);
        self.bytes
            .fetch_add(other.bytes.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

/// What a column holds, as filters see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Whole numbers.
    Whole,
    /// Floats.
    Number,
    /// Days.
    Day,
    /// Text.
    Text,
}

/// How null is written in a column of 64-bit values.
pub const NULL: i64 = i64::MIN;

/// A sorted Parquet file whose footer is read on first use.
#[derive(Debug)]
pub(crate) struct ColumnFile {
    stored: Stored,
    metadata: OnceLock<ArrowReaderMetadata>,
}

impl ColumnFile {
    pub(crate) fn new(stored: Stored) -> Self {
        Self {
            stored,
            metadata: OnceLock::new(),
        }
    }

    pub(crate) fn stored(&self) -> &Stored {
        &self.stored
    }

    /// Whether the file has a column.
    pub(crate) fn has(&self, name: &str) -> Result<bool> {
        Ok(self.metadata()?.schema().column_with_name(name).is_some())
    }

    /// The position of a column.
    pub(crate) fn position(&self, name: &str) -> Result<Option<usize>> {
        Ok(self
            .metadata()?
            .schema()
            .column_with_name(name)
            .map(|(position, _)| position))
    }

    /// What a column holds; none where there is no such column, or none that a filter could use.
    pub(crate) fn kind(&self, name: &str) -> Result<Option<Kind>> {
        let Some((_, field)) = self.metadata()?.schema().column_with_name(name) else {
            return Ok(None);
        };
        Ok(match field.data_type() {
            DataType::Float32 | DataType::Float64 => Some(Kind::Number),
            DataType::Date32 => Some(Kind::Day),
            DataType::Utf8 => Some(Kind::Text),
            kind if kind.is_integer() || *kind == DataType::Boolean => Some(Kind::Whole),
            _ => None,
        })
    }

    /// Decodes a column of numbers, days or truths over ascending row ranges into 8-byte values: floats as their bits,
    /// null as [`NULL`].
    pub(crate) fn decode_wide(&self, name: &str, ranges: &[Range<usize>], reads: &Reads) -> Result<Buffer> {
        let rows: usize = ranges.iter().map(ExactSizeIterator::len).sum();
        let mut values: Vec<i64> = Vec::with_capacity(rows);
        for batch in &self.read(&[name], ranges)? {
            wide(batch.column(0), &mut values).ok_or_else(|| self.stored.damaged())?;
        }
        if values.len() != rows {
            return Err(self.stored.damaged());
        }
        reads.rows.fetch_add(rows as u64, Ordering::Relaxed);
        reads.bytes.fetch_add(rows as u64 * 8, Ordering::Relaxed);
        Ok(Buffer::from_vec(values))
    }

    /// Decodes a column of persons, days or small numbers over ascending row ranges into 4-byte values; null is no day.
    pub(crate) fn decode(&self, name: &str, ranges: &[Range<usize>], reads: &Reads) -> Result<Buffer> {
        let batches = self.read(&[name], ranges)?;
        let rows: usize = ranges.iter().map(ExactSizeIterator::len).sum();
        let mut values: Vec<u32> = Vec::with_capacity(rows);
        for batch in &batches {
            let array = batch.column(0);
            let plain = match array.data_type() {
                DataType::UInt32 => array.as_primitive::<UInt32Type>().values().inner(),
                DataType::Date32 => array.as_primitive::<Date32Type>().values().inner(),
                DataType::Int32 => array.as_primitive::<Int32Type>().values().inner(),
                _ => return Err(self.stored.damaged()),
            };
            let from = values.len();
            values.extend_from_slice(plain.typed_data::<u32>());
            if let Some(nulls) = array.nulls() {
                for (value, valid) in values[from..].iter_mut().zip(nulls.iter()) {
                    if !valid {
                        *value = NO_DAY as u32;
                    }
                }
            }
        }
        if values.len() != rows {
            return Err(self.stored.damaged());
        }
        reads.rows.fetch_add(rows as u64, Ordering::Relaxed);
        reads.bytes.fetch_add(rows as u64 * 4, Ordering::Relaxed);
        Ok(Buffer::from_vec(values))
    }

    /// Any columns over ascending row ranges, as they are stored.
    pub(crate) fn read(&self, names: &[&str], ranges: &[Range<usize>]) -> Result<Vec<RecordBatch>> {
        let metadata = self.metadata()?.clone();
        let total = metadata.metadata().file_metadata().num_rows() as usize;
        let file = self.stored.open()?;
        let mask = ProjectionMask::columns(metadata.parquet_schema(), names.iter().copied());
        let selection =
            RowSelection::from_consecutive_ranges(ranges.iter().filter(|range| !range.is_empty()).cloned(), total);
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
            .with_projection(mask)
            .with_row_selection(selection)
            .with_batch_size(1 << 16)
            .build()
            .map_err(parquet_at(self.stored.path()))?;
        decoded(reader, &self.stored)
    }

    fn metadata(&self) -> Result<&ArrowReaderMetadata> {
        if let Some(metadata) = self.metadata.get() {
            return Ok(metadata);
        }
        let file = self.stored.open()?;
        // The offset index is what lets a selection skip pages instead of decoding and dropping them.
        let options = ArrowReaderOptions::new().with_offset_index_policy(PageIndexPolicy::Optional);
        let metadata = ArrowReaderMetadata::load(&file, options).map_err(parquet_at(self.stored.path()))?;
        if metadata.metadata().file_metadata().num_rows() as u64 != self.stored.rows() {
            return Err(self.stored.damaged());
        }
        Ok(self.metadata.get_or_init(|| metadata))
    }
}

/// Appends a column to 8-byte values; none where its type is not one of those.
fn wide(array: &ArrayRef, values: &mut Vec<i64>) -> Option<()> {
    // Adding zero makes the negative zero, whose bits are those of null, a positive one.
    let bits = |value: f64| (value + 0.0).to_bits() as i64;
    macro_rules! append {
        ($kind:ty, $convert:expr) => {{
            let array = array.as_primitive::<$kind>();
            values.extend(array.iter().map(|value| value.map_or(NULL, $convert)));
        }};
    }
    match array.data_type() {
        DataType::Int64 => append!(Int64Type, |value| value),
        DataType::Int32 => append!(Int32Type, i64::from),
        DataType::Int16 => append!(Int16Type, i64::from),
        DataType::Int8 => append!(Int8Type, i64::from),
        DataType::UInt64 => append!(UInt64Type, |value| i64::try_from(value).unwrap_or(i64::MAX)),
        DataType::UInt32 => append!(UInt32Type, i64::from),
        DataType::UInt16 => append!(UInt16Type, i64::from),
        DataType::UInt8 => append!(UInt8Type, i64::from),
        DataType::Date32 => append!(Date32Type, i64::from),
        DataType::Float64 => append!(Float64Type, bits),
        DataType::Float32 => append!(Float32Type, |value| bits(f64::from(value))),
        DataType::Boolean => values.extend(array.as_boolean().iter().map(|value| value.map_or(NULL, i64::from))),
        _ => return None,
    }
    Some(())
}

/// Every batch of a small file.
pub(crate) fn read_all(stored: &Stored) -> Result<Vec<RecordBatch>> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(stored.open()?)
        .and_then(|builder| builder.with_batch_size(1 << 16).build())
        .map_err(parquet_at(stored.path()))?;
    decoded(reader, stored)
}

/// Some columns of a small file.
pub(crate) fn read_columns(stored: &Stored, names: &[&str]) -> Result<Vec<RecordBatch>> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(stored.open()?).map_err(parquet_at(stored.path()))?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), names.iter().copied());
    let reader = builder.with_projection(mask).with_batch_size(1 << 16).build();
    decoded(reader.map_err(parquet_at(stored.path()))?, stored)
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
