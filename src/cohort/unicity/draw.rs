//! Who is sampled, and which of their points are drawn: by hashes of the seed, whatever the threads.

use std::hash::{DefaultHasher, Hash, Hasher};

use rayon::prelude::*;

use super::{Ask, Asked, Bucket, Lane, Point};
use crate::error::Result;
use crate::event::{Cache, NULL, Reads, Source, each_person};
use crate::stop::Stop;

/// A sampled person with the distinct events of its trajectory, to the day, in the order in which they are drawn.
pub(super) struct History {
    pub(super) shard: usize,
    pub(super) person: u32,
    events: Vec<Point>,
}

impl History {
    /// The first distinct points that are drawn, as the bucket blurs them; fewer where there are no more.
    pub(super) fn points(&self, bucket: Bucket, most: usize) -> Vec<Point> {
        let mut points: Vec<Point> = Vec::with_capacity(most);
        for event in &self.events {
            let point = Point {
                from: bucket.start(event.from),
                ..*event
            };
            if !points.contains(&point) {
                points.push(point);
                if points.len() == most {
                    break;
                }
            }
        }
        points
    }
}

/// A number for a text; null has that of no number.
pub(super) fn name(text: Option<&str>) -> i64 {
    let Some(text) = text else { return NULL };
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish() as i64
}

/// Mixes 64 bits (splitmix64).
fn mix(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

fn ticket(seed: u64, shard: usize, person: u32) -> u64 {
    mix(mix(seed) ^ ((shard as u64) << 32 | u64::from(person)))
}

/// The sampled persons of each shard, in order: a uniform sample of those who have any of the events.
pub(super) fn choose<S: Source>(
    asked: &[Asked<'_, S>],
    ask: &Ask<'_>,
    cache: &Cache,
    reads: &Reads,
    stop: &Stop,
) -> Result<Vec<Vec<u32>>> {
    let tickets = asked
        .par_iter()
        .enumerate()
        .map(|(number, asked)| {
            stop.check()?;
            let mut there = vec![false; asked.shard.persons()];
            for (name, positions) in &asked.positions {
                if let Some(domain) = asked.shard.domain(name) {
                    for column in domain.persons(positions, cache, reads)? {
                        column.iter().for_each(|person| there[*person as usize] = true);
                    }
                }
            }
            let persons = (0..).zip(there).filter_map(|(person, there)| there.then_some(person));
            let mut tickets: Vec<(u64, usize, u32)> = persons
                .map(|person| (ticket(ask.seed, number, person), number, person))
                .collect();
            smallest(&mut tickets, ask.samples);
            stop.advance(1);
            Ok(tickets)
        })
        .collect::<Result<Vec<_>>>()?;
    let mut tickets = tickets.concat();
    smallest(&mut tickets, ask.samples);
    let mut chosen = vec![Vec::new(); asked.len()];
    for (_, shard, person) in tickets {
        chosen[shard].push(person);
    }
    chosen.iter_mut().for_each(|persons| persons.sort_unstable());
    Ok(chosen)
}

/// Keeps the smallest tickets.
fn smallest(tickets: &mut Vec<(u64, usize, u32)>, many: usize) {
    if tickets.len() > many {
        if many > 0 {
            tickets.select_nth_unstable(many - 1);
        }
        tickets.truncate(many);
    }
}

/// The trajectories of the chosen persons of a shard.
pub(super) fn histories(
    lanes: &[Lane],
    chosen: &[u32],
    shard: usize,
    persons: usize,
    ask: &Ask<'_>,
    stop: &Stop,
) -> Result<Vec<History>> {
    const NOBODY: u32 = u32::MAX;
    let mut slots = vec![NOBODY; persons];
    for (slot, person) in (0..).zip(chosen) {
        slots[*person as usize] = slot;
    }
    let mut events: Vec<Vec<Point>> = vec![Vec::new(); chosen.len()];
    for lane in lanes {
        stop.check()?;
        each_person(&lane.run.person, |person, range| {
            let slot = slots[person as usize];
            if slot != NOBODY {
                events[slot as usize].extend(range.map(|row| Point {
                    code: lane.code,
                    from: lane.run.start[row],
                    place: lane.place.get(row).copied().unwrap_or(NULL),
                }));
            }
        });
    }
    let drawn = chosen.par_iter().zip(events).map(|(&person, mut events)| {
        stop.check()?;
        events.sort_unstable();
        events.dedup();
        let own = ticket(!ask.seed, shard, person);
        events.sort_by_cached_key(|event| {
            mix(mix(own ^ (u64::from(event.code) << 32 | u64::from(event.from as u32))) ^ event.place as u64)
        });
        Ok(History { shard, person, events })
    });
    drawn.collect()
}
