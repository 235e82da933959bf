//! From a query to its events: their columns are read, what must hold of each is asked, and they are put in order.

use std::sync::Arc;

use super::calendar::day;
use super::columns::{counted, dated};
use super::criteria::holds;
use super::entry::Rows;
use super::filter::{self, Column, Columns};
use super::memo::name;
use super::needs::index_needs;
use super::plan::{Anchor, Ends, Events, Filter, Occurrence, Shift};
use super::query::events_of;
use super::scope::{DEATH, Positions, Scope};
use super::table::{Need, Table};
use crate::error::{Error, Result};
use crate::event::{Days, Domain, Kind, NO_DAY, NULL};

/// The events of a query as a table with the columns that are needed.
pub(crate) fn table(events: &Events, need: Need<'_>, scope: &Scope<'_>) -> Result<Arc<Table>> {
    let simple = events.is_plain() && need.value.is_none() && !need.ends && !need.stay && !need.ids;
    if simple {
        return Ok(Arc::new(Table::of(events_of(events, scope)?.as_ref())));
    }
    let memo = scope.memo.map(|(memo, shard)| {
        (
            memo,
            name(need.number(), &(events, need.value), &scope.sets.contents),
            shard,
        )
    });
    if let Some((memo, name, shard)) = memo
        && let Some(table) = memo.table(name, shard)
    {
        return Ok(table);
    }
    let table = match Raw::read(events, scope)? {
        Some(raw) => Arc::new(raw.table(events, need)?),
        None => Arc::default(),
    };
    if let Some((memo, name, shard)) = memo {
        memo.put_table(name, shard, &table);
    }
    Ok(table)
}

/// Every event of a query's codes, code after code, before anything is asked of them.
struct Raw<'a> {
    scope: &'a Scope<'a>,
    domain: &'a str,
    files: Option<(&'a Domain, Positions)>,
    person: Vec<u32>,
    start: Vec<i32>,
    /// Empty where nothing asks for them.
    end: Vec<i32>,
    /// How many events each code has.
    lengths: Vec<usize>,
}

impl<'a> Raw<'a> {
    fn read(events: &'a Events, scope: &'a Scope<'a>) -> Result<Option<Self>> {
        let files = scope.found(&events.domain, events.codes.as_ref())?;
        let runs = match (&files, events.domain.as_str()) {
            (None, DEATH) => vec![scope.deaths()],
            (None, _) => return Ok(None),
            (Some((domain, positions)), _) => domain.runs(positions, false, scope.cache, scope.reads)?,
        };
        let total = runs.iter().map(crate::event::Run::len).sum();
        let (mut person, mut start) = (Vec::with_capacity(total), Vec::with_capacity(total));
        for run in &runs {
            person.extend_from_slice(&run.person);
            start.extend_from_slice(&run.start);
        }
        Ok(Some(Self {
            scope,
            domain: &events.domain,
            files,
            person,
            start,
            end: Vec::new(),
            lengths: runs.iter().map(crate::event::Run::len).collect(),
        }))
    }

    fn days(&self, which: Days) -> Result<Option<Vec<i32>>> {
        let Some((domain, positions)) = &self.files else {
            return Ok(None);
        };
        let columns = domain.days(positions, which, self.scope.cache, self.scope.reads)?;
        Ok(columns.map(|columns| columns.iter().flat_map(|column| column.iter().copied()).collect()))
    }

