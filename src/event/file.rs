//! Reads the runs of one domain file: the directory, the rows of the codes that are asked for, the cache.

use std::ops::Range;
use std::sync::OnceLock;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_buffer::{Buffer, ScalarBuffer};

use super::cache::{Cache, Key};
use super::checked::Stored;
use super::column_file::{ColumnFile, Kind, Reads, read_all};
use super::columns::{CODE, DAYS_SUPPLY, END, NO_DAY, PERSON, START, column};
use super::directory::Directory;
use super::run::Run;
use crate::error::Result;

/// Whatever has domain files: a shard of a warehouse.
pub trait Source: Sync {
    /// The file of a domain, when there are events of it.
    fn domain(&self, name: &str) -> Option<&Domain>;

    /// How many persons there are.
    fn persons(&self) -> usize;

    /// A further column of the persons table, `i64::MIN` where it is null; none where there is no such column.
    fn person_column(&self, name: &str) -> Result<Option<Vec<i64>>>;
}

/// One shard's files of one domain, opened on first use.
#[derive(Debug)]
pub struct Domain {
    events: ColumnFile,
    first: ColumnFile,
    codes: Stored,
    number: u32,
    directory: OnceLock<Directory>,
}

/// The columns that are decoded and kept, by their place in a cache key: of all events, and of first events.
const EVENT_COLUMNS: [&str; 4] = [PERSON, START, END, DAYS_SUPPLY];
const FIRST: u8 = 4;
/// Where further columns begin among the columns of cache keys, in the order of the file.
const WIDE: u8 = 8;

impl Domain {
    /// Domain files that are not touched yet; `number` tells them apart in the cache.
    pub fn new(events: Stored, first: Stored, codes: Stored, number: u32) -> Self {
        Self {
            events: ColumnFile::new(events),
            first: ColumnFile::new(first),
            codes,
            number,
            directory: OnceLock::new(),
        }
    }

    /// Where each code lies.
    pub fn directory(&self) -> Result<&Directory> {
        if let Some(directory) = self.directory.get() {
            return Ok(directory);
        }
        let batches = read_all(&self.codes)?;
        let mut codes: Vec<Box<str>> = Vec::new();
        let (mut rows, mut persons) = (Vec::new(), Vec::new());
        for batch in &batches {
            let names = column(batch, CODE)?
                .as_string_opt::<i32>()
                .ok_or_else(|| self.codes.damaged())?;
            let count = |name| -> Result<&[u64]> {
                let counts = column(batch, name)?.as_primitive_opt::<UInt64Type>();
                Ok(counts.ok_or_else(|| self.codes.damaged())?.values())
            };
            codes.extend(names.iter().flatten().map(Box::from));
            rows.extend_from_slice(count("rows")?);
            persons.extend_from_slice(count("persons")?);
        }
        let total = |counts: &[u64]| counts.iter().try_fold(0, |total: u64, count| total.checked_add(*count));
        let whole = codes.len() == rows.len()
            && codes.is_sorted()
            && total(&rows) == Some(self.events.stored().rows())
            && total(&persons) == Some(self.first.stored().rows());
        if !whole {
            return Err(self.codes.damaged());
        }
        Ok(self.directory.get_or_init(|| Directory::new(codes, &rows, &persons)))
    }

    /// The runs of codes, given by sorted positions; with their ends where `ends` says so and the domain has them.
    pub fn runs(&self, positions: &[usize], ends: bool, cache: &Cache, reads: &Reads) -> Result<Vec<Run>> {
        let mut wanted = vec![0_u8, 1];
        if ends && self.events.has(END)? {
            wanted.push(2);
        }
        if ends && self.events.has(DAYS_SUPPLY)? {
            wanted.push(3);
        }
        let mut columns: Vec<Vec<Buffer>> = Vec::with_capacity(wanted.len());
        for &name in &wanted {
            columns.push(self.plain(positions, name, cache, reads)?);
        }
        let runs = (0..positions.len()).map(|i| {
            let start: ScalarBuffer<i32> = columns[1][i].clone().into();
            let at = |name| {
                wanted
                    .iter()
                    .position(|w| *w == name)
                    .map(|c| ScalarBuffer::<i32>::from(columns[c][i].clone()))
            };
            let end = match (at(2), at(3)) {
                (None, None) => None,
                (end, supply) => Some(last_days(&start, end, supply)),
            };
            Run {
                person: columns[0][i].clone().into(),
                start,
                end,
            }
        });
        Ok(runs.collect())
    }

    /// Each person's first event of each code: runs that are much shorter where care is chronic.
    pub fn first_runs(&self, positions: &[usize], cache: &Cache, reads: &Reads) -> Result<Vec<Run>> {
        let persons = self.plain(positions, FIRST, cache, reads)?;
        let starts = self.plain(positions, FIRST + 1, cache, reads)?;
        let run = |(person, start): (Buffer, Buffer)| Run {
            person: person.into(),
            start: start.into(),
            end: None,
        };
        Ok(persons.into_iter().zip(starts).map(run).collect())
    }

    /// The persons who have each code, each once and in order.
    pub fn persons(&self, positions: &[usize], cache: &Cache, reads: &Reads) -> Result<Vec<ScalarBuffer<u32>>> {
        let persons = self.plain(positions, FIRST, cache, reads)?;
        Ok(persons.into_iter().map(ScalarBuffer::from).collect())
    }

