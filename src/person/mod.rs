//! Persons: who they are inside a shard, and how an outside identifier becomes a row.
//!
//! A **person** is a dense `u32` row of one shard. Its **facts** are sex, birth month, day of death and the
//! **periods** under observation. Outside identifiers are met only here, on the way in ([`Register`],
//! [`Pseudonyms`]). Where facts are stored is the store's business, events are the event module's.

mod facts;
mod pseudonym;
mod register;

pub use facts::{Facts, NEVER, Sex, Spans};
pub use pseudonym::Pseudonyms;
pub(crate) use pseudonym::hex;
pub use register::{Place, Register};
