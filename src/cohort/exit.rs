//! When a row ends: with the observation, after fixed days, with the supply, or on a censoring event.

use super::criteria::leap;
use super::entry::Rows;
use super::eras::end_with_era;
use super::plan::{Anchor, CodesRef, Events, Exit, Plan};
use super::query::events_of;
use super::scope::{Merge, Scope};
use crate::error::Result;
use crate::event::{NO_DAY, Run, merge};

/// The last day of each row; [`NO_DAY`] where a row has none and is no row.
pub(crate) fn ends(plan: &Plan, rows: &Rows, scope: &Scope<'_>) -> Result<Vec<i32>> {
    let mut ends: Vec<i32> = rows.period.iter().map(|period| period.1).collect();
    match &plan.exit {
        Exit::ObservationEnd => {}
        Exit::Fixed { days, of } => {
            for (row, end) in ends.iter_mut().enumerate() {
                let day = if *of == Anchor::Start {
                    rows.day[row]
                } else {
                    rows.end(row)
                };
                *end = if day == NO_DAY {
                    NO_DAY
                } else {
                    (*end).min(day.saturating_add(*days))
                };
            }
        }
        Exit::EndOfSupply { gap, codes, domain } => {
            let deliveries = deliveries(plan, codes.as_ref(), domain, scope)?;
            end_with_supply(&deliveries, *gap, rows, &mut ends);
        }
        Exit::Era { .. } => end_with_era(&plan.exit, rows, scope, &mut ends)?,
    }
    // An end before the row's start does not count, so that a censoring event may still end the row.
    for (end, day) in ends.iter_mut().zip(&rows.day) {
        if *end < *day {
            *end = NO_DAY;
        }
    }
    for censor in &plan.censor {
        let run = events_of(censor, scope)?;
        end_with_event(&run, rows, &mut ends);
    }
    Ok(ends)
}

fn deliveries(plan: &Plan, codes: Option<&CodesRef>, domain: &str, scope: &Scope<'_>) -> Result<Run> {
    let mut runs = Vec::new();
    match codes {
        Some(codes) => {
            let events = Events::plain(domain, Some(codes.clone()));
            runs.push(Run::clone(scope.merged(&events, Merge::Ends)?.as_ref()));
        }
        None => {
            for events in plan.entry.events.iter().filter(|events| events.domain == domain) {
                runs.push(Run::clone(scope.merged(events, Merge::Ends)?.as_ref()));
            }
        }
    }
    Ok(merge(&runs, scope.facts.len()))
}

/// Ends each row with the era of deliveries that holds its index day; on the index day itself where none does.
fn end_with_supply(deliveries: &Run, gap: u32, rows: &Rows, ends: &mut [i32]) {
    let persons = &deliveries.person[..];
    let mut first = 0;
    for row in 0..rows.len() {
        let (person, day) = (rows.person[row], rows.day[row]);
        if row == 0 || rows.person[row - 1] != person {
            first = leap(persons, first, person);
        }
        let mut last: Option<i32> = None;
        let mut at = first;
        while at < persons.len() && persons[at] == person {
            let start = deliveries.start[at];
            let covered = deliveries.last_day(at);
            last = match last {
                // `start - last - 1` days lie without supply between the two.
                Some(last) if start.saturating_sub(last).saturating_sub(1) <= gap as i32 => Some(last.max(covered)),
                Some(last) if last >= day => break,
                _ if start > day => break,
                _ => Some(covered),
            };
            at += 1;
        }
        let end = last.filter(|last| *last >= day).unwrap_or(day);
        ends[row] = ends[row].min(end);
    }
}

/// Ends each row on its first event on or after the index day, if that comes before its end.
fn end_with_event(run: &Run, rows: &Rows, ends: &mut [i32]) {
    let persons = &run.person[..];
    let mut at = 0;
    for row in 0..rows.len() {
        let person = rows.person[row];
        at = leap(persons, at, person);
        let mut next = at;
        while next < persons.len() && persons[next] == person && run.start[next] < rows.day[row] {
            next += 1;
        }
        if next < persons.len() && persons[next] == person && run.start[next] <= rows.period[row].1 {
            ends[row] = match ends[row] {
                NO_DAY => run.start[next],
                end => end.min(run.start[next]),
            };
        }
    }
}
