//! Days, dates and ages in the Gregorian calendar; days are counted from 1970-01-01.

use crate::error::{Error, Result};

/// An ISO date (`2015-01-31`) as days since 1970-01-01, in the Gregorian calendar.
pub(crate) fn day(text: &str) -> Result<i32> {
    let refuse = || Error::Definition(format!("'{text}' is not a date: write it as 2015-01-31"));
    let mut parts = text.splitn(3, '-');
    let mut part = |len: usize| {
        parts
            .next()
            .filter(|part| part.len() == len)
            .and_then(|part| part.parse::<u32>().ok())
    };
    let (Some(year), Some(month), Some(day)) = (part(4), part(2), part(2)) else {
        return Err(refuse());
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return Err(refuse()),
    };
    if day == 0 || day > last {
        return Err(refuse());
    }
    Ok(days_from_civil(year as i32, month as i32, day as i32))
}

/// Days since 1970-01-01 of a Gregorian date (Hinnant's algorithm "days_from_civil").
pub(crate) fn days_from_civil(year: i32, month: i32, day: i32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The Gregorian year, month and day of a day since 1970-01-01 (Hinnant's algorithm "civil_from_days").
pub(crate) fn civil_from_days(day: i32) -> (i32, i32, i32) {
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let day_of_era = day.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i32::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

/// Completed years from one day to a later one.
pub(crate) fn completed_years(from: i32, to: i32) -> i32 {
    let ((y0, m0, d0), (y1, m1, d1)) = (civil_from_days(from), civil_from_days(to));
    y1 - y0 - i32::from((m1, d1) < (m0, d0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_days() {
        assert_eq!(day("1970-01-01").unwrap(), 0);
        assert_eq!(day("2000-03-01").unwrap(), 11_017);
        assert_eq!(day("2024-02-29").unwrap(), 19_782);
        for wrong in [
            "2023-02-29",
            "2015-1-1",
            "2015-13-01",
            "x",
            "2015-00-10",
            "2015-01-32",
            "",
        ] {
            assert!(day(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn ages() {
        let age = |from, to| completed_years(day(from).unwrap(), day(to).unwrap());
        assert_eq!(age("2000-03-01", "2018-02-28"), 17);
        assert_eq!(age("2000-03-01", "2018-03-01"), 18);
        assert_eq!(age("1950-07-01", "1950-07-01"), 0);
    }

    proptest! {
        #[test]
        fn civil_days_round_trip(day in -200_000..200_000) {
            let (year, month, of_month) = civil_from_days(day);
            prop_assert_eq!(days_from_civil(year, month, of_month), day);
        }
    }
}
