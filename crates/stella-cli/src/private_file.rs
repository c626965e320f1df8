//! Directories and files that belong to one user: made with the right permissions, read only where nobody else can change them,
//! and written in one step, so that a power loss leaves the old or the new content.

use std::fs;
use std::path::{Component, Path, PathBuf};

use stella_trust_store::StoreError;
use stella_vocabulary::Code;

use crate::complaint::Complaint;
use crate::context::Ticks;

/// The longest file of this kind: settings and keys are a few kilobytes.
const LONGEST: usize = 1 << 20;

/// Who may look at a file besides its owner.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Secrecy {
    /// Everybody; but only its owner, or root, may change it.
    Readable,
    /// Nobody.
    Secret,
}

/// The path without symbolic links in the part of it that exists. `..` counts before that: it names what a shell would.
pub(crate) fn real_path(path: &Path) -> PathBuf {
    // The directory of a bare file name is the empty path.
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let mut known = absolute.as_path();
    let mut missing = Vec::new();
    loop {
        if let Ok(real) = fs::canonicalize(known) {
            return missing.into_iter().rev().fold(real, |path, component| path.join(component));
        }
        match (known.parent(), known.components().next_back()) {
            (Some(parent), Some(component @ Component::Normal(_))) => {
                missing.push(component);
                known = parent;
            }
            _ => return absolute,
        }
    }
}

/// Whether there is something of this name, be it a link to nowhere. Only what is known not to be there is not: a directory that may not
/// be searched, a loop of links or a disk that does not answer is an error.
///
/// # Errors
/// Those of the file system.
pub(crate) fn exists(path: &Path) -> Result<bool, StoreError> {
    let error = match fs::symlink_metadata(path) {
        Ok(_) => return Ok(true),
        Err(error) => error,
    };
    let path = path.display().to_string();
    match error.kind() {
        std::io::ErrorKind::NotFound => Ok(false),
        std::io::ErrorKind::PermissionDenied => Err(StoreError::Permissions {
            path,
            found: "a directory on the way that may not be searched".to_string(),
            expected: "directories that the running user may search".to_string(),
        }),
        _ => Err(StoreError::Io { path, operation: "look for", os: error.raw_os_error().unwrap_or(0) }),
    }
}

/// Makes a directory, and those above it that are missing, for its owner alone.
///
/// # Errors
/// Those of the file system; `store.permissions` if somebody else could change the directory.
pub(crate) fn make_directory(path: &Path) -> Result<(), StoreError> {
    if path.is_dir() {
        return Ok(());
    }
    // A bare name has the working directory above it.
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    if let Some(parent) = path.parent() {
        make_directory(parent)?;
    }
    system::make_directory(&path)
}

/// Reads a file; `None` if there is none.
///
/// # Errors
/// `store.permissions` or `store.symlink_refused` if somebody else could have written it, or, being secret, can read it;
/// `input.too_large`.
pub(crate) fn read(path: &Path, secrecy: Secrecy) -> Result<Option<Vec<u8>>, Complaint> {
    // Before directories on the way are looked at: where there is no file, it does not matter who could write there.
    if !exists(path)? {
        return Ok(None);
    }
    system::read(path, secrecy)
}

/// Makes sure that nobody but its owner or root could have written a file, if it is there. Links on the way are followed, and it may have several
/// names, as what a package manager has installed has.
///
/// # Errors
/// `store.permissions`.
pub(crate) fn refuse_writable(path: &Path) -> Result<(), Complaint> {
    match fs::canonicalize(path) {
        Ok(real) => system::refuse_writable(&real),
        Err(_) => Ok(()),
    }
}

/// Puts a file in place of whatever has its name. Only its owner can use it.
///
/// # Errors
/// Those of the file system; nothing has changed then.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Complaint> {
    system::write(path, bytes)
}

/// Puts a file for other people in place of a regular one of its name, or where nothing has it: a device, a pipe or a link stays what
/// it is. Only its owner can use it.
///
/// # Errors
/// `output.write_failed`, and those of the file system; nothing has changed then.
pub(crate) fn write_out(path: &Path, bytes: &[u8]) -> Result<(), Complaint> {
    let place = place_out(path)?;
    let mut random = [0; 8];
    self::random(&mut random)?;
    system::write_beside(&place, bytes, &random)
}

