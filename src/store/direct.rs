//! Writes a warehouse shard by shard from tables that are in canonical form already: how the demo population is made.
//!
//! Nothing is checked row by row here: the tables come from code of ours, not from users. Shards are made and written in
//! parallel, each by one thread, so that as many are in memory as there are threads.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use arrow_array::RecordBatch;
use rayon::prelude::*;

use super::lock::Lock;
use super::manifest::{DomainEntry, LAYOUT, Manifest, ShardEntry};
use crate::error::{Error, Result, at};
use crate::event::{self, END, START, Written, write_domain, write_table};
use crate::stop::Stop;

/// One shard's tables, with dense persons.
pub struct ShardTables {
    /// `person`, `person_id`, `sex`, `birth_month`, `death`: a row per person, in order.
    pub persons: RecordBatch,
    /// `person`, `start`, `end`, in order.
    pub observation: RecordBatch,
    /// `person`, `start`, `end`, `code` of the commune.
    pub residence: RecordBatch,
    /// Domains: name, vocabulary, events in any order.
    pub domains: Vec<(String, String, RecordBatch)>,
}

/// What is the same for the whole warehouse.
pub struct Whole {
    /// How many shards there are.
    pub shards: u32,
    /// `vocabulary`, `code`, `label`.
    pub concepts: RecordBatch,
    /// Where the data come from.
    pub provenance: serde_json::Value,
    /// When they are made, UTC.
    pub now: String,
}

/// Makes and writes every shard, then publishes snapshot 1. The folder must be new.
pub fn write(root: &Path, whole: &Whole, make: impl Fn(u32) -> Result<ShardTables> + Sync, stop: &Stop) -> Result<()> {
    let exists = || Error::Ingest(format!("{} exists already: choose a new folder", root.display()));
    if root.exists() {
        return Err(exists());
    }
    let mut lock = Lock::take(root)?;
    // Once more, now that nobody else can publish.
    if root.join("HEAD").exists() {
        return Err(exists());
    }
    write_all(root, whole, &make, stop)?;
    lock.keep();
    Ok(())
}

/// What one shard adds to the manifest.
struct Part {
    entry: ShardEntry,
    domains: BTreeMap<String, DomainEntry>,
    period: Option<(i32, i32)>,
}

fn write_all(
    root: &Path,
    whole: &Whole,
    make: &(impl Fn(u32) -> Result<ShardTables> + Sync),
    stop: &Stop,
) -> Result<()> {
    stop.expect(u64::from(whole.shards) * 2);
    let one = |shard: u32| -> Result<Part> {
        stop.check()?;
        let tables = make(shard)?;
        stop.advance(1);
        let part = write_shard(root, shard, &tables, stop)?;
        stop.advance(1);
        Ok(part)
    };
    // One task at a time per thread: a shard's tables are large.
    let parts: Vec<Part> = (0..whole.shards)
        .into_par_iter()
        .with_max_len(1)
        .map(one)
        .collect::<Result<_>>()?;
    let folder = root.join("vocabulary");
    fs::create_dir_all(&folder).map_err(at(&folder))?;
    let concepts = write_table(&folder, "concept", std::slice::from_ref(&whole.concepts), stop)?;
    let mut manifest = Manifest {
        layout: LAYOUT,
        snapshot: 1,
        created: whole.now.clone(),
        created_by: concat!("kohort ", env!("CARGO_PKG_VERSION")).into(),
        persons: 0,
        period: None,
        domains: BTreeMap::new(),
        shards: Vec::with_capacity(parts.len()),
        vocabulary: BTreeMap::from([("concept".to_owned(), concepts)]),
        provenance: whole.provenance.clone(),
        policy: None,
    };
    for part in parts {
        manifest.persons += u64::from(part.entry.persons);
        manifest.period = match (manifest.period, part.period) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
        for (name, entry) in part.domains {
            match manifest.domains.get_mut(&name) {
                Some(known) => known.rows += entry.rows,
                None => _ = manifest.domains.insert(name, entry),
            }
        }
        manifest.shards.push(part.entry);
    }
    stop.check()?;
    manifest.publish(root)?;
    Ok(())
}

fn write_shard(root: &Path, shard: u32, tables: &ShardTables, stop: &Stop) -> Result<Part> {
    let name = format!("shards/{shard:04}");
    let folder = root.join(&name);
    fs::create_dir_all(&folder).map_err(at(&folder))?;
    let mut files: BTreeMap<String, Written> = BTreeMap::new();
    for (table, batch) in [
        ("persons", &tables.persons),
        ("observation_period", &tables.observation),
    ] {
        files.insert(
            table.to_owned(),
            write_table(&folder, table, std::slice::from_ref(batch), stop)?,
        );
    }
    let residence = write_domain(&folder, "residence", std::slice::from_ref(&tables.residence), stop)?;
    let mut domains = BTreeMap::new();
    let mut entries = BTreeMap::new();
    for (domain, vocabulary, batch) in &tables.domains {
        stop.check()?;
        if batch.num_rows() > 0 {
            domains.insert(
                domain.clone(),
                write_domain(&folder, domain, std::slice::from_ref(batch), stop)?,
            );
        }
        let columns = batch
            .schema()
            .fields()
            .iter()
            .map(|field| (field.name().clone(), field.data_type().to_string()))
            .collect();
        let entry = DomainEntry {
            vocabulary: vocabulary.clone(),
            rows: batch.num_rows() as u64,
            columns,
        };
        entries.insert(domain.clone(), entry);
    }
    let from = event::dates(&tables.observation, START)?.values().iter().min().copied();
    let to = event::dates(&tables.observation, END)?.values().iter().max().copied();
    let entry = ShardEntry {
        folder: name,
        persons: tables.persons.num_rows() as u32,
        tables: files,
        domains,
        residence: Some(residence),
    };
    Ok(Part {
        entry,
        domains: entries,
        period: from.zip(to),
    })
}
