//! Runs of events in memory, and how several runs become one.

use std::ops::Range;

use arrow_buffer::ScalarBuffer;

use super::columns::NO_DAY;

/// Events in order of (person, start): those of one code, or of several merged.
#[derive(Debug, Clone)]
pub struct Run {
    /// The persons, non-decreasing.
    pub person: ScalarBuffer<u32>,
    /// The first days, non-decreasing within a person.
    pub start: ScalarBuffer<i32>,
    /// The last days ([`NO_DAY`] where unknown), when they were asked for.
    pub end: Option<ScalarBuffer<i32>>,
}

impl Run {
    /// How many events there are.
    pub fn len(&self) -> usize {
        self.person.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.person.is_empty()
    }

    /// The last day of an event: its end, or its start where no end is known.
    #[inline]
    pub fn last_day(&self, i: usize) -> i32 {
        match &self.end {
            Some(end) if end[i] != NO_DAY => end[i],
            _ => self.start[i],
        }
    }
}

/// Below one event in so many persons, sorting the events is cheaper than going through the persons.
pub const SPARSE: usize = 8;

fn are_few(runs: &[Run], persons: usize) -> bool {
    runs.iter().map(Run::len).sum::<usize>() < persons / SPARSE
}

/// Sorts what consists of a few sorted pieces: the stable sort finds and merges them.
fn sort_pieces<T: Ord>(rows: &mut [T]) {
    rows.sort();
}

/// The events of runs that have few, in order of (person, start, end).
fn sorted(runs: &[Run]) -> Vec<(u32, i32, i32)> {
    let end_of = |run: &Run, i: usize| run.end.as_ref().map_or(NO_DAY, |end| end[i]);
    let of_run = |run| (0..Run::len(run)).map(move |i| (run.person[i], run.start[i], end_of(run, i)));
    let mut rows: Vec<(u32, i32, i32)> = runs.iter().flat_map(of_run).collect();
    sort_pieces(&mut rows);
    rows
}

/// A person and a day as one number in the same order.
fn packed(person: u32, day: i32) -> u64 {
    (u64::from(person) << 32) | u64::from((day ^ i32::MIN) as u32)
}

/// The persons and days of runs that have few, in order.
fn sorted_days(runs: &[Run]) -> Vec<u64> {
    let of_run = |run: &Run| -> Vec<u64> {
        run.person
            .iter()
            .zip(&run.start)
            .map(|(&person, &day)| packed(person, day))
            .collect()
    };
    let mut days: Vec<u64> = runs.iter().flat_map(of_run).collect();
    sort_pieces(&mut days);
    days
}

fn run_of_days(days: &[u64]) -> Run {
    Run {
        person: days.iter().map(|day| (day >> 32) as u32).collect(),
        start: days.iter().map(|day| *day as i32 ^ i32::MIN).collect(),
        end: None,
    }
}

fn run_of(rows: &[(u32, i32, i32)], with_end: bool) -> Run {
    Run {
        person: rows.iter().map(|row| row.0).collect(),
        start: rows.iter().map(|row| row.1).collect(),
        end: with_end.then(|| rows.iter().map(|row| row.2).collect()),
    }
}

/// The days of runs, person after person: those of `person` are `place[person]..place[person + 1]`.
struct Scattered {
    place: Vec<u32>,
    start: Vec<i32>,
    /// Empty without ends.
    end: Vec<i32>,
}

impl Scattered {
    /// Counts and scatters: each run is in order of person already, so no comparison sort of the whole is made.
    fn of(runs: &[Run], persons: usize, with_end: bool) -> Self {
        let mut place = vec![0_u32; persons + 1];
        for run in runs {
            each_person(&run.person, |person, events| {
                place[person as usize + 1] += events.len() as u32;
            });
        }
        for person in 0..persons {
            place[person + 1] += place[person];
        }
        let total = place[persons] as usize;
        let mut start = vec![0_i32; total];
        let mut end = if with_end { vec![NO_DAY; total] } else { Vec::new() };
        let mut next = place.clone();
        for run in runs {
            each_person(&run.person, |person, events| {
                let slot = next[person as usize] as usize;
                next[person as usize] += events.len() as u32;
                for (to, from) in start[slot..].iter_mut().zip(&run.start[events.clone()]) {
                    *to = *from;
                }
                if with_end && let Some(ends) = &run.end {
                    for (to, from) in end[slot..].iter_mut().zip(&ends[events]) {
                        *to = *from;
                    }
                }
            });
        }
        Self { place, start, end }
    }

    fn of_person(&self, person: usize) -> Range<usize> {
        self.place[person] as usize..self.place[person + 1] as usize
    }
}

/// Calls `work` with each person of a sorted column and the range of the person's events.
#[inline]
pub(crate) fn each_person(persons: &[u32], mut work: impl FnMut(u32, Range<usize>)) {
    let mut from = 0;
    while from < persons.len() {
        let person = persons[from];
        let mut to = from + 1;
        while to < persons.len() && persons[to] == person {
            to += 1;
        }
        work(person, from..to);
        from = to;
    }
}

