//! The different values of one column in each class: persons, or values of a sensitive column.

use super::codes::Column;
use super::count;
use super::layout::Layout;
use crate::error::Result;
use crate::stop::Stop;

/// The distinct pairs of a class and a value, by class.
pub(super) struct Pairs {
    /// Where the values of each class start, and their number.
    starts: Vec<usize>,
    list: Vec<u32>,
    values: usize,
}

impl Pairs {
    /// The values of `column` in each of `classes` classes; `ids` is the class of each row.
    pub(super) fn find(ids: &[u32], classes: usize, column: &Column, stop: &Stop) -> Result<Self> {
        let class = Column::of(ids.to_vec(), classes as u64);
        let layout = Layout::plan(&[class, column.clone()], ids.len(), stop)?;
        let pairs = count::collapse(&layout, ids.len(), false, stop)?;
        let pairs = layout.decoder(pairs.keys);
        let of_class = pairs.codes(0).map(|(codes, _)| codes).unwrap_or_default();
        let codes = pairs.codes(1).map(|(codes, _)| codes).unwrap_or_default();
        // Codes that do not occur may be many: values are numbered, because they become positions.
        let (values, width) = number(codes, stop)?;
        Ok(Self::sort(&of_class, &values, classes, width))
    }

    fn sort(of_class: &[u64], values: &[u32], classes: usize, width: usize) -> Self {
        let mut starts = vec![0_usize; classes + 1];
        for &class in of_class {
            starts[class as usize + 1] += 1;
        }
        for class in 0..classes {
            starts[class + 1] += starts[class];
        }
        let mut cursors = starts.clone();
        let mut list = vec![0; values.len()];
        for (&class, &value) in of_class.iter().zip(values) {
            list[cursors[class as usize]] = value;
            cursors[class as usize] += 1;
        }
        Self {
            starts,
            list,
            values: width,
        }
    }

    /// The pairs after classes are joined: `joined` is the new class of each, of `classes`.
    pub(super) fn join(&self, joined: &[u32], classes: usize, stop: &Stop) -> Result<Self> {
        let mut ids = Vec::with_capacity(self.list.len());
        for (class, &into) in joined.iter().enumerate() {
            ids.resize(self.starts[class + 1], into);
        }
        Self::find(&ids, classes, &Column::of(self.list.clone(), self.values as u64), stop)
    }

    /// The values of a class.
    pub(super) fn of(&self, class: u32) -> &[u32] {
        &self.list[self.starts[class as usize]..self.starts[class as usize + 1]]
    }

    /// How many values each class has.
    pub(super) fn per_class(&self) -> Vec<u64> {
        self.starts.windows(2).map(|ends| (ends[1] - ends[0]) as u64).collect()
    }

    /// One more than the greatest value.
    pub(super) fn values(&self) -> usize {
        self.values
    }
}

/// Codes without gaps, in no particular order but the same for the same input, and how many there are.
fn number(codes: Vec<u64>, stop: &Stop) -> Result<(Vec<u32>, usize)> {
    let rows = codes.len();
    Column::wide(codes, u64::MAX).dense(rows, stop)
}
