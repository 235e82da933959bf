//! The end of an ingest: every shard is sorted and written, then the snapshot is published.

use std::collections::BTreeMap;
use std::fs;

use rayon::prelude::*;

use super::Builder;
use crate::error::{Result, at};
use crate::event::{Written, write_table};
use crate::stop::Stop;
use crate::store::manifest::{DomainEntry, LAYOUT, Manifest, ShardEntry};
use crate::store::persons;
use crate::store::report::Report;

impl Builder {
    /// Sorts and writes every shard, publishes the snapshot, and says what was read.
    pub fn finish(mut self, provenance: serde_json::Value, stop: &Stop) -> Result<Report> {
        self.close_persons()?;
        for ((shard, row), (from, to)) in self.extents.drain() {
            self.observation[shard as usize].push((row, from, to));
        }
        fs::create_dir_all(&self.root).map_err(at(&self.root))?;
        for (_, spool, _) in self.domains.values_mut() {
            spool.close()?;
        }
        if let Some(spool) = &mut self.residence {
            spool.close()?;
        }
        let shards = self.observation.len();
        stop.expect((shards * (self.domains.len() + 1)) as u64);
        let entries: Vec<Result<ShardEntry>> = (0..shards)
            .into_par_iter()
            .map(|shard| self.write_shard(shard, stop))
            .collect();
        let mut failure = None;
        let mut done = Vec::with_capacity(shards);
        for entry in entries {
            match entry {
                Ok(entry) => {
                    done.push(entry);
                }
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        if let Some(error) = failure {
            return Err(error);
        }
        let vocabulary = self.write_vocabulary(stop)?;
        let periods = self.observation.iter().flatten();
        let period = periods.fold(None, |extent: Option<(i32, i32)>, (_, from, to)| {
            Some(extent.map_or((*from, *to), |(first, last)| (first.min(*from), last.max(*to))))
        });
        let observed: u64 = self
            .observation
            .iter()
            .map(|rows| {
                let mut persons: Vec<u32> = rows.iter().map(|row| row.0).collect();
                persons.sort_unstable();
                persons.dedup();
                persons.len() as u64
            })
            .sum();
        self.report.never_observed = u64::from(self.register.len()) - observed;
        let domains = self.domains.iter().map(|(name, (vocabulary, spool, rows))| {
            let columns = spool.schema().map(|schema| {
                schema
                    .fields()
                    .iter()
                    .map(|field| (field.name().clone(), field.data_type().to_string()))
                    .collect()
            });
            (
                name.clone(),
                DomainEntry {
                    vocabulary: vocabulary.clone(),
                    rows: *rows,
                    columns: columns.unwrap_or_default(),
                },
            )
        });
        let manifest = Manifest {
            layout: LAYOUT,
            snapshot: self.snapshot,
            created: self.options.now.clone(),
            created_by: concat!("kohort ", env!("CARGO_PKG_VERSION")).into(),
            persons: u64::from(self.register.len()),
            period,
            domains: domains.collect(),
            shards: done,
            vocabulary,
            provenance,
            policy: None,
        };
        stop.check()?;
        manifest.publish(&self.root)?;
        self.lock.keep();
        Ok(std::mem::take(&mut self.report))
    }

    fn write_shard(&self, shard: usize, stop: &Stop) -> Result<ShardEntry> {
        stop.check()?;
        let name = format!("shards/{shard:04}");
        let folder = self.root.join(&name);
        fs::create_dir_all(&folder).map_err(at(&folder))?;
        let mut tables = BTreeMap::new();
        let persons = &self.persons[shard];
        tables.insert(
            "persons".to_owned(),
            write_table(&folder, "persons", &[persons.batch()?], stop)?,
        );
        let observation = persons::observation(self.observation[shard].clone())?;
        tables.insert(
            "observation_period".to_owned(),
            write_table(&folder, "observation_period", &[observation], stop)?,
        );
        let residence = match &self.residence {
            Some(spool) => spool.write(shard, &folder, stop)?,
            None => None,
        };
        stop.advance(1);
        let mut domains = BTreeMap::new();
        for (name, (_, spool, _)) in &self.domains {
            stop.check()?;
            if let Some(files) = spool.write(shard, &folder, stop)? {
                domains.insert(name.clone(), files);
            }
            stop.advance(1);
        }
        Ok(ShardEntry {
            folder: name,
            persons: persons.names.len() as u32,
            tables,
            domains,
            residence,
        })
    }

    fn write_vocabulary(&mut self, stop: &Stop) -> Result<BTreeMap<String, Written>> {
        let folder = self.root.join("vocabulary");
        let mut files = BTreeMap::new();
        for (table, batches) in &self.vocabulary {
            fs::create_dir_all(&folder).map_err(at(&folder))?;
            let written = write_table(&folder, table, batches, stop)?;
            files.insert(table.clone(), written);
        }
        Ok(files)
    }
}