    /// The last day of each event, as the query understands it.
    fn ends(&self, rule: Ends) -> Result<Vec<i32>> {
        let next = |start: &i32| start.saturating_add(1);
        if rule == Ends::NextDay {
            return Ok(self.start.iter().map(next).collect());
        }
        let stored = self.days(Days::End)?;
        let stored = |i: usize| stored.as_ref().map_or(NO_DAY, |end| end[i]);
        if rule == Ends::Stored {
            return Ok((0..self.start.len()).map(stored).collect());
        }
        let supply = self.days(Days::Supply)?;
        let supply = |i: usize| supply.as_ref().map_or(NO_DAY, |supply| supply[i]);
        let last = |i: usize| {
            let (start, end, supply) = (self.start[i], stored(i), supply(i));
            match (rule, end, supply) {
                (_, end, _) if end != NO_DAY => end,
                (Ends::Recorded, _, supply) if supply > 0 => start.saturating_add(supply - 1),
                (Ends::Recorded, _, _) => start,
                (_, _, supply) if supply != NO_DAY => start.saturating_add(supply),
                _ => start.saturating_add(1),
            }
        };
        Ok((0..self.start.len()).map(last).collect())
    }

    /// Which events have the codes that are asked for, and of these each person's first where that is asked.
    fn such(&self, events: &Events) -> Result<Vec<bool>> {
        let mask = match &events.source_codes {
            None => vec![true; self.person.len()],
            Some(codes) => filter::all(&[Filter::of_source(codes)], self, self.scope.sets)?,
        };
        match events.occurrence {
            Occurrence::First => self.first(&mask),
            Occurrence::All => Ok(mask),
        }
    }

    /// Each person's first of some events: by day, then event id, then code.
    fn first(&self, of: &[bool]) -> Result<Vec<bool>> {
        let ids = self.ids()?;
        let mut mask = vec![false; self.person.len()];
        let mut places: Vec<u32> = (0..self.person.len() as u32)
            .filter(|place| of[*place as usize])
            .collect();
        let key = |place: &u32| {
            let i = *place as usize;
            (
                self.person[i],
                self.start[i],
                ids.as_ref().map_or(0, |ids| ids[i]),
                *place,
            )
        };
        places.sort_unstable_by_key(key);
        let mut last = None;
        for place in places {
            let person = self.person[place as usize];
            if last != Some(person) {
                last = Some(person);
                mask[place as usize] = true;
            }
        }
        Ok(mask)
    }

    fn ids(&self) -> Result<Option<Vec<i64>>> {
        self.whole("event_id")
    }

    /// A stored column of whole numbers, when the domain has it.
    fn whole(&self, name: &str) -> Result<Option<Vec<i64>>> {
        let Some((domain, positions)) = &self.files else {
            return Ok(None);
        };
        if domain.kind(name)? != Some(Kind::Whole) {
            return Ok(None);
        }
        let columns = domain.wide(positions, name, self.scope.cache, self.scope.reads)?;
        Ok(Some(columns.iter().flat_map(|column| column.iter().copied()).collect()))
    }

    fn table(mut self, events: &Events, need: Need<'_>) -> Result<Table> {
        let scope = self.scope;
        if events.asks_for_ends(need) {
            self.end = self.ends(events.ends)?;
        }
        let mut mask = self.such(events)?;
        if let Some(shift) = &events.shift {
            self.shift(shift);
            mask.iter_mut()
                .zip(&self.start)
                .for_each(|(mask, start)| *mask &= *start != NO_DAY);
        }
        if !events.filters.is_empty() {
            let held = filter::all(&events.filters, &self, scope.sets)?;
            mask.iter_mut().zip(held).for_each(|(mask, held)| *mask &= held);
        }
        let nested = events.having.as_deref().map(index_needs).unwrap_or_default();
        let value = match need.value {
            Some(name) => Some(counted(self.column(name)?)),
            None => None,
        };
        let stay = if need.stay || nested.stay {
            self.whole("stay_id")?
        } else {
            None
        };
        let ids = if need.ids { self.ids()? } else { None };
        let mut sort = None;
        if let Some((from, to)) = &events.fixed {
            let [from, to] = [from, to].map(|day_text| day_text.as_deref().map(day).transpose());
            let (from, to) = (from?, to?);
            for (i, mask) in mask.iter_mut().enumerate() {
                let within = |day: &Option<i32>| day.is_none_or(|day| self.start[i] <= day && day <= self.end[i]);
                *mask &= within(&from) && within(&to);
            }
            sort = from.map(|_| self.start.clone());
            if let Some(day) = from {
                self.start.fill(day);
            }
            if let Some(day) = to {
                self.end.fill(day);
            }
        }
        let table = Table {
            person: self.person.into(),
            start: self.start.into(),
            end: (need.ends || nested.ends).then_some(self.end),
            stay,
            value,
            sort,
            id: ids,
        };
        let table = table.keep(&mask).ordered(scope.facts.len());
        match &events.having {
            None => Ok(table),
            Some(having) => {
                let (rows, places) = index_rows(&table, scope);
                let held = holds(having, &rows, scope)?;
                let places: Vec<u32> = places
                    .into_iter()
                    .zip(held)
                    .filter_map(|(place, held)| held.then_some(place))
                    .collect();
                Ok(table.take(&places))
            }
        }
    }

