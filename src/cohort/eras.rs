//! Eras of deliveries as OHDSI's tools make them for the exit of a cohort.

use super::criteria::leap;
use super::entry::Rows;
use super::gather::table;
use super::plan::{CodesRef, Ends, Events, Exit, Filter, SOURCE};
use super::scope::Scope;
use super::table::{Need, Table};
use crate::error::Result;
use crate::event::{Kind, NO_DAY};

/// Ends each row where an era ends in which its first day lies, if that comes before its end.
pub(crate) fn end_with_era(exit: &Exit, rows: &Rows, scope: &Scope<'_>, ends: &mut [i32]) -> Result<()> {
    let Exit::Era {
        domain,
        codes,
        gap,
        offset,
        days_supply,
    } = exit
    else {
        return Ok(());
    };
    let mut deliveries = deliveries(domain, codes, *days_supply, rows, scope)?;
    deliveries.sort_unstable();
    let eras = eras(&deliveries, *gap, *offset);
    let mut first = 0;
    for row in 0..rows.len() {
        let (person, day) = (rows.person[row], rows.day[row]);
        while first < eras.len() && (eras[first].0 < person || (eras[first].0 == person && eras[first].2 < day)) {
            first += 1;
        }
        if let Some(&(who, start, end)) = eras.get(first)
            && who == person
            && start <= day
        {
            ends[row] = ends[row].min(end);
        }
    }
    Ok(())
}

/// Deliveries of the persons of some rows: person, first day, last day.
fn deliveries(
    domain: &str,
    codes: &CodesRef,
    days_supply: Option<i32>,
    rows: &Rows,
    scope: &Scope<'_>,
) -> Result<Vec<(u32, i32, i32)>> {
    let mut events = Events::plain(domain, Some(codes.clone()));
    events.ends = Ends::NextDayIfNone;
    let need = Need {
        ends: true,
        ..Need::default()
    };
    let mut found = Vec::new();
    let mut add = |table: &Table| {
        let mut at = 0;
        let mut last = None;
        for &person in &rows.person {
            if last == Some(person) {
                continue;
            }
            last = Some(person);
            at = leap(&table.person, at, person);
            while at < table.len() && table.person[at] == person {
                let start = table.start[at];
                let end = days_supply.map_or(table.end(at), |days| start.saturating_add(days));
                if end != NO_DAY {
                    found.push((person, start, end));
                }
                at += 1;
            }
        }
    };
    add(table(&events, need, scope)?.as_ref());
    let has_source = match scope.source.domain(domain) {
        Some(files) => files.kind(SOURCE)? == Some(Kind::Whole),
        None => false,
    };
    if has_source {
        events.codes = None;
        events.filters = vec![Filter::of_source(codes)];
        add(table(&events, need, scope)?.as_ref());
    }
    Ok(found)
}

/// Joins sorted deliveries to eras: each begins at most `gap + offset` days after the last day of those before.
fn eras(deliveries: &[(u32, i32, i32)], gap: i32, offset: i32) -> Vec<(u32, i32, i32)> {
    let mut eras: Vec<(u32, i32, i32)> = Vec::new();
    let reach = gap.saturating_add(offset);
    for &(person, start, end) in deliveries {
        match eras.last_mut() {
            Some(era) if era.0 == person && start <= era.2.saturating_add(reach) => era.2 = era.2.max(end),
            _ => eras.push((person, start, end)),
        }
    }
    for era in &mut eras {
        era.2 = era.2.saturating_add(offset);
    }
    eras
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eras_bridge_gaps_and_last_longer() {
        let deliveries = [(1, 0, 9), (1, 5, 7), (1, 12, 20), (1, 40, 41), (2, 0, 1)];
        assert_eq!(eras(&deliveries, 3, 0), [(1, 0, 20), (1, 40, 41), (2, 0, 1)]);
        assert_eq!(
            eras(&deliveries, 2, 0),
            [(1, 0, 9), (1, 12, 20), (1, 40, 41), (2, 0, 1)]
        );
        assert_eq!(eras(&deliveries, 0, 3), [(1, 0, 23), (1, 40, 44), (2, 0, 4)]);
    }
}
