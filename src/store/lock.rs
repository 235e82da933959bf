//! One ingest at a time in a folder, and nothing left of those that died.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::manifest::Manifest;
use crate::error::{Error, Result, at};

/// The file that is locked; the operating system releases it when its holder dies.
const LOCK: &str = ".lock";

/// A folder that this ingest alone writes into.
///
/// Until it is kept, dropping it removes what no snapshot names: the whole folder when that was new.
#[derive(Debug)]
pub(crate) struct Lock {
    root: PathBuf,
    file: File,
    new_folder: bool,
    kept: bool,
}

impl Lock {
    /// Takes the folder, making it where it is not there, and removes what a dead ingest left in it.
    pub(crate) fn take(root: &Path) -> Result<Self> {
        let new_folder = !root.exists();
        if !new_folder && !root.join("HEAD").exists() {
            let mut entries = fs::read_dir(root).map_err(at(root))?;
            if entries.any(|entry| entry.is_ok_and(|entry| !is_debris(&entry.file_name()))) {
                return Err(Error::Ingest(format!(
                    "{} is a folder with other things in it: choose an empty or a new one",
                    root.display()
                )));
            }
        }
        fs::create_dir_all(root).map_err(at(root))?;
        let path = root.join(LOCK);
        let busy = || {
            Error::Ingest(format!(
                "{} is being written by another ingest: wait for its end, or choose another folder",
                root.display()
            ))
        };
        let file = match File::options().create(true).append(true).open(&path) {
            Ok(file) => file,
            // The folder went away between two calls: another ingest has just given it up.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(busy()),
            Err(error) => return Err(at(&path)(error)),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(busy()),
            Err(fs::TryLockError::Error(error)) => return Err(at(&path)(error)),
        }
        // A lock on a file that was removed in between protects nothing.
        let mine = file.metadata().map_err(at(&path))?;
        if !fs::metadata(&path).is_ok_and(|there| there.ino() == mine.ino() && there.dev() == mine.dev()) {
            return Err(busy());
        }
        let lock = Self {
            root: root.to_owned(),
            file,
            new_folder,
            kept: false,
        };
        sweep(root);
        Ok(lock)
    }

    /// What was written is in force: it stays.
    pub(crate) fn keep(&mut self) {
        self.kept = true;
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Nothing can be reported from here; what stays behind is not named by any snapshot and goes with the next ingest.
        if !self.kept && self.new_folder && !self.root.join("HEAD").exists() {
            let _ = fs::remove_dir_all(&self.root);
        } else {
            sweep(&self.root);
            let _ = fs::remove_file(self.root.join(LOCK));
        }
        let _ = self.file.unlock();
    }
}

/// What a dead ingest leaves behind in a folder that was new: not other people's things.
fn is_debris(name: &std::ffi::OsStr) -> bool {
    let name = name.to_string_lossy();
    matches!(&*name, LOCK | "shards" | "vocabulary" | "snapshots")
        || name.starts_with(".spool-")
        || (name.starts_with("HEAD.") && name.ends_with(".tmp"))
}

/// Removes files of ours that no snapshot names; when a snapshot cannot be read, only what is surely of no use.
fn sweep(root: &Path) {
    for path in entries(root) {
        let name = file_name(&path);
        if name.starts_with(".spool-") {
            let _ = fs::remove_dir_all(&path);
        } else if name.starts_with("HEAD.") && name.ends_with(".tmp") {
            let _ = fs::remove_file(&path);
        }
    }
    let named = named(root);
    let mut folders = entries(&root.join("shards"));
    folders.push(root.join("vocabulary"));
    for folder in &folders {
        for path in entries(folder) {
            let name = file_name(&path);
            let orphan = is_content_named(&name) && named.as_ref().is_some_and(|named| !named.contains(&path));
            if orphan || is_temporary(&name) {
                let _ = fs::remove_file(&path);
            }
        }
        // Fails where the folder still holds something, as it should.
        let _ = fs::remove_dir(folder);
    }
    for path in entries(&root.join("snapshots")) {
        let name = file_name(&path);
        if name.ends_with(".tmp") || !root.join("HEAD").exists() && name.ends_with(".json") {
            let _ = fs::remove_file(&path);
        }
    }
    let _ = fs::remove_dir(root.join("shards"));
    let _ = fs::remove_dir(root.join("snapshots"));
}

/// Every file that some snapshot names; None when one of them cannot be read.
fn named(root: &Path) -> Option<BTreeSet<PathBuf>> {
    let mut named = BTreeSet::new();
    if !root.join("HEAD").exists() {
        return Some(named);
    }
    for path in entries(&root.join("snapshots")) {
        if file_name(&path).ends_with(".json") {
            named.extend(
                Manifest::read(&path)
                    .ok()?
                    .files(root)
                    .into_iter()
                    .map(|(file, _)| file),
            );
        }
    }
    Some(named)
}

/// Named `<stem>-<16 hexadecimal digits>.parquet`, as only this crate names files.
fn is_content_named(name: &str) -> bool {
    name.strip_suffix(".parquet")
        .and_then(|stem| stem.rsplit_once('-'))
        .is_some_and(|(_, digits)| digits.len() == 16 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

fn is_temporary(name: &str) -> bool {
    name.starts_with('.') && name.ends_with(".tmp")
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let found = fs::read_dir(folder).into_iter().flatten();
    found.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect()
}
