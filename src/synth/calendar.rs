//! Days and months: a day is a number since 1970-01-01 (Arrow's Date32), in the Gregorian calendar.

/// Days in a year on average: the unit in which rates "per year" are turned into rates per day.
pub(super) const YEAR: f64 = 365.25;

/// The day of a date; the month may run over (13 is January of the next year). After Howard Hinnant's `days_from_civil`.
pub(super) fn day_of(year: i32, month: i32, day: i32) -> i32 {
    let year = year + (month - 1).div_euclid(12);
    let month = (month - 1).rem_euclid(12) + 1;
    let shifted = if month > 2 { year } else { year - 1 };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The year and month (1 to 12) of a day.
pub(super) fn month_of(day: i32) -> (i32, i32) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i32::from(month <= 2), month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_and_days_agree_over_four_centuries() {
        assert_eq!(day_of(1970, 1, 1), 0);
        assert_eq!(day_of(2000, 3, 1), 11_017);
        assert_eq!(day_of(2011, 13, 1), day_of(2012, 1, 1));
        let mut day = day_of(1800, 1, 1);
        for year in 1800..2200 {
            for month in 1..=12 {
                assert_eq!(day_of(year, month, 1), day);
                assert_eq!(month_of(day), (year, month));
                let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
                day += match month {
                    2 => 28 + i32::from(leap),
                    4 | 6 | 9 | 11 => 30,
                    _ => 31,
                };
                assert_eq!(month_of(day - 1), (year, month));
            }
        }
    }
}
