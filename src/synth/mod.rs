//! The demo population: a synthetic, heterogeneous population with planted truths.
//!
//! A [`World`] is what all persons share: code lists, communes, parameters of disease and care. It makes persons in any
//! chunks and on any thread: a history depends on the configuration, the seed and the person's number alone. A *planted
//! truth* is an effect drawn from a stated hazard, so that an analysis can be checked against it ([`World::truths`]).
//! Everything is invented; the codes have the structure of real ones. Nothing here writes files or knows a store.
//!
//! Parameters are in the files `*_table.rs`, what is done with them in the file of the same name without `_table`.

mod acute;
mod acute_table;
mod calendar;
mod chronic;
mod chronic_table;
mod codes;
mod communes;
mod course_table;
mod courses;
mod hazard;
mod hospital;
mod hospital_table;
mod labels;
mod life;
mod planted;
mod planted_table;
mod random;
mod recorder;
mod tables;
mod truths;
mod vocabularies;
mod world;

#[cfg(test)]
mod tests;

pub use tables::{Domain, Tables};
pub use world::{Config, World};
