//! Hazards, constant by band of age and by sex, and the exact draw of a first event from them.
//!
//! A hazard acts on every observed day. The time of the event is drawn by inversion of the cumulative hazard: an exponential
//! variable with mean 1 is spent day after day, so that the chance of an event on a day at risk is
//! `1 - exp(-rate / 365.25)` exactly, whatever the order in which bands, exposures and gaps follow each other.

use super::calendar::YEAR;
use super::life::Life;
use super::random::Draw;

/// A hazard from an age on: (age in completed years, per 1,000 person-years in men, in women). The first age is 0.
pub(super) type Bands = &'static [(i32, f64, f64)];

/// A factor of the hazard from a day on; in order of the days, 1 before the first.
pub(super) type Factor = (i32, f64);

/// The day of the first event from `from` on, if there is one while the person is observed.
pub(super) fn first_event(draw: &mut Draw, life: &Life, bands: Bands, factors: &[Factor], from: i32) -> Option<i32> {
    let mut left = draw.exponential() * 1_000.0 * YEAR;
    for &(start, end) in &life.periods {
        let mut day = start.max(from);
        if day > end {
            continue;
        }
        let mut band = band_at(life, bands, day);
        let mut factor = factors.partition_point(|&(since, _)| since <= day);
        while day <= end {
            let mut next = end + 1;
            let birthday = bands.get(band + 1).map_or(i32::MAX, |&(age, ..)| life.birthday(age));
            let change = factors.get(factor).map_or(i32::MAX, |&(since, _)| since);
            next = next.min(birthday).min(change);
            let (_, men, women) = bands[band];
            let times = if factor == 0 { 1.0 } else { factors[factor - 1].1 };
            let rate = times * if life.sex == 0 { men } else { women };
            let spent = rate * f64::from(next - day);
            if left < spent {
                return Some((day + (left / rate) as i32).min(next - 1));
            }
            left -= spent;
            band += usize::from(birthday == next);
            factor += usize::from(change == next);
            day = next;
        }
    }
    None
}

/// The band of a person's age on a day.
fn band_at(life: &Life, bands: Bands, day: i32) -> usize {
    let age = life.age(day);
    bands.partition_point(|&(from, ..)| from <= age).saturating_sub(1)
}
