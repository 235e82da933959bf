//! Who holds the points that were drawn, and who is alone with theirs.

use rayon::prelude::*;

use super::draw::History;
use super::{Bucket, Count, Lane, Point};
use crate::error::Result;
use crate::event::NULL;
use crate::stop::Stop;

/// Trajectories looked at between two looks at the flag.
const BLOCK: usize = 64;
/// More holders than one person in so many are looked up by a bit each.
const CROWD: usize = 64;

/// Counts the persons who are alone, by number of points from one; there is a list of histories for each shard, as
/// holders are looked for in all, also where nobody was sampled.
pub(super) fn count(
    histories: &[Vec<History>],
    bucket: Bucket,
    most: usize,
    lanes: &(impl Fn(usize) -> Result<Vec<Lane>> + Sync),
    stop: &Stop,
) -> Result<Vec<Count>> {
    let shards = histories.len();
    let histories: Vec<&History> = histories.iter().flatten().collect();
    let drawn: Vec<Vec<Point>> = histories
        .par_iter()
        .map(|history| history.points(bucket, most))
        .collect();
    let mut wanted: Vec<Point> = drawn.iter().flatten().copied().collect();
    wanted.par_sort_unstable();
    wanted.dedup();
    let place = |point: &Point| wanted.partition_point(|other| other < point) as u32;
    let drawn: Vec<Vec<u32>> = drawn
        .par_iter()
        .map(|points| points.iter().map(place).collect())
        .collect();

    // With how many of its points, from the first on, each trajectory has company somewhere.
    let mut shared = vec![0; drawn.len()];
    for shard in 0..shards {
        let holders = Holders::find(&lanes(shard)?, &wanted, bucket, stop)?;
        shared
            .par_chunks_mut(BLOCK)
            .zip(drawn.par_chunks(BLOCK).zip(histories.par_chunks(BLOCK)))
            .try_for_each(|(shared, (drawn, histories))| {
                stop.check()?;
                for ((shared, points), history) in shared.iter_mut().zip(drawn).zip(histories) {
                    let own = (history.shard == shard).then_some(history.person);
                    *shared = holders.company(points, own, *shared);
                }
                Ok::<_, crate::error::Error>(())
            })?;
        stop.advance(1);
    }

    let mut counts = vec![Count::default(); most];
    for (points, shared) in drawn.iter().zip(shared) {
        for (number, count) in counts.iter_mut().enumerate().take(points.len()) {
            count.persons += 1;
            count.alone += u64::from(number + 1 > shared);
        }
    }
    Ok(counts)
}

/// The persons of one shard who hold each wanted point.
struct Holders {
    lists: Vec<List>,
}

/// Persons in order; as bits, too, where they are many.
#[derive(Default)]
struct List {
    persons: Vec<u32>,
    bits: Vec<u64>,
}

impl List {
    fn of(persons: Vec<u32>) -> Self {
        let last = persons.last().map_or(0, |last| *last as usize);
        let mut bits = Vec::new();
        if persons.len() > last / CROWD {
            bits = vec![0; last / 64 + 1];
            for &person in &persons {
                bits[person as usize / 64] |= 1 << (person % 64);
            }
        }
        Self { persons, bits }
    }

    fn has(&self, person: u32) -> bool {
        if self.bits.is_empty() {
            return self.persons.binary_search(&person).is_ok();
        }
        let word = self.bits.get(person as usize / 64);
        word.is_some_and(|word| word >> (person % 64) & 1 == 1)
    }
}

impl Holders {
    /// One scan of the runs of the codes that have wanted points.
    fn find(lanes: &[Lane], wanted: &[Point], bucket: Bucket, stop: &Stop) -> Result<Self> {
        let found = lanes
            .par_iter()
            .map(|lane| {
                stop.check()?;
                let first = wanted.partition_point(|point| point.code < lane.code);
                let many = wanted[first..].partition_point(|point| point.code == lane.code);
                Ok((first, scan(lane, &wanted[first..first + many], bucket)))
            })
            .collect::<Result<Vec<_>>>()?;
        let mut lists: Vec<List> = Vec::new();
        lists.resize_with(wanted.len(), List::default);
        for (first, of_code) in found {
            for (list, persons) in lists[first..].iter_mut().zip(of_code) {
                *list = List::of(persons);
            }
        }
        Ok(Self { lists })
    }

    /// With how many of the points, from the first on, somebody else is found here; at least as many as `known`.
    fn company(&self, points: &[u32], own: Option<u32>, known: usize) -> usize {
        // Whoever holds more points holds fewer, too: the first found from the top is the answer.
        for many in (known + 1..=points.len()).rev() {
            let lists = || points[..many].iter().map(|point| &self.lists[*point as usize]);
            let Some(rarest) = lists().min_by_key(|list| list.persons.len()) else {
                continue;
            };
            let others = rarest.persons.iter().filter(|person| Some(**person) != own);
            if others.into_iter().any(|person| lists().all(|list| list.has(*person))) {
                return many;
            }
        }
        known
    }
}

/// The persons of one run who hold each of the wanted points of its code, which are in order.
fn scan(lane: &Lane, wanted: &[Point], bucket: Bucket) -> Vec<Vec<u32>> {
    let mut found: Vec<Vec<u32>> = vec![Vec::new(); wanted.len()];
    // The days of each bucket, and where its points begin and end.
    let mut stretches: Vec<(i32, i32, usize, usize)> = Vec::new();
    for (number, point) in wanted.iter().enumerate() {
        match stretches.last_mut() {
            Some(last) if last.0 == point.from => last.3 = number + 1,
            _ => stretches.push((point.from, bucket.next(point.from), number, number + 1)),
        }
    }
    for (row, (&person, &day)) in lane.run.person.iter().zip(&lane.run.start).enumerate() {
        let after = stretches.partition_point(|stretch| stretch.0 <= day);
        let Some(&(_, end, from, to)) = after.checked_sub(1).and_then(|at| stretches.get(at)) else {
            continue;
        };
        if day >= end {
            continue;
        }
        let place = lane.place.get(row).copied().unwrap_or(NULL);
        if let Ok(at) = wanted[from..to].binary_search_by_key(&place, |point| point.place) {
            let persons = &mut found[from + at];
            if persons.last() != Some(&person) {
                persons.push(person);
            }
        }
    }
    found
}
