//! Opens a warehouse: the snapshot in force, its shards, and what was decoded of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;

use super::manifest::{Manifest, ShardEntry};
use super::terms::{Links, Names, PerVocabulary};
use super::{persons, terms, vocabulary};
use crate::error::{Error, Result, at};
use crate::event::{Cache, Domain, Reads, Source, Stored, digest};
use crate::person::Facts;
use crate::stop::Stop;

/// An open warehouse. It reads what a question needs, when it needs it.
#[derive(Debug)]
pub struct Warehouse {
    root: PathBuf,
    manifest: Manifest,
    shards: Vec<Shard>,
    cache: Cache,
    reads: Reads,
    words: Words,
}

/// The vocabularies, each table loaded when it is first asked for.
#[derive(Debug, Default)]
struct Words {
    /// From a code to its descendants.
    ancestor: OnceLock<PerVocabulary<Links>>,
    /// From a code to those that map to it.
    maps_to: OnceLock<PerVocabulary<Links>>,
    concept: OnceLock<PerVocabulary<Names>>,
    loading: Mutex<()>,
}

/// One shard of an open warehouse.
#[derive(Debug)]
pub struct Shard {
    folder: PathBuf,
    entry: ShardEntry,
    facts: OnceLock<Facts>,
    /// The same without sex, birth and death, for plans that ask for none of them.
    periods: OnceLock<Facts>,
    /// Further columns of the persons that were asked for.
    columns: Mutex<FxHashMap<String, Option<Vec<i64>>>>,
    domains: BTreeMap<String, Domain>,
    residence: Option<Domain>,
}

impl Warehouse {
    /// Opens the snapshot in force; decoded columns are kept within `memory` bytes.
    pub fn open(root: &Path, memory: usize) -> Result<Self> {
        let manifest = Manifest::open(root)?;
        let mut number = 0;
        let mut shards = Vec::with_capacity(manifest.shards.len());
        for entry in &manifest.shards {
            let folder = root.join(&entry.folder);
            let mut domains = BTreeMap::new();
            for (name, files) in &entry.domains {
                let [events, first, codes] = files.each().map(|file| Stored::new(&folder, file));
                domains.insert(name.clone(), Domain::new(events, first, codes, number));
                number += 1;
            }
            let residence = entry.residence.as_ref().map(|files| {
                let [events, first, codes] = files.each().map(|file| Stored::new(&folder, file));
                number += 1;
                Domain::new(events, first, codes, number - 1)
            });
            shards.push(Shard {
                folder,
                entry: entry.clone(),
                facts: OnceLock::new(),
                periods: OnceLock::new(),
                columns: Mutex::default(),
                domains,
                residence,
            });
        }
        Ok(Self {
            root: root.to_owned(),
            manifest,
            shards,
            cache: Cache::new(memory),
            reads: Reads::default(),
            words: Words::default(),
        })
    }

    /// The snapshot in force when the warehouse was opened.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The shards, in order.
    pub fn shards(&self) -> &[Shard] {
        &self.shards
    }

    /// What was decoded and is kept.
    pub fn cache(&self) -> &Cache {
        &self.cache
    }

    /// What was read since the opening.
    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// The codes that descend from a code of a vocabulary, itself included, in order.
    pub fn descendants(&self, vocabulary: &str, code: &str) -> Result<Vec<String>> {
        let mut found: Vec<&str> = self.below(vocabulary, code)?.chain([code]).collect();
        found.sort_unstable();
        found.dedup();
        Ok(found.into_iter().map(str::to_owned).collect())
    }

    /// The codes that map to a code of a vocabulary, in order.
    pub fn mapped(&self, vocabulary: &str, code: &str) -> Result<Vec<String>> {
        let mut found: Vec<&str> = self.mapping(vocabulary, code)?.collect();
        found.sort_unstable();
        found.dedup();
        Ok(found.into_iter().map(str::to_owned).collect())
    }

    /// What the table of descents lists under a code of a vocabulary, as it comes; nothing is copied.
    pub fn below(&self, vocabulary: &str, code: &str) -> Result<impl Iterator<Item = &str>> {
        let links = self.words(&self.words.ancestor, "ancestor", |stored| {
            terms::links(stored, "ancestor", false)
        })?;
        Ok(links
            .get(vocabulary)
            .into_iter()
            .flat_map(move |links| links.from(code)))
    }

    /// What the table of mappings maps to a code of a vocabulary, as it comes; nothing is copied.
    pub fn mapping(&self, vocabulary: &str, code: &str) -> Result<impl Iterator<Item = &str>> {
        let links = self.words(&self.words.maps_to, "maps_to", |stored| {
            terms::links(stored, "maps_to", true)
        })?;
        Ok(links
            .get(vocabulary)
            .into_iter()
            .flat_map(move |links| links.from(code)))
    }

    /// Whether the warehouse's table of concepts has a code of a vocabulary; false where there is no such table.
    pub fn knows(&self, vocabulary: &str, code: &str) -> Result<bool> {
        let names = self.words(&self.words.concept, "concept", |stored| terms::names(stored, "concept"))?;
        Ok(names.get(vocabulary).is_some_and(|names| names.find(code).is_some()))
    }

