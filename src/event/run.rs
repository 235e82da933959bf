//! Runs of events in memory, and how several runs become one.

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

/// Merges runs that have few events by sorting them.
fn merge_few(runs: &[Run], keep: impl Fn(u32) -> bool) -> Run {
    let end_of = |run: &Run, i: usize| run.end.as_ref().map_or(NO_DAY, |end| end[i]);
    let of_run = |run| (0..Run::len(run)).map(move |i| (run.person[i], run.start[i], end_of(run, i)));
    let mut rows: Vec<(u32, i32, i32)> = runs.iter().flat_map(of_run).filter(|row| keep(row.0)).collect();
    rows.sort_unstable();
    let with_end = runs.iter().any(|run| run.end.is_some());
    Run {
        person: rows.iter().map(|row| row.0).collect(),
        start: rows.iter().map(|row| row.1).collect(),
        end: with_end.then(|| rows.iter().map(|row| row.2).collect()),
    }
}

/// Merges runs into one, in order of (person, start, end).
///
/// Each run is in order of person already, so counting, scattering and sorting each person's few events is linear in
/// the events; no comparison sort of the whole is made. Only the persons that `wanted` marks are kept.
pub fn merge(runs: &[Run], persons: usize, wanted: Option<&[bool]>) -> Run {
    if let ([run], None) = (runs, wanted) {
        return run.clone();
    }
    let keep = |person: u32| wanted.is_none_or(|wanted| wanted[person as usize]);
    let total: usize = runs.iter().map(Run::len).sum();
    if total < persons / SPARSE {
        return merge_few(runs, keep);
    }
    let mut place = vec![0_u32; persons + 1];
    for run in runs {
        for &person in &run.person {
            place[person as usize + 1] += u32::from(keep(person));
        }
    }
    for person in 0..persons {
        place[person + 1] += place[person];
    }
    let total = place[persons] as usize;
    let with_end = runs.iter().any(|run| run.end.is_some());
    let mut start = vec![0_i32; total];
    let mut end = if with_end { vec![NO_DAY; total] } else { Vec::new() };
    let mut next = place.clone();
    for run in runs {
        for (i, &person) in run.person.iter().enumerate() {
            if keep(person) {
                let slot = next[person as usize] as usize;
                next[person as usize] += 1;
                start[slot] = run.start[i];
                if with_end {
                    end[slot] = run.end.as_ref().map_or(NO_DAY, |end| end[i]);
                }
            }
        }
    }
    let mut person = vec![0_u32; total];
    let mut pairs: Vec<(i32, i32)> = Vec::new();
    for p in 0..persons {
        let range = place[p] as usize..place[p + 1] as usize;
        person[range.clone()].fill(p as u32);
        let days = &mut start[range.clone()];
        if days.is_sorted() && !with_end {
            continue;
        }
        if with_end {
            pairs.clear();
            pairs.extend(days.iter().copied().zip(end[range.clone()].iter().copied()));
            pairs.sort_unstable();
            for (i, &(first, last)) in pairs.iter().enumerate() {
                start[range.start + i] = first;
                end[range.start + i] = last;
            }
        } else {
            days.sort_unstable();
        }
    }
    Run {
        person: person.into(),
        start: start.into(),
        end: with_end.then(|| end.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn run(mut rows: Vec<(u32, i32, i32)>, with_end: bool) -> Run {
        rows.sort_unstable();
        Run {
            person: rows.iter().map(|row| row.0).collect(),
            start: rows.iter().map(|row| row.1).collect(),
            end: with_end.then(|| rows.iter().map(|row| row.2).collect()),
        }
    }

    proptest! {
        #[test]
        fn merging_is_sorting(
            runs in prop::collection::vec(prop::collection::vec((0_u32..6, 0..9, 0..20), 0..12), 0..5),
            mut wanted in prop::collection::vec(any::<bool>(), 6),
            persons in prop::sample::select(vec![6, 1_000]),
            with_end: bool,
            filter: bool,
        ) {
            // With few persons events are scattered, with many they are sorted.
            wanted.resize(persons, false);
            let filter = filter.then_some(&wanted[..]);
            let merged = merge(&runs.iter().cloned().map(|rows| run(rows, with_end)).collect::<Vec<_>>(), persons, filter);
            let mut expected: Vec<_> = runs.concat();
            expected.retain(|row| filter.is_none_or(|wanted| wanted[row.0 as usize]));
            expected.sort_unstable();
            let rows: Vec<_> = (0..merged.len())
                .map(|i| (merged.person[i], merged.start[i], merged.end.as_ref().map_or(0, |end| end[i])))
                .collect();
            let expected: Vec<_> = expected.into_iter().map(|(p, s, e)| (p, s, if with_end { e } else { 0 })).collect();
            prop_assert_eq!(rows, expected);
        }
    }
}
