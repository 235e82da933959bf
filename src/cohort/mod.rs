//! Cohorts: from a plan to persons with a start and an end.
//!
//! A **plan** says who enters, when and until when; an **index row** is a person and an index day that may enter; a
//! **criterion** is true or false of an index row; **attrition** counts persons and rows after each step. Evaluation
//! is shard by shard: merges of runs in order of (person, day) against index rows in the same order. **Unicity** asks
//! the same runs whom a few events single out. Counting people by sex and age, person-time and the like is the tally's
//! business.

mod calendar;
mod codes;
mod columns;
mod criteria;
mod entry;
mod eras;
mod evaluate;
mod exit;
mod filter;
mod gather;
mod inclusion;
mod measure;
mod memo;
mod needs;
pub mod plan;
mod populations;
mod populations_over_time;
mod query;
mod scope;
mod table;
pub mod unicity;
mod why;
mod windows;

pub use codes::{Dictionary, Matched, OMOP, Sets, Vocabulary};
pub use evaluate::{Cohort, Members, Overlap, Spent, Step, evaluate, overlap};
pub use inclusion::{Inclusion, inclusion};
pub use measure::{Condition, condition_prevalence, outcome_incidence, outcome_survival, persons_by, persons_with};
pub use memo::Memo;
pub use plan::Plan;
pub use populations::{
    population, populations_at_risk, populations_by, populations_of, populations_of_steps, populations_with,
};
pub use populations_over_time::{populations_by_mask, populations_followed, populations_present};
pub use query::count_persons;
pub use scope::{DEATH, Scope, unmatched};
pub use why::{Why, why};
