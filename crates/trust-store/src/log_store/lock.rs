//! One writer at a time, held by a lock of the kernel, which ends with the process that holds it.

use std::format;

use super::error::StoreError;
use super::files::{Access, FileError, Files};
use super::guard;
use super::segment::{read_full, write_full};
pub use crate::stopwatch::Stopwatch;

/// Digits of a process id, and a line feed.
const HOLDER: usize = 11;

/// A lock that is held until it is dropped.
pub struct Lock<F: Files> {
    _file: F::File,
}

/// Waits up to `wait` milliseconds for the lock file `name` in a directory, which is made if it is not there and then holds the process id.
///
/// The file stays when the lock goes: who removed it could remove the lock that somebody else has just taken.
///
/// # Errors
/// [`StoreError::Locked`] with the holder; those of a file that may not be believed, and of the operating system.
pub fn acquire<F: Files>(files: &F, name: &str, stopwatch: &dyn Stopwatch, wait: u64) -> Result<Lock<F>, StoreError> {
    let start = stopwatch.milliseconds();
    let mut pause = 1;
    loop {
        if let Some(lock) = try_acquire(files, name)? {
            return Ok(lock);
        }
        let waited = stopwatch.milliseconds().saturating_sub(start);
        if waited >= wait {
            return Err(StoreError::Locked { path: files.path(name), holder: holder(files, name), waited });
        }
        stopwatch.pause(pause.min(wait - waited).max(1));
        pause = (pause * 2).min(8);
    }
}

/// Takes the lock if nobody has it.
pub(super) fn try_acquire<F: Files>(files: &F, name: &str) -> Result<Option<Lock<F>>, StoreError> {
    let path = || files.path(name);
    let file = loop {
        match guard::open(files, name, Access::Write) {
            Ok((file, _)) => break file,
            Err(StoreError::NotFound { .. }) => match files.create_new(name) {
                // Opened again, so that it is looked at like any other.
                Ok(_) | Err(FileError::Exists) => {}
                Err(error) => return Err(error.at(path(), "create")),
            },
            Err(error) => return Err(error),
        }
    };
    if !files.try_lock(&file).map_err(|error| error.at(path(), "lock"))? {
        return Ok(None);
    }
    if files.stat(&file).map_err(|error| error.at(path(), "stat"))?.links == 0 {
        // Somebody removed the file while it was being locked, and the next process would lock another one.
        return Ok(None);
    }
    let line = format!("{:010}\n", std::process::id());
    write_full(files, &file, name, line.as_bytes(), 0)?;
    Ok(Some(Lock { _file: file }))
}

/// The process that says it holds the lock. Only for the message: the kernel decides who holds it.
fn holder<F: Files>(files: &F, name: &str) -> Option<u32> {
    let (file, _) = guard::open(files, name, Access::Read).ok()?;
    let mut line = [0; HOLDER];
    let read = read_full(files, &file, name, &mut line, 0).ok()?;
    core::str::from_utf8(line.get(..read)?).ok()?.trim().parse().ok()
}
