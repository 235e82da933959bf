//! Columns that are not stored: days and ages of events and index rows, and values as what a count compares.

use super::calendar::civil_from_days;
use super::filter::Column;
use super::scope::Scope;
use crate::error::{Error, Result};
use crate::event::{NO_DAY, NULL};

/// The columns that every event and every index row has: its days, and its person's.
pub(crate) fn dated(
    name: &str,
    person: &[u32],
    start: &[i32],
    end: &[i32],
    scope: &Scope<'_>,
) -> Result<Option<Column>> {
    let years = |days: &[i32]| {
        let birth = &scope.facts.birth_month;
        let age = |(person, day): (&u32, &i32)| match *day {
            NO_DAY => NULL,
            day => i64::from(civil_from_days(day).0 - civil_from_days(birth[*person as usize]).0),
        };
        Column::Whole(person.iter().zip(days).map(age).collect())
    };
    let length = |(start, end): (&i32, &i32)| match (*start, *end) {
        (NO_DAY, _) | (_, NO_DAY) => NULL,
        (start, end) => i64::from(end) - i64::from(start),
    };
    Ok(Some(match name {
        "start" => Column::Day(start.to_vec()),
        "end" => Column::Day(end.to_vec()),
        "length" => Column::Whole(start.iter().zip(end).map(length).collect()),
        "birth_years" => years(start),
        "birth_years_at_end" => years(end),
        _ => {
            let Some(of_person) = name.strip_prefix("person:") else {
                return Ok(None);
            };
            let Some(column) = scope.source.person_column(of_person)? else {
                return Err(Error::Definition(format!(
                    "persons have no column '{of_person}': the ingest did not bring it"
                )));
            };
            Column::Whole(person.iter().map(|person| column[*person as usize]).collect())
        }
    }))
}

/// The values of a column as numbers that are equal where the values are; null as [`NULL`].
pub(crate) fn counted(column: Column) -> Vec<i64> {
    match column {
        Column::Whole(values) => values,
        Column::Number(values) => values
            .into_iter()
            .map(|value| if value.is_nan() { NULL } else { value.to_bits() as i64 })
            .collect(),
        Column::Day(days) => days
            .into_iter()
            .map(|day| if day == NO_DAY { NULL } else { i64::from(day) })
            .collect(),
        Column::Text(texts) => {
            let mut seen = rustc_hash::FxHashMap::default();
            let mut number = |text: Option<Box<str>>| {
                text.map_or(NULL, |text| {
                    let next = seen.len() as i64;
                    *seen.entry(text).or_insert(next)
                })
            };
            texts.into_iter().map(&mut number).collect()
        }
    }
}