    /// A vocabulary table in memory, loaded by whoever asks first; empty where the warehouse has none.
    fn words<'a, T: Default>(
        &self,
        slot: &'a OnceLock<T>,
        table: &str,
        load: impl FnOnce(&Stored) -> Result<T>,
    ) -> Result<&'a T> {
        if let Some(there) = slot.get() {
            return Ok(there);
        }
        // One at a time: a table in the making takes much memory.
        let _turn = self.words.loading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = slot.get() {
            return Ok(there);
        }
        let stored = self.vocabulary_file(table);
        let loaded = stored.as_ref().map(load).transpose()?.unwrap_or_default();
        Ok(slot.get_or_init(|| loaded))
    }

    /// The labels of the codes of a vocabulary that `wanted` picks; none where the warehouse has no labels.
    pub fn labels(&self, vocabulary: &str, wanted: impl Fn(&str) -> bool) -> Result<Vec<(String, String)>> {
        match self.vocabulary_file("concept") {
            Some(stored) => vocabulary::labels(&stored, vocabulary, wanted),
            None => Ok(Vec::new()),
        }
    }

    fn vocabulary_file(&self, table: &str) -> Option<Stored> {
        let written = self.manifest.vocabulary.get(table)?;
        Some(Stored::new(&self.root.join("vocabulary"), written))
    }

    /// How the first persons are numbered, at most so many, as a SHA-256 over their names; and how many persons there are.
    ///
    /// Two snapshots that agree on the first n give these the same numbers.
    pub fn numbering(&self, first: u64, stop: &Stop) -> Result<(String, u64)> {
        let mut hash = ring::digest::Context::new(&ring::digest::SHA256);
        let mut left = first;
        for shard in &self.shards {
            stop.check()?;
            if left > 0 {
                for name in shard.names()?.iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
                    hash.update(&(name.len() as u64).to_le_bytes());
                    hash.update(name.as_bytes());
                }
            }
            left = left.saturating_sub(shard.len() as u64);
        }
        let digest = crate::person::hex(hash.finish().as_ref());
        Ok((digest, self.shards.iter().map(|shard| shard.len() as u64).sum()))
    }

    /// Reads every file and compares its length and SHA-256 with the manifest; gives how many files there are.
    pub fn verify(&self, stop: &Stop) -> Result<usize> {
        let files = self.manifest.files(&self.root);
        stop.expect(files.len() as u64);
        for (path, written) in &files {
            stop.check()?;
            let bytes = std::fs::read(path).map_err(at(path))?;
            if bytes.len() as u64 != written.bytes || digest(&bytes) != written.sha256 {
                return Err(Error::Integrity(format!(
                    "{} is not the file that snapshot {} names: restore it from a copy, or ingest again",
                    path.display(),
                    self.manifest.snapshot
                )));
            }
            stop.advance(1);
        }
        Ok(files.len())
    }
}

impl Source for Shard {
    fn domain(&self, name: &str) -> Option<&Domain> {
        self.domains.get(name)
    }

    fn persons(&self) -> usize {
        self.len()
    }

    fn person_column(&self, name: &str) -> Result<Option<Vec<i64>>> {
        Shard::person_column(self, name)
    }
}

impl Shard {
    /// How many persons the shard holds.
    pub fn len(&self) -> usize {
        self.entry.persons as usize
    }

    /// Whether the shard holds nobody.
    pub fn is_empty(&self) -> bool {
        self.entry.persons == 0
    }

    /// The shard's persons; without `people`, perhaps only their number and observation periods.
    pub fn facts(&self, people: bool) -> Result<&Facts> {
        if let Some(facts) = self.facts.get() {
            return Ok(facts);
        }
        if !people && let Some(facts) = self.periods.get() {
            return Ok(facts);
        }
        let periods = match self.periods.get() {
            Some(known) => known.periods.clone(),
            None => persons::periods(&self.table("observation_period")?, self.len())?,
        };
        let facts = if people {
            persons::read(&self.table("persons")?, periods, self.len())?
        } else {
            Facts::of_periods(self.len(), periods)
        };
        let slot = if people { &self.facts } else { &self.periods };
        Ok(slot.get_or_init(|| facts))
    }

    /// A further column of the shard's persons, null as `i64::MIN`; none where they have no such column of numbers.
    pub fn person_column(&self, name: &str) -> Result<Option<Vec<i64>>> {
        let mut columns = self.columns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = columns.get(name) {
            return Ok(known.clone());
        }
        let found = persons::further(&self.table("persons")?, name, self.len())?;
        columns.insert(name.to_owned(), found.clone());
        Ok(found)
    }

    /// Where the persons lived, when the warehouse knows.
    pub(super) fn residence(&self) -> Option<&Domain> {
        self.residence.as_ref()
    }

    /// The names under which the shard's persons are stored, in order.
    pub fn names(&self) -> Result<Vec<String>> {
        persons::names(&self.table("persons")?)
    }

    /// One of the shard's tables.
    fn table(&self, name: &str) -> Result<Stored> {
        match self.entry.tables.get(name) {
            Some(written) => Ok(Stored::new(&self.folder, written)),
            None => Err(Error::Integrity(format!(
                "{} has no table '{name}': ingest again",
                self.folder.display()
            ))),
        }
    }
}
