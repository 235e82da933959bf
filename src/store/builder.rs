//! Takes tables in, in any order of rows, and writes them as a new snapshot.
//!
//! Persons come first, then their observation periods and residences, then events, domain by domain, batch by batch.
//! Every row is checked on the way; a row that cannot be used is counted by reason, or ends the ingest when it is
//! strict. Nothing is in force before [`Builder::finish`] has published the manifest, and a builder that is dropped
//! before that removes what it wrote.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::UInt8Type;
use arrow_array::{Array, RecordBatch};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::check::{Demands, Kept, PERSON_ID, Refused};
use super::manifest::{DomainEntry, LAYOUT, Manifest, ShardEntry};
use super::normalize::{self, Identifiers};
use super::persons::{self, Persons};
use super::report::{Report, reason};
use super::spool::Spool;
use super::vocabulary;
use crate::error::{Error, Result, at};
use crate::event::{self, END, START, Written, write_table};
use crate::person::{Pseudonyms, Register};
use crate::stop::Stop;

/// How an ingest is to be done.
pub struct Options {
    /// How persons are named in the warehouse.
    pub pseudonyms: Pseudonyms,
    /// At most so many persons in a shard.
    pub shard_persons: u32,
    /// A row that cannot be used ends the ingest instead of being counted.
    pub strict: bool,
    /// A warehouse that is there already gets a new snapshot instead of a refusal.
    pub replace: bool,
    /// Observe each person from the first to the last day on which an event is recorded.
    pub observe_from_events: bool,
    /// Bytes of events held in memory before they are spooled to disk.
    pub memory: usize,
    /// The day of the ingest; no one is born after it.
    pub today: i32,
    /// When the ingest takes place, UTC, as `2026-11-23T12:00:00Z`.
    pub now: String,
}

/// Spans of days of one kind, shard by shard: (person, from, to).
type ShardSpans = Vec<Vec<(u32, i32, i32)>>;

/// An ingest under way.
pub struct Builder {
    root: PathBuf,
    options: Options,
    snapshot: u64,
    new_folder: bool,
    register: Register,
    persons: Vec<Persons>,
    observation: ShardSpans,
    extents: FxHashMap<(u32, u32), (i32, i32)>,
    residence: Option<Spool>,
    domains: BTreeMap<String, (String, Spool, u64)>,
    vocabulary: BTreeMap<String, Vec<RecordBatch>>,
    report: Report,
    published: bool,
}

impl Builder {
    /// Begins an ingest into a folder.
    pub fn new(root: &Path, options: Options) -> Result<Self> {
        let current = Manifest::current(root)?;
        if let (Some(snapshot), false) = (current, options.replace) {
            return Err(Error::Ingest(format!(
                "{} holds a warehouse already (snapshot {snapshot}): choose another folder, or pass replace=True to add a snapshot that takes its place",
                root.display()
            )));
        }
        let new_folder = !root.exists();
        if current.is_none() && !new_folder {
            let mut entries = fs::read_dir(root).map_err(at(root))?;
            if entries.any(|entry| entry.is_ok_and(|entry| !is_debris(&entry.file_name()))) {
                return Err(Error::Ingest(format!(
                    "{} is a folder with other things in it: choose an empty or a new one",
                    root.display()
                )));
            }
        }
        Ok(Self {
            root: root.to_owned(),
            options,
            snapshot: current.unwrap_or(0) + 1,
            new_folder,
            register: Register::default(),
            persons: vec![Persons::default()],
            observation: Vec::new(),
            extents: FxHashMap::default(),
            residence: None,
            domains: BTreeMap::new(),
            vocabulary: BTreeMap::new(),
            report: Report::default(),
            published: false,
        })
    }

