//! The manifest: one immutable JSON document per snapshot, and the `HEAD` that names the one in force.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, at};
use crate::event::{DomainFiles, Written, digest};

/// The version of the layout that this code writes and reads.
pub const LAYOUT: u32 = 2;

/// A snapshot of a warehouse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The layout's version.
    pub layout: u32,
    /// The snapshot's number, from 1 on.
    pub snapshot: u64,
    /// When it was made, UTC, as `2026-11-23T12:00:00Z`.
    pub created: String,
    /// What made it.
    pub created_by: String,
    /// How many persons it holds.
    pub persons: u64,
    /// The first and the last day under observation, as days since 1970-01-01.
    pub period: Option<(i32, i32)>,
    /// The domains, by name.
    pub domains: BTreeMap<String, DomainEntry>,
    /// The shards, in order.
    pub shards: Vec<ShardEntry>,
    /// Vocabulary tables (`concept`, `ancestor`, `maps_to`), by name.
    pub vocabulary: BTreeMap<String, Written>,
    /// Where the data came from, as the ingest tells it.
    pub provenance: serde_json::Value,
    /// The hash of the policy in force at the ingest, when there was one.
    pub policy: Option<String>,
}

/// What all shards share of one domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainEntry {
    /// The vocabulary its codes are from.
    pub vocabulary: String,
    /// How many events it has.
    pub rows: u64,
    /// Its columns and their Arrow types.
    pub columns: BTreeMap<String, String>,
}

/// One shard's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardEntry {
    /// Its folder under the warehouse.
    pub folder: String,
    /// How many persons it holds.
    pub persons: u32,
    /// Its tables (`persons`, `observation_period`), by name.
    pub tables: BTreeMap<String, Written>,
    /// Its domain files: by domain.
    pub domains: BTreeMap<String, DomainFiles>,
    /// Where its persons lived, in the form of a domain, when it is known.
    pub residence: Option<DomainFiles>,
}

impl Manifest {
    /// Reads the snapshot that `HEAD` names.
    pub fn open(root: &Path) -> Result<Self> {
        let head_path = root.join("HEAD");
        let head = match fs::read(&head_path) {
            Ok(head) => head,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let message = "not a warehouse: there is no HEAD in it; make one with kohort.ingest or kohort.demo()";
                let source = std::io::Error::new(error.kind(), message);
                return Err(Error::Io {
                    path: root.to_owned(),
                    source,
                });
            }
            Err(error) => return Err(at(&head_path)(error)),
        };
        let line = std::str::from_utf8(&head).ok().and_then(|head| head.strip_suffix('\n'));
        let Some((name, sha256)) = line.and_then(|line| line.split_once(' ')) else {
            return Err(damaged(&head_path));
        };
        let number = name.strip_suffix(".json").unwrap_or_default();
        if number.is_empty() || !number.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(damaged(&head_path));
        }
        let path = root.join("snapshots").join(name);
        let bytes = fs::read(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::Integrity(format!(
                "{} is in force and is not there: restore it from a copy, or ingest again",
                path.display()
            )),
            _ => at(&path)(error),
        })?;
        if digest(&bytes) != sha256 {
            return Err(damaged(&path));
        }
        Self::parse(&path, &bytes)
    }

    /// Reads one snapshot, whether it is in force or not.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        Self::parse(path, &fs::read(path).map_err(at(path))?)
    }

    fn parse(path: &Path, bytes: &[u8]) -> Result<Self> {
        let layout = |value: &serde_json::Value| value.get("layout").and_then(serde_json::Value::as_u64);
        let unreadable = |error: serde_json::Error| {
            Error::Integrity(format!(
                "{}: not a manifest this version of kohort reads ({error})",
                path.display()
            ))
        };
        // The layout first: what else is in the manifest depends on it.
        let value: serde_json::Value = serde_json::from_slice(bytes).map_err(unreadable)?;
        match layout(&value) {
            Some(found) if found != u64::from(LAYOUT) => Err(Error::Integrity(format!(
                "{}: layout {found} is not the layout {LAYOUT} this version of kohort reads: use the version that wrote it",
                path.display()
            ))),
            _ => serde_json::from_value(value).map_err(unreadable),
        }
    }

    /// Every file that the snapshot names, with where it is under `root`.
    pub(crate) fn files(&self, root: &Path) -> Vec<(PathBuf, &Written)> {
        let mut files = Vec::new();
        for shard in &self.shards {
            let folder = root.join(&shard.folder);
            let tables = shard.tables.values();
            let domains = shard
                .domains
                .values()
                .chain(&shard.residence)
                .flat_map(DomainFiles::each);
            files.extend(tables.chain(domains).map(|file| (folder.join(&file.name), file)));
        }
        let folder = root.join("vocabulary");
        files.extend(self.vocabulary.values().map(|file| (folder.join(&file.name), file)));
        files
    }

    /// The number of the snapshot in force, when there is one.
    pub fn current(root: &Path) -> Result<Option<u64>> {
        if root.join("HEAD").exists() {
            Ok(Some(Self::open(root)?.snapshot))
        } else {
            Ok(None)
        }
    }

    /// Writes the snapshot and then, as the last act, makes it the one in force.
    pub fn publish(&self, root: &Path) -> Result<PathBuf> {
        let folder = root.join("snapshots");
        fs::create_dir_all(&folder).map_err(at(&folder))?;
        let name = format!("{:06}.json", self.snapshot);
        let path = folder.join(&name);
        let mut bytes = serde_json::to_vec_pretty(self)
            .map_err(|error| Error::Ingest(format!("the manifest cannot be written as JSON: {error}")))?;
        bytes.push(b'\n');
        replace(&path, &bytes)?;
        replace(&root.join("HEAD"), format!("{name} {}\n", digest(&bytes)).as_bytes())?;
        Ok(path)
    }
}

/// Writes a file under another name and renames it: readers see the old one or the new one, whole.
fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    let write = || -> std::io::Result<()> {
        let mut file = fs::File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().map_err(at(path))
}

fn damaged(path: &Path) -> Error {
    Error::Integrity(format!(
        "{} is not what was written there: restore it from a copy, or ingest again",
        path.display()
    ))
}
