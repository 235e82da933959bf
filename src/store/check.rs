//! Checks the rows of an input table on their way in: known person, days and code present, end not before start.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, UInt32Array};
use arrow_schema::{Field, Schema};
use arrow_select::take::take_record_batch;

use super::normalize::{self, Identifiers};
use super::report::{Report, reason};
use crate::error::{Error, Result};
use crate::event::{self, CODE, END, PERSON, START};
use crate::person::{Place, Register};

/// The name of the column that identifies persons in every input table.
pub(crate) const PERSON_ID: &str = "person_id";

/// What every row of a table must have besides a person and a first day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Demands {
    pub(crate) code: bool,
    pub(crate) end: bool,
}

/// The usable rows of a batch, with where their persons are.
pub(crate) struct Kept {
    pub(crate) batch: RecordBatch,
    pub(crate) places: Vec<Place>,
}

impl Kept {
    /// Checks a batch of a table; refused rows go into the report by reason, or end the ingest when it is strict.
    pub(crate) fn of(
        table: &str,
        batch: &RecordBatch,
        demands: Demands,
        register: &Register,
        strict: bool,
        report: &mut Report,
    ) -> Result<Self> {
        let batch = normalize::batch(batch)?;
        let ids = Identifiers::of(event::column(&batch, PERSON_ID)?, PERSON_ID)?;
        let start = event::dates(&batch, START)?;
        let end = match batch.column_by_name(END) {
            Some(_) => Some(event::dates(&batch, END)?),
            None if demands.end => {
                return Err(event::column(&batch, END)
                    .err()
                    .unwrap_or_else(|| event::wrong_type(END, "Date32")));
            }
            None => None,
        };
        let code = if demands.code {
            let code = event::column(&batch, CODE)?;
            Some(
                code.as_string_opt::<i32>()
                    .ok_or_else(|| event::wrong_type(CODE, "text"))?,
            )
        } else {
            None
        };
        let mut refused = Refused::new(table, strict);
        let (mut rows, mut places) = (
            Vec::with_capacity(batch.num_rows()),
            Vec::with_capacity(batch.num_rows()),
        );
        for row in 0..batch.num_rows() {
            let place = match &ids {
                Identifiers::Numbers(numbers) if numbers.is_valid(row) => register.find_number(numbers.value(row)),
                Identifiers::Texts(texts) if texts.is_valid(row) => register.find(texts.value(row)),
                _ => {
                    refused.count(reason::NULL_PERSON)?;
                    continue;
                }
            };
            let Some(place) = place else {
                refused.count(reason::UNKNOWN_PERSON)?;
                continue;
            };
            if start.is_null(row) || (demands.end && end.is_some_and(|end| end.is_null(row))) {
                refused.count(reason::NULL_DATE)?;
                continue;
            }
            if code.is_some_and(|code| code.is_null(row)) {
                refused.count(reason::NULL_CODE)?;
                continue;
            }
            if code.is_some_and(|code| code.value(row).is_empty()) {
                refused.count(reason::EMPTY_CODE)?;
                continue;
            }
            if end.is_some_and(|end| end.is_valid(row) && end.value(row) < start.value(row)) {
                refused.count(reason::END_BEFORE_START)?;
                continue;
            }
            rows.push(row as u32);
            places.push(place);
        }
        refused.into_report(report, batch.num_rows());
        let rows = (rows.len() < batch.num_rows()).then(|| UInt32Array::from(rows));
        let batch = match rows {
            Some(rows) => take_record_batch(&batch, &rows)?,
            None => batch,
        };
        Ok(Self { batch, places })
    }

    /// The batch with dense persons in place of outside identifiers, and the shard of each row.
    pub(crate) fn canonical(self) -> Result<(RecordBatch, Vec<u32>)> {
        let mut fields = vec![event::person_field()];
        let mut columns: Vec<ArrayRef> = vec![Arc::new(UInt32Array::from_iter_values(
            self.places.iter().map(|place| place.row),
        ))];
        for (field, array) in self.batch.schema().fields().iter().zip(self.batch.columns()) {
            match field.name().as_str() {
                PERSON_ID => {}
                PERSON => {
                    return Err(Error::Ingest(format!(
                        "column '{PERSON}' is reserved: rename it before the ingest"
                    )));
                }
                name => {
                    let nullable = !matches!(name, START | CODE);
                    fields.push(Field::new(name, array.data_type().clone(), nullable));
                    columns.push(Arc::clone(array));
                }
            }
        }
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?;
        Ok((batch, self.places.iter().map(|place| place.shard).collect()))
    }
}

/// Counts refused rows; ends the ingest at the first one when it is strict.
pub(crate) struct Refused<'a> {
    table: &'a str,
    strict: bool,
    counts: BTreeMap<&'static str, u64>,
}

impl<'a> Refused<'a> {
    pub(crate) fn new(table: &'a str, strict: bool) -> Self {
        Self {
            table,
            strict,
            counts: BTreeMap::new(),
        }
    }

    pub(crate) fn count(&mut self, why: &'static str) -> Result<()> {
        if self.strict {
            return Err(Error::Ingest(format!(
                "table '{}' has a row that cannot be used ({why}): mend the input, or pass strict=False to leave such rows out and count them",
                self.table
            )));
        }
        *self.counts.entry(why).or_default() += 1;
        Ok(())
    }

    pub(crate) fn into_report(self, report: &mut Report, read: usize) {
        let table = report.tables.entry(self.table.to_owned()).or_default();
        let refused: u64 = self.counts.values().sum();
        table.read += read as u64;
        table.kept += read as u64 - refused;
        for (why, count) in self.counts {
            *table.refused.entry(why).or_default() += count;
        }
    }
}
