//! Tables: the events of a query in order, with those of their columns that are needed.

use arrow_buffer::ScalarBuffer;

use crate::event::{NO_DAY, NULL, Run};

/// Events in order of (person, day, event id).
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    /// The persons, non-decreasing.
    pub(crate) person: ScalarBuffer<u32>,
    /// The first days, non-decreasing within a person.
    pub(crate) start: ScalarBuffer<i32>,
    /// The last days ([`NO_DAY`] where unknown), when they were asked for.
    pub(crate) end: Option<Vec<i32>>,
    /// The stays ([`NULL`] where there is none), when they were asked for.
    pub(crate) stay: Option<Vec<i64>>,
    /// The values of the column that is counted, when one is.
    pub(crate) value: Option<Vec<i64>>,
    /// The days that order events, where these are not their first days.
    pub(crate) sort: Option<Vec<i32>>,
    /// The ids of the events, when they were asked for.
    pub(crate) id: Option<Vec<i64>>,
}

/// Which columns of events are needed besides persons and first days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Need<'a> {
    /// The last days.
    pub(crate) ends: bool,
    /// The stays.
    pub(crate) stay: bool,
    /// A column that is counted.
    pub(crate) value: Option<&'a str>,
    /// The ids, to choose among events of a day.
    pub(crate) ids: bool,
}

impl Need<'_> {
    /// A number that tells needs apart, but for the column that is counted.
    pub(crate) fn number(self) -> u128 {
        u128::from(self.ends) | u128::from(self.stay) << 1 | u128::from(self.ids) << 2
    }
}

impl Table {
    /// The events of a run.
    pub(crate) fn of(run: &Run) -> Self {
        Self {
            person: run.person.clone(),
            start: run.start.clone(),
            ..Self::default()
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.person.len()
    }

    /// How many bytes the table takes, roughly.
    pub(crate) fn bytes(&self) -> usize {
        let wide = [self.stay.is_some(), self.value.is_some(), self.id.is_some()];
        let narrow = [true, true, self.end.is_some(), self.sort.is_some()];
        let count = |columns: &[bool]| columns.iter().filter(|is| **is).count();
        128 + self.len() * (8 * count(&wide) + 4 * count(&narrow))
    }

    /// The last day of an event, [`NO_DAY`] where it is not known.
    #[inline]
    pub(crate) fn end(&self, i: usize) -> i32 {
        self.end.as_ref().map_or(NO_DAY, |end| end[i])
    }

    /// The stay of an event, [`NULL`] where it has none.
    #[inline]
    pub(crate) fn stay(&self, i: usize) -> i64 {
        self.stay.as_ref().map_or(NULL, |stay| stay[i])
    }

    /// The events at certain places, in the order of these.
    pub(crate) fn take(&self, places: &[u32]) -> Self {
        Self {
            person: at(&self.person, places).into(),
            start: at(&self.start, places).into(),
            end: self.end.as_ref().map(|column| at(column, places)),
            stay: self.stay.as_ref().map(|column| at(column, places)),
            value: self.value.as_ref().map(|column| at(column, places)),
            sort: self.sort.as_ref().map(|column| at(column, places)),
            id: self.id.as_ref().map(|column| at(column, places)),
        }
    }

    /// The events that a mask marks.
    pub(crate) fn keep(self, mask: &[bool]) -> Self {
        if mask.iter().all(|keep| *keep) {
            return self;
        }
        self.take(&places(mask))
    }

    /// The day that orders an event.
    #[inline]
    pub(crate) fn day(&self, i: usize) -> i32 {
        self.sort.as_ref().map_or(self.start[i], |sort| sort[i])
    }

    /// The same events in order; those that tie in day and id keep the order they have.
    pub(crate) fn ordered(self, persons: usize) -> Self {
        let key = |i: usize| (self.day(i), self.id.as_ref().map_or(0, |id| id[i]));
        let in_order = (1..self.len()).all(|i| (self.person[i - 1], key(i - 1)) <= (self.person[i], key(i)));
        if in_order {
            return self;
        }
        let mut places = by_person(&self.person, persons);
        let mut from = 0;
        while from < places.len() {
            let person = self.person[places[from] as usize];
            let mut to = from + 1;
            while to < places.len() && self.person[places[to] as usize] == person {
                to += 1;
            }
            places[from..to].sort_by_key(|place| key(*place as usize));
            from = to;
        }
        self.take(&places)
    }
}

/// Where a mask is true.
pub(crate) fn places(mask: &[bool]) -> Vec<u32> {
    // Written everywhere and overwritten where it was not wanted: a branch would be guessed wrong too often.
    let mut places = vec![0; mask.len() + 1];
    let mut found = 0;
    for (place, &keep) in mask.iter().enumerate() {
        places[found] = place as u32;
        found += usize::from(keep);
    }
    places.truncate(found);
    places
}

/// The values at places; a column that nothing asks for stays empty.
pub(crate) fn at<T: Copy>(column: &[T], places: &[u32]) -> Vec<T> {
    if column.is_empty() {
        return Vec::new();
    }
    places.iter().map(|place| column[*place as usize]).collect()
}

/// The places of a column of persons in order of persons; places of one person stay in order.
fn by_person(person: &[u32], persons: usize) -> Vec<u32> {
    let mut places: Vec<u32> = (0..person.len() as u32).collect();
    if person.len() < persons / crate::event::SPARSE {
        places.sort_by_key(|place| person[*place as usize]);
        return places;
    }
    let mut next = vec![0_u32; persons + 1];
    for &who in person {
        next[who as usize + 1] += 1;
    }
    for who in 0..persons {
        next[who + 1] += next[who];
    }
    for (place, &who) in person.iter().enumerate() {
        places[next[who as usize] as usize] = place as u32;
        next[who as usize] += 1;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ordering_is_a_stable_sort(
            rows in prop::collection::vec((0_u32..6, 0..5, 0_i64..3), 0..40),
            persons in prop::sample::select(vec![6, 1_000]),
        ) {
            let table = Table {
                person: rows.iter().map(|row| row.0).collect(),
                start: rows.iter().map(|row| row.1).collect(),
                id: Some(rows.iter().map(|row| row.2).collect()),
                value: Some((0..rows.len() as i64).collect()),
                ..Table::default()
            };
            let table = table.ordered(persons);
            let mut expected: Vec<_> = rows.iter().copied().zip(0_i64..).collect();
            expected.sort_by_key(|(row, _)| *row);
            let found: Vec<_> = table.value.unwrap_or_default();
            prop_assert_eq!(found, expected.into_iter().map(|(_, place)| place).collect::<Vec<_>>());
        }
    }
}
