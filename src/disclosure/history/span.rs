//! The span check: may a linear combination of released counts speak of fewer than t persons?
//!
//! A reader of exact counts |S_1|..|S_m| knows the sum of f over all persons for every f in the span V of the sets'
//! indicators. The check refuses a set S where V + S has an f that is not zero on at least 1 and fewer than t persons.
//! Nested differences, small symmetric differences, inclusion and exclusion of any length are such f.
//!
//! **How.** There are t chains: disjoint sets B_1..B_t of persons, the memberships of each linearly independent.
//!
//! *Every small f is caught.* An f on fewer than t persons misses one of t disjoint chains, that is, vanishes on some
//! B_k. Let F_k be the functions of V that vanish on B_k; f lies in one of them. dim F_k = dim V - |B_k|, since B_k is
//! independent: where |B_k| = dim V nothing is left, and t such chains prove V safe. That is the usual case: a group of
//! t persons or more with equal memberships gives every chain a person.
//!
//! *A new set S.* On B_k it agrees with exactly one combination g_k of the chain's sets. A person outside all chains of
//! whom g_k is wrong extends B_k: dim V and |B_k| grow together, F_k stays what it was, and F_k was judged before. Where
//! all such persons are gone, F_k grows by h_k = S - g_k, and h_k is zero outside the chains: it is known exactly on at
//! most t dim V persons, as all of F_k is. If F_k + h_k has an f on few persons in which h_k has a part, S is refused.
//! [`residual`](super::residual) decides that exactly up to a cap and refuses beyond it. Functions without a part of
//! h_k are earlier ones, accepted before; so a threshold that was raised does not make every later release collide.
//!
//! *No other is refused.* What is refused was found: a combination and the fewer than t persons on whom it stands.
//! Both statements are modulo the random prime of [`field`](super::field).
//!
//! **What is not covered.** Counts obey more than equations: they are whole and not negative, so a set of no persons, or
//! one that holds all of another, bounds what is inside; the table's audit has inequalities, across releases nobody
//! has. Averages and models are not sets of persons. An f on t persons or more that tells of few in another way
//! (it is 1 on a thousand persons and 5 on one) is not small. A refusal tells that a difference is not nil (Kenthapadi,
//! Mishra and Nissim, "Simulatable auditing", PODS 2005). What a reader knows from elsewhere counts only if recorded.

use std::sync::Arc;

use rayon::prelude::*;
use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

use super::chain::{Chain, Solved, Sparse};
use super::field::Field;
use super::residual::{Found, Function, is_combination, lightest};
use crate::error::Result;
use crate::stop::Stop;

/// How many numbers the factors of all chains may hold: a gigabyte.
const ENTRIES: usize = 1 << 26;
/// Persons are looked at in blocks of so many.
const BLOCK: u32 = 1 << 16;

/// A chain and the functions that vanish on it.
#[derive(Debug, Default)]
struct Link {
    chain: Chain,
    left: Vec<Function>,
}

/// The span of the sets released so far.
#[derive(Debug)]
pub(super) struct Span {
    field: Field,
    threshold: u64,
    /// Sets whose indicators are independent, by number.
    sets: Vec<Arc<RoaringBitmap>>,
    /// Of each, the number under which the caller knows it.
    names: Vec<u32>,
    links: Vec<Link>,
    /// The persons of all chains.
    taken: RoaringBitmap,
}

/// Where a span can be cut back to.
#[derive(Debug)]
pub(super) struct Mark {
    sets: usize,
    links: Vec<(usize, usize)>,
}

/// A chain's next person, and by how much the combination is wrong there.
type Next = Option<(u32, u64)>;

impl Span {
    pub(super) fn new(threshold: u64) -> Result<Self> {
        let links = (0..threshold).map(|_| Link::default()).collect();
        Ok(Self {
            field: Field::random()?,
            threshold,
            sets: Vec::new(),
            names: Vec::new(),
            links,
            taken: RoaringBitmap::new(),
        })
    }

    /// Whether the factors have outgrown what may be held.
    pub(super) fn is_full(&self) -> bool {
        self.links.iter().map(|link| link.chain.entries()).sum::<usize>() > ENTRIES
    }

