//! From Arrow columns to codes, by type.

use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, BinaryType, Decimal128Type, Float16Type, Int8Type, Int16Type, Int32Type, Int64Type,
    LargeBinaryType, LargeUtf8Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type, Utf8Type,
};
use arrow_array::{Array, ArrayAccessor, ArrayRef, StringViewArray};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;

use super::chunks::{Bits, Chunks};
use super::codes::Column;
use super::dense::{self, Values};
use crate::error::{Error, Result};
use crate::stop::Stop;

/// Reads the arrays of one column as codes; `rows` is their total length.
pub(super) fn column(name: &str, arrays: &[ArrayRef], rows: usize, stop: &Stop) -> Result<Column> {
    let Some(first) = arrays.first() else {
        return Ok(Column::constant());
    };
    let kind = first.data_type();
    if arrays.iter().any(|array| array.data_type() != kind) {
        return Err(Error::Argument(format!(
            "column {name:?} changes its type from batch to batch: cast it to one type"
        )));
    }
    match kind {
        DataType::Null => Ok(Column::constant()),
        DataType::Boolean => {
            let bytes = arrays.iter().map(|array| {
                let values = array.as_boolean().values().iter().map(u8::from).collect();
                (values, array.nulls().cloned())
            });
            Column::numbers(Chunks::<u8>::new(bytes), rows, stop)
        }
        DataType::Int8 => numbers::<i8>(arrays, rows, stop),
        DataType::Int16 => numbers::<i16>(arrays, rows, stop),
        DataType::Int32 | DataType::Date32 | DataType::Time32(_) | DataType::Decimal32(..) => {
            numbers::<i32>(arrays, rows, stop)
        }
        DataType::Int64
        | DataType::Date64
        | DataType::Time64(_)
        | DataType::Timestamp(..)
        | DataType::Duration(_)
        | DataType::Decimal64(..) => numbers::<i64>(arrays, rows, stop),
        DataType::UInt8 => numbers::<u8>(arrays, rows, stop),
        DataType::UInt16 => numbers::<u16>(arrays, rows, stop),
        DataType::UInt32 => numbers::<u32>(arrays, rows, stop),
        DataType::UInt64 => numbers::<u64>(arrays, rows, stop),
        DataType::Float16 => {
            let singles = arrays.iter().map(|array| {
                let values = array.as_primitive::<Float16Type>().values();
                (
                    values.iter().map(|&value| f32::from(value)).collect(),
                    array.nulls().cloned(),
                )
            });
            Column::numbers(Chunks::<f32>::new(singles), rows, stop)
        }
        DataType::Float32 => numbers::<f32>(arrays, rows, stop),
        DataType::Float64 => numbers::<f64>(arrays, rows, stop),
        DataType::Decimal128(..) => {
            let view = |array| AsArray::as_primitive::<Decimal128Type>(array);
            numbered(arrays.iter().map(view), |value: i128| value, rows, stop)
        }
        DataType::Decimal256(..) => {
            let view = |array| AsArray::as_primitive::<arrow_array::types::Decimal256Type>(array);
            numbered(arrays.iter().map(view), arrow_buffer::i256::to_parts, rows, stop)
        }
        DataType::Utf8 => numbered(
            arrays.iter().map(AsArray::as_bytes::<Utf8Type>),
            str::as_bytes,
            rows,
            stop,
        ),
        DataType::LargeUtf8 => numbered(
            arrays.iter().map(AsArray::as_bytes::<LargeUtf8Type>),
            str::as_bytes,
            rows,
            stop,
        ),
        DataType::Utf8View => {
            let arrays: Vec<&StringViewArray> = arrays.iter().map(AsArray::as_string_view).collect();
            let longest = longest(&arrays);
            let (codes, cardinality) = if longest <= TINY {
                dense::number(&Short::<u64>::new(&arrays), rows, stop)?
            } else if longest <= MAX_INLINE_VIEW_LEN {
                dense::number(&Short::<u128>::new(&arrays), rows, stop)?
            } else {
                return numbered(arrays.into_iter(), str::as_bytes, rows, stop);
            };
            Ok(Column::of(codes, cardinality))
        }
        DataType::Binary => numbered(arrays.iter().map(AsArray::as_bytes::<BinaryType>), same, rows, stop),
        DataType::LargeBinary => numbered(
            arrays.iter().map(AsArray::as_bytes::<LargeBinaryType>),
            same,
            rows,
            stop,
        ),
        DataType::BinaryView => numbered(arrays.iter().map(AsArray::as_binary_view), same, rows, stop),
        DataType::FixedSizeBinary(_) => numbered(arrays.iter().map(AsArray::as_fixed_size_binary), same, rows, stop),
        DataType::Dictionary(key, _) => match **key {
            DataType::Int8 => dictionary::<Int8Type>(name, arrays, stop),
            DataType::Int16 => dictionary::<Int16Type>(name, arrays, stop),
            DataType::Int32 => dictionary::<Int32Type>(name, arrays, stop),
            DataType::Int64 => dictionary::<Int64Type>(name, arrays, stop),
            DataType::UInt8 => dictionary::<UInt8Type>(name, arrays, stop),
            DataType::UInt16 => dictionary::<UInt16Type>(name, arrays, stop),
            DataType::UInt32 => dictionary::<UInt32Type>(name, arrays, stop),
            _ => dictionary::<UInt64Type>(name, arrays, stop),
        },
        other => Err(super::nested(name, other)),
    }
}

