//! Bindings of the released sets and of the ledger's chain, for `kohort.hosting`.
#![allow(clippy::needless_pass_by_value)] // what Python hands over is owned

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use ring::hmac;
use roaring::RoaringBitmap;

use super::signals::interruptible;
use crate::disclosure::history::{self, Released, Verdict};
use crate::error::{Error, Result};
use crate::vault::{self, Keys};

/// The persons behind a count. Opaque: it tells neither who they are nor how many.
#[pyclass(frozen, module = "kohort._core")]
#[derive(Clone)]
pub(crate) struct PersonSet(pub(super) Released);

impl PersonSet {
    pub(super) fn of(set: RoaringBitmap) -> Self {
        Self(Released::new(Arc::new(set)))
    }
}

#[pymethods]
impl PersonSet {
    /// A set of person numbers, in any order.
    #[new]
    fn new(numbers: Vec<u32>) -> Self {
        Self::of(numbers.into_iter().collect())
    }

    /// A set of person numbers, a bit each, the lowest bit of the first byte first.
    #[staticmethod]
    fn of_bits(py: Python<'_>, bits: &[u8]) -> Self {
        py.detach(|| {
            let mut set = RoaringBitmap::from_lsb0_bytes(0, bits);
            set.optimize();
            Self::of(set)
        })
    }

    /// The persons of this set or another: the margin of two cells.
    fn union(&self, py: Python<'_>, other: &Self) -> Self {
        py.detach(|| Self::of(&**self.0.set() | &**other.0.set()))
    }

    /// The persons of this set who are not in another: a complement, or who a step excludes.
    fn difference(&self, py: Python<'_>, other: &Self) -> Self {
        py.detach(|| Self::of(&**self.0.set() - &**other.0.set()))
    }

    /// A number that depends on the set and a secret alone: HMAC-SHA-256 of the members in order, cut to 64 bits.
    fn key(&self, py: Python<'_>, secret: &[u8]) -> u64 {
        let secret = secret.to_vec();
        py.detach(|| {
            let mut tag = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &secret));
            let mut bytes = Vec::with_capacity(1 << 16);
            for person in self.0.set().iter() {
                bytes.extend_from_slice(&person.to_le_bytes());
                if bytes.len() >= 1 << 16 {
                    tag.update(&bytes);
                    bytes.clear();
                }
            }
            tag.update(&bytes);
            let tag = tag.sign();
            tag.as_ref()
                .iter()
                .take(8)
                .fold(0, |key, byte| key << 8 | u64::from(*byte))
        })
    }

    /// Whether two sets hold the same persons.
    fn same(&self, other: &Self) -> bool {
        self.0.set() == other.0.set()
    }
}

/// The keys of a ledger.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct LedgerKeys(Keys);

/// What a set is stored with: how persons are numbered.
fn contents(set: &PersonSet, numbering: &str) -> Result<Vec<u8>> {
    let mut bytes = (numbering.len() as u32).to_le_bytes().to_vec();
    bytes.extend_from_slice(numbering.as_bytes());
    set.0
        .set()
        .serialize_into(&mut bytes)
        .map_err(|error| Error::Argument(format!("a set of persons cannot be written: {error}")))?;
    Ok(bytes)
}

#[pymethods]
impl LedgerKeys {
    /// Derives the keys from a secret of at least 32 bytes.
    #[new]
    fn new(secret: &[u8]) -> Result<Self> {
        Keys::derive(secret).map(Self)
    }

    /// The name and the encrypted bytes of a set of persons numbered in a certain way.
    fn close<'py>(&self, py: Python<'py>, set: &PersonSet, numbering: &str) -> PyResult<(String, Bound<'py, PyBytes>)> {
        let (name, closed) = py.detach(|| -> Result<_> {
            let bytes = contents(set, numbering)?;
            let name = self.0.name(&bytes);
            let closed = self.0.close(&name, &bytes)?;
            Ok((name, closed))
        })?;
        Ok((name, PyBytes::new(py, &closed)))
    }

    /// The name of a set of persons numbered in a certain way.
    fn name(&self, py: Python<'_>, set: &PersonSet, numbering: &str) -> PyResult<String> {
        let name = py.detach(|| contents(set, numbering).map(|bytes| self.0.name(&bytes)));
        name.map_err(PyErr::from)
    }

    /// Decrypts a set: how its persons are numbered, and the set.
    fn open(&self, py: Python<'_>, name: &str, closed: &[u8]) -> PyResult<(String, PersonSet)> {
        let opened = py.detach(|| -> Result<_> {
            let bytes = self.0.open(name, closed)?;
            let wrong = || {
                Error::Integrity(format!(
                    "the released set {name} cannot be read: restore it from a copy"
                ))
            };
            let (length, rest) = bytes.split_first_chunk::<4>().ok_or_else(wrong)?;
            let (numbering, set) = rest
                .split_at_checked(u32::from_le_bytes(*length) as usize)
                .ok_or_else(wrong)?;
            let numbering = std::str::from_utf8(numbering).map_err(|_| wrong())?;
            let set = RoaringBitmap::deserialize_from(set).map_err(|_| wrong())?;
            Ok((numbering.to_owned(), PersonSet::of(set)))
        });
        opened.map_err(PyErr::from)
    }
}

