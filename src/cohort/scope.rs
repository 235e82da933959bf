//! What an evaluation can see: one shard's persons and domain files, and the shared cache.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, Result};
use crate::event::{Cache, Domain, Reads, Run, Source, merge, merge_days};
use crate::person::{Facts, NEVER};
use crate::stop::Stop;

use super::codes::Sets;
use super::memo::{Memo, Name, name};
use super::plan::{CodesRef, Events, Named, Part, Plan};

/// The domain that is not a file: deaths, as the persons' facts have them.
pub const DEATH: &str = "death";

/// What is asked of merged runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Merge {
    /// Every event with its first day.
    Starts,
    /// Every event with its first and last day.
    Ends,
    /// Each person's first days, each once.
    Days,
}

/// A domain, its positions, and what is asked.
type Question = (String, Positions, Merge);

/// Positions of codes in a domain's directory, sorted.
pub(crate) type Positions = Arc<Vec<usize>>;

/// One shard, as an evaluation sees it.
pub struct Scope<'a> {
    /// The persons.
    pub facts: &'a Facts,
    /// The domain files.
    pub source: &'a dyn Source,
    /// The code sets, resolved.
    pub sets: &'a Sets,
    /// Decoded columns.
    pub cache: &'a Cache,
    /// What reading costs.
    pub reads: &'a Reads,
    /// The flag to look at.
    pub stop: &'a Stop,
    /// Sub-results, and the number of the shard in them.
    pub(crate) memo: Option<(&'a Memo, u32)>,
    positions: Mutex<HashMap<(String, Name), Positions>>,
    merged: Mutex<HashMap<Question, Arc<Run>>>,
}

impl<'a> Scope<'a> {
    /// A shard ready to be asked.
    pub fn new(
        facts: &'a Facts,
        source: &'a dyn Source,
        sets: &'a Sets,
        cache: &'a Cache,
        reads: &'a Reads,
        stop: &'a Stop,
    ) -> Self {
        Self {
            facts,
            source,
            sets,
            cache,
            reads,
            stop,
            memo: None,
            positions: Mutex::default(),
            merged: Mutex::default(),
        }
    }

    /// The same, with sub-results kept under the shard's number.
    #[must_use]
    pub fn with_memo(mut self, memo: &'a Memo, shard: u32) -> Self {
        self.memo = Some((memo, shard));
        self
    }

    /// The domain's files and the positions of a query's codes in them; none where the shard has no such events.
    pub(crate) fn found(&self, domain: &str, codes: Option<&CodesRef>) -> Result<Option<(&Domain, Positions)>> {
        let Some(files) = self.source.domain(domain) else {
            return Ok(None);
        };
        let (content, matched) = self.sets.set(codes)?;
        let key = (domain.to_owned(), content);
        let here = || self.positions.lock().unwrap_or_else(PoisonError::into_inner);
        let known = here().get(&key).cloned();
        if let Some(positions) = known {
            return Ok(Some((files, positions)));
        }
        let memo = self
            .memo
            .map(|(memo, shard)| (memo, name(content, &domain, &BTreeMap::new()), shard));
        let positions = match memo.and_then(|(memo, name, shard)| memo.positions(name, shard)) {
            Some(positions) => positions,
            None => Arc::new(matched.positions(files.directory()?)),
        };
        if let Some((memo, name, shard)) = memo {
            memo.put_positions(name, shard, &positions);
        }
        here().insert(key, Arc::clone(&positions));
        Ok(Some((files, positions)))
    }

    /// The runs of a query's codes, one per code; with their ends on request. Deaths are one run.
    pub(crate) fn runs(&self, events: &Events, ends: bool) -> Result<Vec<Run>> {
        self.stop.check()?;
        if events.domain == DEATH {
            return Ok(vec![self.deaths()]);
        }
        match self.found(&events.domain, events.codes.as_ref())? {
            Some((domain, positions)) => domain.runs(&positions, ends, self.cache, self.reads),
            None => Ok(Vec::new()),
        }
    }

    /// Each person's first event of each code of a query, a run per code.
    pub(crate) fn first_runs(&self, events: &Events) -> Result<Vec<Run>> {
        self.stop.check()?;
        if events.domain == DEATH {
            return Ok(vec![self.deaths()]);
        }
        match self.found(&events.domain, events.codes.as_ref())? {
            Some((domain, positions)) => domain.first_runs(&positions, self.cache, self.reads),
            None => Ok(Vec::new()),
        }
    }

    /// The events of a query's codes as one run; what several criteria of a plan ask is merged once.
    pub(crate) fn merged(&self, events: &Events, what: Merge) -> Result<Arc<Run>> {
        let positions = match self.found(&events.domain, events.codes.as_ref())? {
            Some((_, positions)) => positions,
            None => Arc::default(),
        };
        let key = (events.domain.clone(), positions, what);
        if let Some(run) = self.merged.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(run));
        }
        let (runs, persons) = (self.runs(events, what == Merge::Ends)?, self.facts.len());
        let run = Arc::new(match what {
            Merge::Starts | Merge::Ends => merge(&runs, persons),
            Merge::Days => merge_days(&runs, persons),
        });
        self.merged
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, Arc::clone(&run));
        Ok(run)
    }

    /// Whether the days of a query are at hand as one run, since another part of the plan has asked for them.
    pub(crate) fn is_merged(&self, events: &Events) -> bool {
        let Ok(Some((_, positions))) = self.found(&events.domain, events.codes.as_ref()) else {
            return false;
        };
        let key = (events.domain.clone(), positions, Merge::Days);
        self.merged
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains_key(&key)
    }

    /// How many persons of the shard are known to have died.
    pub fn count_deaths(&self) -> u64 {
        self.deaths().len() as u64
    }

    pub(crate) fn deaths(&self) -> Run {
        let dead = || self.facts.death.iter().enumerate().filter(|(_, day)| **day != NEVER);
        Run {
            person: dead().map(|(person, _)| person as u32).collect(),
            start: dead().map(|(_, day)| *day).collect(),
            end: None,
        }
    }
}

/// The shared code sets of a plan that match no code of a domain they are asked of, in any shard: domain and set.
pub fn unmatched(plan: &Plan, scopes: &[Scope<'_>]) -> Result<Vec<(String, String)>> {
    let mut asked = BTreeSet::new();
    plan.walk(&mut |part| {
        if let Part::Codes(Some(domain), CodesRef::Named(name)) = part {
            asked.insert((domain.to_owned(), name.set.clone()));
        }
    });
    let mut unmatched = Vec::new();
    for (domain, set) in asked {
        let codes = CodesRef::Named(Named { set });
        let mut found = false;
        for scope in scopes {
            found |= scope
                .found(&domain, Some(&codes))?
                .is_some_and(|(_, positions)| !positions.is_empty());
        }
        if !found && let CodesRef::Named(Named { set }) = codes {
            unmatched.push((domain, set));
        }
    }
    Ok(unmatched)
}

/// A domain that a warehouse lacks, with those that it has.
pub(crate) fn unknown_domain(name: &str, there: &[&str]) -> Error {
    Error::Definition(format!(
        "the warehouse has no domain '{name}': it has {}",
        if there.is_empty() {
            "none".to_owned()
        } else {
            there.join(", ")
        }
    ))
}