/// As [`write_out`], before anything is written: where it would be, without links on the way.
///
/// # Errors
/// As [`write_out`].
pub(crate) fn place_out(path: &Path) -> Result<PathBuf, Complaint> {
    let refused = |found: &str, expected: &str, remedy: &str| {
        Err(Complaint::new(Code::OutputWriteFailed, "nothing can be written there")
            .in_file(path)
            .found(found)
            .expected(expected)
            .remedy(remedy))
    };
    const WANTED: &str = "a name that is free, or a regular file, which is replaced";
    const INSTEAD: &str = "give another name; or for a device or a pipe: --out - > FILE";
    match fs::symlink_metadata(path).map(|metadata| metadata.file_type()) {
        Ok(kind) if kind.is_file() => {}
        Ok(kind) if kind.is_symlink() => return refused("a symbolic link", WANTED, INSTEAD),
        Ok(kind) if kind.is_dir() => return refused("a directory", WANTED, "give the name of a file in it"),
        Ok(_) => return refused("a device, pipe or socket", WANTED, INSTEAD),
        Err(_) => {}
    }
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let (Some(parent), Some(_)) = (absolute.parent(), absolute.file_name().and_then(|name| name.to_str())) else {
        return refused("no name of a file", WANTED, "give the name of a file");
    };
    if !exists(&real_path(parent))? {
        return refused("no such directory", "a directory that is there", "make the directory, or give another name");
    }
    Ok(real_path(parent).join(absolute.file_name().unwrap_or_default()))
}

