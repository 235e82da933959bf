//! Local suppression: blanks few single cells, so that every row agrees with at least k rows wherever both are known.
//!
//! Sets of columns are tried from small to large, and those easiest to give up first. For one set, classes that the
//! other columns do not tell apart form a bucket: in a bucket of at least k rows, the smallest classes below k are blanked in
//! these columns until the rest has company enough. A cell once blanked only ever adds agreement, so no later step undoes an
//! earlier one, and the set of all columns is a last resort that always succeeds.

use rustc_hash::FxHashMap;

use crate::disclosure::classes::{Classes, agreeing};
use crate::error::Result;
use crate::stop::Stop;

/// Sets of up to so many columns are all tried, if they are not more than `SETS`; beyond, only the easiest of each size.
const EXHAUSTIVE: usize = 3;
const SETS: usize = 2000;

/// For each column, which classes have their cell blanked; `reluctance` orders the columns, the first to go being the least.
pub fn suppress(classes: &Classes, reluctance: &[u32], k: u64, stop: &Stop) -> Result<Vec<Vec<bool>>> {
    let width = classes.width();
    let mut codes = classes.narrow_codes(0..width, stop)?;
    let original = codes.clone();
    let rows = classes.sizes();
    let mut crowd = agreeing(&codes, rows, stop)?;
    let mut size = 0;
    for set in sets(width, reluctance) {
        stop.check()?;
        if set.len() > size {
            size = set.len();
            crowd = agreeing(&codes, rows, stop)?;
            if crowd.iter().all(|&crowd| crowd >= k) {
                break;
            }
        }
        blank(&mut codes, rows, &mut crowd, &set, k);
    }
    let blanked = |(now, before): (Vec<u64>, Vec<u64>)| {
        now.into_iter()
            .zip(before)
            .map(|(now, before)| now == 0 && before != 0)
            .collect()
    };
    Ok(codes.into_iter().zip(original).map(blanked).collect())
}

/// The sets of columns in the order in which they are tried; the last has all.
fn sets(width: usize, reluctance: &[u32]) -> Vec<Vec<usize>> {
    let mut easiest: Vec<usize> = (0..width).collect();
    easiest.sort_by_key(|&column| reluctance[column]);
    let mut sets: Vec<Vec<usize>> = Vec::new();
    let mut last: Vec<Vec<usize>> = vec![Vec::new()];
    for size in 1..=width {
        let mut next: Vec<Vec<usize>> = Vec::new();
        if size <= EXHAUSTIVE && last.len() * width <= SETS {
            for set in &last {
                // Places in `easiest`, ascending, so that each set is made once.
                let from = set.last().map_or(0, |&place| place + 1);
                next.extend((from..width).map(|place| set.iter().copied().chain([place]).collect()));
            }
            next.sort_by_key(|set: &Vec<usize>| (set.iter().sum::<usize>(), set.clone()));
        } else {
            next.push((0..size).collect());
        }
        sets.extend(next.iter().map(|set| set.iter().map(|&place| easiest[place]).collect()));
        last = next;
    }
    sets
}

/// Blanks the cells of `set` in as few classes as bring each class of a large enough bucket up to k.
fn blank(codes: &mut [Vec<u64>], rows: &[u64], crowd: &mut [u64], set: &[usize], k: u64) {
    if crowd.iter().all(|&crowd| crowd >= k) {
        return;
    }
    let others: Vec<usize> = (0..codes.len()).filter(|column| !set.contains(column)).collect();
    let mut buckets = FxHashMap::<Vec<u64>, (u64, Vec<usize>)>::default();
    for class in 0..rows.len() {
        let key = others.iter().map(|&column| codes[column][class]).collect();
        let bucket = buckets.entry(key).or_default();
        bucket.0 += rows[class];
        bucket.1.push(class);
    }
    let mut buckets: Vec<(u64, Vec<usize>)> = buckets
        .into_values()
        .filter(|(total, members)| *total >= k && members.iter().any(|&class| crowd[class] < k))
        .collect();
    buckets.sort_unstable_by_key(|(_, members)| members[0]);
    for (total, mut members) in buckets {
        members.sort_by_key(|&class| (rows[class], class));
        let mut blanked = 0;
        for &class in &members {
            if crowd[class] < k && crowd[class] + blanked < k {
                for &column in set {
                    codes[column][class] = 0;
                }
                blanked += rows[class];
                crowd[class] = total;
            }
        }
        // Whoever was kept has the blanked ones for company. Those that agreed before are counted twice here, which the
        // next size of sets finds out.
        for class in members {
            if crowd[class] < k {
                crowd[class] += blanked;
            }
        }
    }
}
