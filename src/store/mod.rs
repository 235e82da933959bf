//! A warehouse on disk: many shards, described by immutable snapshots, of which `HEAD` names the one in force.
//!
//! A **manifest** is one snapshot: every file with its length and SHA-256. The [`Builder`] takes tables in and writes a
//! snapshot; [`Warehouse`] opens one. Files that no snapshot names do not count: an ingest that dies half-way leaves
//! the old snapshot in force. What is inside a domain file is the event module's business.

mod builder;
mod check;
pub mod direct;
mod lock;
mod manifest;
mod normalize;
mod persons;
mod report;
mod residence;
mod spool;
mod terms;
#[cfg(test)]
mod tests;
mod vocabulary;
mod warehouse;

pub use builder::{Builder, Options};
pub use manifest::{DomainEntry, LAYOUT, Manifest, ShardEntry};
pub use report::{Report, TableReport};
pub use residence::Residences;
pub use warehouse::{Shard, Warehouse};
