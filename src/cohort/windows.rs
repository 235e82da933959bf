//! Counts events in windows of every kind: of last days, around last days, two at once, of the same stay, distinct values.
//!
//! The common kind, first days around the first day of the index event, has a faster way in `criteria`.

use super::criteria::leap;
use super::entry::Rows;
use super::plan::{Anchor, Bound, Counted, What, Window};
use super::table::{Need, Table};
use crate::event::{NO_DAY, NULL};

impl Counted {
    /// The columns of events that the count needs.
    pub(crate) fn need(&self) -> Need<'_> {
        let of_end = |window: &Window| window.of == Anchor::End;
        let value = match &self.count.of {
            What::Distinct(name) => Some(name.as_str()),
            What::Events | What::Days => None,
        };
        Need {
            ends: of_end(&self.window) || self.end_window.as_ref().is_some_and(of_end),
            stay: self.same_stay,
            value,
            ids: false,
        }
    }
}

/// The days in which one day of an event must lie; none where that cannot be told.
fn days_of(window: &Window, rows: &Rows, row: usize) -> Option<(i32, i32)> {
    let day = match window.index {
        Anchor::Start => rows.day[row],
        Anchor::End => rows.end(row),
    };
    let needs_day = |bound| matches!(bound, Bound::Days(_));
    if day == NO_DAY && (needs_day(window.from) || needs_day(window.to)) {
        return None;
    }
    let bound = |bound: Bound, open| bound.day(day, rows.period[row], open);
    Some((bound(window.from, i32::MIN), bound(window.to, i32::MAX)))
}

/// Whether a window asks anything of an event at all; what is open on both sides holds of unknown days, too.
fn asks(window: &Window) -> bool {
    (window.from, window.to) != (Bound::Open, Bound::Open)
}

/// Adds to each row's count the events (or distinct days, or values) that meet all conditions, up to `enough`.
pub(crate) fn count_any(table: &Table, counted: &Counted, enough: u32, rows: &Rows, counts: &mut [u32]) {
    let windows: Vec<&Window> = std::iter::once(&counted.window)
        .chain(&counted.end_window)
        .filter(|window| asks(window))
        .collect();
    let persons = &table.person[..];
    let mut seen: Vec<i64> = Vec::new();
    let (mut from, mut to) = (0, 0);
    let mut days: Vec<(Anchor, i32, i32)> = Vec::with_capacity(2);
    for row in 0..rows.len() {
        let person = rows.person[row];
        if row == 0 || rows.person[row - 1] != person {
            from = leap(persons, to, person);
            to = from;
            while to < persons.len() && persons[to] == person {
                to += 1;
            }
        }
        if from == to {
            continue;
        }
        days.clear();
        let told = windows.iter().all(|window| {
            let found = days_of(window, rows, row);
            days.extend(found.map(|(from, to)| (window.of, from, to)));
            found.is_some()
        });
        let stay = rows.stay(row);
        if !told || (counted.same_stay && stay == NULL) {
            continue;
        }
        let period = rows.period[row];
        let meets = |event: usize| {
            let (start, end) = (table.start[event], table.end(event));
            let inside = |(of, from, to): &(Anchor, i32, i32)| {
                let day = if *of == Anchor::Start { start } else { end };
                day != NO_DAY && *from <= day && day <= *to
            };
            (!counted.observed || (period.0 <= start && start <= period.1))
                && days.iter().all(inside)
                && (!counted.same_stay || table.stay(event) == stay)
        };
        let met = (from..to).filter(|event| meets(*event));
        counts[row] = match &counted.count.of {
            What::Events => met.take(enough as usize).count() as u32,
            What::Days => {
                seen.clear();
                seen.extend(met.map(|event| i64::from(table.start[event])));
                distinct(&mut seen)
            }
            What::Distinct(_) => {
                seen.clear();
                let value = |event: usize| table.value.as_ref().map_or(NULL, |value| value[event]);
                seen.extend(met.map(value).filter(|value| *value != NULL));
                distinct(&mut seen)
            }
        };
    }
}

fn distinct(values: &mut Vec<i64>) -> u32 {
    values.sort_unstable();
    values.dedup();
    values.len() as u32
}
