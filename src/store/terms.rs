//! The vocabularies in memory: which codes there are, and which lead to which, loaded once and looked up often.
//!
//! A plan of OMOP codes asks tens of thousands of times; the tables have tens of millions of rows. Codes are therefore
//! numbered, and links are compressed rows: where each code's own begin, and one number for each of them.

use std::collections::BTreeMap;
use std::hash::Hasher;
use std::ops::Range;

use rustc_hash::FxHasher;

use super::vocabulary::each_row;
use crate::error::Result;
use crate::event::Stored;

/// The mark of a free slot.
const FREE: u32 = u32::MAX;

/// Texts with a number each, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Names {
    text: String,
    ends: Vec<usize>,
    /// Numbers at the places that their texts' hashes say, or at the next free ones; a power of two, half of it free.
    slots: Vec<u32>,
}

impl Names {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, number: u32) -> &str {
        let number = number as usize;
        let from = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[from..self.ends[number]]
    }

    /// The slot of a text: its own, or the free one that it would take.
    fn slot(&self, text: &str) -> usize {
        let mut hasher = FxHasher::default();
        hasher.write(text.as_bytes());
        let mut slot = hasher.finish() as usize & (self.slots.len() - 1);
        while self.slots[slot] != FREE && self.get(self.slots[slot]) != text {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        slot
    }

    /// The number of a text, when it has one.
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        let number = *self
            .slots
            .get(if self.slots.is_empty() { 0 } else { self.slot(text) })?;
        (number != FREE).then_some(number)
    }

    /// The number of a text, a new one where it has none.
    fn enter(&mut self, text: &str) -> u32 {
        if self.len() * 2 >= self.slots.len() {
            self.slots = vec![FREE; (self.slots.len() * 2).max(16)];
            for number in 0..self.len() as u32 {
                let slot = self.slot(self.get(number));
                self.slots[slot] = number;
            }
        }
        let slot = self.slot(text);
        if self.slots[slot] == FREE {
            self.slots[slot] = self.len() as u32;
            self.text.push_str(text);
            self.ends.push(self.text.len());
        }
        self.slots[slot]
    }
}

/// Which codes of a vocabulary lead to which.
#[derive(Debug, Default)]
pub(crate) struct Links {
    names: Names,
    offsets: Vec<usize>,
    targets: Vec<u32>,
}

impl Links {
    /// Sorts pairs into compressed rows.
    fn new(names: Names, pairs: &[(u32, u32)]) -> Self {
        let mut offsets = vec![0; names.len() + 1];
        for (from, _) in pairs {
            offsets[*from as usize + 1] += 1;
        }
        for number in 0..names.len() {
            offsets[number + 1] += offsets[number];
        }
        let mut next = offsets.clone();
        let mut targets = vec![0; pairs.len()];
        for (from, to) in pairs {
            let place = &mut next[*from as usize];
            targets[*place] = *to;
            *place += 1;
        }
        Self {
            names,
            offsets,
            targets,
        }
    }

    /// The codes that a code leads to, in no order, perhaps some of them twice.
    pub(crate) fn from(&self, code: &str) -> impl Iterator<Item = &str> {
        let rows: Range<usize> = self.names.find(code).map_or(0..0, |number| {
            self.offsets[number as usize]..self.offsets[number as usize + 1]
        });
        self.targets[rows].iter().map(|target| self.names.get(*target))
    }
}

/// What is kept for each vocabulary of a table.
pub(crate) type PerVocabulary<T> = BTreeMap<String, T>;

/// Hands each row's vocabulary part to `take`; neighbors are of one vocabulary nearly always.
fn each_of<T: Default>(
    stored: &Stored,
    table: &str,
    mut take: impl FnMut(&mut T, &str, &str),
) -> Result<PerVocabulary<T>> {
    let mut found = PerVocabulary::new();
    let (mut here, mut part) = (None::<String>, T::default());
    each_row(stored, table, |[of, first, second]| {
        if here.as_deref() != Some(of) {
            let next = found.remove(of).unwrap_or_default();
            let done = std::mem::replace(&mut part, next);
            if let Some(name) = here.replace(of.to_owned()) {
                found.insert(name, done);
            }
        }
        take(&mut part, first, second);
    })?;
    if let Some(name) = here {
        found.insert(name, part);
    }
    Ok(found)
}

/// The links of a table from its second column to its third or, turned around, from its third to its second.
pub(crate) fn links(stored: &Stored, table: &str, turned: bool) -> Result<PerVocabulary<Links>> {
    let read = each_of(stored, table, |(names, pairs): &mut (Names, Vec<_>), first, second| {
        let (first, second) = (names.enter(first), names.enter(second));
        pairs.push(if turned { (second, first) } else { (first, second) });
    })?;
    Ok(read
        .into_iter()
        .map(|(name, (names, pairs))| (name, Links::new(names, &pairs)))
        .collect())
}

/// The codes of a table's second column.
pub(crate) fn names(stored: &Stored, table: &str) -> Result<PerVocabulary<Names>> {
    each_of(stored, table, |names: &mut Names, code, _| _ = names.enter(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_their_numbers_as_the_table_grows() {
        let mut names = Names::default();
        assert_eq!(names.find("1"), None);
        let texts: Vec<String> = (0..5_000)
            .map(|i| (i * 7919).to_string())
            .chain([String::new()])
            .collect();
        for (number, text) in texts.iter().enumerate() {
            assert_eq!(names.enter(text), number as u32);
        }
        for (number, text) in texts.iter().enumerate() {
            assert_eq!(names.enter(text), number as u32);
            assert_eq!(names.find(text), Some(number as u32));
            assert_eq!(names.get(number as u32), text);
        }
        assert_eq!(names.find("x"), None);
    }

    #[test]
    fn links_are_what_the_pairs_say() {
        let mut names = Names::default();
        let pairs: Vec<(u32, u32)> = [("a", "b"), ("c", "a"), ("a", "c"), ("a", "b")]
            .map(|(from, to)| (names.enter(from), names.enter(to)))
            .to_vec();
        let links = Links::new(names, &pairs);
        assert_eq!(links.from("a").collect::<Vec<_>>(), ["b", "c", "b"]);
        assert_eq!(links.from("b").count(), 0);
        assert_eq!(links.from("c").collect::<Vec<_>>(), ["a"]);
        assert_eq!(links.from("d").count(), 0);
    }
}
