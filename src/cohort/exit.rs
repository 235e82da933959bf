//! When a row ends: with the observation, after fixed days, with the supply, or on a censoring event.

use super::criteria::leap;
use super::entry::{Rows, events_of};
use super::evaluate::Resolved;
use super::plan::{Events, Exit, Occurrence, Plan};
use super::scope::Scope;
use crate::error::Result;
use crate::event::{Run, merge};

/// The last day of each row.
pub(crate) fn ends(plan: &Plan, rows: &Rows, scope: &Scope<'_>, resolved: &Resolved) -> Result<Vec<i32>> {
    let mut ends: Vec<i32> = rows.period.iter().map(|period| period.1).collect();
    match &plan.exit {
        Exit::ObservationEnd => {}
        Exit::Fixed { days } => {
            for (end, day) in ends.iter_mut().zip(&rows.day) {
                *end = (*end).min(day.saturating_add_unsigned(*days));
            }
        }
        Exit::EndOfSupply { gap, codes, domain } => {
            let deliveries = deliveries(plan, codes.as_ref(), domain, scope, resolved)?;
            end_with_supply(&deliveries, *gap, rows, &mut ends);
        }
    }
    for censor in &plan.censor {
        let run = events_of(censor, scope, resolved)?;
        end_with_event(&run, rows, &mut ends);
    }
    Ok(ends)
}

fn deliveries(
    plan: &Plan,
    codes: Option<&super::plan::Codes>,
    domain: &str,
    scope: &Scope<'_>,
    resolved: &Resolved,
) -> Result<Run> {
    let mut runs = Vec::new();
    match codes {
        Some(codes) => {
            let events = Events {
                domain: domain.to_owned(),
                codes: Some(codes.clone()),
                occurrence: Occurrence::All,
            };
            runs.push(Run::clone(scope.merged(&events, resolved.of(&events)?, true)?.as_ref()));
        }
        None => {
            for events in plan.entry.events.iter().filter(|events| events.domain == domain) {
                runs.push(Run::clone(scope.merged(events, resolved.of(events)?, true)?.as_ref()));
            }
        }
    }
    Ok(merge(&runs, scope.facts.len(), None))
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
        if next < persons.len() && persons[next] == person {
            ends[row] = ends[row].min(run.start[next]);
        }
    }
}
