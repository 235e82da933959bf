//! Opens a warehouse: the snapshot in force, its shards, and what was decoded of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;

use super::manifest::{Manifest, ShardEntry};
use super::{persons, vocabulary};
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
    descendants: Mutex<FxHashMap<(String, String), Vec<String>>>,
}

/// One shard of an open warehouse.
#[derive(Debug)]
pub struct Shard {
    folder: PathBuf,
    entry: ShardEntry,
    facts: OnceLock<Facts>,
    /// The same without sex, birth and death, for plans that ask for none of them.
    periods: OnceLock<Facts>,
    domains: BTreeMap<String, Domain>,
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
            shards.push(Shard {
                folder,
                entry: entry.clone(),
                facts: OnceLock::new(),
                periods: OnceLock::new(),
                domains,
            });
        }
        Ok(Self {
            root: root.to_owned(),
            manifest,
            shards,
            cache: Cache::new(memory),
            reads: Reads::default(),
            descendants: Mutex::default(),
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

    /// The codes that descend from a code of a vocabulary, itself included.
    pub fn descendants(&self, vocabulary: &str, code: &str) -> Result<Vec<String>> {
        let key = (vocabulary.to_owned(), code.to_owned());
        let known = self
            .descendants
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let stored = self.vocabulary_file("ancestor");
        let found = vocabulary::descendants(stored.as_ref(), vocabulary, code)?;
        self.descendants
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, found.clone());
        Ok(found)
    }

    pub fn mapped(&self, _: &str, _: &str) -> Result<Vec<String>> {
        Ok(vec![])
    } // TEMP
    pub fn knows(&self, _: &str, _: &str) -> Result<bool> {
        Ok(true)
    } // TEMP

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

    fn person_column(&self, _: &str) -> Result<Option<std::sync::Arc<Vec<i64>>>> {
        Ok(None)
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
