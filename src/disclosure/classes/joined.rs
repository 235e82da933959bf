//! Questions to the classes of all columns about fewer columns: classes are joined, no row is read again.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::codes::Column;
use super::collapsed::Classes;
use super::count;
use super::layout::Layout;
use super::spectrum::Spectrum;
use crate::error::Result;
use crate::stop::Stop;

/// The code of each class in some columns, numbered from 0 by first use.
pub struct Ranks {
    /// By column, then by class.
    pub codes: Vec<Vec<u32>>,
    /// How many codes each column has.
    pub widths: Vec<u32>,
}

impl Classes {
    /// Numbers the codes of each of the first `columns` columns.
    pub fn ranks(&self, columns: usize, stop: &Stop) -> Result<Ranks> {
        let found = (0..columns)
            .into_par_iter()
            .map(|column| {
                stop.check()?;
                let mut numbers = FxHashMap::default();
                let codes = self.decoder.codes(column).unwrap_or_default().0;
                let codes: Vec<u32> = codes
                    .into_iter()
                    .map(|code| {
                        let next = numbers.len() as u32;
                        *numbers.entry(code).or_insert(next)
                    })
                    .collect();
                Ok((codes, numbers.len() as u32))
            })
            .collect::<Result<Vec<_>>>()?;
        let (codes, widths) = found.into_iter().unzip();
        Ok(Ranks { codes, widths })
    }

    /// The spectrum by some of the columns, given by their numbers in `ranks`.
    pub fn by(&self, columns: &[usize], ranks: &Ranks, stop: &Stop) -> Result<Spectrum> {
        let column = |&column: &usize| {
            let codes = ranks.codes[column].iter().copied().map(u64::from).collect();
            Column::wide(codes, u64::from(ranks.widths[column]).max(1))
        };
        let columns: Vec<Column> = columns.iter().map(column).collect();
        let layout = Layout::plan(&columns, self.sizes.len(), stop)?;
        let joined = count::collapse(&layout, self.sizes.len(), true, stop)?;
        let mut sizes = vec![0; joined.sizes.len()];
        for (&class, &size) in joined.ids.iter().zip(&self.sizes) {
            sizes[class as usize] += size;
        }
        Ok(Spectrum::of(&sizes))
    }
}
