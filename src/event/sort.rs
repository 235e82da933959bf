//! Brings the events of a shard's domain into the order (code, person, start), and says where each code lies.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray, UInt32Array};
use arrow_schema::{DataType, Field, Schema};
use arrow_select::concat::concat;
use arrow_select::take::take;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::columns::{self, CODE, PERSON, START};
use super::directory::Directory;
use crate::error::{Error, Result};
use crate::stop::Stop;

/// Sorted columns, ready to be written, and their directory.
pub(crate) struct Sorted {
    pub(crate) batch: RecordBatch,
    pub(crate) directory: Directory,
}

/// Sorts batches of one schema; rows that tie keep the order in which they came.
pub(crate) fn sort(batches: &[RecordBatch], stop: &Stop) -> Result<Sorted> {
    let Some(first) = batches.first() else {
        return Err(Error::Ingest("a domain without any batch cannot be written".into()));
    };
    let (ranks, codes) = rank_codes(batches)?;
    stop.check()?;
    let mut keys: Vec<(u64, i32, u32)> = Vec::with_capacity(ranks.len());
    let mut row = 0_u32;
    for batch in batches {
        let (persons, starts) = (columns::persons(batch)?, columns::dates(batch, START)?);
        for (&person, &start) in persons.values().iter().zip(starts.values()) {
            keys.push((u64::from(ranks[row as usize]) << 32 | u64::from(person), start, row));
            row += 1;
        }
    }
    keys.par_sort_unstable();
    stop.check()?;
    let mut counts = vec![0_u64; codes.len()];
    for rank in &ranks {
        counts[*rank as usize] += 1;
    }
    let order = UInt32Array::from_iter_values(keys.iter().map(|key| key.2));
    let sorted_ranks: Int32Array = keys.iter().map(|key| (key.0 >> 32) as i32).collect();
    let sorted_persons = UInt32Array::from_iter_values(keys.iter().map(|key| key.0 as u32));
    drop(keys);

    let mut fields = Vec::new();
    let mut arrays: Vec<ArrayRef> = Vec::new();
    for (index, field) in first.schema().fields().iter().enumerate() {
        stop.check()?;
        let array: ArrayRef = match field.name().as_str() {
            PERSON => Arc::new(sorted_persons.clone()),
            CODE => {
                let dictionary = StringArray::from_iter_values(codes.iter());
                Arc::new(DictionaryArray::<Int32Type>::try_new(
                    sorted_ranks.clone(),
                    Arc::new(dictionary),
                )?)
            }
            _ => {
                let parts: Vec<&dyn Array> = batches.iter().map(|batch| batch.column(index).as_ref()).collect();
                take(&concat(&parts)?, &order, None)?
            }
        };
        fields.push(Field::new(field.name(), array.data_type().clone(), field.is_nullable()));
        arrays.push(array);
    }
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?;
    // First events are counted once the order is known: see the writer.
    let directory = Directory::new(codes, &counts, &[]);
    Ok(Sorted { batch, directory })
}

/// The rank of each row's code among all codes, over all batches, and the sorted codes.
fn rank_codes(batches: &[RecordBatch]) -> Result<(Vec<u32>, Vec<Box<str>>)> {
    let mut seen: FxHashMap<Box<str>, u32> = FxHashMap::default();
    let mut provisional: Vec<u32> = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for batch in batches {
        let array = columns::column(batch, CODE)?;
        let mut number = |code: &str| match seen.get(code) {
            Some(number) => *number,
            None => {
                let next = seen.len() as u32;
                seen.insert(code.into(), next);
                next
            }
        };
        match array.data_type() {
            DataType::Dictionary(_, _) => {
                let dictionary = array
                    .as_dictionary_opt::<Int32Type>()
                    .ok_or_else(|| columns::wrong_type(CODE, "Utf8 or Dictionary(Int32, Utf8)"))?;
                let values = dictionary.values();
                let values = values
                    .as_string_opt::<i32>()
                    .ok_or_else(|| columns::wrong_type(CODE, "Utf8"))?;
                // Only codes that a row uses: a shared dictionary holds those of other shards too.
                let mut known: Vec<Option<u32>> = vec![None; values.len()];
                for &key in dictionary.keys().values() {
                    let slot = &mut known[key as usize];
                    let rank = *slot.get_or_insert_with(|| number(values.value(key as usize)));
                    provisional.push(rank);
                }
            }
            _ => {
                let values = array
                    .as_string_opt::<i32>()
                    .ok_or_else(|| columns::wrong_type(CODE, "Utf8"))?;
                provisional.extend((0..values.len()).map(|i| number(values.value(i))));
            }
        }
    }
    let mut order: Vec<(Box<str>, u32)> = seen.into_iter().collect();
    order.sort_unstable();
    let mut rank = vec![0_u32; order.len()];
    for (position, (_, number)) in order.iter().enumerate() {
        rank[*number as usize] = position as u32;
    }
    provisional
        .iter_mut()
        .for_each(|number| *number = rank[*number as usize]);
    Ok((provisional, order.into_iter().map(|(code, _)| code).collect()))
}
