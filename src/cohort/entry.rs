//! Index rows: who may enter, on which day, within which observation period.

use super::gather::table;
use super::needs::IndexNeeds;
use super::plan::{Each, Entry, Events, Limit};
use super::query::days_of;
use super::scope::Scope;
use super::table::{Need, Table, at, places};
use crate::error::Result;
use crate::event::{NO_DAY, NULL, Run, each_person, merge_days};

/// Index rows in order of (person, day); each within one observation period.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    pub(crate) person: Vec<u32>,
    pub(crate) day: Vec<i32>,
    /// The first and last day of the period that holds the index day.
    pub(crate) period: Vec<(i32, i32)>,
    /// The last days of the index events; empty where nothing asks for them.
    pub(crate) end: Vec<i32>,
    /// The stays of the index events; empty where nothing asks for them.
    pub(crate) stay: Vec<i64>,
}

impl Rows {
    /// No rows, and room for some that have no ends and no stays.
    fn with_capacity(rows: usize) -> Self {
        Self {
            person: Vec::with_capacity(rows),
            day: Vec::with_capacity(rows),
            period: Vec::with_capacity(rows),
            ..Self::default()
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.person.len()
    }

    /// How many bytes the rows take, roughly.
    pub(crate) fn bytes(&self) -> usize {
        256 + self.len() * 16 + self.end.len() * 4 + self.stay.len() * 8
    }

    pub(crate) fn push(&mut self, person: u32, day: i32, period: (i32, i32)) {
        self.person.push(person);
        self.day.push(day);
        self.period.push(period);
    }

    /// The last day of an index event, [`NO_DAY`] where it is not known.
    #[inline]
    pub(crate) fn end(&self, row: usize) -> i32 {
        self.end.get(row).copied().unwrap_or(NO_DAY)
    }

    /// The stay of an index event, [`NULL`] where it has none.
    #[inline]
    pub(crate) fn stay(&self, row: usize) -> i64 {
        self.stay.get(row).copied().unwrap_or(NULL)
    }

    /// How many different persons the rows have.
    pub(crate) fn persons(&self) -> u64 {
        count_persons(&self.person)
    }

    /// The rows that the mask marks.
    pub(crate) fn keeping(&self, mask: &[bool]) -> Self {
        let places = places(mask);
        if places.len() == self.len() {
            return self.clone();
        }
        Self {
            person: at(&self.person, &places),
            day: at(&self.day, &places),
            period: at(&self.period, &places),
            end: at(&self.end, &places),
            stay: at(&self.stay, &places),
        }
    }

    /// Each person's first or last row, or all.
    pub(crate) fn limited(&self, limit: Limit) -> Self {
        match first_or_last(&self.person, &self.day, limit) {
            Some(mask) => self.keeping(&mask),
            None => self.clone(),
        }
    }
}

/// Marks each person's first row, or the first of the last day; rows are in the total order of events.
fn first_or_last(person: &[u32], day: &[i32], limit: Limit) -> Option<Vec<bool>> {
    let n = person.len();
    let new = |i: usize| i == 0 || person[i - 1] != person[i];
    match limit {
        Limit::All => None,
        Limit::First => Some((0..n).map(new).collect()),
        Limit::Last => {
            let mut mask = vec![false; n];
            let mut from = 0;
            for i in 0..n {
                if new(i) || day[i] != day[i - 1] {
                    from = i;
                }
                if i + 1 == n || person[i + 1] != person[i] {
                    mask[from] = true;
                }
            }
            Some(mask)
        }
    }
}

/// How many different persons a sorted column has.
pub(crate) fn count_persons(sorted: &[u32]) -> u64 {
    let changes = sorted.windows(2).filter(|pair| pair[0] != pair[1]).count();
    changes as u64 + u64::from(!sorted.is_empty())
}

/// The entry events in the total order: a row each, or one row per person and day.
pub(crate) fn entry_events(entry: &Entry, needs: IndexNeeds, scope: &Scope<'_>) -> Result<Table> {
    let plain = needs == IndexNeeds::default() && entry.events.iter().all(Events::is_plain);
    if plain && entry.each == Each::Day {
        return days(&entry.events, scope);
    }
    let several = needs.ends || needs.stay;
    let need = Need {
        ends: needs.ends,
        stay: needs.stay,
        value: None,
        // Which of several events of a day comes first matters only where they differ.
        ids: several,
    };
    let mut tables = Vec::with_capacity(entry.events.len());
    for events in &entry.events {
        tables.push(table(events, need, scope)?);
    }
    let all = match &tables[..] {
        [one] => Table::clone(one),
        _ => concatenated(&tables.iter().map(AsRef::as_ref).collect::<Vec<_>>(), need).ordered(scope.facts.len()),
    };
    if entry.each == Each::Event {
        return Ok(all);
    }
    let new = |i: usize| i == 0 || (all.person[i - 1], all.start[i - 1]) != (all.person[i], all.start[i]);
    let mask: Vec<bool> = (0..all.len()).map(new).collect();
    Ok(all.keep(&mask))
}

/// The days of plain entry events, each once.
fn days(queries: &[Events], scope: &Scope<'_>) -> Result<Table> {
    if let [query] = queries {
        return Ok(Table::of(days_of(query, scope)?.as_ref()));
    }
    let mut runs = Vec::with_capacity(queries.len());
    for events in queries {
        runs.push(Run::clone(days_of(events, scope)?.as_ref()));
    }
    Ok(Table::of(&merge_days(&runs, scope.facts.len())))
}

/// Tables one after the other.
fn concatenated(tables: &[&Table], need: Need<'_>) -> Table {
    let flat = |column: &dyn Fn(&Table, usize) -> i64| -> Vec<i64> {
        tables
            .iter()
            .flat_map(|table| (0..table.len()).map(|i| column(table, i)).collect::<Vec<_>>())
            .collect()
    };
    let sorts = tables.iter().any(|table| table.sort.is_some());
    Table {
        person: tables.iter().flat_map(|table| table.person.iter().copied()).collect(),
        start: tables.iter().flat_map(|table| table.start.iter().copied()).collect(),
        end: need.ends.then(|| {
            tables
                .iter()
                .flat_map(|table| (0..table.len()).map(|i| table.end(i)))
                .collect()
        }),
        stay: need.stay.then(|| flat(&|table, i| table.stay(i))),
        value: None,
        sort: sorts.then(|| {
            tables
                .iter()
                .flat_map(|table| (0..table.len()).map(|i| table.day(i)))
                .collect()
        }),
        id: need
            .ids
            .then(|| flat(&|table, i| table.id.as_ref().map_or(0, |id| id[i]))),
    }
}

/// Keeps the entries of the calendar window.
pub(crate) fn in_calendar(events: Table, (from, to): (i32, i32)) -> Table {
    let mask: Vec<bool> = events.start.iter().map(|day| from <= *day && *day <= to).collect();
    events.keep(&mask)
}

/// Keeps the entries that lie well within an observation period, so many days before, so many after, and of these the
/// ones that the entry's limit takes; tells how many persons and rows there were before the limit.
pub(crate) fn observed(events: &Table, entry: &Entry, scope: &Scope<'_>) -> (Rows, (u64, usize)) {
    let (before, after) = (entry.observed.before as i32, entry.observed.after as i32);
    let forward = events.sort.is_none();
    let (plain, mut places) = (forward && events.end.is_none() && events.stay.is_none(), Vec::new());
    let mut rows = Rows::with_capacity(events.len());
    each_person(&events.person, |who, range| {
        let mut periods = scope.facts.periods.of(who);
        if let (Some(span), None, true) = (periods.next(), periods.next(), plain) {
            // Most persons have one period: what lies in it is one piece of their days.
            let days = &events.start[range];
            let early = days.partition_point(|day| day.saturating_sub(before) < span.0);
            let held = days[early..].partition_point(|day| day.saturating_add(after) <= span.1);
            rows.day.extend_from_slice(&days[early..early + held]);
            rows.person.resize(rows.day.len(), who);
            rows.period.resize(rows.day.len(), span);
            return;
        }
        for i in range {
            let when = events.start[i];
            let held = (when.saturating_sub(before), when.saturating_add(after));
            if let Some(span) = scope.facts.periods.covering(who, held.0, held.1) {
                rows.push(who, when, span);
                places.push(i as u32);
            }
        }
    });
    let column = |column: &Option<Vec<i32>>| column.as_ref().map_or_else(Vec::new, |column| at(column, &places));
    rows.end = column(&events.end);
    rows.stay = events.stay.as_ref().map_or_else(Vec::new, |stay| at(stay, &places));
    let sort = column(&events.sort);
    let before_limit = (rows.persons(), rows.len());
    let days = if events.sort.is_some() { &sort } else { &rows.day };
    if let Some(mask) = first_or_last(&rows.person, days, entry.limit) {
        rows = rows.keeping(&mask);
    }
    if events.sort.is_some() {
        rows = in_order_of_days(&rows);
    }
    (rows, before_limit)
}

/// Puts rows that were in order of other days into the order of their own.
fn in_order_of_days(rows: &Rows) -> Rows {
    let mut places: Vec<usize> = (0..rows.len()).collect();
    places.sort_by_key(|place| (rows.person[*place], rows.day[*place]));
    let mut sorted = Rows::default();
    for place in places {
        sorted.push(rows.person[place], rows.day[place], rows.period[place]);
        sorted.end.extend(rows.end.get(place));
        sorted.stay.extend(rows.stay.get(place));
    }
    sorted
}