fn numbers<N: Bits>(arrays: &[ArrayRef], rows: usize, stop: &Stop) -> Result<Column> {
    Column::numbers(Chunks::<N>::view(arrays), rows, stop)
}

fn same(bytes: &[u8]) -> &[u8] {
    bytes
}

/// Arrays whose values are hashed; `view` turns an item into what is compared.
struct Hashable<A, F> {
    starts: Vec<usize>,
    arrays: Vec<A>,
    view: F,
}

impl<A, T, F> Values for Hashable<A, F>
where
    A: ArrayAccessor + Sync,
    T: Copy + Default + Eq + std::hash::Hash + Send + Sync,
    F: Fn(A::Item) -> T + Sync,
{
    type Value = T;

    fn each(&self, rows: Range<usize>, mut visit: impl FnMut(Option<T>)) {
        for (array, &start) in self.arrays.iter().zip(&self.starts) {
            let (from, to) = (start.max(rows.start), (start + array.len()).min(rows.end));
            for row in from..to {
                let row = row - start;
                visit(array.is_valid(row).then(|| (self.view)(array.value(row))));
            }
        }
    }
}

/// The bytes of a text that lie in its view.
const MAX_INLINE_VIEW_LEN: u32 = 12;

/// Bytes that leave room for their number in 64 bits.
const TINY: u32 = 7;

/// The bytes of the longest text. Under a null the view may be anything.
fn longest(arrays: &[&StringViewArray]) -> u32 {
    // The low 32 bits of a view are the length.
    let of_array = |array: &&StringViewArray| match array.nulls() {
        None => array.views().iter().map(|view| *view as u32).max(),
        Some(nulls) => {
            let valid = array.views().iter().zip(nulls).filter(|(_, valid)| *valid);
            valid.map(|(view, _)| *view as u32).max()
        }
    };
    arrays.iter().filter_map(of_array).max().unwrap_or(0)
}

/// Texts of which each is short enough to lie in its view: equal texts have equal views, so whole views are compared.
struct Short<'a, V> {
    starts: Vec<usize>,
    arrays: Vec<(&'a [u128], Option<&'a NullBuffer>)>,
    compared: PhantomData<V>,
}

/// What is compared of a view.
trait Compared: Copy + Default + Eq + std::hash::Hash + Send + Sync {
    fn of(view: u128) -> Self;
}

