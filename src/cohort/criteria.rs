//! Criteria: true or false of each index row.
//!
//! Events in a window are found by walking runs and index rows together, both in order of person; a run that is much
//! longer than the rows is walked in leaps.

use super::calendar::completed_years;
use super::columns::dated;
use super::entry::Rows;
use super::filter::{self, Column, Columns};
use super::gather::table;
use super::plan::{Counted, Criterion, Occurrence, What, Window};
use super::query::{days_of, events_of};
use super::scope::Scope;
use super::windows::count_any;
use crate::error::{Error, Result};
use crate::event::{Run, each_person};
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
pub(crate) fn holds(criterion: &Criterion, rows: &Rows, scope: &Scope<'_>) -> Result<Vec<bool>> {
    scope.stop.check()?;
    let of_all = |of: &[Criterion], decide: &dyn Fn(u32, u32) -> bool| -> Result<Vec<bool>> {
        let mut sums = vec![0_u32; rows.len()];
        for inner in of {
            for (sum, holds) in sums.iter_mut().zip(holds(inner, rows, scope)?) {
                *sum += u32::from(holds);
            }
        }
        Ok(sums.into_iter().map(|sum| decide(sum, of.len() as u32)).collect())
    };
    match criterion {
        Criterion::Events(counted) => events_hold(counted, rows, scope),
        Criterion::Age { at_least, at_most } => {
            let (least, most) = (at_least.unwrap_or(i32::MIN), at_most.unwrap_or(i32::MAX));
            let age = |i: usize| completed_years(scope.facts.birth_month[rows.person[i] as usize], rows.day[i]);
            Ok((0..rows.len()).map(|i| (least..=most).contains(&age(i))).collect())
        }
        Criterion::Sex { is } => {
            let sex = |i: usize| Sex::from_code(scope.facts.sex[rows.person[i] as usize]);
            Ok((0..rows.len()).map(|i| is.contains(&sex(i))).collect())
        }
        Criterion::Where { filters } => filter::all(filters, &IndexColumns { rows, scope }, scope.sets),
        Criterion::All { of } => of_all(of, &|sum, all| sum == all),
        Criterion::Any { of } => of_all(of, &|sum, _| sum > 0),
        Criterion::AtLeast { n, of } => of_all(of, &|sum, _| sum >= *n),
        Criterion::AtMost { n, of } => of_all(of, &|sum, _| sum <= *n),
        Criterion::Not { of } => Ok(holds(of, rows, scope)?.into_iter().map(|holds| !holds).collect()),
    }
}

/// The columns of index rows that conditions may name.
struct IndexColumns<'a> {
    rows: &'a Rows,
    scope: &'a Scope<'a>,
}

impl Columns for IndexColumns<'_> {
    fn column(&self, name: &str) -> Result<Column> {
        let found = dated(name, &self.rows.person, &self.rows.day, &self.rows.end, self.scope)?;
        found.ok_or_else(|| {
            Error::Definition(format!(
                "an index row has no column '{name}': it has start, end, length, birth_years, birth_years_at_end and those of its person"
            ))
        })
    }

    fn rows(&self) -> usize {
        self.rows.len()
    }
}

fn events_hold(counted: &Counted, rows: &Rows, scope: &Scope<'_>) -> Result<Vec<bool>> {
    let count = &counted.count;
    let least = count.at_least.unwrap_or(0);
    // Counting beyond what decides is work for nothing.
    let enough = count.at_most.map_or(least, |most| least.max(most.saturating_add(1)));
    let most = count.at_most.unwrap_or(u32::MAX);
    let counts = counts_of(counted, enough, rows, scope)?;
    Ok(counts.into_iter().map(|n| n >= least && n <= most).collect())
}

/// How many events, days or values each row has, up to `enough`.
pub(crate) fn counts_of(counted: &Counted, enough: u32, rows: &Rows, scope: &Scope<'_>) -> Result<Vec<u32>> {
    let mut counts = vec![0_u32; rows.len()];
    if rows.len() == 0 {
        return Ok(counts);
    }
    if counted.is_plain() {
        count_plain(counted, enough, rows, scope, &mut counts)?;
    } else {
        let table = table(&counted.events, counted.need(), scope)?;
        count_any(&table, counted, enough, rows, &mut counts);
    }
    Ok(counts)
}

/// Counts where only first days matter: runs need not be merged, and are walked in leaps.
fn count_plain(counted: &Counted, enough: u32, rows: &Rows, scope: &Scope<'_>, counts: &mut [u32]) -> Result<()> {
    let events = &counted.events;
    let bounds = Bounds {
        window: counted.window,
        observed: counted.observed,
    };
    let days = counted.count.of == What::Days;
    let merged = scope.is_merged(events);
    // Distinct days are counted over all codes together, from a run that has each once.
    let separable = events.occurrence == Occurrence::All && !merged && (!days || enough <= 1);
    let runs = if separable {
        scope.runs(events, false)?
    } else {
        Vec::new()
    };
    if separable && apart_is_cheaper(&runs, rows.len()) {
        for run in &runs {
            count_in_windows(run, rows, bounds, enough, counts);
        }
        return Ok(());
    }
    // Where one event decides, it does not matter whether each day is there once.
    let run = if days || (enough <= 1 && merged) {
        days_of(events, scope)?
    } else {
        events_of(events, scope)?
    };
    count_in_windows(&run, rows, bounds, enough, counts);
    Ok(())
}

