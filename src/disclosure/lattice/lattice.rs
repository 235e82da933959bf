//! A lattice: the groups of a frame, hierarchies, models and a measure; what can be asked of it.

use std::sync::Arc;

use super::column::Column;
use super::groups::{Groups, Scratch};
use super::judge::{Judge, Models};
use super::key::{Field, Key, fields};
use super::meter::{Judged, Meter};
use super::microdata::Microdata;
use super::search::{Found, Limits, Search};
use super::utility::{Score, Utility};
use crate::disclosure::models::Whole;
use crate::error::{Error, Result};
use crate::stop::Stop;

/// All combinations of the levels of some hierarchies, over the rows of a frame.
pub struct Lattice {
    pub(super) microdata: Arc<Microdata>,
    pub(super) columns: Vec<Column>,
    pub(super) models: Models,
    /// The sensitive columns over all rows.
    pub(super) wholes: Vec<Whole>,
    pub(super) utility: Utility,
    /// Rows of each leaf code of each column.
    pub(super) counts: Vec<Vec<u64>>,
    bits: u32,
}

/// A node of the lattice: what its classes are.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The sizes of its classes, ascending, with how many have them.
    pub sizes: Vec<(u64, u64)>,
    /// Rows that the models suppress.
    pub suppressed: u64,
    /// Whether the models hold once they are.
    pub safe: bool,
    /// What is lost.
    pub score: Score,
}

/// The rows as a node has them.
pub struct Recoded {
    /// By column and row: the code at the column's level.
    pub codes: Vec<Vec<u32>>,
    /// By row: whether it is suppressed.
    pub suppressed: Vec<bool>,
    /// By row: how many rows its class has.
    pub class_size: Vec<u64>,
}

impl Lattice {
    /// Refuses hierarchies that are not those of the frame's columns, or have too many values together.
    pub fn new(
        microdata: Arc<Microdata>,
        columns: Vec<Column>,
        models: Models,
        wholes: Vec<Whole>,
        utility: Utility,
    ) -> Result<Self> {
        let fits = columns.len() == microdata.columns()
            && wholes.len() == microdata.sensitive()
            && (0..columns.len()).all(|column| columns[column].leaf_codes() == microdata.representatives(column).len());
        if !fits {
            return Err(Error::Argument("the hierarchies are not those of these columns".into()));
        }
        let (_, bits) = fields(columns.iter().map(Column::leaf_codes));
        if bits > u128::BITS {
            return Err(Error::Argument(format!(
                "the quasi-identifiers have too many values together ({bits} bits, 128 at most): name fewer, or generalize some first"
            )));
        }
        Ok(Self {
            counts: microdata.counts(&columns),
            microdata,
            columns,
            models,
            wholes,
            utility,
            bits,
        })
    }

    /// How many nodes there are.
    pub fn nodes(&self) -> f64 {
        self.columns.iter().map(|column| column.levels.len() as f64).product()
    }

    fn fields(&self) -> Vec<Field> {
        fields(self.columns.iter().map(Column::leaf_codes)).0
    }

    /// What the classes of a node are, and what the models and the measure say of it.
    pub fn node(&self, levels: &[usize]) -> Result<Node> {
        self.check(levels)?;
        if self.bits <= u64::BITS {
            Ok(self.node_of::<u64>(levels))
        } else {
            Ok(self.node_of::<u128>(levels))
        }
    }

    fn check(&self, levels: &[usize]) -> Result<()> {
        let fits = levels.len() == self.columns.len()
            && levels
                .iter()
                .zip(&self.columns)
                .all(|(level, column)| *level <= column.height());
        if fits {
            Ok(())
        } else {
            Err(Error::Argument(
                "a node needs a level of each quasi-identifier, no higher than its hierarchy".into(),
            ))
        }
    }

    fn node_of<K: Key>(&self, levels: &[usize]) -> Node {
        let mut scratch = Scratch::default();
        let fields = self.fields();
        let classes = self.classes::<K>(levels, &fields, &mut scratch);
        let verdict = Judge::new(&self.models).verdict(&classes, 0, &self.wholes);
        let meter = Meter::new(self.utility, &self.columns, &self.counts, self.microdata.rows() as u64);
        let mut sizes: Vec<u64> = classes.rows.iter().copied().filter(|rows| *rows > 0).collect();
        sizes.sort_unstable();
        Node {
            sizes: sizes
                .chunk_by(|a, b| a == b)
                .map(|same| (same[0], same.len() as u64))
                .collect(),
            suppressed: verdict.suppressed,
            safe: verdict.safe,
            score: meter.exact(levels, Judged::new(&classes, &verdict.fails, 0), &fields),
        }
    }

    /// The classes of a node, straight from the groups.
    fn classes<K: Key>(&self, levels: &[usize], fields: &[Field], scratch: &mut Scratch) -> Groups<K> {
        let base = self.microdata.base::<K>(fields);
        base.at(fields, &self.columns, levels, self.microdata.values(), scratch)
    }

    /// The rows as a node has them.
    pub fn recode(&self, levels: &[usize]) -> Result<Recoded> {
        self.check(levels)?;
        let mut scratch = Scratch::default();
        let classes = self.classes::<u128>(levels, &self.fields(), &mut scratch);
        let verdict = Judge::new(&self.models).verdict(&classes, 0, &self.wholes);
        let group = self.microdata.group();
        let class = |group: &u32| scratch.ids[*group as usize] as usize;
        let code = |(column, level): (usize, &usize)| {
            let (map, leaves) = (
                &self.columns[column].levels[*level].of_leaf,
                self.microdata.codes(column),
            );
            group
                .iter()
                .map(|group| map[leaves[*group as usize] as usize])
                .collect()
        };
        Ok(Recoded {
            codes: levels.iter().enumerate().map(code).collect(),
            suppressed: group.iter().map(|group| verdict.fails[class(group)]).collect(),
            class_size: group.iter().map(|group| classes.rows[class(group)]).collect(),
        })
    }

    /// Searches for the safe node that loses least.
    pub fn search(&self, limits: Limits, stop: &Stop) -> Result<Found> {
        if self.bits <= u64::BITS {
            Search::<u64>::new(self, limits, stop).run()
        } else {
            Search::<u128>::new(self, limits, stop).run()
        }
    }
}
