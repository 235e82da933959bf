//! Writes Parquet files that are named by their content, and a domain's file with its directory.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt32Array, UInt64Array};
use arrow_schema::{DataType, Field, Schema};
use arrow_select::take::take_record_batch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use ring::digest;

use super::checked::{BLOCK, BLOCKS, block_digest};
use super::columns::{self, CODE, END, PERSON, START};
use super::sort::{self, Sorted};
use crate::error::{Result, at, parquet_at};
use crate::stop::Stop;

/// A file that was written, as the manifest records it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// The file's name in its folder.
    pub name: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// How many rows it holds.
    pub rows: u64,
    /// Where its data end and its footer begins.
    pub data: u64,
    /// The SHA-256 of its footer, in hexadecimal digits.
    pub footer: String,
}

/// Rows of a row group; a run that is asked for costs at least the pages it touches, never a whole group.
const ROW_GROUP: usize = 1 << 20;
/// Rows of a page: what is decoded at least to get at one row.
const PAGE: usize = 8_192;

/// Writes batches of one schema into `folder` as `<stem>-<first digits of the hash>.parquet`.
///
/// The bytes go to a temporary name first: a file under its final name is whole.
pub fn write_table(folder: &Path, stem: &str, batches: &[RecordBatch], stop: &Stop) -> Result<Written> {
    let Some(first) = batches.first() else {
        return Err(crate::error::Error::Ingest(format!(
            "table '{stem}' has no batch to write"
        )));
    };
    let temporary = folder.join(format!(".{stem}.{}.tmp", std::process::id()));
    let written = write_to(&temporary, first.schema(), batches, stop);
    let sealed = match written {
        Ok(done) => done,
        Err(error) => {
            // The first error is the one to tell; a leftover of this name is overwritten by the next attempt.
            let _ = std::fs::remove_file(&temporary);
            return Err(error);
        }
    };
    let name = format!("{stem}-{}.parquet", &sealed.sha256[..16]);
    let path = folder.join(&name);
    std::fs::rename(&temporary, &path).map_err(at(&path))?;
    let rows = batches.iter().map(|batch| batch.num_rows() as u64).sum();
    Ok(Written {
        name,
        bytes: sealed.bytes,
        sha256: sealed.sha256,
        rows,
        data: sealed.data,
        footer: sealed.footer,
    })
}

/// The files of one domain in a shard, as the manifest records them.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainFiles {
    /// Every event, sorted by code, person and start.
    pub events: Written,
    /// Each person's first event of each code, in the same order.
    pub first: Written,
    /// The directory: each code with its rows in both.
    pub codes: Written,
}

impl DomainFiles {
    /// The files, one after the other.
    pub fn each(&self) -> [&Written; 3] {
        [&self.events, &self.first, &self.codes]
    }
}

/// Sorts a domain's events and writes `<domain>-…`, `<domain>.first-…` and `<domain>.codes-…`.
pub fn write_domain(folder: &Path, domain: &str, batches: &[RecordBatch], stop: &Stop) -> Result<DomainFiles> {
    let sorted = sort::sort(batches, stop)?;
    let (first, persons) = first_events(&sorted)?;
    let events = write_table(folder, domain, &[sorted.batch], stop)?;
    let first = write_table(folder, &format!("{domain}.first"), &[first], stop)?;
    let directory = sorted.directory;
    let codes = StringArray::from_iter_values(directory.codes());
    let rows = UInt64Array::from_iter_values((0..directory.codes().len()).map(|i| {
        let rows = directory.rows(i);
        rows.end - rows.start
    }));
    let schema = Schema::new(vec![
        Field::new("code", DataType::Utf8, false),
        Field::new("rows", DataType::UInt64, false),
        Field::new("persons", DataType::UInt64, false),
    ]);
    let columns: Vec<ArrayRef> = vec![Arc::new(codes), Arc::new(rows), Arc::new(UInt64Array::from(persons))];
    let batch = RecordBatch::try_new(Arc::new(schema), columns)?;
    let codes = write_table(folder, &format!("{domain}.codes"), &[batch], stop)?;
    Ok(DomainFiles { events, first, codes })
}

/// Each person's first event of each code, and how many persons each code has.
fn first_events(sorted: &Sorted) -> Result<(RecordBatch, Vec<u64>)> {
    let persons = columns::persons(&sorted.batch)?.values();
    let mut rows = Vec::new();
    let mut counts = Vec::with_capacity(sorted.directory.codes().len());
    for code in 0..sorted.directory.codes().len() {
        let before = rows.len();
        let mut last = None;
        for row in sorted.directory.rows(code) {
            let person = persons[row as usize];
            if last != Some(person) {
                last = Some(person);
                rows.push(row as u32);
            }
        }
        counts.push((rows.len() - before) as u64);
    }
    let schema = sorted.batch.schema();
    let mut kept = Vec::new();
    for name in [PERSON, START, CODE] {
        kept.push(schema.index_of(name)?);
    }
    let first = take_record_batch(&sorted.batch.project(&kept)?, &UInt32Array::from(rows))?;
    Ok((first, counts))
}