/// The days around an index day in which an event counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) window: Window,
    pub(crate) observed: bool,
}

impl Bounds {
    #[inline]
    pub(crate) fn of(self, day: i32, period: (i32, i32)) -> (i32, i32) {
        let from = self.window.from.day(day, period, i32::MIN);
        let to = self.window.to.day(day, period, i32::MAX);
        if self.observed {
            (from.max(period.0), to.min(period.1))
        } else {
            (from, to)
        }
    }
}

/// Adds to each row's count the events of the run in its window, up to `enough`.
fn count_in_windows(run: &Run, rows: &Rows, bounds: Bounds, enough: u32, counts: &mut [u32]) {
    let (persons, starts) = (&run.person[..], &run.start[..]);
    let ahead = (rows.len() * LEAP_STEPS < run.len()).then(|| look_ahead(persons, &rows.person));
    let mut end = 0;
    each_person(&rows.person, |person, range| {
        let at = match &ahead {
            Some(found) => found[range.start],
            None => leap(persons, end, person),
        };
        end = leap(persons, at, person.saturating_add(1));
        let days = &starts[at..end];
        let mut done = 0;
        for row in range {
            if counts[row] >= enough {
                continue;
            }
            let (from, to) = bounds.of(rows.day[row], rows.period[row]);
            // A person's windows only move forward with the index day, so what lies before this one is done with.
            if enough == 1 {
                // Windows mostly look back and end at the index day: their ends move by an event or so each, evenly.
                while done < days.len() && days[done] <= to {
                    done += 1;
                }
                counts[row] = u32::from(done > 0 && days[done - 1] >= from);
                continue;
            }
            while done < days.len() && days[done] < from {
                done += 1;
            }
            // Days are in order: where the last event that is missing lies in the window, all before it do.
            let (left, missing) = (&days[done..], (enough - counts[row]) as usize);
            if left.get(missing - 1).is_some_and(|day| *day <= to) {
                counts[row] = enough;
            } else {
                counts[row] += left.iter().take(missing).take_while(|day| **day <= to).count() as u32;
            }
        }
    });
}

/// Where each of some sorted persons has the first event in a run that is much longer, or would have it.
///
/// No step waits for the one before: the processor asks memory for several persons at once, where leaps from one
/// person to the next would wait for each in turn.
fn look_ahead(run: &[u32], persons: &[u32]) -> Vec<usize> {
    /// Persons of eight cache lines.
    const BLOCK: usize = 128;
    let heads: Vec<u32> = run.iter().step_by(BLOCK).copied().collect();
    let mut next = 0;
    let place = |&person: &u32| {
        while next < heads.len() && heads[next] < person {
            next += 1;
        }
        let (low, high) = (next.saturating_sub(1) * BLOCK, (next * BLOCK).min(run.len()));
        low + run[low..high].partition_point(|probe| *probe < person)
    };
    persons.iter().map(place).collect()
}

/// The first position from `at` on whose person is `person` or a later one: a guess, leaps that double, then halving.
///
/// Persons lie about evenly in a run, so the guess is mostly near, and what it touches is touched again by the next one.
#[inline]
pub(crate) fn leap(persons: &[u32], at: usize, person: u32) -> usize {
    let (Some(&here), Some(&last)) = (persons.get(at), persons.last()) else {
        return persons.len();
    };
    if here >= person {
        return at;
    }
    if last < person {
        return persons.len();
    }
    let share = u64::from(person - here) * (persons.len() - at) as u64 / u64::from(last - here + 1);
    let guess = at + share as usize;
    let mut step = 1;
    let (low, high) = if persons[guess] < person {
        let mut low = guess;
        while low + step < persons.len() && persons[low + step] < person {
            low += step;
            step *= 2;
        }
        (low, (low + step + 1).min(persons.len()))
    } else {
        let mut high = guess;
        while high >= at + step && persons[high - step] >= person {
            high -= step;
            step *= 2;
        }
        (high.saturating_sub(step).max(at), high + 1)
    };
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

        #[test]
        fn looking_ahead_is_searching(
            mut run in prop::collection::vec(0_u32..90, 0..900),
            mut persons in prop::collection::vec(0_u32..100, 0..60),
        ) {
            run.sort_unstable();
            persons.sort_unstable();
            let expected: Vec<usize> = persons.iter().map(|person| run.partition_point(|probe| probe < person)).collect();
            prop_assert_eq!(look_ahead(&run, &persons), expected);
        }
    }
}