/// Merges runs into one, in order of (person, start, end); linear in the events but for each person's few.
pub fn merge(runs: &[Run], persons: usize) -> Run {
    if let [run] = runs {
        return run.clone();
    }
    let with_end = runs.iter().any(|run| run.end.is_some());
    if are_few(runs, persons) {
        return run_of(&sorted(runs), with_end);
    }
    let mut all = Scattered::of(runs, persons, with_end);
    let mut person = vec![0_u32; all.start.len()];
    let mut pairs: Vec<(i32, i32)> = Vec::new();
    for p in 0..persons {
        let range = all.of_person(p);
        person[range.clone()].fill(p as u32);
        let days = &mut all.start[range.clone()];
        if with_end {
            pairs.clear();
            pairs.extend(days.iter().copied().zip(all.end[range.clone()].iter().copied()));
            pairs.sort_unstable();
            for (i, &(first, last)) in pairs.iter().enumerate() {
                all.start[range.start + i] = first;
                all.end[range.start + i] = last;
            }
        } else {
            sort_pieces(days);
        }
    }
    Run {
        person: person.into(),
        start: all.start.into(),
        end: with_end.then(|| all.end.into()),
    }
}

/// Merges runs into one that has each person's first days once, in order of (person, start).
pub fn merge_days(runs: &[Run], persons: usize) -> Run {
    if let [run] = runs
        && (1..run.len()).all(|i| (run.person[i - 1], run.start[i - 1]) < (run.person[i], run.start[i]))
    {
        return Run {
            end: None,
            ..run.clone()
        };
    }
    if are_few(runs, persons) {
        let mut days = sorted_days(runs);
        days.dedup();
        return run_of_days(&days);
    }
    let mut all = Scattered::of(runs, persons, false);
    let mut person = Vec::with_capacity(all.start.len());
    let mut kept = 0;
    for p in 0..persons {
        let range = all.of_person(p);
        let days = &mut all.start[range.clone()];
        sort_pieces(days);
        let mut last = None;
        for i in range {
            let day = all.start[i];
            all.start[kept] = day;
            kept += usize::from(last != Some(day));
            last = Some(day);
        }
        person.resize(kept, p as u32);
    }
    all.start.truncate(kept);
    Run {
        person: person.into(),
        start: all.start.into(),
        end: None,
    }
}

/// Each person's first event in any of the runs, in order of persons.
pub fn first_events(runs: &[Run], persons: usize) -> Run {
    let (mut person, mut start) = (Vec::new(), Vec::new());
    if let [run] = runs {
        each_person(&run.person, |who, events| {
            person.push(who);
            start.push(run.start[events.start]);
        });
    } else if are_few(runs, persons) {
        let mut days = sorted_days(runs);
        days.dedup_by_key(|day| *day >> 32);
        return run_of_days(&days);
    } else {
        let mut first = vec![i32::MAX; persons];
        for run in runs {
            for (&who, &day) in run.person.iter().zip(&run.start) {
                let slot = &mut first[who as usize];
                *slot = day.min(*slot);
            }
        }
        for (who, &day) in first.iter().enumerate() {
            if day != i32::MAX {
                person.push(who as u32);
                start.push(day);
            }
        }
    }
    Run {
        person: person.into(),
        start: start.into(),
        end: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Rows = Vec<(u32, i32, i32)>;

    fn run(mut rows: Rows, with_end: bool) -> Run {
        rows.sort_unstable();
        run_of(&rows, with_end)
    }

    fn rows(run: &Run) -> Rows {
        let end = |i| run.end.as_ref().map_or(0, |end| end[i]);
        (0..run.len()).map(|i| (run.person[i], run.start[i], end(i))).collect()
    }

    proptest! {
        #[test]
        fn merging_is_sorting(
            runs in prop::collection::vec(prop::collection::vec((0_u32..6, 0..9, 0..20), 0..12), 0..5),
            // With few persons events are scattered, with many they are sorted.
            persons in prop::sample::select(vec![6, 1_000]),
            with_end: bool,
        ) {
            let mut expected: Rows = runs.concat();
            let runs: Vec<Run> = runs.into_iter().map(|rows| run(rows, with_end)).collect();
            if !with_end {
                expected.iter_mut().for_each(|row| row.2 = 0);
            }
            expected.sort_unstable();
            prop_assert_eq!(rows(&merge(&runs, persons)), expected.clone());
            expected.iter_mut().for_each(|row| row.2 = 0);
            expected.dedup();
            prop_assert_eq!(rows(&merge_days(&runs, persons)), expected.clone());
            expected.dedup_by_key(|row| row.0);
            prop_assert_eq!(rows(&first_events(&runs, persons)), expected);
        }
    }
}
