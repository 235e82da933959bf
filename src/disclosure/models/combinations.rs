//! (k,m)-anonymity: what a few known codes of a person give away.
//!
//! M. Terrovitis, N. Mamoulis, P. Kalnis, "Privacy-preserving anonymization of set-valued data", PVLDB 1 (2008): whoever
//! knows up to m codes of a person must find at least k persons who have them all.
//!
//! Combinations are enumerated depth first, each with the list of persons who have it. A combination is extended by codes
//! that come after its last one, rare codes first, and only by codes that occur with it: what nobody has costs nothing.

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::Composition;
use crate::error::Result;
use crate::stop::Stop;

/// More known codes than this are not counted: a key of the codes that were seen has 128 bits.
pub const MOST_CODES: usize = 5;

/// The distinct codes of each person, rare ones first.
pub struct Histories {
    starts: Vec<usize>,
    codes: Vec<u32>,
    /// Per code, who has it, and the place after it in that person's codes.
    holders: Vec<Vec<Place>>,
}

/// A person, and where the codes begin by which a combination may be extended.
type Place = (u32, u32);

/// How many persons share a combination of up to m codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Combinations {
    /// The fewest persons who share a combination that occurs.
    pub k: u64,
    /// By number of codes from 1: combinations of fewer persons than required, all of whose parts have enough.
    pub offending: Vec<u64>,
}

impl Histories {
    /// From the codes of each person; code 0 is a missing one, and none.
    pub fn new(persons: &Composition, codes: usize) -> Self {
        let mut support = vec![0_u32; codes];
        for number in 0..persons.len() {
            for &code in persons.class(number).values {
                support[code as usize] += 1;
            }
        }
        let mut by_support: Vec<u32> = (1..codes as u32).filter(|&code| support[code as usize] > 0).collect();
        by_support.sort_by_key(|&code| support[code as usize]);
        let mut renamed = vec![0; codes];
        for (name, &code) in by_support.iter().enumerate() {
            renamed[code as usize] = name as u32;
        }
        let mut histories = Self {
            starts: vec![0],
            codes: Vec::new(),
            holders: by_support
                .iter()
                .map(|&code| Vec::with_capacity(support[code as usize] as usize))
                .collect(),
        };
        for number in 0..persons.len() {
            let from = histories.codes.len();
            let known = persons.class(number).values.iter().filter(|code| **code > 0);
            histories.codes.extend(known.map(|&code| renamed[code as usize]));
            histories.codes[from..].sort_unstable();
            for (place, &code) in (1..).zip(&histories.codes[from..]) {
                histories.holders[code as usize].push((number as u32, place));
            }
            histories.starts.push(histories.codes.len());
        }
        histories
    }

    /// How many different codes there are.
    pub fn distinct(&self) -> usize {
        self.holders.len()
    }

    /// How many persons share each combination of up to `most` codes, which is from 1 to [`MOST_CODES`]; `required`
    /// persons are enough. There is at least one code.
    pub fn combinations(&self, most: usize, required: u64, stop: &Stop) -> Result<Combinations> {
        let (mut least, mut offending) = (u64::MAX, vec![0; most]);
        let mut bad: FxHashSet<u128> = FxHashSet::default();
        for size in 1..=most {
            let found = self.walk(size, stop, || Level {
                size,
                required,
                bad: &bad,
                remember: size < most,
                least: u64::MAX,
                found: Vec::new(),
                count: 0,
            })?;
            let mut next = Vec::new();
            for level in found {
                least = least.min(level.least);
                offending[size - 1] += level.count;
                next.extend(level.found);
            }
            bad.extend(next);
        }
        if least < required {
            // Parts of offending combinations were not extended: look for the rarest among all.
            let rarest = std::sync::atomic::AtomicU64::new(least);
            self.walk(most, stop, || Rarest(&rarest))?;
            least = rarest.into_inner();
        }
        Ok(Combinations { k: least, offending })
    }

    fn walk<V: Visit>(&self, most: usize, stop: &Stop, visitor: impl Fn() -> V + Sync) -> Result<Vec<V>> {
        (0..self.holders.len())
            .into_par_iter()
            .fold(
                || Ok((visitor(), Walker::new(self, most))),
                |state: Result<(V, Walker<'_>)>, code| {
                    let (mut visitor, mut walker) = state?;
                    stop.check()?;
                    walker.prefix.clear();
                    walker.prefix.push(code as u32);
                    let holders = &self.holders[code];
                    if visitor.see(&walker.prefix, holders.len() as u64) && most > 1 {
                        walker.extend(holders, &mut visitor, stop)?;
                    }
                    Ok((visitor, walker))
                },
            )
            .map(|state| state.map(|(visitor, _)| visitor))
            .collect()
    }
}

