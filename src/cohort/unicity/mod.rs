//! Unicity of trajectories: how many persons are told from all others by a few of their own events.
//!
//! A **point** is what an attacker may know of an event: its code, the stretch of days in which it began (a **bucket**:
//! a day, week, month, quarter or year), and perhaps its **place**, the value of a column such as the hospital. A
//! person **holds** a point who has any such event. Of each sampled person a few distinct points are drawn at random;
//! the person is **alone** with the first p of them if nobody else of the whole warehouse holds them all. See
//! Y.-A. de Montjoye et al., "Unique in the Crowd", Scientific Reports 3 (2013).
//!
//! Only the points that were drawn are indexed: a scan of the runs of their codes collects who holds each, shard by
//! shard, and a person's points are intersected beginning with the rarest. What is told of the counts is not decided
//! here.

mod buckets;
mod draw;
mod holders;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

pub use buckets::Bucket;

use super::codes::Sets;
use super::plan::{Events, Occurrence};
use super::scope::DEATH;
use crate::error::{Error, Result};
use crate::event::{Cache, Kind, Reads, Run, Source};
use crate::stop::Stop;

/// What is asked.
pub struct Ask<'a> {
    /// The events that an attacker may know of; every event of their codes.
    pub events: &'a [Events],
    /// The column that says where an event was, if that is known too.
    pub place: Option<&'a str>,
    /// How many points an attacker knows at most.
    pub points: usize,
    /// How well their days are known.
    pub buckets: &'a [Bucket],
    /// How many persons are sampled; all where there are no more.
    pub samples: usize,
    /// Decides who is sampled and what is drawn.
    pub seed: u64,
}

/// For one bucket and one number of points.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Sampled persons who have so many distinct points.
    pub persons: u64,
    /// Those of them who are alone with theirs.
    pub alone: u64,
}

/// What an attacker may know of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Point {
    code: u32,
    /// The first day of the bucket.
    from: i32,
    place: i64,
}

/// The events of one code of one shard.
struct Lane {
    code: u32,
    run: Run,
    /// Empty where places are not asked for.
    place: Vec<i64>,
}

/// Counts persons by bucket, in the order asked for, and by number of points from one.
pub fn unicity<S: Source>(
    shards: &[S],
    ask: &Ask<'_>,
    sets: &Sets,
    cache: &Cache,
    reads: &Reads,
    stop: &Stop,
) -> Result<Vec<Vec<Count>>> {
    for events in ask.events {
        check(events)?;
    }
    stop.expect((shards.len() * (2 + ask.buckets.len())) as u64);
    let asked: Vec<Asked<'_, S>> = shards
        .iter()
        .map(|shard| Asked::of(shard, ask, sets))
        .collect::<Result<_>>()?;
    let names = asked.iter().flat_map(Asked::names).collect::<Result<BTreeSet<_>>>()?;
    let numbers: BTreeMap<_, u32> = names.into_iter().zip(0..).collect();

    let chosen = draw::choose(&asked, ask, cache, reads, stop)?;
    let lanes = |shard: usize| asked[shard].lanes(ask.place, &numbers, cache, reads);
    let histories = (0..shards.len())
        .into_par_iter()
        .map(|shard| {
            let drawn = draw::histories(
                &lanes(shard)?,
                &chosen[shard],
                shard,
                shards[shard].persons(),
                ask,
                stop,
            );
            stop.advance(1);
            drawn
        })
        .collect::<Result<Vec<_>>>()?;

    let mut answer = Vec::with_capacity(ask.buckets.len());
    for &bucket in ask.buckets {
        answer.push(holders::count(&histories, bucket, ask.points, &lanes, stop)?);
    }
    Ok(answer)
}

/// Refuses queries that are more than a domain and codes: a point stands for any event of its code.
fn check(events: &Events) -> Result<()> {
    if events.domain == DEATH {
        return Err(Error::Definition(
            "deaths are no trajectory, everybody has one at most: ask for a domain of events".into(),
        ));
    }
    if !events.is_plain() || events.occurrence == Occurrence::First {
        return Err(Error::Definition(format!(
            "unicity takes {} events by their codes alone: leave out first(), where(...), having(...) and their like",
            events.domain
        )));
    }
    Ok(())
}

/// One shard, with the positions of the codes that are asked for, by domain.
struct Asked<'a, S> {
    shard: &'a S,
    positions: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a, S: Source> Asked<'a, S> {
    fn of(shard: &'a S, ask: &Ask<'a>, sets: &Sets) -> Result<Self> {
        let mut union: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for events in ask.events {
            if let Some(domain) = shard.domain(&events.domain) {
                let found = sets.of(events.codes.as_ref())?.positions(domain.directory()?);
                union.entry(&events.domain).or_default().extend(found);
                if let Some(place) = ask.place
                    && domain.kind(place)?.is_none()
                {
                    return Err(Error::Definition(format!(
                        "domain '{}' has no column '{place}' to tell where events were: name a column that each \
                         domain has, or leave it out",
                        events.domain
                    )));
                }
            }
        }
        let positions = union
            .into_iter()
            .map(|(name, found)| (name, found.into_iter().collect()))
            .collect();
        Ok(Self { shard, positions })
    }

    /// The codes that are asked for, with their domains.
    fn names(&self) -> Vec<Result<(&'a str, &'a str)>> {
        let mut names = Vec::new();
        for (name, positions) in &self.positions {
            if let Some(domain) = self.shard.domain(name) {
                match domain.directory() {
                    Ok(directory) => names.extend(positions.iter().map(|at| Ok((*name, &*directory.codes()[*at])))),
                    Err(error) => names.push(Err(error)),
                }
            }
        }
        names
    }

    fn lanes(
        &self,
        place: Option<&str>,
        numbers: &BTreeMap<(&str, &str), u32>,
        cache: &Cache,
        reads: &Reads,
    ) -> Result<Vec<Lane>> {
        let mut lanes = Vec::new();
        for (name, positions) in &self.positions {
            let Some(domain) = self.shard.domain(name) else {
                continue;
            };
            let codes = domain.directory()?.codes();
            let runs = domain.runs(positions, false, cache, reads)?;
            let mut places = match place {
                None => vec![Vec::new(); runs.len()],
                Some(column) if domain.kind(column)? == Some(Kind::Text) => {
                    let mut texts = domain.texts(positions, column)?.into_iter();
                    let mut hash = |run: &Run| {
                        texts
                            .by_ref()
                            .take(run.len())
                            .map(|text| draw::name(text.as_deref()))
                            .collect()
                    };
                    runs.iter().map(&mut hash).collect()
                }
                Some(column) => {
                    let columns = domain.wide(positions, column, cache, reads)?;
                    columns.iter().map(|column| column.to_vec()).collect()
                }
            };
            for ((position, run), place) in positions.iter().zip(runs).zip(places.drain(..)) {
                if let Some(&code) = numbers.get(&(*name, &*codes[*position])) {
                    lanes.push(Lane { code, run, place });
                }
            }
        }
        Ok(lanes)
    }
}