    /// Takes persons: `person_id`, `sex` (ISO/IEC 5218), `birth_month`, `death`.
    pub fn persons(&mut self, batch: &RecordBatch) -> Result<()> {
        if !self.observation.is_empty() {
            return Err(Error::Ingest(
                "persons must come before their periods and events".into(),
            ));
        }
        let batch = normalize::batch(batch)?;
        let ids = Identifiers::of(event::column(&batch, PERSON_ID)?, PERSON_ID)?;
        let sex = event::column(&batch, "sex")?;
        let sex = sex
            .as_primitive_opt::<UInt8Type>()
            .ok_or_else(|| event::wrong_type("sex", "UInt8"))?;
        let (birth, death) = (event::dates(&batch, "birth_month")?, event::dates(&batch, "death")?);
        let mut refused = Refused::new("persons", self.options.strict);
        let all = &mut self.persons[0];
        for row in 0..batch.num_rows() {
            let Some(identifier) = ids.text(row) else {
                refused.count(reason::NULL_PERSON)?;
                continue;
            };
            if birth.is_null(row) {
                refused.count(reason::NULL_BIRTH)?;
                continue;
            }
            let born = birth.value(row);
            if born > self.options.today {
                refused.count(reason::FUTURE_BIRTH)?;
                continue;
            }
            let died = death.is_valid(row).then(|| death.value(row));
            if died.is_some_and(|day| day < born) {
                refused.count(reason::DEATH_BEFORE_BIRTH)?;
                continue;
            }
            if !self.register.enter(&identifier) {
                refused.count(reason::TWICE)?;
                continue;
            }
            all.names.push(self.options.pseudonyms.name(&identifier));
            all.sex.push(if sex.is_valid(row) && matches!(sex.value(row), 1 | 2) {
                sex.value(row)
            } else {
                0
            });
            all.birth_month.push(born);
            all.death.push(died);
        }
        refused.into_report(&mut self.report, batch.num_rows());
        Ok(())
    }

    /// Cuts the persons into shards; no more can come.
    fn close_persons(&mut self) -> Result<()> {
        if !self.observation.is_empty() {
            return Ok(());
        }
        if self.register.is_empty() {
            return Err(Error::Ingest(
                "no usable person was given: a warehouse needs at least one".into(),
            ));
        }
        self.register.close(self.options.shard_persons);
        let shards = self.register.shards() as usize;
        self.observation = vec![Vec::new(); shards];
        let all = std::mem::take(&mut self.persons[0]);
        self.persons = (0..shards).map(|_| Persons::default()).collect();
        let facts = all.names.into_iter().zip(all.sex).zip(all.birth_month).zip(all.death);
        for (number, (((name, sex), birth), death)) in facts.enumerate() {
            let shard = &mut self.persons[self.register.place_of(number as u32).shard as usize];
            shard.names.push(name);
            shard.sex.push(sex);
            shard.birth_month.push(birth);
            shard.death.push(death);
        }
        Ok(())
    }

    /// Takes observation periods: `person_id`, `start`, `end`.
    pub fn observation(&mut self, batch: &RecordBatch) -> Result<()> {
        let kept = self.check("observation_period", batch, Demands { code: false, end: true })?;
        let (from, to) = (event::dates(&kept.batch, START)?, event::dates(&kept.batch, END)?);
        for (row, place) in kept.places.iter().enumerate() {
            self.observation[place.shard as usize].push((place.row, from.value(row), to.value(row)));
        }
        Ok(())
    }

    /// Takes residences: `person_id`, `start`, `end`, `code` (of the commune).
    pub fn residence(&mut self, batch: &RecordBatch) -> Result<()> {
        let kept = self.check("residence", batch, Demands { code: true, end: true })?;
        let (batch, shard) = kept.canonical()?;
        let (root, shards, memory) = (self.spool_folder(), self.observation.len(), self.options.memory);
        let spool = self
            .residence
            .get_or_insert_with(|| Spool::new("residence", &root, shards, memory));
        spool.push(batch, shard)
    }

