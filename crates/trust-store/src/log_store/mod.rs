//! Where the entries of the trust log are kept. Nothing here knows what an entry says.

#[cfg(all(feature = "fs", unix))]
mod append;
#[cfg(all(feature = "fs", unix))]
mod backup;
#[cfg(all(feature = "fs", unix))]
mod crc32c;
#[cfg(all(feature = "fs", unix))]
mod directory;
mod error;
#[cfg(all(feature = "fs", unix))]
mod file_log;
#[cfg(all(feature = "fs", unix))]
mod files;
#[cfg(all(feature = "fs", unix))]
mod guard;
#[cfg(all(feature = "fs", unix))]
mod identity;
#[cfg(all(feature = "fs", unix))]
mod layout;
#[cfg(all(feature = "fs", unix))]
mod lock;
mod memory;
#[cfg(all(feature = "fs", unix))]
mod place;
#[cfg(all(feature = "fs", unix))]
mod remembered;
#[cfg(all(feature = "fs", unix))]
mod seen;
#[cfg(all(feature = "fs", unix))]
mod segment;
mod store;
#[cfg(all(feature = "fs", unix))]
mod walk;

pub use self::error::{Damage, LinkKind, StoreError};
pub use self::memory::MemoryLog;
pub use self::store::{Head, LogStore, Visit, Visitor, check_sizes};

/// The log in files of a Unix system.
///
/// A store is a directory with the files `store` (which store it is), `lock`, and one `….log` for each segment, named by its
/// first entry. All access goes through [`fs::Files`].
///
/// ```
/// use std::time::{Duration, Instant};
///
/// use stella_trust_store::fs::{FileLog, Place, Stopwatch, StoreId};
/// use stella_trust_store::{Head, LogStore, StoreError};
///
/// struct Clock(Instant);
///
/// impl Stopwatch for Clock {
///     fn milliseconds(&self) -> u64 {
///         self.0.elapsed().as_millis() as u64
///     }
///     fn pause(&self, milliseconds: u64) {
///         std::thread::sleep(Duration::from_millis(milliseconds));
///     }
/// }
///
/// # let home = tempfile::tempdir().unwrap();
/// # let home = home.path();
/// let place = || Place::at(&home.join("trust"))?.remembered_at(&home.join("trust.seen"));
/// let clock = || Box::new(Clock(Instant::now()));
/// let mut log = FileLog::create(place()?, StoreId::from_bytes([7; 32]), clock())?;
/// let head = log.append(&Head::empty(), &[b"first", b"second"], "note over two entries")?;
///
/// let log = FileLog::open(place()?, clock())?;
/// assert_eq!((log.head()?, log.verify()?.head), (head, head));
/// # Ok::<(), StoreError>(())
/// ```
#[cfg(all(feature = "fs", unix))]
pub mod fs {
    pub use super::directory::Directory;
    pub use super::file_log::FileLog;
    pub use super::files::{Access, FileError, Files, Stat};
    pub use super::guard::{check_store, open};
    pub use super::layout::StoreId;
    pub use super::lock::{Lock, Stopwatch, acquire};
    pub use super::place::Place;
    pub use super::remembered::Remembered;
    pub use super::walk::Verified;
}
