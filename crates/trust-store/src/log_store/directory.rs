//! A directory of the operating system, held by its descriptor.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};
use std::string::{String, ToString};
use std::vec::Vec;

use rustix::fs::{self as os, AtFlags, CWD, FileType, FlockOperation, Mode, OFlags};
use rustix::io::{self, Errno};
use rustix::process::geteuid;

use super::error::{LinkKind, StoreError};
use super::files::{Access, FileError, Files, Stat};
use super::guard;

/// For a directory that is only passed through: search permission is enough.
#[cfg(any(target_os = "linux", target_os = "android"))]
const PASS: OFlags = OFlags::PATH;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const PASS: OFlags = OFlags::RDONLY;

/// A directory that was reached without following a symbolic link, and that no other user than root can change.
#[derive(Debug)]
pub struct Directory {
    descriptor: OwnedFd,
    path: PathBuf,
}

impl Directory {
    /// Opens a directory, looking at every directory on the way from the root.
    ///
    /// A relative path counts from the working directory.
    ///
    /// # Errors
    /// [`StoreError::SymlinkRefused`] when a component is a symbolic link; [`StoreError::Permissions`] when the directory or
    /// one above it belongs to somebody else than root or the running user, or can be written by others and is not sticky;
    /// [`StoreError::NotFound`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let shown = path.display().to_string();
        let path = std::path::absolute(path).map_err(|_| StoreError::NotFound { path: shown })?;
        let mut reached = PathBuf::from("/");
        let at = |reached: &Path, error: Errno| translate(error).at(reached.display().to_string(), "open");
        let mut components = path.components().filter(|step| !matches!(step, Component::RootDir)).peekable();
        let access = if components.peek().is_some() { PASS } else { OFlags::RDONLY };
        let mut descriptor = os::openat(CWD, "/", access | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
            .map_err(|error| at(&reached, error))?;
        while let Some(step) = components.next() {
            check_on_the_way(&descriptor, &reached)?;
            let access = if components.peek().is_some() { PASS } else { OFlags::RDONLY };
            let next = open_dir(&descriptor, step.as_os_str(), access);
            reached.push(step);
            descriptor = next.map_err(|error| error.at(reached.display().to_string(), "open"))?;
        }
        check_on_the_way(&descriptor, &reached)?;
        Ok(Self { descriptor, path: reached })
    }

    /// Looks at a file as [`fs::open`](super::fs::open) does, without opening it.
    ///
    /// For files that other code of this process locks with `fcntl`, such as a database of SQLite: whoever closes any descriptor of a file drops all
    /// locks of that kind that his process holds on it (POSIX `fcntl`, "All locks associated with a file for a given process shall be removed when a
    /// file descriptor for that file is closed by that process").
    ///
    /// # Errors
    /// As for [`fs::open`](super::fs::open).
    ///
    /// # Left to the caller
    /// That what is opened later is what was looked at: only whoever may write to this directory can put something else there.
    pub fn look_at(&self, name: &str) -> Result<(), StoreError> {
        let path = || Files::path(self, name);
        let found = os::statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(|error| translate(error).at(path(), "stat"))?;
        if FileType::from_raw_mode(found.st_mode) == FileType::Symlink {
            return Err(StoreError::SymlinkRefused { path: path(), kind: LinkKind::Symlink });
        }
        guard::check_file(&judged(&found, FileType::RegularFile), geteuid().as_raw(), &path)
    }
}

/// A directory above the store: nobody but root and the running user may be able to put something else in its place.
fn check_on_the_way(descriptor: &OwnedFd, path: &Path) -> Result<(), StoreError> {
    let shown = || path.display().to_string();
    let found = stat(descriptor, FileType::Directory).map_err(|error| error.at(shown(), "stat"))?;
    guard::check_above(&found, geteuid().as_raw(), &shown)
}

fn open_dir(parent: &OwnedFd, name: &OsStr, access: OFlags) -> Result<OwnedFd, FileError> {
    let flags = access | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    os::openat(parent, name, flags, Mode::empty()).map_err(|error| match error {
        // Systems differ in what they say of a symbolic link here; this only chooses the words of the refusal.
        Errno::NOTDIR | Errno::LOOP | Errno::MLINK => match os::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) if FileType::from_raw_mode(found.st_mode) == FileType::Symlink => {
                FileError::Link(LinkKind::Symlink)
            }
            _ => FileError::Link(LinkKind::Special),
        },
        error => translate(error),
    })
}

fn stat(descriptor: &OwnedFd, wanted: FileType) -> Result<Stat, FileError> {
    os::fstat(descriptor).map_err(translate).map(|found| judged(&found, wanted))
}

#[allow(clippy::useless_conversion, clippy::unnecessary_cast)] // The widths of these fields differ between systems.
fn judged(found: &os::Stat, wanted: FileType) -> Stat {
    Stat {
        special: FileType::from_raw_mode(found.st_mode) != wanted,
        length: u64::try_from(found.st_size).unwrap_or(0),
        links: found.st_nlink as u64,
        mode: u32::from(found.st_mode) & 0o7777,
        owner: found.st_uid,
    }
}