/// The sets released so far, in memory.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct ReleasedSets(Mutex<history::History>);

impl ReleasedSets {
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        sets: Vec<PyRef<'_, PersonSet>>,
        work: impl FnOnce(&mut history::History, &[Released], &crate::stop::Stop) -> Result<T> + Send,
    ) -> PyResult<T> {
        let sets: Vec<Released> = sets.iter().map(|set| set.0.clone()).collect();
        interruptible(py, None, |stop| {
            let mut history = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut history, &sets, stop)
        })
    }
}

#[pymethods]
impl ReleasedSets {
    /// No sets; groups of fewer than `threshold` persons are protected.
    #[new]
    fn new(threshold: u64) -> Result<Self> {
        Ok(Self(Mutex::new(history::History::new(threshold)?)))
    }

    /// How many sets there are.
    fn __len__(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Judges sets against all earlier ones: the verdict, the set at fault, and the sets that take part in it.
    ///
    /// Sets are named by their place: earlier ones first, then those judged.
    fn check(&self, py: Python<'_>, sets: Vec<PyRef<'_, PersonSet>>) -> PyResult<(&'static str, usize, Vec<usize>)> {
        let verdict = self.with(py, sets, history::History::check)?;
        Ok(match verdict {
            Verdict::Clear => ("clear", 0, Vec::new()),
            Verdict::Small { set } => ("small", set, Vec::new()),
            Verdict::Difference { set, other } => ("difference", set, vec![other]),
            Verdict::Combination { set, others } => ("combination", set, others),
            Verdict::Unknown { set } => ("unknown", set, Vec::new()),
            Verdict::Full => ("full", 0, Vec::new()),
        })
    }

    /// Adds sets that were released.
    fn add(&self, py: Python<'_>, sets: Vec<PyRef<'_, PersonSet>>) -> PyResult<()> {
        self.with(py, sets, history::History::add)
    }
}

/// The end of a ledger's chain: reads lines that follow it, and writes them.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct LedgerChain(Mutex<vault::Chain>);

/// Sequence, time, kind and body (JSON) of an entry.
type Line = (u64, String, String, String);

#[pymethods]
impl LedgerChain {
    /// The chain's beginning.
    #[new]
    fn new() -> Self {
        Self(Mutex::default())
    }

    /// The last entry: its number, the SHA-256 of its line, its time.
    fn last(&self) -> (u64, String, String) {
        let chain = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (chain.sequence, chain.last.clone(), chain.time.clone())
    }

    /// Reads lines: the entries up to the first fault, the fault (number, reason), and how many bytes are no whole line.
    #[pyo3(signature = (lines, keys=None))]
    #[allow(clippy::type_complexity)] // a row per entry, as Python takes it
    fn read(
        &self,
        py: Python<'_>,
        lines: &[u8],
        keys: Option<PyRef<'_, LedgerKeys>>,
    ) -> (Vec<Line>, Option<(u64, &'static str)>, usize) {
        let keys = keys.as_deref().map(|keys| &keys.0);
        py.detach(|| {
            let mut chain = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let read = chain.read(lines, keys);
            let entries = read.entries.into_iter();
            let lines = entries.map(|entry| (entry.sequence, entry.time, entry.kind, entry.body.to_string()));
            (
                lines.collect(),
                read.fault.map(|fault| (fault.sequence, fault.reason)),
                read.torn,
            )
        })
    }

    /// Adds an entry; gives its line. `body` is JSON.
    #[pyo3(signature = (time, kind, body, keys=None))]
    fn add<'py>(
        &self,
        py: Python<'py>,
        time: &str,
        kind: &str,
        body: &str,
        keys: Option<PyRef<'_, LedgerKeys>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let body = serde_json::from_str(body).map_err(|error| Error::Argument(format!("not JSON: {error}")))?;
        let mut chain = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let line = chain.add(time, kind, body, keys.as_deref().map(|keys| &keys.0))?;
        Ok(PyBytes::new(py, &line))
    }

    /// The same end, to go on from apart.
    fn copy(&self) -> Self {
        Self(Mutex::new(
            self.0.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        ))
    }
}

/// The SHA-256 of a JSON document in its canonical form.
#[pyfunction]
pub(crate) fn canonical_hash(document: &str) -> PyResult<String> {
    let value = serde_json::from_str(document).map_err(|error| Error::Argument(format!("not JSON: {error}")))?;
    Ok(vault::digest(&vault::canonical(&value)?))
}
