//! Index rows: who may enter, on which day, within which observation period.

use super::evaluate::Resolved;
use super::plan::{Entry, Events, Occurrence};
use super::query::first_events;
use super::scope::Scope;
use crate::error::Result;
use crate::event::{Run, merge};

/// Index rows in order of (person, day); each within one observation period.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    pub(crate) person: Vec<u32>,
    pub(crate) day: Vec<i32>,
    /// The first and last day of the period that holds the index day.
    pub(crate) period: Vec<(i32, i32)>,
}

impl Rows {
    pub(crate) fn len(&self) -> usize {
        self.person.len()
    }

    /// How many different persons the rows have.
    pub(crate) fn persons(&self) -> u64 {
        count_persons(&self.person)
    }

    /// Keeps the rows that the mask marks.
    pub(crate) fn keep(&mut self, mask: &[bool]) {
        let mut kept = 0;
        for (i, &keep) in mask.iter().enumerate() {
            if keep {
                self.person[kept] = self.person[i];
                self.day[kept] = self.day[i];
                self.period[kept] = self.period[i];
                kept += 1;
            }
        }
        self.person.truncate(kept);
        self.day.truncate(kept);
        self.period.truncate(kept);
    }
}

/// How many different persons a sorted column has.
pub(crate) fn count_persons(sorted: &[u32]) -> u64 {
    let changes = sorted.windows(2).filter(|pair| pair[0] != pair[1]).count();
    changes as u64 + u64::from(!sorted.is_empty())
}

/// The events of a query as one run in order of (person, start).
pub(crate) fn events_of(events: &Events, scope: &Scope<'_>, resolved: &Resolved) -> Result<std::sync::Arc<Run>> {
    let matched = resolved.of(events)?;
    match events.occurrence {
        Occurrence::First => {
            let runs = scope.first_runs(events, matched)?;
            Ok(first_events(&runs, scope.facts.len()).into())
        }
        Occurrence::All => scope.merged(events, matched, false),
    }
}

/// The entry events: a row per person and day, sorted; several events of a person on a day are one row.
pub(crate) fn entry_events(entry: &Entry, scope: &Scope<'_>, resolved: &Resolved) -> Result<(Vec<u32>, Vec<i32>)> {
    let mut runs = Vec::with_capacity(entry.events.len());
    for events in &entry.events {
        runs.push(events_of(events, scope, resolved)?);
    }
    let merged = match &runs[..] {
        [run] => Run::clone(run),
        _ => {
            let runs: Vec<Run> = runs.iter().map(|run| Run::clone(run)).collect();
            merge(&runs, scope.facts.len(), None)
        }
    };
    let (mut person, mut day) = (Vec::with_capacity(merged.len()), Vec::with_capacity(merged.len()));
    let mut last = None;
    for (&who, &when) in merged.person.iter().zip(&merged.start) {
        if last != Some((who, when)) {
            last = Some((who, when));
            person.push(who);
            day.push(when);
        }
    }
    Ok((person, day))
}

/// Keeps the entries of the calendar window.
pub(crate) fn in_calendar(person: &mut Vec<u32>, day: &mut Vec<i32>, (from, to): (i32, i32)) {
    let mut kept = 0;
    for i in 0..person.len() {
        if day[i] >= from && day[i] <= to {
            person[kept] = person[i];
            day[kept] = day[i];
            kept += 1;
        }
    }
    person.truncate(kept);
    day.truncate(kept);
}

/// Keeps the entries that lie well within an observation period: so many days before, so many after.
pub(crate) fn observed(person: &[u32], day: &[i32], entry: &Entry, scope: &Scope<'_>) -> Rows {
    let (before, after) = (entry.observed.before as i32, entry.observed.after as i32);
    let mut rows = Rows::default();
    for (&who, &when) in person.iter().zip(day) {
        let span = (when.saturating_sub(before), when.saturating_add(after));
        if let Some(period) = scope.facts.periods.covering(who, span.0, span.1) {
            rows.person.push(who);
            rows.day.push(when);
            rows.period.push(period);
        }
    }
    rows
}
