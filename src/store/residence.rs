//! Where a shard's persons lived on a day, by the table `residence`.

use super::warehouse::Shard;
use crate::error::Result;
use crate::event::{Cache, Reads};

/// Of somebody whose residence is not known.
const NOWHERE: u32 = u32::MAX;

/// The communes of a shard's persons on a day.
#[derive(Debug)]
pub struct Residences {
    codes: Vec<Box<str>>,
    /// Per person, the position of the code.
    of: Vec<u32>,
}

impl Residences {
    /// Where nothing is known of anybody.
    fn unknown(persons: usize) -> Self {
        Self {
            codes: Vec::new(),
            of: vec![NOWHERE; persons],
        }
    }

    /// The code of each person's commune, none where it is not known.
    pub fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        self.of.iter().map(|at| self.codes.get(*at as usize).map(AsRef::as_ref))
    }
}

impl Shard {
    /// Where the persons lived on a day; of two residences on one day the one with the last code counts.
    pub fn residences(&self, day: i32, cache: &Cache, reads: &Reads) -> Result<Residences> {
        let Some(domain) = self.residence() else {
            return Ok(Residences::unknown(self.len()));
        };
        let codes = domain.directory()?.codes().to_vec();
        let positions: Vec<usize> = (0..codes.len()).collect();
        let mut found = Residences::unknown(self.len());
        for (position, run) in domain.runs(&positions, true, cache, reads)?.iter().enumerate() {
            for (i, (person, start)) in run.person.iter().zip(run.start.iter()).enumerate() {
                if *start <= day
                    && day <= run.last_day(i)
                    && let Some(slot) = found.of.get_mut(*person as usize)
                {
                    *slot = position as u32;
                }
            }
        }
        found.codes = codes;
        Ok(found)
    }
}
