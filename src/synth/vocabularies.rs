//! The four vocabularies of the demo population, and the table of its concepts.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};

use super::codes::{Book, Vocabulary};
use crate::error::Result;

/// Kinds of stays, in the order of `recorder::Place`.
const PLACES: [&str; 4] = ["HAD", "MCO", "RIP", "SSR"];
/// Kinds of diagnoses, in the order of `recorder::Kind`.
const KINDS: [&str; 4] = ["associated", "long-term disease", "principal", "related"];

/// Vocabularies while the parameter tables are read.
#[derive(Debug, Default)]
pub(super) struct Books {
    pub(super) drug: Book,
    pub(super) diagnosis: Book,
    pub(super) procedure: Book,
}

/// The vocabularies, closed.
#[derive(Debug)]
pub(super) struct Vocabularies {
    pub(super) drug: Vocabulary,
    pub(super) diagnosis: Vocabulary,
    pub(super) procedure: Vocabulary,
    pub(super) stay: Vocabulary,
    /// Dictionary of the column "kind" of diagnoses.
    pub(super) kind: Arc<StringArray>,
}

impl Books {
    pub(super) fn close(self) -> Vocabularies {
        let mut places = Book::default();
        for place in PLACES {
            places.number(place);
        }
        Vocabularies {
            drug: self.drug.close("ATC"),
            diagnosis: self.diagnosis.close("ICD10"),
            procedure: self.procedure.close("CCAM"),
            stay: places.close("STAY"),
            kind: Arc::new(KINDS.to_vec().into()),
        }
    }
}

impl Vocabularies {
    /// The rows (vocabulary, code, label), sorted by vocabulary and code.
    pub(super) fn concepts(&self) -> Result<RecordBatch> {
        let all = [&self.drug, &self.procedure, &self.diagnosis, &self.stay];
        let rows: Vec<_> = all.into_iter().flat_map(Vocabulary::concepts).collect();
        let column = |pick: fn(&(&'static str, &str, &str)) -> String| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(rows.iter().map(pick)))
        };
        let fields = ["vocabulary", "code", "label"].map(|name| Field::new(name, DataType::Utf8, false));
        let columns = vec![
            column(|row| row.0.to_owned()),
            column(|row| row.1.to_owned()),
            column(|row| row.2.to_owned()),
        ];
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields.to_vec())), columns)?)
    }
}
