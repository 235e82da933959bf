//! Sub-results, kept within a memory budget: resolved code sets, events of a query, rows after each step of a plan.
//!
//! A sub-result is named by everything it depends on: the part of the plan with the content of its code sets, what came
//! before, and the shard. One memo belongs to one open snapshot, so the data are the same. An edit of a plan therefore costs
//! the steps from the edit on, and plans that begin alike share what is alike.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use ring::digest::{SHA256, digest};
use rustc_hash::FxHasher;
use serde::Serialize;

use super::codes::Matched;
use super::entry::Rows;
use super::evaluate::Step;
use super::plan::Codes;
use super::scope::Positions;
use super::table::Table;
use crate::event::Lru;

/// The name of a sub-result: 128 bits of a SHA-256.
pub(crate) type Name = u128;

/// A shard's rows after a step, and the steps so far.
pub(crate) type Reached = Arc<(Rows, Vec<Step>)>;

#[derive(Debug, Clone)]
enum Kept {
    Set(Arc<Matched>),
    Positions(Positions),
    Table(Arc<Table>),
    Rows(Reached),
}

/// The shard of what is the same for all shards.
const EVERY: u32 = u32::MAX;

/// Sub-results of one open warehouse.
#[derive(Debug)]
pub struct Memo(Lru<(Name, u32), Kept>);

impl Memo {
    /// A memo of at most so many bytes.
    pub fn new(budget: usize) -> Self {
        Self(Lru::new(budget))
    }

    /// Forgets everything, so that the next plan is evaluated from its beginning.
    pub fn clear(&self) {
        self.0.clear();
    }

    pub(crate) fn set(&self, name: Name) -> Option<Arc<Matched>> {
        match self.0.get((name, EVERY))? {
            Kept::Set(set) => Some(set),
            _ => None,
        }
    }

    pub(crate) fn put_set(&self, name: Name, set: &Arc<Matched>) {
        self.0.put((name, EVERY), Kept::Set(Arc::clone(set)), set.bytes());
    }

    pub(crate) fn positions(&self, name: Name, shard: u32) -> Option<Positions> {
        match self.0.get((name, shard))? {
            Kept::Positions(positions) => Some(positions),
            _ => None,
        }
    }

    pub(crate) fn put_positions(&self, name: Name, shard: u32, positions: &Positions) {
        let bytes = 128 + positions.len() * 8;
        self.0.put((name, shard), Kept::Positions(Arc::clone(positions)), bytes);
    }

    pub(crate) fn table(&self, name: Name, shard: u32) -> Option<Arc<Table>> {
        match self.0.get((name, shard))? {
            Kept::Table(table) => Some(table),
            _ => None,
        }
    }

    pub(crate) fn put_table(&self, name: Name, shard: u32, table: &Arc<Table>) {
        self.0.put((name, shard), Kept::Table(Arc::clone(table)), table.bytes());
    }

    pub(crate) fn rows(&self, name: Name, shard: u32) -> Option<Reached> {
        match self.0.get((name, shard))? {
            Kept::Rows(rows) => Some(rows),
            _ => None,
        }
    }

    pub(crate) fn put_rows(&self, name: Name, shard: u32, rows: &Reached) {
        self.0.put((name, shard), Kept::Rows(Arc::clone(rows)), rows.0.bytes());
    }
}

/// Names the content of a code set: two hashes of 64 bits that have nothing in common, since a set may be long.
pub(crate) fn name_of_codes(codes: &Codes) -> Name {
    let (mut fast, mut slow) = (FxHasher::default(), DefaultHasher::new());
    codes.hash(&mut fast);
    codes.hash(&mut slow);
    Name::from(fast.finish()) << 64 | Name::from(slow.finish())
}

/// Names a part of a plan after another name: its JSON, and the digests of the shared code sets it may refer to.
pub(crate) fn name(before: Name, part: &impl Serialize, sets: &BTreeMap<String, Name>) -> Name {
    let mut bytes = before.to_le_bytes().to_vec();
    // A plan is made of values that JSON can write: it was read from there.
    let json = serde_json::to_vec(part).unwrap_or_default();
    bytes.extend_from_slice(&json);
    for (set, content) in sets {
        // Only sets that the part names: another plan may share the part and not the rest.
        let quoted = format!("\"set\":{}", serde_json::Value::from(set.as_str()));
        if json.windows(quoted.len()).any(|window| window == quoted.as_bytes()) {
            bytes.extend_from_slice(&content.to_le_bytes());
        }
    }
    let hash = digest(&SHA256, &bytes);
    let mut half = [0; 16];
    half.copy_from_slice(&hash.as_ref()[..16]);
    Name::from_le_bytes(half)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cohort::plan::{CodesRef, Events, Named};

    #[test]
    fn names_depend_on_the_content_of_code_sets() {
        let events = Events::plain("drug", Some(CodesRef::Named(Named { set: "a".into() })));
        let sets = |content, other| BTreeMap::from([("a".to_owned(), content), ("b".to_owned(), other)]);
        let of = |sets| name(0, &events, &sets);
        assert_eq!(of(sets(1, 1)), of(sets(1, 2)), "a set that is not named");
        assert_ne!(of(sets(1, 1)), of(sets(2, 1)));
        assert_ne!(of(sets(1, 1)), name(1, &events, &sets(1, 1)));
    }
}