/// Held until it is dropped.
pub(crate) struct Lock(#[expect(dead_code, reason = "the lock ends with the file")] system::Locked);

/// Waits for the lock file `path`, and makes it if it is not there: one process at a time.
///
/// # Errors
/// `store.locked` if another process does not let go in time, and those of the file system.
pub(crate) fn lock(path: &Path) -> Result<Lock, Complaint> {
    const PATIENCE: u64 = 5000;
    const PAUSE: u64 = 20;
    let ticks = Ticks::new();
    loop {
        if let Some(locked) = system::try_lock(path)? {
            return Ok(Lock(locked));
        }
        let waited = ticks.milliseconds();
        if waited >= PATIENCE {
            return Err(StoreError::Locked { path: path.display().to_string(), holder: None, waited }.into());
        }
        ticks.pause(PAUSE);
    }
}

/// Random bytes of the operating system.
///
/// # Errors
/// `internal.random`.
pub(crate) fn random(bytes: &mut [u8]) -> Result<(), Complaint> {
    getrandom::fill(bytes).map_err(|error| {
        Complaint::new(Code::InternalRandom, "the operating system gave no random numbers")
            .found(error.to_string())
            .expected("random numbers")
            .remedy("check that /dev/urandom or getrandom(2) can be used here, and run the command again")
    })
}

fn too_large(path: &Path) -> Complaint {
    Complaint::new(Code::InputTooLarge, "this file is too large")
        .in_file(path)
        .expected(format!("at most {LONGEST} bytes"))
}

#[cfg(unix)]
mod system {
    use stella_trust_store::LinkKind;
    use stella_trust_store::fs::{Access, Directory, FileError, Files, Stat};

    use super::*;

    const OTHERS: u32 = 0o077;
    const OTHERS_WRITE: u32 = 0o022;
    const TEMPORARY: &str = ".new";

    pub(super) fn make_directory(path: &Path) -> Result<(), StoreError> {
        let (parent, name) = split(path)?;
        match parent.make_dir(&name) {
            Ok(()) | Err(FileError::Exists) => {}
            Err(error) => return Err(failure(error, parent.path(&name), "create")),
        }
        parent.sync_dir().map_err(|error| failure(error, parent.path(""), "sync"))
    }

    pub(super) fn read(path: &Path, secrecy: Secrecy) -> Result<Option<Vec<u8>>, Complaint> {
        let (directory, name) = match split(path) {
            Ok(found) => found,
            Err(StoreError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let at = |error, operation| Complaint::from(failure(error, directory.path(&name), operation));
        let file = match directory.open(&name, Access::Read) {
            Ok(file) => file,
            Err(FileError::NotFound) => return Ok(None),
            Err(error) => return Err(at(error, "open")),
        };
        let stat = directory.stat(&file).map_err(|error| at(error, "stat"))?;
        check(&stat, directory.user(), &directory.path(&name), secrecy)?;
        if stat.length > LONGEST as u64 {
            return Err(too_large(path));
        }
        let mut bytes = Vec::new();
        let mut chunk = [0; 4096];
        while bytes.len() <= LONGEST {
            match directory.read_at(&file, &mut chunk, bytes.len() as u64).map_err(|error| at(error, "read"))? {
                0 => return Ok(Some(bytes)),
                count => bytes.extend_from_slice(chunk.get(..count).unwrap_or_default()),
            }
        }
        Err(too_large(path))
    }

    pub(super) fn refuse_writable(path: &Path) -> Result<(), Complaint> {
        let (directory, name) = split(path)?;
        let at = |error, operation| Complaint::from(failure(error, directory.path(&name), operation));
        let file = directory.open(&name, Access::Read).map_err(|error| at(error, "open"))?;
        let stat = directory.stat(&file).map_err(|error| at(error, "stat"))?;
        check(&Stat { links: 1, ..stat }, directory.user(), &directory.path(&name), Secrecy::Readable)
    }

    pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Complaint> {
        let (directory, name) = split(path)?;
        let temporary = format!("{name}{TEMPORARY}");
        // What an interrupted command left behind.
        match directory.remove(&temporary) {
            Ok(()) | Err(FileError::NotFound) => {}
            Err(error) => return Err(failure(error, directory.path(&temporary), "remove").into()),
        }
        put(&directory, &name, &temporary, bytes)
    }

    /// The temporary file has a name that nobody else has chosen, so that nothing of theirs is lost.
    pub(super) fn write_beside(path: &Path, bytes: &[u8], random: &[u8]) -> Result<(), Complaint> {
        let (directory, name) = split(path)?;
        let short: String = name.chars().take(40).collect();
        put(&directory, &name, &format!(".{short}.{}{TEMPORARY}", stella_vocabulary::hex::encode(random)), bytes)
    }

    /// Writes a temporary file, which must not be there yet, and gives it its name.
    fn put(directory: &Directory, name: &str, temporary: &str, bytes: &[u8]) -> Result<(), Complaint> {
        let at = |error, operation| Complaint::from(failure(error, directory.path(temporary), operation));
        let file = directory.create_new(temporary).map_err(|error| at(error, "create"))?;
        let written = (|| {
            let mut offset = 0;
            while let Some(rest) = bytes.get(offset..).filter(|rest| !rest.is_empty()) {
                match directory.write_at(&file, rest, offset as u64).map_err(|error| at(error, "write"))? {
                    0 => return Err(at(FileError::NoSpace, "write")),
                    count => offset += count,
                }
            }
            directory.sync_file(&file).map_err(|error| at(error, "sync"))?;
            directory.rename(temporary, name).map_err(|error| at(error, "rename"))?;
            directory.sync_dir().map_err(|error| failure(error, directory.path(""), "sync").into())
        })();
        if written.is_err() {
            // The first error is the one to report.
            let _ = directory.remove(temporary);
        }
        written
    }

    pub(super) type Locked = std::os::fd::OwnedFd;

    pub(super) fn try_lock(path: &Path) -> Result<Option<Locked>, Complaint> {
        let (directory, name) = split(path)?;
        let at = |error, operation| Complaint::from(failure(error, directory.path(&name), operation));
        let file = match directory.create_new(&name) {
            Err(FileError::Exists) => directory.open(&name, Access::Write),
            made => made,
        };
        let file = file.map_err(|error| at(error, "open"))?;
        let stat = directory.stat(&file).map_err(|error| at(error, "stat"))?;
        check(&stat, directory.user(), &directory.path(&name), Secrecy::Readable)?;
        Ok(directory.try_lock(&file).map_err(|error| at(error, "lock"))?.then_some(file))
    }

    fn split(path: &Path) -> Result<(Directory, String), StoreError> {
        let name = path.file_name().and_then(|name| name.to_str());
        let (Some(parent), Some(name)) = (path.parent(), name) else {
            return Err(StoreError::NotFound { path: path.display().to_string() });
        };
        Ok((Directory::open(parent)?, name.to_string()))
    }

    fn check(stat: &Stat, user: u32, path: &str, secrecy: Secrecy) -> Result<(), Complaint> {
        let path = path.to_string();
        if stat.special {
            return Err(StoreError::SymlinkRefused { path, kind: LinkKind::Special }.into());
        }
        if stat.links > 1 {
            return Err(StoreError::SymlinkRefused { path, kind: LinkKind::HardLinked }.into());
        }
        let forbidden = match secrecy {
            Secrecy::Readable => OTHERS_WRITE,
            Secrecy::Secret => OTHERS,
        };
        if stat.mode & forbidden != 0 || (stat.owner != 0 && stat.owner != user) {
            return Err(StoreError::Permissions {
                path,
                found: format!("mode {:04o}, owned by user {}", stat.mode, stat.owner),
                expected: "mode 0600, owned by root or the running user".to_string(),
            }
            .into());
        }
        Ok(())
    }

    fn failure(error: FileError, path: String, operation: &'static str) -> StoreError {
        match error {
            FileError::Link(kind) => StoreError::SymlinkRefused { path, kind },
            FileError::NoSpace => StoreError::NoSpace { path },
            FileError::NotFound => StoreError::NotFound { path },
            FileError::Os(os) => StoreError::Io { path, operation, os },
            FileError::Permission => StoreError::Permissions {
                path,
                found: "not accessible".to_string(),
                expected: "owned by the running user, directories with mode 0700 and files with mode 0600".to_string(),
            },
            FileError::ReadOnly => StoreError::ReadOnly { path },
            // EEXIST: somebody else is writing the same file.
            _ => StoreError::Io { path, operation, os: 17 },
        }
    }
}

#[cfg(not(unix))]
mod system {
    use std::io;

    use super::*;

    pub(super) fn make_directory(path: &Path) -> Result<(), StoreError> {
        fs::create_dir(path).map_err(|error| failure(&error, path, "create"))
    }

    pub(super) fn read(path: &Path, _: Secrecy) -> Result<Option<Vec<u8>>, Complaint> {
        match fs::read(path) {
            Ok(bytes) if bytes.len() > LONGEST => Err(too_large(path)),
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failure(&error, path, "read").into()),
        }
    }

    pub(super) fn refuse_writable(_: &Path) -> Result<(), Complaint> {
        Ok(())
    }

    pub(super) type Locked = ();

    /// There is no trust store on these systems that two could make at once.
    pub(super) fn try_lock(_: &Path) -> Result<Option<Locked>, Complaint> {
        Ok(Some(()))
    }

    pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Complaint> {
        let temporary = path.with_extension("new");
        fs::write(&temporary, bytes).map_err(|error| failure(&error, &temporary, "write"))?;
        fs::rename(&temporary, path).map_err(|error| failure(&error, path, "rename").into())
    }

    pub(super) fn write_beside(path: &Path, bytes: &[u8], random: &[u8]) -> Result<(), Complaint> {
        use std::io::Write as _;

        let temporary = path.with_extension(stella_vocabulary::hex::encode(random));
        let made = fs::OpenOptions::new().write(true).create_new(true).open(&temporary);
        let written = made.and_then(|mut file| file.write_all(bytes));
        written.map_err(|error| failure(&error, &temporary, "write"))?;
        fs::rename(&temporary, path).map_err(|error| failure(&error, path, "rename").into())
    }

    fn failure(error: &io::Error, path: &Path, operation: &'static str) -> StoreError {
        StoreError::Io { path: path.display().to_string(), operation, os: error.raw_os_error().unwrap_or(0) }
    }
}