    /// One column of persons, days or small numbers of the runs of codes, of all events or of first ones.
    fn plain(&self, positions: &[usize], name: u8, cache: &Cache, reads: &Reads) -> Result<Vec<Buffer>> {
        let of_first = name >= FIRST;
        let file = if of_first { &self.first } else { &self.events };
        self.cached(positions, name, of_first, cache, |ranges| {
            file.decode(EVENT_COLUMNS[usize::from(name % FIRST)], ranges, reads)
        })
    }

    /// One column of the runs of codes: from the cache, or decoded in as few reads as there are gaps.
    fn cached(
        &self,
        positions: &[usize],
        column: u8,
        of_first: bool,
        cache: &Cache,
        decode: impl FnOnce(&[Range<usize>]) -> Result<Buffer>,
    ) -> Result<Vec<Buffer>> {
        let key = |position: usize| Key {
            file: self.number,
            column,
            code: position as u32,
        };
        let mut found: Vec<Option<Buffer>> = positions.iter().map(|position| cache.get(key(*position))).collect();
        let missing: Vec<usize> = (0..positions.len()).filter(|i| found[*i].is_none()).collect();
        if !missing.is_empty() {
            let ranges = self.ranges(missing.iter().map(|i| positions[*i]), of_first)?;
            let mut rest = decode(&ranges)?;
            let rows: usize = ranges.iter().map(ExactSizeIterator::len).sum();
            let width = rest.len().checked_div(rows).unwrap_or(0);
            for (i, range) in missing.iter().zip(&ranges) {
                let (head, tail) = split(&rest, range.len() * width);
                cache.put(key(positions[*i]), &head);
                found[*i] = Some(head);
                rest = tail;
            }
        }
        let whole = |buffer: Option<Buffer>| buffer.ok_or_else(|| self.events.stored().damaged());
        found.into_iter().map(whole).collect()
    }

    /// One of the plain columns of all events, by codes: the last days that are stored, or the days of supply.
    pub fn days(
        &self,
        positions: &[usize],
        which: Days,
        cache: &Cache,
        reads: &Reads,
    ) -> Result<Option<Vec<ScalarBuffer<i32>>>> {
        let (name, number) = match which {
            Days::End => (END, 2),
            Days::Supply => (DAYS_SUPPLY, 3),
        };
        if !self.events.has(name)? {
            return Ok(None);
        }
        let columns = self.plain(positions, number, cache, reads)?;
        Ok(Some(columns.into_iter().map(ScalarBuffer::from).collect()))
    }

    /// What a further column holds; none where there is no such column.
    pub fn kind(&self, name: &str) -> Result<Option<Kind>> {
        self.events.kind(name)
    }

    /// A further column of whole numbers, days or floats, by codes: floats as their bits, null as [`NULL`].
    pub fn wide(
        &self,
        positions: &[usize],
        name: &str,
        cache: &Cache,
        reads: &Reads,
    ) -> Result<Vec<ScalarBuffer<i64>>> {
        let Some(column) = self.events.position(name)? else {
            return Err(self.events.stored().damaged());
        };
        let columns = self.cached(positions, WIDE + column as u8, false, cache, |ranges| {
            self.events.decode_wide(name, ranges, reads)
        })?;
        Ok(columns.into_iter().map(ScalarBuffer::from).collect())
    }

    /// A further column of text, by codes and in order of rows.
    pub fn texts(&self, positions: &[usize], name: &str) -> Result<Vec<Option<Box<str>>>> {
        let ranges = self.ranges(positions.iter().copied(), false)?;
        let mut texts = Vec::new();
        for batch in self.events.read(&[name], &ranges)? {
            let column = column(&batch, name)?;
            let values = column.as_string_opt::<i32>();
            let values = values.ok_or_else(|| self.events.stored().damaged())?;
            texts.extend(values.iter().map(|text| text.map(Box::from)));
        }
        Ok(texts)
    }

    /// The rows of codes among all events, or among first ones.
    fn ranges(&self, positions: impl Iterator<Item = usize>, of_first: bool) -> Result<Vec<Range<usize>>> {
        let directory = self.directory()?;
        let range = |position| {
            let rows = if of_first {
                directory.first_rows(position)
            } else {
                directory.rows(position)
            };
            rows.start as usize..rows.end as usize
        };
        Ok(positions.map(range).collect())
    }
}

/// A plain column of days that not every domain has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Days {
    /// The last day.
    End,
    /// The days of supply.
    Supply,
}

/// The last day an event covers: its end, else its days of supply, else unknown.
fn last_days(
    start: &ScalarBuffer<i32>,
    end: Option<ScalarBuffer<i32>>,
    supply: Option<ScalarBuffer<i32>>,
) -> ScalarBuffer<i32> {
    let Some(supply) = supply else {
        return end.unwrap_or_else(|| std::iter::repeat_n(NO_DAY, start.len()).collect());
    };
    let last = |i: usize| match end.as_ref().map(|end| end[i]) {
        Some(day) if day != NO_DAY => day,
        _ if supply[i] > 0 => start[i].saturating_add(supply[i] - 1),
        _ => NO_DAY,
    };
    (0..start.len()).map(last).collect()
}

fn split(buffer: &Buffer, at: usize) -> (Buffer, Buffer) {
    (buffer.slice_with_length(0, at), buffer.slice(at))
}
