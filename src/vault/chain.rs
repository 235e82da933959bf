//! The chain of the ledger: one entry a line, each bound to the line before.
//!
//! A line is canonical JSON: `body`, `hash`, `kind`, `previous`, `sequence`, `time`, and `tag` under a key. `previous`
//! is the SHA-256 of the line before without its end; `hash` that of the entry without `hash` and `tag`; `tag` the HMAC
//! of `hash`. An edit breaks `hash`; an edit with its hash made anew breaks `tag`, and `previous` of the next line.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::canonical::{canonical, digest};
use super::keys::Keys;
use crate::error::{Error, Result};

/// What comes before the first line.
const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// An entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What happened.
    pub body: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
    /// The kind of event.
    pub kind: String,
    previous: String,
    /// Its number, from 1 on.
    pub sequence: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    /// When, UTC, as `2026-11-23T12:00:00.000000Z`.
    pub time: String,
}

/// The first entry that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its number.
    pub sequence: u64,
    /// What is wrong.
    pub reason: &'static str,
}

/// What a stretch of lines holds.
#[derive(Debug, Default)]
pub struct Read {
    /// The entries up to the first fault.
    pub entries: Vec<Entry>,
    /// The first fault.
    pub fault: Option<Fault>,
    /// How many bytes at the end are no whole line: a writer died.
    pub torn: usize,
}

/// The end of a chain, to which the next line is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The number of the last entry; 0 where there is none.
    pub sequence: u64,
    /// The SHA-256 of its line.
    pub last: String,
    /// Its time.
    pub time: String,
}

impl Default for Chain {
    fn default() -> Self {
        Self {
            sequence: 0,
            last: NOTHING.to_owned(),
            time: String::new(),
        }
    }
}

fn hash_of(entry: &Entry) -> Result<String> {
    let bare = Entry {
        hash: None,
        tag: None,
        ..entry.clone()
    };
    Ok(digest(&line_of(&bare)?))
}

fn line_of(entry: &Entry) -> Result<Vec<u8>> {
    canonical(&serde_json::to_value(entry).map_err(|error| Error::Argument(error.to_string()))?)
}

impl Chain {
    /// Adds an entry; gives its line, with its end.
    pub fn add(&mut self, time: &str, kind: &str, body: Value, keys: Option<&Keys>) -> Result<Vec<u8>> {
        if time < self.time.as_str() {
            return Err(Error::Integrity(format!(
                "the clock says {time}, before the ledger's last entry at {}: set the clock right",
                self.time
            )));
        }
        let mut entry = Entry {
            body,
            hash: None,
            kind: kind.to_owned(),
            previous: self.last.clone(),
            sequence: self.sequence + 1,
            tag: None,
            time: time.to_owned(),
        };
        let hash = hash_of(&entry)?;
        entry.tag = keys.map(|keys| keys.tag(hash.as_bytes()));
        entry.hash = Some(hash);
        let mut line = line_of(&entry)?;
        self.advance(&entry, &line);
        line.push(b'\n');
        Ok(line)
    }

    fn advance(&mut self, entry: &Entry, line: &[u8]) {
        self.sequence = entry.sequence;
        self.last = digest(line);
        self.time.clone_from(&entry.time);
    }

    /// Reads lines that follow; stops at the first that is not as it was written.
    pub fn read(&mut self, bytes: &[u8], keys: Option<&Keys>) -> Read {
        let mut read = Read::default();
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        read.torn = bytes.len() - whole;
        for line in bytes[..whole].split_inclusive(|byte| *byte == b'\n') {
            let line = &line[..line.len() - 1];
            match self.check(line, keys) {
                Ok(entry) => {
                    self.advance(&entry, line);
                    read.entries.push(entry);
                }
                Err(reason) => {
                    let sequence = self.sequence + 1;
                    read.fault = Some(Fault { sequence, reason });
                    break;
                }
            }
        }
        read
    }

    fn check(&self, line: &[u8], keys: Option<&Keys>) -> Result<Entry, &'static str> {
        let entry: Entry = serde_json::from_slice(line).map_err(|_| "is not an entry")?;
        if entry.sequence != self.sequence + 1 {
            return Err("is missing, or out of its place");
        }
        if entry.previous != self.last {
            return Err("does not follow from the entry before, or that was edited");
        }
        let hash = hash_of(&entry).map_err(|_| "is not an entry")?;
        if entry.hash.as_ref() != Some(&hash) || !line_of(&entry).is_ok_and(|written| written == line) {
            return Err("was edited");
        }
        if let Some(keys) = keys
            && entry.tag.as_deref() != Some(&*keys.tag(hash.as_bytes()))
        {
            return Err("was not written under this ledger's key");
        }
        if entry.time < self.time {
            return Err("is earlier than the entry before");
        }
        Ok(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn written(entries: u64, keys: &Keys) -> Vec<u8> {
        let mut chain = Chain::default();
        let line = |n| {
            chain.add(
                &format!("2026-11-24T00:00:{n:02}Z"),
                "release",
                json!({"n": n}),
                Some(keys),
            )
        };
        (0..entries).flat_map(line).flatten().collect()
    }

    #[test]
    fn a_chain_is_read_as_it_was_written() {
        let keys = Keys::derive(&[3; 32]).unwrap();
        let bytes = written(5, &keys);
        let mut chain = Chain::default();
        let read = chain.read(&bytes, Some(&keys));
        assert_eq!(
            (read.entries.len(), read.fault, read.torn, chain.sequence),
            (5, None, 0, 5)
        );
        let mut chain = Chain::default();
        let read = chain.read(&bytes[..bytes.len() - 9], Some(&keys));
        assert_eq!((read.entries.len(), read.fault), (4, None));
        assert!(read.torn > 0);
        assert!(chain.add("2026-11-23T00:00:00Z", "open", json!({}), None).is_err());
        let other = Keys::derive(&[4; 32]).unwrap();
        assert_eq!(Chain::default().read(&bytes, Some(&other)).fault.unwrap().sequence, 1);
    }

    proptest! {
        #[test]
        fn any_changed_byte_is_found_at_its_entry(at in 0.0_f64..1.0, to in any::<u8>()) {
            let keys = Keys::derive(&[3; 32]).unwrap();
            let mut bytes = written(6, &keys);
            let place = (at * bytes.len() as f64) as usize;
            prop_assume!(bytes[place] != to && place + 1 < bytes.len());
            let line = bytes[..place].split(|byte| *byte == b'\n').count() as u64;
            bytes[place] = to;
            let read = Chain::default().read(&bytes, Some(&keys));
            prop_assert_eq!(read.fault.map(|fault| fault.sequence), Some(line));
        }
    }
}