/// What is done at each combination that occurs.
trait Visit: Send {
    /// Sees a combination and how many persons share it; says whether to extend it.
    fn see(&mut self, combination: &[u32], persons: u64) -> bool;
}

/// Combinations of one size whose parts all have enough persons.
struct Level<'a> {
    size: usize,
    required: u64,
    /// The smaller combinations that offend.
    bad: &'a FxHashSet<u128>,
    remember: bool,
    least: u64,
    found: Vec<u128>,
    count: u64,
}

impl Visit for Level<'_> {
    fn see(&mut self, combination: &[u32], persons: u64) -> bool {
        if combination.len() < self.size {
            return persons >= self.required;
        }
        self.least = self.least.min(persons);
        if persons < self.required && !self.contains_bad(combination) {
            self.count += 1;
            if self.remember {
                self.found.push(key(combination.iter().copied()));
            }
        }
        false
    }
}

impl Level<'_> {
    /// Whether a part offends; parts without the last code are known to have enough persons.
    fn contains_bad(&self, combination: &[u32]) -> bool {
        let Some((&last, others)) = combination.split_last() else {
            return false;
        };
        !self.bad.is_empty()
            && (0..(1_u32 << others.len()) - 1).any(|mask| {
                let chosen = others.iter().enumerate().filter(|(bit, _)| mask >> bit & 1 == 1);
                self.bad.contains(&key(chosen.map(|(_, &code)| code).chain([last])))
            })
    }
}

/// A combination of fewer than [`MOST_CODES`] codes as one number; codes are shifted by one, so that 0 is none.
fn key(codes: impl Iterator<Item = u32>) -> u128 {
    codes.fold(0, |key, code| key << 32 | u128::from(code + 1))
}

/// The fewest persons over all combinations; one person is the end of it.
struct Rarest<'a>(&'a std::sync::atomic::AtomicU64);

impl Visit for Rarest<'_> {
    fn see(&mut self, _: &[u32], persons: u64) -> bool {
        use std::sync::atomic::Ordering::Relaxed;
        self.0.fetch_min(persons, Relaxed);
        self.0.load(Relaxed) > 1
    }
}

/// The way to a combination, and tables by code that are all zero between two steps.
struct Walker<'a> {
    histories: &'a Histories,
    most: usize,
    prefix: Vec<u32>,
    persons: Vec<u32>,
}

impl<'a> Walker<'a> {
    fn new(histories: &'a Histories, most: usize) -> Self {
        Self {
            histories,
            most,
            prefix: Vec::with_capacity(most),
            persons: vec![0; histories.holders.len()],
        }
    }

    fn rest(&self, (person, place): Place) -> &'a [u32] {
        let person = person as usize;
        let codes = &self.histories.codes[self.histories.starts[person]..self.histories.starts[person + 1]];
        &codes[place as usize..]
    }

    /// Sees every extension of the prefix by one code, and goes on from those that the visitor wants.
    fn extend(&mut self, holders: &[Place], visitor: &mut impl Visit, stop: &Stop) -> Result<()> {
        stop.check()?;
        let mut codes = Vec::new();
        for &holder in holders {
            for &code in self.rest(holder) {
                let persons = &mut self.persons[code as usize];
                if *persons == 0 {
                    codes.push(code);
                }
                *persons += 1;
            }
        }
        let deepest = self.prefix.len() + 1 == self.most;
        let mut wanted: Vec<(u32, usize)> = Vec::new();
        let mut places = 0;
        for &code in &codes {
            self.prefix.push(code);
            let persons = std::mem::take(&mut self.persons[code as usize]);
            if visitor.see(&self.prefix, u64::from(persons)) && !deepest {
                // From here on the table says where the holders of a wanted code go, counted from 1.
                self.persons[code as usize] = places as u32 + 1;
                places += persons as usize;
                wanted.push((code, places));
            }
            self.prefix.pop();
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let mut extended: Vec<Place> = vec![(0, 0); places];
        for &(person, place) in holders {
            for (next, &code) in (place + 1..).zip(self.rest((person, place))) {
                let slot = &mut self.persons[code as usize];
                if *slot > 0 {
                    extended[*slot as usize - 1] = (person, next);
                    *slot += 1;
                }
            }
        }
        for &(code, _) in &wanted {
            self.persons[code as usize] = 0;
        }
        let mut from = 0;
        for (code, to) in wanted {
            self.prefix.push(code);
            self.extend(&extended[from..to], visitor, stop)?;
            self.prefix.pop();
            from = to;
        }
        Ok(())
    }
}
