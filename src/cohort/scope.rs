//! What an evaluation can see: one shard's persons and domain files, and the shared cache.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, Result};
use crate::event::{Cache, Reads, Run, Source, merge};
use crate::person::{Facts, NEVER};
use crate::stop::Stop;

use super::codes::Matched;
use super::plan::Events;

/// The domain that is not a file: deaths, as the persons' facts have them.
pub const DEATH: &str = "death";

/// A domain, positions of codes, and whether ends are asked for.
type Question = (String, Vec<usize>, bool);

/// One shard, as an evaluation sees it.
pub struct Scope<'a> {
    /// The persons.
    pub facts: &'a Facts,
    /// The domain files.
    pub source: &'a dyn Source,
    /// Decoded columns.
    pub cache: &'a Cache,
    /// What reading costs.
    pub reads: &'a Reads,
    /// The flag to look at.
    pub stop: &'a Stop,
    merged: Mutex<HashMap<Question, Arc<Run>>>,
}

impl<'a> Scope<'a> {
    /// A shard ready to be asked.
    pub fn new(facts: &'a Facts, source: &'a dyn Source, cache: &'a Cache, reads: &'a Reads, stop: &'a Stop) -> Self {
        Self {
            facts,
            source,
            cache,
            reads,
            stop,
            merged: Mutex::default(),
        }
    }

    /// The runs of a query, one per code; with their ends on request. Deaths are one run.
    pub(crate) fn runs(&self, events: &Events, matched: &Matched, ends: bool) -> Result<Vec<Run>> {
        self.stop.check()?;
        if events.domain == DEATH {
            return Ok(vec![self.deaths()]);
        }
        let Some(domain) = self.source.domain(&events.domain) else {
            return Ok(Vec::new());
        };
        domain.runs(&matched.positions(domain.directory()?), ends, self.cache, self.reads)
    }

    /// Each person's first event of each code of a query, a run per code.
    pub(crate) fn first_runs(&self, events: &Events, matched: &Matched) -> Result<Vec<Run>> {
        self.stop.check()?;
        match self.source.domain(&events.domain) {
            _ if events.domain == DEATH => Ok(vec![self.deaths()]),
            Some(domain) => domain.first_runs(&matched.positions(domain.directory()?), self.cache, self.reads),
            None => Ok(Vec::new()),
        }
    }

    /// The events of a query as one run; what several criteria of a plan ask is merged once.
    pub(crate) fn merged(&self, events: &Events, matched: &Matched, ends: bool) -> Result<Arc<Run>> {
        let positions = match self.source.domain(&events.domain) {
            Some(domain) if events.domain != DEATH => matched.positions(domain.directory()?),
            _ => Vec::new(),
        };
        let key = (events.domain.clone(), positions, ends);
        if let Some(run) = self.merged.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(run));
        }
        let run = Arc::new(merge(&self.runs(events, matched, ends)?, self.facts.len(), None));
        self.merged
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, Arc::clone(&run));
        Ok(run)
    }

    /// How many persons of the shard are known to have died.
    pub fn count_deaths(&self) -> u64 {
        self.deaths().len() as u64
    }

    fn deaths(&self) -> Run {
        let dead = || self.facts.death.iter().enumerate().filter(|(_, day)| **day != NEVER);
        Run {
            person: dead().map(|(person, _)| person as u32).collect(),
            start: dead().map(|(_, day)| *day).collect(),
            end: None,
        }
    }
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