    pub(super) fn mark(&self) -> Mark {
        let links = self.links.iter().map(|link| (link.chain.len(), link.left.len()));
        Mark {
            sets: self.sets.len(),
            links: links.collect(),
        }
    }

    pub(super) fn cut(&mut self, mark: &Mark) {
        self.sets.truncate(mark.sets);
        self.names.truncate(mark.sets);
        for (link, &(persons, left)) in self.links.iter_mut().zip(&mark.links) {
            for &person in link.chain.persons.get(persons..).unwrap_or_default() {
                self.taken.remove(person);
            }
            link.chain.truncate(persons);
            link.left.truncate(left);
        }
    }

    /// Adds a set; with `judge`, unless a combination in which it takes part stands on fewer than t persons.
    pub(super) fn add(&mut self, name: u32, set: &Arc<RoaringBitmap>, judge: bool, stop: &Stop) -> Result<Found> {
        let field = self.field;
        stop.check()?;
        let solved: Vec<Solved> = self
            .links
            .par_iter()
            .map(|link| link.chain.solve(field, |person| set.contains(person)))
            .collect();
        let mut next: Vec<Next> = vec![None; self.links.len()];
        self.try_some(set, &solved, &mut next);
        self.search_all(set, &solved, &mut next, stop)?;
        let mut persons = self.taken.clone();
        persons.extend(next.iter().flatten().map(|(person, _)| *person));
        let mut left: Vec<Option<Function>> = Vec::with_capacity(self.links.len());
        for ((link, solved), next) in self.links.iter().zip(&solved).zip(&next) {
            if next.is_some() {
                left.push(None);
                continue;
            }
            let function = self.residual(set, &solved.terms, &persons);
            if is_combination(&link.left, &function, field) {
                // The set is a combination of earlier ones: whoever has these knows its count already.
                return Ok(Found::None);
            }
            if judge {
                let found = lightest(&link.left, &function, self.threshold, field, stop)?;
                if found != Found::None {
                    return Ok(self.named(found, name));
                }
            }
            left.push(Some(function));
        }
        let number = self.sets.len() as u32;
        for (k, (solved, next)) in solved.iter().zip(&next).enumerate() {
            match (next, left[k].take()) {
                (Some((person, error)), _) => {
                    let member_of = self.memberships(*person);
                    self.taken.insert(*person);
                    self.links[k]
                        .chain
                        .extend(field, number, *person, &member_of, solved, *error);
                }
                (None, Some(function)) => self.links[k].left.push(function),
                (None, None) => {}
            }
        }
        self.sets.push(Arc::clone(set));
        self.names.push(name);
        Ok(Found::None)
    }

    fn named(&self, found: Found, new: u32) -> Found {
        match found {
            Found::Sets(sets) => Found::Sets(
                sets.into_iter()
                    .map(|set| self.names.get(set as usize).copied().unwrap_or(new))
                    .collect(),
            ),
            other => other,
        }
    }

    /// The numbers of the sets that a person is in.
    fn memberships(&self, person: u32) -> Vec<u32> {
        let sets = (0..).zip(&self.sets);
        sets.filter(|(_, set)| set.contains(person))
            .map(|(number, _)| number)
            .collect()
    }

    /// Asks some persons, half of them members: mostly the first few contradict every chain.
    fn try_some(&self, set: &RoaringBitmap, solved: &[Solved], next: &mut [Next]) {
        let field = self.field;
        let most = self
            .sets
            .iter()
            .filter_map(|set| set.max())
            .chain(set.max())
            .max()
            .unwrap_or(0);
        let some = 2 * self.threshold;
        let spread = |n: u64, of: u64| (n * (of / some).max(1) + of / (2 * some)) as u32;
        let members = (0..some.min(set.len())).filter_map(|n| set.select(spread(n, set.len())));
        let others = (0..some.min(u64::from(most))).map(|n| spread(n, u64::from(most)));
        let mut asked: Vec<(Vec<u32>, u32)> = members
            .chain(others)
            .filter(|person| !self.taken.contains(*person))
            .map(|person| (self.memberships(person), person))
            .collect();
        // Who is in few sets keeps the factors sparse.
        asked.sort_unstable_by_key(|(sets, person)| (sets.len(), *person));
        asked.dedup_by_key(|entry| entry.1);
        let coefficients: Vec<FxHashMap<u32, u64>> = solved
            .iter()
            .map(|solved| solved.terms.iter().copied().collect())
            .collect();
        for (member_of, person) in asked {
            let value = if set.contains(person) { field.one } else { 0 };
            for (next, terms) in next.iter_mut().zip(&coefficients) {
                if next.is_some() {
                    continue;
                }
                let predicted = member_of
                    .iter()
                    .filter_map(|set| terms.get(set))
                    .fold(0, |sum, coefficient| field.add(sum, *coefficient));
                if predicted != value {
                    *next = Some((person, field.minus(value, predicted)));
                    break;
                }
            }
        }
    }