    fn shift(&mut self, shift: &Shift) {
        let moved = |of: Anchor, days: i32, start: i32, end: i32| {
            let day = if of == Anchor::Start { start } else { end };
            if day == NO_DAY {
                NO_DAY
            } else {
                day.saturating_add(days)
            }
        };
        for (start, end) in self.start.iter_mut().zip(&mut self.end) {
            let (first, last) = (*start, *end);
            *start = moved(shift.start.of, shift.start.days, first, last);
            *end = moved(shift.end.of, shift.end.days, first, last);
        }
    }
}

/// The events that lie in an observation period as index rows, with their places in the table.
fn index_rows(table: &Table, scope: &Scope<'_>) -> (Rows, Vec<u32>) {
    let mut rows = Rows::default();
    let mut places = Vec::new();
    for i in 0..table.len() {
        let (person, start) = (table.person[i], table.start[i]);
        if let Some(period) = scope.facts.periods.covering(person, start, start) {
            rows.push(person, start, period);
            if table.end.is_some() {
                rows.end.push(table.end(i));
            }
            if table.stay.is_some() {
                rows.stay.push(table.stay(i));
            }
            places.push(i as u32);
        }
    }
    (rows, places)
}

impl Columns for Raw<'_> {
    fn column(&self, name: &str) -> Result<Column> {
        if let Some(column) = dated(name, &self.person, &self.start, &self.end, self.scope)? {
            return Ok(column);
        }
        if name == "code" {
            // Any number that tells codes apart would do to count them; filters want their names.
            let Some((domain, positions)) = &self.files else {
                return Ok(Column::Text(vec![None; self.person.len()]));
            };
            let codes = domain.directory()?.codes();
            let repeated = positions.iter().zip(&self.lengths);
            let texts =
                repeated.flat_map(|(position, length)| std::iter::repeat_n(Some(codes[*position].clone()), *length));
            return Ok(Column::Text(texts.collect()));
        }
        let missing = || {
            Error::Definition(format!(
                "domain '{}' has no column '{name}' that a filter can use: see the columns of the warehouse's domains",
                self.domain
            ))
        };
        let (domain, positions) = self.files.as_ref().ok_or_else(missing)?;
        let kind = domain.kind(name)?.ok_or_else(missing)?;
        if kind == Kind::Text {
            return Ok(Column::Text(domain.texts(positions, name)?));
        }
        let columns = domain.wide(positions, name, self.scope.cache, self.scope.reads)?;
        let values = columns.iter().flat_map(|column| column.iter().copied());
        Ok(match kind {
            Kind::Number => Column::Number(
                values
                    .map(|bits| {
                        if bits == NULL {
                            f64::NAN
                        } else {
                            f64::from_bits(bits as u64)
                        }
                    })
                    .collect(),
            ),
            Kind::Day => Column::Day(values.map(|day| i32::try_from(day).unwrap_or(NO_DAY)).collect()),
            Kind::Whole | Kind::Text => Column::Whole(values.collect()),
        })
    }

    fn rows(&self) -> usize {
        self.person.len()
    }
}
