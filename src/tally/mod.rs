//! Exact aggregates that merge: persons, events and person-time by strata.
//!
//! A **stratum** is a combination of levels (sex, age band); a tally is a vector with an entry per stratum, so the
//! tallies of shards add up. It knows persons, not events or cohorts: callers hand in columns in order of person.

mod at_risk;
mod incidence;
mod prevalence;
mod strata;
mod survival;

pub use at_risk::{AtRisk, Rules};
pub use incidence::{Behind, Incidence, Teller, incidence, incidence_of};
pub use prevalence::{Presence, Prevalence, each_present, prevalence};
pub use strata::{By, Calendar, Strata};
pub use survival::{FollowUp, follow_each, follow_up};
