//! Files that are checked while they are read: no byte is decoded that is not what was written.
//!
//! The manifest holds the digest of a file's footer; the footer holds, in Parquet's own key-value metadata, a digest
//! per block of what comes before it. A reader checks the footer when it opens the file and each block when it first
//! touches it, so that checking costs what is read, not what is stored. Other Parquet readers ignore all of this.

use std::fs::File;
use std::io::{BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaDataReader;
use parquet::file::reader::{ChunkReader, Length};
use ring::digest::{SHA256, digest};

use super::writer::Written;
use crate::error::{Error, Result, at, parquet_at};

/// Bytes of a block: about what one page takes, so that little is checked that is not wanted.
pub(crate) const BLOCK: usize = 16 << 10;
/// The name of the block digests in Parquet's key-value metadata.
pub(crate) const BLOCKS: &str = "kohort.blocks";

/// The digest of a block: the first 64 bits of its SHA-256.
pub(crate) fn block_digest(sha256: &[u8]) -> u64 {
    sha256
        .iter()
        .take(8)
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// A file of a snapshot: where it is, and what the manifest says of it.
#[derive(Debug)]
pub struct Stored {
    path: PathBuf,
    written: Written,
    checks: OnceLock<Arc<Checks>>,
}

/// What is known of a file once its footer was found right.
#[derive(Debug)]
struct Checks {
    /// Where the data end and the footer begins.
    data: usize,
    footer: Bytes,
    blocks: Vec<u64>,
    right: Vec<AtomicBool>,
}

impl Stored {
    /// A file in a folder, not touched yet.
    pub fn new(folder: &Path, written: &Written) -> Self {
        Self {
            path: folder.join(&written.name),
            written: written.clone(),
            checks: OnceLock::new(),
        }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many rows the manifest says it has.
    pub fn rows(&self) -> u64 {
        self.written.rows
    }

    /// The error that says it is not what was written.
    pub(crate) fn damaged(&self) -> Error {
        Error::Integrity(format!(
            "{} is not the file that the snapshot names: restore it from a copy, or ingest again",
            self.path.display()
        ))
    }

    /// Opens the file for reading; its footer is checked the first time.
    pub(crate) fn open(&self) -> Result<Checked> {
        let file = File::open(&self.path).map_err(at(&self.path))?;
        let length = file.metadata().map_err(at(&self.path))?.len();
        if length != self.written.bytes {
            return Err(self.damaged());
        }
        let checks = match self.checks.get() {
            Some(checks) => Arc::clone(checks),
            None => {
                let checks = self.check_footer(&file)?;
                Arc::clone(self.checks.get_or_init(|| Arc::new(checks)))
            }
        };
        Ok(Checked {
            file: Arc::new(file),
            checks,
        })
    }

    fn check_footer(&self, file: &File) -> Result<Checks> {
        let length = self.written.bytes.checked_sub(self.written.data);
        let mut footer = vec![0; length.ok_or_else(|| self.damaged())? as usize];
        file.read_exact_at(&mut footer, self.written.data)
            .map_err(at(&self.path))?;
        if crate::person::hex(digest(&SHA256, &footer).as_ref()) != self.written.footer {
            return Err(self.damaged());
        }
        let footer = Bytes::from(footer);
        let data = self.written.data as usize;
        let mut checked = Checks {
            data,
            footer,
            blocks: Vec::new(),
            right: Vec::new(),
        };
        let metadata = ParquetMetaDataReader::new()
            .parse_and_finish(&checked.footer)
            .map_err(parquet_at(&self.path))?;
        let entries = metadata.file_metadata().key_value_metadata();
        let text = entries
            .and_then(|entries| entries.iter().find(|entry| entry.key == BLOCKS))
            .and_then(|entry| entry.value.as_deref())
            .ok_or_else(|| self.damaged())?;
        checked.blocks = text
            .as_bytes()
            .chunks(16)
            .map(|digits| {
                std::str::from_utf8(digits)
                    .ok()
                    .and_then(|d| u64::from_str_radix(d, 16).ok())
            })
            .collect::<Option<_>>()
            .ok_or_else(|| self.damaged())?;
        if checked.blocks.len() != data.div_ceil(BLOCK) {
            return Err(self.damaged());
        }
        checked.right = checked.blocks.iter().map(|_| AtomicBool::new(false)).collect();
        Ok(checked)
    }
}

/// An open file whose blocks are checked as they are touched.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    file: Arc<File>,
    checks: Arc<Checks>,
}

impl Checked {
    /// Bytes of the data; blocks that were not touched before are read whole and checked.
    fn data(&self, start: usize, end: usize) -> parquet::errors::Result<Bytes> {
        let Checks {
            data, blocks, right, ..
        } = &*self.checks;
        let touched = start / BLOCK..end.div_ceil(BLOCK);
        let unknown = |block: &usize| !right[*block].load(Ordering::Relaxed);
        let (from, to) = if touched.clone().any(|block| unknown(&block)) {
            (touched.start * BLOCK, (touched.end * BLOCK).min(*data))
        } else {
            (start, end)
        };
        let mut bytes = vec![0; to - from];
        self.file.read_exact_at(&mut bytes, from as u64)?;
        for block in touched.filter(unknown) {
            let first = block * BLOCK - from;
            let last = (first + BLOCK).min(bytes.len());
            if block_digest(digest(&SHA256, &bytes[first..last]).as_ref()) != blocks[block] {
                return Err(ParquetError::General(
                    "its data are not what was written: restore it from a copy, or ingest again".into(),
                ));
            }
            right[block].store(true, Ordering::Relaxed);
        }
        Ok(Bytes::from(bytes).slice(start - from..end - from))
    }
}

impl Length for Checked {
    fn len(&self) -> u64 {
        (self.checks.data + self.checks.footer.len()) as u64
    }
}

impl ChunkReader for Checked {
    type T = BufReader<Sequence>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        let sequence = Sequence {
            file: self.clone(),
            position: start as usize,
        };
        Ok(BufReader::with_capacity(BLOCK, sequence))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let (start, data, footer) = (start as usize, self.checks.data, &self.checks.footer);
        let end = start
            .checked_add(length)
            .filter(|end| *end <= data + footer.len())
            .ok_or_else(|| ParquetError::EOF(format!("no {length} bytes at {start}")))?;
        if start >= data {
            return Ok(footer.slice(start - data..end - data));
        }
        if end <= data {
            return self.data(start, end);
        }
        let mut both = self.data(start, data)?.to_vec();
        both.extend_from_slice(&footer[..end - data]);
        Ok(both.into())
    }
}

/// Reads a checked file from a position on.
#[derive(Debug)]
pub(crate) struct Sequence {
    file: Checked,
    position: usize,
}

impl Read for Sequence {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let left = (self.file.len() as usize).saturating_sub(self.position);
        let length = buffer.len().min(left);
        let bytes = self
            .file
            .get_bytes(self.position as u64, length)
            .map_err(std::io::Error::other)?;
        buffer[..length].copy_from_slice(&bytes);
        self.position += length;
        Ok(length)
    }
}
