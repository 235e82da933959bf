//! Takes tables in, in any order of rows, and writes them as a new snapshot.
//!
//! Persons come first, then their observation periods and residences, then events, domain by domain, batch by batch.
//! Every row is checked on the way; a row that cannot be used is counted by reason, or ends the ingest when it is
//! strict. Nothing is in force before [`Builder::finish`] has published the manifest, and a builder that is dropped
//! before that removes what it wrote.

mod finish;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, UInt8Type};
use arrow_array::{Array, RecordBatch};
use rustc_hash::FxHashMap;

use super::check::{Demands, Kept, PERSON_ID, Refused};
use super::lock::Lock;
use super::manifest::Manifest;
use super::normalize::{self, Identifiers};
use super::persons::Persons;
use super::report::{Report, reason};
use super::spool::Spool;
use super::vocabulary;
use crate::error::{Error, Result};
use crate::event::{self, END, START};
use crate::person::{Pseudonyms, Register};

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
    lock: Lock,
    options: Options,
    snapshot: u64,
    register: Register,
    persons: Vec<Persons>,
    observation: ShardSpans,
    extents: FxHashMap<(u32, u32), (i32, i32)>,
    residence: Option<Spool>,
    domains: BTreeMap<String, (String, Spool, u64)>,
    vocabulary: BTreeMap<String, Vec<RecordBatch>>,
    report: Report,
}

impl Builder {
    /// Begins an ingest into a folder.
    pub fn new(root: &Path, options: Options) -> Result<Self> {
        let current = Manifest::current(root)?;
        let refuse = |current: Option<u64>| match current {
            Some(snapshot) if !options.replace => Err(Error::Ingest(format!(
                "{} holds a warehouse already (snapshot {snapshot}): choose another folder, or pass replace=True to add a snapshot that takes its place",
                root.display()
            ))),
            _ => Ok(()),
        };
        refuse(current)?;
        let lock = Lock::take(root)?;
        // Once more, now that nobody else can publish.
        let current = Manifest::current(root)?;
        refuse(current)?;
        Ok(Self {
            root: root.to_owned(),
            lock,
            options,
            snapshot: current.unwrap_or(0) + 1,
            register: Register::default(),
            persons: vec![Persons::default()],
            observation: Vec::new(),
            extents: FxHashMap::default(),
            residence: None,
            domains: BTreeMap::new(),
            vocabulary: BTreeMap::new(),
            report: Report::default(),
        })
    }

    /// Takes persons: `person_id`, `sex` (ISO/IEC 5218), `birth_month`, `death`, and any further columns of `Int64`.
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
        all.expect(&batch)?;
        let mut further = Vec::with_capacity(all.further.len());
        for (name, _) in &all.further {
            let column = event::column(&batch, name)?;
            further.push(
                column
                    .as_primitive_opt::<Int64Type>()
                    .ok_or_else(|| event::wrong_type(name, "Int64"))?,
            );
        }
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
            for ((_, values), column) in all.further.iter_mut().zip(&further) {
                values.push(column.is_valid(row).then(|| column.value(row)));
            }
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
        for (number, name) in all.names.into_iter().enumerate() {
            let shard = &mut self.persons[self.register.place_of(number as u32).shard as usize];
            shard.names.push(name);
            shard.sex.push(all.sex[number]);
            shard.birth_month.push(all.birth_month[number]);
            shard.death.push(all.death[number]);
            if shard.further.is_empty() {
                shard.further = all.further.iter().map(|(name, _)| (name.clone(), Vec::new())).collect();
            }
            for ((_, values), (_, from)) in shard.further.iter_mut().zip(&all.further) {
                values.push(from[number]);
            }
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
        let (root, shards) = (self.spool_folder(), self.observation.len());
        let spool = self
            .residence
            .get_or_insert_with(|| Spool::new("residence", &root, shards));
        spool.push(batch, shard)?;
        self.spill()
    }

    /// Takes events of a domain: `person_id`, `start`, `code`, perhaps `end`, and any further columns.
    pub fn events(&mut self, domain: &str, vocabulary: &str, batch: &RecordBatch) -> Result<()> {
        if domain.is_empty()
            || !domain
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            || matches!(domain, "residence" | "persons" | "observation_period" | "death")
        {
            return Err(Error::Ingest(format!(
                "'{domain}' cannot name a domain: use lower-case letters, digits and underscores, and none of residence, persons, observation_period and death"
            )));
        }
        let kept = self.check(domain, batch, Demands { code: true, end: false })?;
        let rows = kept.places.len() as u64;
        if self.options.observe_from_events {
            self.extend(&kept)?;
        }
        let (batch, shard) = kept.canonical()?;
        let (root, shards) = (self.spool_folder(), self.observation.len());
        let new = || (vocabulary.to_owned(), Spool::new(domain, &root, shards), 0);
        let (known, spool, total) = self.domains.entry(domain.to_owned()).or_insert_with(new);
        if known != vocabulary {
            return Err(Error::Ingest(format!(
                "domain '{domain}' is coded in {known} and cannot take codes of {vocabulary}: ingest them as another domain"
            )));
        }
        *total += rows;
        spool.push(batch, shard)?;
        self.spill()
    }

    /// Puts the largest spools to disk until the budget holds.
    fn spill(&mut self) -> Result<()> {
        loop {
            let domains = self.domains.values_mut().map(|(_, spool, _)| spool);
            let mut spools: Vec<&mut Spool> = domains.chain(self.residence.as_mut()).collect();
            if spools.iter().map(|spool| spool.bytes()).sum::<usize>() <= self.options.memory {
                return Ok(());
            }
            match spools.iter_mut().max_by_key(|spool| spool.bytes()) {
                Some(spool) if spool.bytes() > 0 => spool.spill()?,
                _ => return Ok(()),
            }
        }
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

    /// Takes a vocabulary table: `concept` (vocabulary, code, label), `ancestor` (vocabulary, ancestor, descendant) or
    /// `maps_to` (vocabulary, code, standard).
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
}
