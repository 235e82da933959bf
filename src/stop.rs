//! The flag that long loops look at, and the count of work done that a progress bar reads.
//!
//! One `Stop` accompanies one piece of work. The binding sets it on Ctrl-C; the loops call [`Stop::check`] every
//! few thousand rows and leave with [`Error::Stopped`]. Nothing here knows about Python or threads.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::error::{Error, Result};

/// Cancellation and progress of one piece of work, shared by its threads.
#[derive(Debug, Default)]
pub struct Stop {
    stopped: AtomicBool,
    done: AtomicU64,
    total: AtomicU64,
}

impl Stop {
    /// A flag that is not set, with no progress.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the work to end at its next check.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Ends the calling loop with [`Error::Stopped`] once the flag is set.
    pub fn check(&self) -> Result<()> {
        if self.stopped.load(Ordering::Relaxed) {
            Err(Error::Stopped)
        } else {
            Ok(())
        }
    }

    /// Announces how many units of work there will be.
    pub fn expect(&self, units: u64) {
        self.total.fetch_add(units, Ordering::Relaxed);
    }

    /// Records units of work as done.
    pub fn advance(&self, units: u64) {
        self.done.fetch_add(units, Ordering::Relaxed);
    }

    /// Units done, and units announced so far.
    pub fn progress(&self) -> (u64, u64) {
        (
            self.done.load(Ordering::Relaxed),
            self.total.load(Ordering::Relaxed),
        )
    }
}
