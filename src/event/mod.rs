//! One shard's domain files: health events sorted by (code, person, start).
//!
//! An **event** has a person, a start day, perhaps an end day, a code, and whatever further columns its **domain** has.
//! A **run** is the events of one code, in order of person and start; the **directory** says at which rows each code's
//! run lies, so a reader decodes only the runs it needs, the **cache** keeps what was decoded, and a
//! **stored** file is checked block by block as it is read. How shards make a
//! warehouse is the store's business; what a cohort asks of runs is the cohort module's.

mod cache;
mod checked;
mod column_file;
mod columns;
mod directory;
mod file;
mod lru;
mod run;
mod sort;
mod writer;

pub use cache::Cache;
pub use checked::Stored;
pub use column_file::{Kind, NULL, Reads};
pub(crate) use column_file::{read_all, read_columns, whole};
pub use columns::{CODE, DAYS_SUPPLY, END, NO_DAY, PERSON, START};
pub(crate) use columns::{column, dates, days, person_field, persons, wrong_type};
pub use directory::Directory;
pub use file::{Days, Domain, Source};
pub use lru::Lru;
pub(crate) use run::each_person;
pub use run::{Run, SPARSE, first_events, merge, merge_days};
pub use writer::{DomainFiles, Written, digest, write_domain, write_table};