fn properties() -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_data_page_row_count_limit(PAGE)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_created_by(concat!("kohort ", env!("CARGO_PKG_VERSION")).to_owned());
    for name in [PERSON, START, END] {
        // Sorted within a code: small differences in few bits, decoded without a dictionary in between.
        properties = properties
            .set_column_dictionary_enabled(ColumnPath::from(name), false)
            .set_column_encoding(ColumnPath::from(name), Encoding::DELTA_BINARY_PACKED);
    }
    properties.build()
}

fn write_to(path: &Path, schema: Arc<Schema>, batches: &[RecordBatch], stop: &Stop) -> Result<Sealed> {
    let file = File::create(path).map_err(at(path))?;
    let mut sink = Hashing::new(BufWriter::with_capacity(1 << 20, file));
    let mut writer = ArrowWriter::try_new(&mut sink, schema, Some(properties())).map_err(parquet_at(path))?;
    for batch in batches {
        let mut done = 0;
        while done < batch.num_rows() {
            stop.check()?;
            let rows = (batch.num_rows() - done).min(ROW_GROUP);
            writer.write(&batch.slice(done, rows)).map_err(parquet_at(path))?;
            done += rows;
        }
    }
    writer.flush().map_err(parquet_at(path))?;
    writer.sync().map_err(at(path))?;
    let blocks = writer.inner_mut().end_of_data();
    writer.append_key_value_metadata(KeyValue::new(BLOCKS.to_owned(), blocks));
    writer.close().map_err(parquet_at(path))?;
    let (file, sealed) = sink.finish().map_err(at(path))?;
    file.sync_all().map_err(at(path))?;
    Ok(sealed)
}

/// What the manifest must know of a file's bytes.
struct Sealed {
    bytes: u64,
    sha256: String,
    data: u64,
    footer: String,
}

/// Hashes what passes through, so that a file need not be read again for its manifest: the whole, the data block by
/// block, and the footer.
struct Hashing {
    file: BufWriter<File>,
    whole: digest::Context,
    bytes: u64,
    /// The block under way, or the footer once the data have ended.
    part: digest::Context,
    blocks: Vec<u64>,
    data: Option<u64>,
}

impl Hashing {
    fn new(file: BufWriter<File>) -> Self {
        Self {
            file,
            whole: digest::Context::new(&digest::SHA256),
            bytes: 0,
            part: digest::Context::new(&digest::SHA256),
            blocks: Vec::new(),
            data: None,
        }
    }

    fn end_of_part(&mut self) -> digest::Digest {
        std::mem::replace(&mut self.part, digest::Context::new(&digest::SHA256)).finish()
    }

    fn end_of_block(&mut self) {
        let digest = self.end_of_part();
        self.blocks.push(block_digest(digest.as_ref()));
    }

    /// Ends the data; gives the digests of their blocks, 16 hexadecimal digits each.
    fn end_of_data(&mut self) -> String {
        if !self.bytes.is_multiple_of(BLOCK as u64) {
            self.end_of_block();
        }
        self.data = Some(self.bytes);
        self.blocks.iter().fold(String::new(), |mut text, block| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{block:016x}");
            text
        })
    }

    fn finish(mut self) -> std::io::Result<(File, Sealed)> {
        let footer = self.end_of_part();
        let file = self.file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        let sealed = Sealed {
            bytes: self.bytes,
            sha256: crate::person::hex(self.whole.finish().as_ref()),
            data: self.data.unwrap_or(0),
            footer: crate::person::hex(footer.as_ref()),
        };
        Ok((file, sealed))
    }
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        let mut rest = &bytes[..written];
        self.whole.update(rest);
        while self.data.is_none() && !rest.is_empty() {
            let room = BLOCK - (self.bytes % BLOCK as u64) as usize;
            let (head, tail) = rest.split_at(room.min(rest.len()));
            self.part.update(head);
            self.bytes += head.len() as u64;
            if head.len() == room {
                self.end_of_block();
            }
            rest = tail;
        }
        self.part.update(rest);
        self.bytes += rest.len() as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// The SHA-256 of bytes, in hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    crate::person::hex(digest::digest(&digest::SHA256, bytes).as_ref())
}
