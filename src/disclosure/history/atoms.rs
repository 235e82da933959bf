//! Where the span check gives up: does what was released fix the size of a single small group?
//!
//! An **atom** is the persons who stand in the same sets. The reader knows a sum of atoms for each set; an atom's size
//! follows from these sums alone exactly where its indicator is a row of their reduced echelon form. That takes
//! polynomial time, where groups of several small atoms do not: they are what remains undecided.

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

use super::field::Field;
use crate::error::Result;
use crate::stop::Stop;

/// Beyond so many persons counted with their sets, or so many steps of the elimination, nothing is decided.
const MOST_MEMBERS: u64 = 200_000_000;
const MOST_STEPS: u64 = 4_000_000_000;

/// Whether the size of an atom of fewer than `threshold` persons follows from the sets; none where that takes too long.
pub(super) fn fixes_a_small_atom(sets: &[&RoaringBitmap], threshold: u64, stop: &Stop) -> Result<Option<bool>> {
    if sets.iter().map(|set| set.len()).sum::<u64>() > MOST_MEMBERS {
        return Ok(None);
    }
    // Each person's sets, in order; persons of equal lists are an atom.
    let mut of_person: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    for (number, set) in sets.iter().enumerate() {
        stop.check()?;
        for person in *set {
            of_person.entry(person).or_default().push(number as u32);
        }
    }
    let mut sizes: FxHashMap<Vec<u32>, u64> = FxHashMap::default();
    for members in of_person.into_values() {
        *sizes.entry(members).or_default() += 1;
    }
    let atoms: Vec<(Vec<u32>, u64)> = sizes.into_iter().collect();
    if (sets.len() * sets.len() * atoms.len()) as u64 > MOST_STEPS {
        return Ok(None);
    }
    let field = Field::random()?;
    let mut rows = vec![vec![0_u64; atoms.len()]; sets.len()];
    for (column, (members, _)) in atoms.iter().enumerate() {
        for &set in members {
            rows[set as usize][column] = field.one;
        }
    }
    let mut place = 0;
    let mut pivots = Vec::new();
    for column in 0..atoms.len() {
        let Some(found) = (place..rows.len()).find(|&row| rows[row][column] != 0) else {
            continue;
        };
        stop.check()?;
        rows.swap(place, found);
        let scale = field.over(rows[place][column]);
        rows[place]
            .iter_mut()
            .for_each(|value| *value = field.times(*value, scale));
        let pivot = std::mem::take(&mut rows[place]);
        for row in rows.iter_mut().filter(|row| !row.is_empty()) {
            let factor = row[column];
            if factor != 0 {
                for (value, by) in row.iter_mut().zip(&pivot) {
                    if *by != 0 {
                        *value = field.minus(*value, field.times(factor, *by));
                    }
                }
            }
        }
        rows[place] = pivot;
        pivots.push(column);
        place += 1;
    }
    Ok(Some(pivots.iter().zip(&rows).any(|(column, row)| {
        atoms[*column].1 < threshold && row.iter().filter(|value| **value != 0).count() == 1
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(sets: &[&[u32]], threshold: u64) -> Option<bool> {
        let sets: Vec<RoaringBitmap> = sets.iter().map(|set| set.iter().copied().collect()).collect();
        fixes_a_small_atom(&sets.iter().collect::<Vec<_>>(), threshold, &Stop::new()).unwrap()
    }

    #[test]
    fn a_group_is_fixed_by_differences_and_sums() {
        // 1, 2, 3 and 4, 5, 6 and all with 7: the last is what the others leave.
        assert_eq!(fixed(&[&[1, 2, 3], &[4, 5, 6], &[1, 2, 3, 4, 5, 6, 7]], 2), Some(true));
        assert_eq!(fixed(&[&[1, 2, 3], &[4, 5, 6], &[1, 2, 3, 4, 5, 6]], 2), Some(false));
        // Halves that overlap: no sum is left over.
        assert_eq!(fixed(&[&[1, 2, 3, 4], &[3, 4, 5, 6], &[5, 6, 1, 2]], 2), Some(false));
        assert_eq!(fixed(&[&[1, 2, 3, 4], &[3, 4, 5, 6], &[5, 6, 1, 2]], 3), Some(true));
    }
}
