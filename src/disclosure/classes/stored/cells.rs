//! From batches to keys: cells of 128 bits, side by side or as a fingerprint.

use std::hash::{BuildHasher, RandomState};

use arrow_array::cast::AsArray;
use arrow_array::types::{
    BinaryType, Decimal128Type, Decimal256Type, Float16Type, LargeBinaryType, LargeUtf8Type, Utf8Type,
};
use arrow_array::{Array, ArrayAccessor, ArrayRef, RecordBatch};
use arrow_schema::DataType;

use super::super::chunks::Bits;
use super::tables::Item;
use super::{Question, absent};
use crate::error::Result;

/// Turns rows into keys; one for all batches of a count.
pub(super) struct Cells<'a> {
    question: &'a Question,
    /// Two keyed hashes of 64 bits.
    keyed: [RandomState; 2],
}

impl<'a> Cells<'a> {
    pub(super) fn new(question: &'a Question) -> Self {
        Self {
            question,
            keyed: [RandomState::new(), RandomState::new()],
        }
    }

    /// The key of each row, and its person's.
    pub(super) fn items<T: Item>(&self, batch: &RecordBatch) -> Result<Vec<T>> {
        let arrays = self
            .question
            .columns
            .iter()
            .map(|name| batch.column_by_name(name).ok_or_else(|| absent(name)))
            .collect::<Result<Vec<_>>>()?;
        let widths = arrays.iter().map(|array| width(array.data_type())).sum::<Option<u32>>();
        let side_by_side = widths.is_some_and(|widths| widths <= u128::BITS);
        let mut keys = vec![0_u128; batch.num_rows()];
        for (name, array) in self.question.columns.iter().zip(arrays) {
            let bits = width(array.data_type()).unwrap_or(0);
            let cells = self.cells(name, array)?;
            for (key, cell) in keys.iter_mut().zip(cells) {
                *key = if side_by_side {
                    key.checked_shl(bits).unwrap_or(0) | cell
                } else {
                    self.fingerprint(&(*key, cell))
                };
            }
        }
        let Some(person) = &self.question.person else {
            return Ok(keys.into_iter().map(|key| T::new(key, 0)).collect());
        };
        let array = batch.column_by_name(person).ok_or_else(|| absent(person))?;
        if !self.question.missing && array.logical_null_count() > 0 {
            return Err(super::super::without_person(person));
        }
        let persons = self.cells(person, array)?;
        Ok(keys
            .into_iter()
            .zip(persons)
            .map(|(key, person)| T::new(key, person))
            .collect())
    }

    fn fingerprint(&self, value: &impl std::hash::Hash) -> u128 {
        let [high, low] = &self.keyed;
        u128::from(high.hash_one(value)) << 64 | u128::from(low.hash_one(value))
    }

