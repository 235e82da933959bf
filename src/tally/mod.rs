//! Exact aggregates that merge: persons, events and person-time by strata.
//!
//! A **stratum** is a combination of levels (sex, age band); a tally is a vector with an entry per stratum, so the
//! tallies of shards add up. It knows persons, not events or cohorts: callers hand in columns in order of person.

mod incidence;
mod strata;

pub use incidence::{AtRisk, Behind, Incidence, Rules, Teller, incidence, incidence_of};
pub use strata::{By, Calendar, Strata};
