use proptest::prelude::*;

use super::Bucket;
use crate::cohort::calendar::civil_from_days;

proptest! {
    #[test]
    fn a_bucket_is_the_days_of_one_week_month_quarter_or_year(day in -200_000..200_000) {
        for bucket in ["day", "week", "month", "quarter", "year"].map(|name| Bucket::named(name).unwrap()) {
            let (start, (year, month, _)) = (bucket.start(day), civil_from_days(day));
            let next = bucket.next(start);
            prop_assert!(start <= day && day < next);
            prop_assert_eq!(bucket.start(next), next);
            prop_assert_eq!(bucket.start(next - 1), start);
            let (from_year, from_month, from_day) = civil_from_days(start);
            match bucket {
                Bucket::Day => prop_assert_eq!(start, day),
                // 2024-01-01, day 19,723, was a Monday.
                Bucket::Week => prop_assert_eq!((start - 19_723).rem_euclid(7), 0),
                Bucket::Month => prop_assert_eq!((from_year, from_month, from_day), (year, month, 1)),
                Bucket::Quarter => prop_assert_eq!((from_year, (from_month - 1) / 3, from_day), (year, (month - 1) / 3, 1)),
                Bucket::Year => prop_assert_eq!((from_year, from_month, from_day), (year, 1, 1)),
            }
        }
    }
}