    /// Looks among all persons for those whom the chains without a next one need; chains that agree are served together.
    fn search_all(&self, set: &RoaringBitmap, solved: &[Solved], next: &mut [Next], stop: &Stop) -> Result<()> {
        let mut groups: FxHashMap<&Sparse, Vec<usize>> = FxHashMap::default();
        for (k, solved) in solved.iter().enumerate() {
            if next[k].is_none() {
                groups.entry(&solved.terms).or_default().push(k);
            }
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_unstable_by_key(|(_, chains)| chains[0]);
        for (terms, chains) in groups {
            let used: Vec<u32> = next.iter().flatten().map(|(person, _)| *person).collect();
            let found = self.wrong(set, terms, chains.len(), &used, stop)?;
            for (k, found) in chains.into_iter().zip(found) {
                next[k] = Some(found);
            }
        }
        Ok(())
    }

    /// Up to `most` persons outside the chains of whom a combination is wrong, and by how much.
    fn wrong(
        &self,
        set: &RoaringBitmap,
        terms: &Sparse,
        most: usize,
        used: &[u32],
        stop: &Stop,
    ) -> Result<Vec<(u32, u64)>> {
        let field = self.field;
        let mut found = Vec::new();
        let parts: Vec<(&RoaringBitmap, u64)> = terms
            .iter()
            .map(|(number, coefficient)| (&*self.sets[*number as usize], field.minus(0, *coefficient)))
            .chain([(set, field.one)])
            .collect();
        let last = parts.iter().filter_map(|(set, _)| set.max()).max().unwrap_or(0);
        let mut sums = vec![0_u64; BLOCK as usize];
        let mut buffer = vec![0_u32; 4_096];
        for block in 0..=last / BLOCK {
            stop.check()?;
            let (from, to) = (block * BLOCK, block * BLOCK + (BLOCK - 1));
            sums.fill(0);
            for (set, coefficient) in &parts {
                let mut members = set.range(from..=to);
                loop {
                    let some = members.next_many(&mut buffer);
                    if some.is_empty() {
                        break;
                    }
                    for person in some {
                        let sum = &mut sums[(*person - from) as usize];
                        *sum = field.add(*sum, *coefficient);
                    }
                }
            }
            for (offset, &sum) in sums.iter().enumerate() {
                let person = from + offset as u32;
                if sum != 0 && !self.taken.contains(person) && !used.contains(&person) {
                    found.push((person, sum));
                    if found.len() == most {
                        return Ok(found);
                    }
                }
            }
        }
        Ok(found)
    }

    /// The new set less a combination, on the persons given: it is zero on all others.
    fn residual(&self, set: &RoaringBitmap, terms: &Sparse, persons: &RoaringBitmap) -> Function {
        let field = self.field;
        let mut values = Sparse::new();
        for person in persons {
            let mut sum = if set.contains(person) { field.one } else { 0 };
            for (number, coefficient) in terms {
                if self.sets[*number as usize].contains(person) {
                    sum = field.minus(sum, *coefficient);
                }
            }
            if sum != 0 {
                values.push((person, sum));
            }
        }
        let own = (self.sets.len() as u32, field.one);
        let terms = terms
            .iter()
            .map(|(number, coefficient)| (*number, field.minus(0, *coefficient)));
        Function {
            values,
            terms: terms.chain([own]).collect(),
        }
    }
}
