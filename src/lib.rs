//! kohort's core: cohort queries over person-level health events, and the control of what leaves.
//!
//! A warehouse is a list of shards; a shard is a few hundred thousand persons with all their events, so every
//! question is answered shard by shard and the small results merge. The modules, from the ground up:
//! [`error`] and [`stop`] (everyone may use them), [`person`], [`event`], [`store`], [`cohort`], [`tally`],
//! [`disclosure`] (knows neither event nor cohort), [`vault`] (keys and the ledger's chain), [`synth`] (the demo population). The Python bindings live in
//! `python/`, behind the feature of that name, and nothing else may import pyo3.

pub mod cohort;
pub mod disclosure;
pub mod error;
pub mod event;
pub mod person;
pub mod stop;
pub mod store;
pub mod synth;
pub mod tally;
pub mod vault;

#[cfg(feature = "python")]
mod python;