fn translate(error: Errno) -> FileError {
    match error {
        Errno::EXIST => FileError::Exists,
        Errno::LOOP | Errno::MLINK => FileError::Link(LinkKind::Symlink),
        Errno::NOSPC | Errno::DQUOT => FileError::NoSpace,
        Errno::NOENT => FileError::NotFound,
        Errno::ACCESS | Errno::PERM => FileError::Permission,
        Errno::ROFS => FileError::ReadOnly,
        // A device or socket that cannot be opened like a file.
        Errno::NXIO | Errno::NODEV | Errno::ISDIR | Errno::NOTDIR => FileError::Link(LinkKind::Special),
        error => FileError::Os(error.raw_os_error()),
    }
}

fn again<T>(operation: impl FnMut() -> io::Result<T>) -> Result<T, FileError> {
    io::retry_on_intr(operation).map_err(translate)
}

#[cfg(not(target_vendor = "apple"))]
fn sync(file: &OwnedFd) -> io::Result<()> {
    os::fsync(file)
}

/// `fsync` leaves it to the drive there when it writes; some file systems have nothing better.
#[cfg(target_vendor = "apple")]
fn sync(file: &OwnedFd) -> io::Result<()> {
    match os::fcntl_fullfsync(file) {
        Err(Errno::NOTSUP | Errno::INVAL | Errno::NOTTY) => os::fsync(file),
        other => other,
    }
}

const OWN_FILE: Mode = Mode::RUSR.union(Mode::WUSR);

impl Files for Directory {
    type File = OwnedFd;

    fn path(&self, name: &str) -> String {
        if name.is_empty() { self.path.display().to_string() } else { self.path.join(name).display().to_string() }
    }

    fn user(&self) -> u32 {
        geteuid().as_raw()
    }

    fn stat_dir(&self) -> Result<Stat, FileError> {
        stat(&self.descriptor, FileType::Directory)
    }

    fn names(&self) -> Result<Vec<String>, FileError> {
        let entries = os::Dir::read_from(&self.descriptor).map_err(translate)?;
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(translate)?;
            // A name that is no text is none of ours.
            if let Ok(name) = entry.file_name().to_str()
                && !matches!(name, "." | "..")
            {
                names.push(name.to_string());
            }
        }
        Ok(names)
    }

    fn make_dir(&self, name: &str) -> Result<(), FileError> {
        os::mkdirat(&self.descriptor, name, Mode::RWXU).map_err(translate)?;
        // A umask can only take bits away, and without these nothing could be put there.
        let made = open_dir(&self.descriptor, OsStr::new(name), OFlags::RDONLY)?;
        os::fchmod(&made, Mode::RWXU).map_err(translate)
    }

    fn enter(&self, name: &str) -> Result<Self, FileError> {
        let descriptor = open_dir(&self.descriptor, OsStr::new(name), OFlags::RDONLY)?;
        Ok(Self { descriptor, path: self.path.join(name) })
    }

    fn open(&self, name: &str, access: Access) -> Result<OwnedFd, FileError> {
        let access = match access {
            Access::Read => OFlags::RDONLY,
            Access::Write => OFlags::RDWR,
        };
        // Opening a pipe would wait for its other end.
        let flags = access | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        again(|| os::openat(&self.descriptor, name, flags, Mode::empty()))
    }

    fn create_new(&self, name: &str) -> Result<OwnedFd, FileError> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = again(|| os::openat(&self.descriptor, name, flags, OWN_FILE))?;
        // A umask can only take bits away, and without these the store could not be read again.
        os::fchmod(&file, OWN_FILE).map_err(translate)?;
        Ok(file)
    }

    fn stat(&self, file: &OwnedFd) -> Result<Stat, FileError> {
        stat(file, FileType::RegularFile)
    }

    fn read_at(&self, file: &OwnedFd, buffer: &mut [u8], offset: u64) -> Result<usize, FileError> {
        again(|| io::pread(file, &mut *buffer, offset))
    }

    fn write_at(&self, file: &OwnedFd, bytes: &[u8], offset: u64) -> Result<usize, FileError> {
        again(|| io::pwrite(file, bytes, offset))
    }

    fn truncate(&self, file: &OwnedFd, length: u64) -> Result<(), FileError> {
        again(|| os::ftruncate(file, length))
    }

    fn sync_file(&self, file: &OwnedFd) -> Result<(), FileError> {
        again(|| sync(file))
    }

    fn sync_dir(&self) -> Result<(), FileError> {
        again(|| sync(&self.descriptor))
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), FileError> {
        os::renameat(&self.descriptor, from, &self.descriptor, to).map_err(translate)
    }

    fn remove(&self, name: &str) -> Result<(), FileError> {
        os::unlinkat(&self.descriptor, name, AtFlags::empty()).map_err(translate)
    }

    fn try_lock(&self, file: &OwnedFd) -> Result<bool, FileError> {
        match io::retry_on_intr(|| os::flock(file, FlockOperation::NonBlockingLockExclusive)) {
            Ok(()) => Ok(true),
            Err(Errno::WOULDBLOCK) => Ok(false),
            Err(Errno::NOLCK | Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => Err(FileError::NoLocks),
            Err(error) => Err(translate(error)),
        }
    }
}