    /// Takes events of a domain: `person_id`, `start`, `code`, perhaps `end`, and any further columns.
    pub fn events(&mut self, domain: &str, vocabulary: &str, batch: &RecordBatch) -> Result<()> {
        if domain.is_empty()
            || !domain
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            || domain == "residence"
        {
            return Err(Error::Ingest(format!(
                "'{domain}' cannot name a domain: use lower-case letters, digits and underscores"
            )));
        }
        let kept = self.check(domain, batch, Demands { code: true, end: false })?;
        let rows = kept.places.len() as u64;
        if self.options.observe_from_events {
            self.extend(&kept)?;
        }
        let (batch, shard) = kept.canonical()?;
        let (root, shards, memory) = (self.spool_folder(), self.observation.len(), self.options.memory);
        let new = || (vocabulary.to_owned(), Spool::new(domain, &root, shards, memory), 0);
        let (known, spool, total) = self.domains.entry(domain.to_owned()).or_insert_with(new);
        if known != vocabulary {
            return Err(Error::Ingest(format!(
                "domain '{domain}' is coded in {known} and cannot take codes of {vocabulary}: ingest them as another domain"
            )));
        }
        *total += rows;
        spool.push(batch, shard)
    }

    /// Widens the extents of the persons of these events.
    fn extend(&mut self, kept: &Kept) -> Result<()> {
        let start = event::dates(&kept.batch, START)?;
        let end = kept
            .batch
            .column_by_name(END)
            .map(|_| event::dates(&kept.batch, END))
            .transpose()?;
        for (row, place) in kept.places.iter().enumerate() {
            let first = start.value(row);
            let last = end.filter(|end| end.is_valid(row)).map_or(first, |end| end.value(row));
            let extent = self.extents.entry((place.shard, place.row)).or_insert((first, last));
            *extent = (extent.0.min(first), extent.1.max(last));
        }
        Ok(())
    }

    /// Takes a vocabulary table: `concept` (vocabulary, code, label) or `ancestor` (vocabulary, ancestor, descendant).
    pub fn vocabulary(&mut self, table: &str, batch: &RecordBatch) -> Result<()> {
        let batch = vocabulary::check(table, &normalize::batch(batch)?)?;
        self.vocabulary.entry(table.to_owned()).or_default().push(batch);
        Ok(())
    }

    /// Checks the rows of a table that names persons and days; keeps the usable ones.
    fn check(&mut self, table: &str, batch: &RecordBatch, demands: Demands) -> Result<Kept> {
        self.close_persons()?;
        Kept::of(
            table,
            batch,
            demands,
            &self.register,
            self.options.strict,
            &mut self.report,
        )
    }

    fn spool_folder(&self) -> PathBuf {
        self.root.join(format!(".spool-{}", std::process::id()))
    }

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
        self.published = true;
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
        if let Some(spool) = &self.residence
            && let Some((rows, codes)) = spool.write(shard, &folder, stop)?
        {
            tables.insert("residence".to_owned(), rows);
            tables.insert("residence.codes".to_owned(), codes);
        }
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

impl Drop for Builder {
    /// Removes the spool, and everything that was written when it was not published.
    ///
    /// Where an older snapshot is in force its files are left alone, and new ones may stay behind unnamed: files are
    /// named by content, so one of ours may be one of its.
    fn drop(&mut self) {
        // Nothing can be reported from here; what stays behind is not named by any snapshot.
        let _ = fs::remove_dir_all(self.spool_folder());
        if !self.published {
            if self.new_folder {
                let _ = fs::remove_dir_all(&self.root);
            } else if self.snapshot == 1 {
                for folder in ["shards", "vocabulary", "snapshots"] {
                    let _ = fs::remove_dir_all(self.root.join(folder));
                }
            }
        }
    }
}

/// What a dead ingest leaves behind in a folder that was new: not other people's things.
fn is_debris(name: &std::ffi::OsStr) -> bool {
    let name = name.to_string_lossy();
    matches!(&*name, "shards" | "vocabulary" | "snapshots") || name.starts_with(".spool-")
}
