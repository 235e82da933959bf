//! Arrow columns of any producer in the few types that are stored.
//!
//! Text comes as views, large strings or dictionaries of any key; it is stored as `Utf8` or read through a dictionary.
//! Numbers, booleans, dates and timestamps are stored as they come. Nested columns are refused.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use arrow_select::take::take;

use crate::error::{Error, Result};

/// A batch whose columns have storable types.
pub(crate) fn batch(batch: &RecordBatch) -> Result<RecordBatch> {
    let mut fields = Vec::with_capacity(batch.num_columns());
    let mut columns = Vec::with_capacity(batch.num_columns());
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        let array = column(field.name(), array)?;
        fields.push(Field::new(field.name(), array.data_type().clone(), true));
        columns.push(array);
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

fn column(name: &str, array: &ArrayRef) -> Result<ArrayRef> {
    Ok(match array.data_type() {
        DataType::Utf8View => Arc::new(array.as_string_view().iter().collect::<StringArray>()),
        DataType::LargeUtf8 => Arc::new(array.as_string::<i64>().iter().collect::<StringArray>()),
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            column(name, &take(dictionary.values().as_ref(), dictionary.keys(), None)?)?
        }
        kind if kind.is_nested() || matches!(kind, DataType::Binary | DataType::LargeBinary | DataType::BinaryView) => {
            return Err(Error::Ingest(format!(
                "column '{name}' of type {kind} cannot be stored: give text, numbers, booleans or dates"
            )));
        }
        _ => Arc::clone(array),
    })
}

/// The outside identifiers of a batch: whole numbers or texts.
pub(crate) enum Identifiers<'a> {
    Numbers(&'a Int64Array),
    Texts(&'a StringArray),
}

impl<'a> Identifiers<'a> {
    /// The column of identifiers.
    pub(crate) fn of(array: &'a ArrayRef, name: &str) -> Result<Self> {
        match array.data_type() {
            DataType::Int64 => Ok(Self::Numbers(array.as_primitive::<Int64Type>())),
            DataType::Utf8 => Ok(Self::Texts(array.as_string::<i32>())),
            kind => Err(Error::Ingest(format!(
                "column '{name}' of type {kind} cannot name persons: give whole numbers (Int64) or text"
            ))),
        }
    }

    /// An identifier as text, if it is not null.
    pub(crate) fn text(&self, row: usize) -> Option<std::borrow::Cow<'a, str>> {
        match self {
            Self::Numbers(numbers) => numbers.is_valid(row).then(|| numbers.value(row).to_string().into()),
            Self::Texts(texts) => texts.is_valid(row).then(|| texts.value(row).into()),
        }
    }
}