impl Compared for u128 {
    #[inline]
    fn of(view: u128) -> Self {
        view
    }
}

impl Compared for u64 {
    /// The length, and up to seven bytes; the bytes behind the text are zero.
    #[inline]
    fn of(view: u128) -> Self {
        (((view >> 32) as u64) << 8) | (view as u64 & 0xFF)
    }
}

impl<'a, V> Short<'a, V> {
    fn new(arrays: &[&'a StringViewArray]) -> Self {
        let (mut starts, mut parts, mut next) = (Vec::new(), Vec::new(), 0);
        for &array in arrays {
            starts.push(next);
            next += array.len();
            parts.push((&array.views()[..], array.nulls()));
        }
        Self {
            starts,
            arrays: parts,
            compared: PhantomData,
        }
    }
}

impl<V: Compared> Values for Short<'_, V> {
    type Value = V;

    fn each(&self, rows: Range<usize>, mut visit: impl FnMut(Option<V>)) {
        for ((views, nulls), &start) in self.arrays.iter().zip(&self.starts) {
            let (from, to) = (start.max(rows.start), (start + views.len()).min(rows.end));
            if from >= to {
                continue;
            }
            let inside = from - start..to - start;
            match nulls {
                None => views[inside].iter().for_each(|&view| visit(Some(V::of(view)))),
                Some(nulls) => inside.for_each(|row| visit(nulls.is_valid(row).then(|| V::of(views[row])))),
            }
        }
    }
}

fn numbered<A, T>(
    arrays: impl Iterator<Item = A>,
    view: impl Fn(A::Item) -> T + Sync,
    rows: usize,
    stop: &Stop,
) -> Result<Column>
where
    A: ArrayAccessor + Sync,
    T: Copy + Default + Eq + std::hash::Hash + Send + Sync,
{
    let arrays: Vec<A> = arrays.collect();
    let mut next = 0;
    let starts = arrays
        .iter()
        .map(|array| {
            let start = next;
            next += array.len();
            start
        })
        .collect();
    let (codes, cardinality) = dense::number(&Hashable { starts, arrays, view }, rows, stop)?;
    Ok(Column::of(codes, cardinality))
}

/// Numbers the values of the dictionaries, and reads the indices through them.
fn dictionary<K: ArrowDictionaryKeyType>(name: &str, arrays: &[ArrayRef], stop: &Stop) -> Result<Column>
where
    K::Native: Bits,
{
    let arrays: Vec<_> = arrays.iter().map(AsArray::as_dictionary::<K>).collect();
    // Batches of one stream mostly share one dictionary: each different one is read once.
    let mut dictionaries: Vec<ArrayRef> = Vec::new();
    let mut of_batch = Vec::with_capacity(arrays.len());
    for array in &arrays {
        let values = array.values();
        let known = dictionaries
            .last()
            .is_some_and(|last| last.to_data().ptr_eq(&values.to_data()));
        if !known {
            dictionaries.push(Arc::clone(values));
        }
        of_batch.push(dictionaries.len() - 1);
    }
    let total = dictionaries.iter().map(Array::len).sum();
    let values = column(name, &dictionaries, total, stop)?;
    let values = values.compact(true, stop)?;
    let codes = values.codes(total);
    let mut start = 0;
    let tables: Vec<Arc<[u32]>> = dictionaries
        .iter()
        .map(|values| {
            let table = codes[start..start + values.len()]
                .iter()
                .map(|&code| code as u32)
                .collect();
            start += values.len();
            table
        })
        .collect();
    let indices = arrays
        .iter()
        .map(|array| (array.keys().values().clone(), array.keys().nulls().cloned()));
    Ok(Column::dictionary(
        Chunks::new(indices),
        of_batch.into_iter().map(|number| Arc::clone(&tables[number])).collect(),
        values.cardinality,
    ))
}