    /// The cell of each row; 0 is missing.
    fn cells(&self, name: &str, array: &ArrayRef) -> Result<Vec<u128>> {
        Ok(match array.data_type() {
            DataType::Null => vec![0; array.len()],
            DataType::Boolean => {
                let array = array.as_boolean();
                let values = array.values().iter().map(u8::from).collect::<Vec<_>>();
                numbers(&values, array)
            }
            DataType::Float16 => {
                let singles: Vec<f32> = array
                    .as_primitive::<Float16Type>()
                    .values()
                    .iter()
                    .map(|&half| half.into())
                    .collect();
                numbers(&singles, array)
            }
            DataType::Int8 => view::<i8>(array),
            DataType::Int16 => view::<i16>(array),
            DataType::Int32 | DataType::Date32 | DataType::Time32(_) | DataType::Decimal32(..) => view::<i32>(array),
            DataType::Int64
            | DataType::Date64
            | DataType::Time64(_)
            | DataType::Timestamp(..)
            | DataType::Duration(_)
            | DataType::Decimal64(..) => view::<i64>(array),
            DataType::UInt8 => view::<u8>(array),
            DataType::UInt16 => view::<u16>(array),
            DataType::UInt32 => view::<u32>(array),
            DataType::UInt64 => view::<u64>(array),
            DataType::Float32 => view::<f32>(array),
            DataType::Float64 => view::<f64>(array),
            DataType::Decimal128(..) => self.hashed(array.as_primitive::<Decimal128Type>()),
            DataType::Decimal256(..) => {
                let array = array.as_primitive::<Decimal256Type>();
                let parts = |row| array.value(row).to_parts();
                (0..array.len())
                    .map(|row| {
                        if array.is_valid(row) {
                            self.fingerprint(&parts(row))
                        } else {
                            0
                        }
                    })
                    .collect()
            }
            DataType::Utf8 => self.hashed(array.as_bytes::<Utf8Type>()),
            DataType::LargeUtf8 => self.hashed(array.as_bytes::<LargeUtf8Type>()),
            DataType::Utf8View => self.hashed(array.as_string_view()),
            DataType::Binary => self.hashed(array.as_bytes::<BinaryType>()),
            DataType::LargeBinary => self.hashed(array.as_bytes::<LargeBinaryType>()),
            DataType::BinaryView => self.hashed(array.as_binary_view()),
            DataType::FixedSizeBinary(_) => self.hashed(array.as_fixed_size_binary()),
            DataType::Dictionary(..) => {
                let dictionary = array.as_any_dictionary();
                let values = self.cells(name, dictionary.values())?;
                let keys = dictionary.normalized_keys();
                let cell = |(row, key): (usize, usize)| if dictionary.is_valid(row) { values[key] } else { 0 };
                keys.into_iter().enumerate().map(cell).collect()
            }
            other => return Err(super::super::nested(name, other)),
        })
    }

    fn hashed<A: ArrayAccessor>(&self, array: A) -> Vec<u128>
    where
        A::Item: std::hash::Hash,
    {
        (0..array.len())
            .map(|row| {
                if array.is_valid(row) {
                    self.fingerprint(&array.value(row))
                } else {
                    0
                }
            })
            .collect()
    }
}

/// How many bits a cell of this type takes, one of them for missing; none for a fingerprint.
fn width(kind: &DataType) -> Option<u32> {
    match kind {
        DataType::Null => Some(0),
        DataType::Boolean | DataType::Int8 | DataType::UInt8 => Some(9),
        DataType::Int16 | DataType::UInt16 => Some(17),
        DataType::Int32
        | DataType::UInt32
        | DataType::Float16
        | DataType::Float32
        | DataType::Date32
        | DataType::Time32(_)
        | DataType::Decimal32(..) => Some(33),
        DataType::Int64
        | DataType::UInt64
        | DataType::Float64
        | DataType::Date64
        | DataType::Time64(_)
        | DataType::Timestamp(..)
        | DataType::Duration(_)
        | DataType::Decimal64(..) => Some(65),
        DataType::Dictionary(_, values) => width(values),
        _ => None,
    }
}

fn view<N: Bits>(array: &ArrayRef) -> Vec<u128> {
    let data = array.to_data();
    match data.buffers().first() {
        Some(_) if !array.is_empty() => numbers(&data.buffer::<N>(0)[..array.len()], array),
        _ => vec![0; array.len()],
    }
}

fn numbers<N: Bits>(values: &[N], array: &dyn Array) -> Vec<u128> {
    // Signed numbers have their sign turned by `Bits` at the 64th bit, which narrow ones must not keep.
    let mask = u64::MAX >> (u64::BITS - 8 * size_of::<N>() as u32);
    let cell = |value: &N| u128::from(value.bits() & mask) << 1 | 1;
    match array.nulls() {
        None => values.iter().map(cell).collect(),
        Some(nulls) => values
            .iter()
            .zip(nulls)
            .map(|(value, valid)| if valid { cell(value) } else { 0 })
            .collect(),
    }
}
