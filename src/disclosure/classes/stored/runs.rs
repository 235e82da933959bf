//! Counted items on disk, by partition, in a file that has no name and is gone with the process.

use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result, at};

/// Items written partition after partition.
pub(super) struct Run {
    path: PathBuf,
    file: Mutex<File>,
    /// The byte at which each partition starts, and the end.
    starts: Vec<u64>,
}

/// A run that is being written.
pub(super) struct Writing {
    path: PathBuf,
    out: BufWriter<File>,
    starts: Vec<u64>,
    written: u64,
}

/// Bytes read at once.
const BLOCK: usize = 1 << 20;

impl Run {
    /// A new run of so many partitions.
    pub(super) fn create(parts: usize) -> Result<Writing> {
        let [first, second] = [(), ()].map(|()| RandomState::new().hash_one(std::process::id()));
        let name = format!("kohort-{first:016x}{second:016x}");
        let path = std::env::temp_dir().join(name);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        {
            // Nobody else reads what may be health data.
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let file = options.open(&path).map_err(at(&path))?;
        // The file lives on while it is open, and goes with the process however that ends.
        std::fs::remove_file(&path).map_err(at(&path))?;
        let mut starts = Vec::with_capacity(parts + 1);
        starts.push(0);
        Ok(Writing {
            path,
            out: BufWriter::with_capacity(BLOCK, file),
            starts,
            written: 0,
        })
    }

    /// Calls `visit` with the words and the rows of each item of a partition.
    pub(super) fn read(&self, part: usize, words: usize, mut visit: impl FnMut(&[u64], u64)) -> Result<()> {
        let (from, to) = (self.starts[part], self.starts[part + 1]);
        let mut bytes = vec![0; (to - from) as usize];
        {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(from)).map_err(at(&self.path))?;
            BufReader::with_capacity(BLOCK, &mut *file)
                .read_exact(&mut bytes)
                .map_err(at(&self.path))?;
        }
        let mut item = vec![0_u64; words + 1];
        for record in bytes.chunks_exact(8 * (words + 1)) {
            for (word, bytes) in item.iter_mut().zip(record.chunks_exact(8)) {
                *word = u64::from_le_bytes(bytes.try_into().unwrap_or_default());
            }
            visit(&item[..words], item[words]);
        }
        Ok(())
    }
}

impl Writing {
    /// Writes the next partition.
    pub(super) fn write<'a>(&mut self, items: impl Iterator<Item = (&'a [u64], u64)>) -> Result<()> {
        for (words, rows) in items {
            for word in words.iter().chain([&rows]) {
                self.out.write_all(&word.to_le_bytes()).map_err(full(&self.path))?;
            }
            self.written += 8 * (words.len() as u64 + 1);
        }
        self.starts.push(self.written);
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Run> {
        let file = self
            .out
            .into_inner()
            .map_err(|error| full(&self.path)(error.into_error()))?;
        Ok(Run {
            path: self.path,
            file: Mutex::new(file),
            starts: self.starts,
        })
    }
}

/// What is said when a run cannot be written, which is mostly that the disk is full.
fn full(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Error {
    let folder = path
        .parent()
        .map(|folder| folder.display().to_string())
        .unwrap_or_default();
    move |error| {
        Error::Argument(format!(
            "the rows do not fit into memory, and {folder} cannot hold what is set aside ({error}): set TMPDIR to a folder \
             with more room"
        ))
    }
}
