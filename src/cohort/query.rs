//! Questions to runs that need no index row: who has any event, and when was each person's first.

use std::sync::Arc;

use arrow_buffer::ScalarBuffer;
use rayon::prelude::*;

use super::codes::Sets;
use super::gather;
use super::plan::{Events, Occurrence};
use super::scope::{Merge, Scope};
use super::table::Need;
use crate::error::Result;
use crate::event::{Cache, Reads, Run, Source, first_events, merge_days};
use crate::stop::Stop;

/// How many persons are in any of the columns, each of which has a person once.
fn distinct_persons(columns: &[ScalarBuffer<u32>], persons: usize) -> u64 {
    if let [column] = columns {
        return column.len() as u64;
    }
    // A byte a person: a bit would make each mark wait for the one before, which mostly has the same word.
    let mut marked = vec![false; persons];
    for column in columns {
        for &person in column {
            marked[person as usize] = true;
        }
    }
    marked.into_iter().map(u64::from).sum()
}

/// How many persons have an event of a query that is answered by domain files alone: no person's facts are read.
pub fn count_persons<S: Source>(
    shards: &[S],
    events: &Events,
    sets: &Sets,
    cache: &Cache,
    reads: &Reads,
    stop: &Stop,
) -> Result<u64> {
    let matched = sets.of(events.codes.as_ref())?;
    let of_shard = |shard: &S| -> Result<u64> {
        stop.check()?;
        let Some(domain) = shard.domain(&events.domain) else {
            return Ok(0);
        };
        let columns = domain.persons(&matched.positions(domain.directory()?), cache, reads)?;
        Ok(distinct_persons(&columns, shard.persons()))
    };
    let counts: Vec<u64> = shards.par_iter().map(of_shard).collect::<Result<_>>()?;
    Ok(counts.into_iter().sum())
}

/// The events of a query as one run in order of (person, start).
pub(crate) fn events_of(events: &Events, scope: &Scope<'_>) -> Result<Arc<Run>> {
    if !events.is_plain() {
        let table = gather::table(events, Need::default(), scope)?;
        return Ok(Arc::new(Run {
            person: table.person.clone(),
            start: table.start.clone(),
            end: None,
        }));
    }
    match events.occurrence {
        Occurrence::First => {
            let runs = scope.first_runs(events)?;
            Ok(first_events(&runs, scope.facts.len()).into())
        }
        Occurrence::All => scope.merged(events, Merge::Starts),
    }
}

/// Each person's days with an event of a query, in order of (person, day).
pub(crate) fn days_of(events: &Events, scope: &Scope<'_>) -> Result<Arc<Run>> {
    if events.is_plain() && events.occurrence == Occurrence::All {
        return scope.merged(events, Merge::Days);
    }
    let run = Run::clone(events_of(events, scope)?.as_ref());
    Ok(Arc::new(merge_days(&[run], scope.facts.len())))
}
