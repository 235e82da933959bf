//! Cohorts: from a plan to persons with a start and an end.
//!
//! A **plan** says who enters, when and until when; an **index row** is a person and an index day that may enter; a
//! **criterion** is true or false of an index row; **attrition** counts persons and rows after each step. Evaluation
//! is shard by shard: merges of runs in order of (person, day) against index rows in the same order. Counting people
//! by sex and age, person-time and the like is the tally's business.

mod calendar;
mod codes;
mod criteria;
mod entry;
mod evaluate;
mod exit;
mod measure;
pub mod plan;
mod query;
mod scope;

pub use codes::{Dictionary, Matched, queries, resolve};
pub use evaluate::{Cohort, Members, Resolved, Step, evaluate};
pub use measure::{outcome_incidence, persons_by, persons_with};
pub use plan::Plan;
pub use query::count_persons;
pub use scope::{DEATH, Scope};
