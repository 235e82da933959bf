//! Local remedies: rows are made alike by the rows near them, not by one rule for a whole column.
//!
//! - [`mondrian`] cuts the rows into boxes of at least k, each column then being as coarse as its box.
//! - [`microaggregation`] groups rows by their distance and replaces numbers by the mean of the group.
//! - [`suppression`] blanks single cells until every row agrees with enough others.
//!
//! Columns come as *ranks*: integers that order the values of a column without gaps, 0 being missing.

pub mod microaggregation;
pub mod mondrian;
pub mod suppression;
