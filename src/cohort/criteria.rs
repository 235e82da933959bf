//! Criteria: true or false of each index row.
//!
//! Events in a window are found by walking runs and index rows together, both in order of person; a run that is much
//! longer than the rows is walked in leaps.

use super::calendar::completed_years;
use super::entry::{Rows, events_of};
use super::evaluate::Resolved;
use super::plan::{Count, Counted, Criterion, Events, Occurrence, Window};
use super::scope::Scope;
use crate::error::Result;
use crate::event::Run;
use crate::person::Sex;

/// Steps that a leap takes at most, roughly, and that an event takes to be merged.
const LEAP_STEPS: usize = 8;
const MERGE_STEPS: usize = 8;

/// Whether it is cheaper to walk the runs one by one than to merge them first.
fn apart_is_cheaper(runs: &[Run], rows: usize) -> bool {
    let walk = |run: &Run| rows + run.len().min(rows * LEAP_STEPS);
    let merge: usize = runs.iter().map(|run| run.len() * MERGE_STEPS).sum();
    runs.len() <= 1 || runs.iter().map(walk).sum::<usize>() <= merge
}

/// Whether the criterion holds, for each row.
pub(crate) fn holds(criterion: &Criterion, rows: &Rows, scope: &Scope<'_>, resolved: &Resolved) -> Result<Vec<bool>> {
    scope.stop.check()?;
    let of_all = |of: &[Criterion], decide: &dyn Fn(u32, u32) -> bool| -> Result<Vec<bool>> {
        let mut sums = vec![0_u32; rows.len()];
        for inner in of {
            for (sum, holds) in sums.iter_mut().zip(holds(inner, rows, scope, resolved)?) {
                *sum += u32::from(holds);
            }
        }
        Ok(sums.into_iter().map(|sum| decide(sum, of.len() as u32)).collect())
    };
    match criterion {
        Criterion::Events {
            events,
            window,
            observed,
            count,
        } => counted(events, *window, *observed, *count, rows, scope, resolved),
        Criterion::Age { at_least, at_most } => {
            let (least, most) = (at_least.unwrap_or(i32::MIN), at_most.unwrap_or(i32::MAX));
            let age = |i: usize| completed_years(scope.facts.birth_month[rows.person[i] as usize], rows.day[i]);
            Ok((0..rows.len()).map(|i| (least..=most).contains(&age(i))).collect())
        }
        Criterion::Sex { is } => {
            let sex = |i: usize| Sex::from_code(scope.facts.sex[rows.person[i] as usize]);
            Ok((0..rows.len()).map(|i| is.contains(&sex(i))).collect())
        }
        Criterion::All { of } => of_all(of, &|sum, all| sum == all),
        Criterion::Any { of } => of_all(of, &|sum, _| sum > 0),
        Criterion::AtLeast { n, of } => of_all(of, &|sum, _| sum >= *n),
        Criterion::AtMost { n, of } => of_all(of, &|sum, _| sum <= *n),
        Criterion::Not { of } => Ok(holds(of, rows, scope, resolved)?
            .into_iter()
            .map(|holds| !holds)
            .collect()),
    }
}

fn counted(
    events: &Events,
    window: Window,
    observed: bool,
    count: Count,
    rows: &Rows,
    scope: &Scope<'_>,
    resolved: &Resolved,
) -> Result<Vec<bool>> {
    let least = count.at_least.unwrap_or(0);
    // Counting beyond what decides is work for nothing.
    let enough = count.at_most.map_or(least, |most| least.max(most.saturating_add(1)));
    let bounds = Bounds { window, observed };
    let mut counts = vec![0_u32; rows.len()];
    let matched = resolved.of(events)?;
    let runs = match events.occurrence {
        Occurrence::First => None,
        Occurrence::All => Some(scope.runs(events, matched, false)?),
    };
    let apart = runs.filter(|runs| {
        // Distinct days are counted over all codes together.
        let separable = count.of == Counted::Events || enough <= 1 || runs.len() <= 1;
        separable && apart_is_cheaper(runs, rows.len())
    });
    match apart {
        Some(runs) => runs
            .iter()
            .for_each(|run| count_in_windows(run, rows, bounds, count.of, enough, &mut counts)),
        None => {
            let run = events_of(events, scope, resolved)?;
            count_in_windows(&run, rows, bounds, count.of, enough, &mut counts);
        }
    }
    let most = count.at_most.unwrap_or(u32::MAX);
    Ok(counts.into_iter().map(|n| n >= least && n <= most).collect())
}

/// The days around an index day in which an event counts.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    window: Window,
    observed: bool,
}

impl Bounds {
    #[inline]
    fn of(self, day: i32, period: (i32, i32)) -> (i32, i32) {
        let from = self.window.from.map_or(i32::MIN, |days| day.saturating_add(days));
        let to = self.window.to.map_or(i32::MAX, |days| day.saturating_add(days));
        if self.observed {
            (from.max(period.0), to.min(period.1))
        } else {
            (from, to)
        }
    }
}

/// Adds to each row's count the events (or distinct days) of the run in its window, up to `enough`.
fn count_in_windows(run: &Run, rows: &Rows, bounds: Bounds, counted: Counted, enough: u32, counts: &mut [u32]) {
    let (persons, starts) = (&run.person[..], &run.start[..]);
    let mut at = 0;
    let mut last_person = None;
    for row in 0..rows.len() {
        let person = rows.person[row];
        if last_person != Some(person) {
            last_person = Some(person);
            at = leap(persons, at, person);
        }
        if counts[row] >= enough {
            continue;
        }
        let (from, to) = bounds.of(rows.day[row], rows.period[row]);
        // A person's windows only move forward with the index day, so what lies before this one is done with.
        while at < persons.len() && persons[at] == person && starts[at] < from {
            at += 1;
        }
        let mut next = at;
        let mut last_day = None;
        while next < persons.len() && persons[next] == person && starts[next] <= to {
            if counted == Counted::Events || last_day != Some(starts[next]) {
                last_day = Some(starts[next]);
                counts[row] += 1;
                if counts[row] >= enough {
                    break;
                }
            }
            next += 1;
        }
    }
}

/// The first position from `at` on whose person is `person` or a later one: leaps that double, then halving.
#[inline]
pub(crate) fn leap(persons: &[u32], at: usize, person: u32) -> usize {
    let mut low = at;
    let mut step = 1;
    while low + step < persons.len() && persons[low + step] < person {
        low += step;
        step *= 2;
    }
    let high = (low + step + 1).min(persons.len());
    low + persons[low..high].partition_point(|probe| *probe < person)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn leaping_is_searching(mut persons in prop::collection::vec(0_u32..50, 0..200), person in 0_u32..60, at in 0_usize..200) {
            persons.sort_unstable();
            let at = at.min(persons.len());
            let expected = (at..persons.len()).find(|i| persons[*i] >= person).unwrap_or(persons.len());
            prop_assert_eq!(leap(&persons, at, person), expected);
        }
    }
}
