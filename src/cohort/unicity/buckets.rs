//! Buckets: the stretches of days that an event's day is blurred to.

use crate::cohort::calendar::{civil_from_days, days_from_civil};

/// How well the day of an event is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bucket {
    /// To the day.
    Day,
    /// To the week, which begins on Monday.
    Week,
    /// To the month.
    Month,
    /// To the quarter of the year.
    Quarter,
    /// To the year.
    Year,
}

impl Bucket {
    /// The bucket of this name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "day" => Self::Day,
            "week" => Self::Week,
            "month" => Self::Month,
            "quarter" => Self::Quarter,
            "year" => Self::Year,
            _ => return None,
        })
    }

    /// The first day of the bucket that holds a day.
    pub(super) fn start(self, day: i32) -> i32 {
        match self {
            Self::Day => day,
            // Day 0 was a Thursday.
            Self::Week => day - (day.rem_euclid(7) + 3) % 7,
            Self::Month | Self::Quarter | Self::Year => {
                let (year, month, _) = civil_from_days(day);
                days_from_civil(year, month - (month - 1) % self.months(), 1)
            }
        }
    }

    /// The first day after the bucket that begins on a day.
    pub(super) fn next(self, start: i32) -> i32 {
        match self {
            Self::Day => start.saturating_add(1),
            Self::Week => start.saturating_add(7),
            // The middle of the next bucket is surely within it.
            _ => self.start(start + 31 * self.months() + 1),
        }
    }

    fn months(self) -> i32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            _ => 12,
        }
    }
}
