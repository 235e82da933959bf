//! A thread pool of our own that knows its process id.
//!
//! Rayon's global pool hangs for ever in a forked child (multiprocessing, joblib, PySpark): its threads are not
//! there. A child of a fork gets a new pool here instead.

use std::sync::{Arc, Mutex, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuilder};

static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

/// The pool of this process; none where no threads are to be had.
pub(crate) fn current() -> Option<Arc<ThreadPool>> {
    let process = std::process::id();
    let mut slot = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((owner, pool)) = slot.as_ref()
        && *owner == process
    {
        return Some(Arc::clone(pool));
    }
    if let Some((_, stale)) = slot.take() {
        // Its threads live in the parent: dropping it here would wait for them for ever.
        std::mem::forget(stale);
    }
    let pool = Arc::new(
        ThreadPoolBuilder::new()
            .thread_name(|n| format!("kohort-{n}"))
            .build()
            .ok()?,
    );
    *slot = Some((process, Arc::clone(&pool)));
    Some(pool)
}
