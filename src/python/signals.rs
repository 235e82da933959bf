//! Ctrl-C for long work, and its progress.
//!
//! The work runs on a thread of the pool; the calling thread wakes every 50 ms, lets Python look at its
//! signals, reports progress, and sets the flag that the work's loops read.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::time::Duration;

use pyo3::prelude::*;

use super::pool;
use crate::error::Result;
use crate::stop::Stop;

const WAKE: Duration = Duration::from_millis(50);

/// Runs `work` with the GIL released; Ctrl-C stops it, `progress(done, total)` is called while it runs.
pub(crate) fn interruptible<T: Send>(
    py: Python<'_>,
    progress: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce(&Stop) -> Result<T> + Send,
) -> PyResult<T> {
    let stop = Stop::new();
    let progress = progress.map(|callback| callback.clone().unbind());
    py.detach(|| {
        let (sender, receiver) = mpsc::channel();
        let stop = &stop;
        let job = move || {
            // A panic drops the sender unused, which the caller hears; past this thread it would abort the scope.
            let _ = catch_unwind(AssertUnwindSafe(|| {
                // A closed channel means the caller is gone, which a scope rules out.
                let _ = sender.send(work(stop));
            }));
        };
        let wait = move || wait(&receiver, progress.as_ref(), stop);
        match pool::current() {
            Some(pool) => pool.in_place_scope(|scope| {
                scope.spawn(|_| job());
                wait()
            }),
            // No threads of the pool to be had: one of our own, and the work is right on it too.
            None => std::thread::scope(|scope| {
                scope.spawn(job);
                wait()
            }),
        }
    })
}

/// Waits for the answer; looks at Python's signals and reports progress meanwhile.
fn wait<T>(receiver: &mpsc::Receiver<Result<T>>, progress: Option<&Py<PyAny>>, stop: &Stop) -> PyResult<T> {
    let mut interruption: Option<PyErr> = None;
    loop {
        match receiver.recv_timeout(WAKE) {
            Ok(answer) => {
                return match interruption {
                    Some(error) => Err(error),
                    None => answer.map_err(PyErr::from),
                };
            }
            Err(mpsc::RecvTimeoutError::Timeout) if interruption.is_none() => {
                if let Err(error) = Python::attach(|py| report(py, progress, stop)) {
                    stop.stop();
                    interruption = Some(error);
                }
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                return Err(interruption.unwrap_or_else(|| {
                    pyo3::exceptions::PyRuntimeError::new_err("a worker thread of kohort panicked: please report it")
                }));
            }
        }
    }
}

fn report(py: Python<'_>, progress: Option<&Py<PyAny>>, stop: &Stop) -> PyResult<()> {
    py.check_signals()?;
    if let Some(callback) = progress {
        callback.call1(py, stop.progress())?;
    }
    Ok(())
}
