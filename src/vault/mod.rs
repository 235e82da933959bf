//! The vault: canonical bytes, the chain of hashes of the ledger, and sealed boxes.
//!
//! A document has one form as bytes (**canonical**), so that its hash means it. A **chain** is lines of canonical JSON,
//! each with the hash of the line before; under a key, each with an HMAC, so that nobody without the key can forge one.
//! A **box** is bytes encrypted under a name: AES-256-GCM, bound to the name. Nothing here opens a file.

mod canonical;
mod chain;
mod keys;

pub use canonical::{canonical, digest};
pub use chain::{Chain, Entry, Fault, Read};
pub use keys::Keys;
