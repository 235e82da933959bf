//! Holds the events of one domain during an ingest, shard by shard, in memory or on disk.
//!
//! Input comes in any order. Batches are gathered, cut by shard, and what exceeds the builder's budget goes to temporary
//! Parquet files in the warehouse's spool folder, which the end of the ingest removes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{RecordBatch, UInt32Array};
use arrow_schema::Schema;
use arrow_select::concat::concat_batches;
use arrow_select::take::take_record_batch;

use crate::error::{Error, Result, at};
use crate::event::{DomainFiles, Stored, read_all, write_domain, write_table};
use crate::stop::Stop;

/// Rows gathered before they are cut by shard, so that pieces are not tiny.
const GATHER: usize = 1 << 20;

/// The events of one domain on their way in.
pub(crate) struct Spool {
    name: String,
    folder: PathBuf,
    schema: Option<Arc<Schema>>,
    gathered: Vec<(RecordBatch, Vec<u32>)>,
    gathered_rows: usize,
    shards: Vec<Vec<RecordBatch>>,
    bytes: usize,
    spilled: Vec<Vec<Stored>>,
}

impl Spool {
    pub(crate) fn new(name: &str, folder: &Path, shards: usize) -> Self {
        Self {
            name: name.to_owned(),
            folder: folder.to_owned(),
            schema: None,
            gathered: Vec::new(),
            gathered_rows: 0,
            shards: vec![Vec::new(); shards],
            bytes: 0,
            spilled: (0..shards).map(|_| Vec::new()).collect(),
        }
    }

    /// The columns of the events, once some came.
    pub(crate) fn schema(&self) -> Option<&Arc<Schema>> {
        self.schema.as_ref()
    }

    /// Takes a batch in canonical form, with the shard of each row.
    pub(crate) fn push(&mut self, batch: RecordBatch, shard: Vec<u32>) -> Result<()> {
        match &self.schema {
            None => self.schema = Some(batch.schema()),
            Some(schema) if **schema != *batch.schema() => {
                let columns = |schema: &Schema| {
                    let fields = schema
                        .fields()
                        .iter()
                        .map(|field| format!("{}: {}", field.name(), field.data_type()));
                    fields.collect::<Vec<_>>().join(", ")
                };
                return Err(Error::Ingest(format!(
                    "domain '{}': a batch has the columns ({}) where earlier ones had ({}): give all of them the same columns",
                    self.name,
                    columns(&batch.schema()),
                    columns(schema)
                )));
            }
            Some(_) => {}
        }
        self.gathered_rows += batch.num_rows();
        self.bytes += batch.get_array_memory_size();
        self.gathered.push((batch, shard));
        if self.gathered_rows >= GATHER {
            self.cut()?;
        }
        Ok(())
    }

    /// Cuts what was gathered by shard.
    fn cut(&mut self) -> Result<()> {
        let Some(schema) = self.schema.clone() else {
            return Ok(());
        };
        let gathered = std::mem::take(&mut self.gathered);
        let held = gathered.iter().map(|(batch, _)| batch.get_array_memory_size());
        self.bytes -= held.sum::<usize>();
        self.gathered_rows = 0;
        let whole = concat_batches(&schema, gathered.iter().map(|(batch, _)| batch))?;
        if self.shards.len() == 1 {
            self.keep(0, whole);
        } else {
            let mut rows: Vec<Vec<u32>> = vec![Vec::new(); self.shards.len()];
            let of_row = gathered.iter().flat_map(|(_, shard)| shard);
            for (row, shard) in of_row.enumerate() {
                rows[*shard as usize].push(row as u32);
            }
            for (shard, rows) in rows.into_iter().enumerate() {
                if !rows.is_empty() {
                    self.keep(shard, take_record_batch(&whole, &UInt32Array::from(rows))?);
                }
            }
        }
        Ok(())
    }

    fn keep(&mut self, shard: usize, batch: RecordBatch) {
        self.bytes += batch.get_array_memory_size();
        self.shards[shard].push(batch);
    }

    /// Bytes of the events in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Puts what is in memory to disk.
    pub(crate) fn spill(&mut self) -> Result<()> {
        self.close()?;
        fs::create_dir_all(&self.folder).map_err(at(&self.folder))?;
        let stop = Stop::new();
        for (shard, batches) in self.shards.iter_mut().enumerate() {
            if batches.is_empty() {
                continue;
            }
            let stem = format!("{}-{shard}-{}", self.name, self.spilled[shard].len());
            let written = write_table(&self.folder, &stem, batches, &stop)?;
            self.spilled[shard].push(Stored::new(&self.folder, &written));
            batches.clear();
        }
        self.bytes = 0;
        Ok(())
    }

    /// Ends the input: what is left in hand is cut.
    pub(crate) fn close(&mut self) -> Result<()> {
        if self.gathered.is_empty() { Ok(()) } else { self.cut() }
    }

    /// Writes one shard's domain file; nothing when the shard has no event of the domain.
    pub(crate) fn write(&self, shard: usize, folder: &Path, stop: &Stop) -> Result<Option<DomainFiles>> {
        let mut batches = Vec::new();
        for stored in &self.spilled[shard] {
            batches.extend(read_all(stored)?);
        }
        batches.extend(self.shards[shard].iter().cloned());
        if batches.is_empty() {
            return Ok(None);
        }
        write_domain(folder, &self.name, &batches, stop).map(Some)
    }
}
