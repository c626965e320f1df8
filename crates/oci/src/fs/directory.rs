//! The directory of a layout, of which nothing leads out: every name is ours or hexadecimal, and links are not followed.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use crate::digest::BlobDigest;
use crate::error::OciError;

/// How a file of the layout is opened. `NONBLOCK` so that a pipe in its place does not wait for a writer.
const READING: OFlags = OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);
const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// An open directory with a layout in it.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    root: OwnedFd,
}

impl Directory {
    /// Opens it; the directory itself may be named through a link.
    pub(super) fn open(path: &Path) -> Result<Self, OciError> {
        let place = path.display().to_string();
        let root = rustix::fs::openat(CWD, path, DIRECTORY, Mode::empty()).map_err(|error| match error {
            Errno::NOENT => OciError::NotFound { place, what: "such directory".into(), known: "nothing".into() },
            Errno::NOTDIR => OciError::LayoutInvalid {
                place,
                found: "a file".into(),
                expected: "the directory that holds oci-layout, index.json and blobs",
            },
            other => OciError::Io { place, error: io::Error::from(other).to_string(), writing: false },
        })?;
        Ok(Self { path: path.to_path_buf(), root })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a file in it, for people.
    pub(super) fn place(&self, name: &str) -> String {
        self.path.join(name).display().to_string()
    }

    /// The path of a blob, for people.
    pub(super) fn blob_place(&self, digest: &BlobDigest) -> String {
        self.place(&format!("blobs/{}/{}", digest.algorithm(), digest.digits()))
    }

    /// Reads a file that lies in the directory itself; `None` if it is not there.
    pub(super) fn read(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>, OciError> {
        read(&self.root, name, most, self.place(name))
    }

    /// Reads a blob; `None` if it is not there.
    pub(super) fn read_blob(&self, digest: &BlobDigest, most: u64) -> Result<Option<Vec<u8>>, OciError> {
        match self.blobs(digest.algorithm())? {
            Some(blobs) => read(&blobs, &digest.digits(), most, self.blob_place(digest)),
            None => Ok(None),
        }
    }

    /// The directory of the blobs of an algorithm.
    fn blobs(&self, algorithm: &str) -> Result<Option<OwnedFd>, OciError> {
        let Some(blobs) = self.below(&self.root, "blobs", "blobs")? else { return Ok(None) };
        self.below(&blobs, algorithm, &format!("blobs/{algorithm}"))
    }

    fn below(&self, parent: &OwnedFd, name: &str, shown: &str) -> Result<Option<OwnedFd>, OciError> {
        match rustix::fs::openat(parent, name, DIRECTORY.union(OFlags::NOFOLLOW), Mode::empty()) {
            Ok(directory) => Ok(Some(directory)),
            Err(Errno::NOENT) => Ok(None),
            // Linux says the one, other systems the other, of a link where a directory is wanted.
            Err(Errno::NOTDIR | Errno::LOOP) => Err(OciError::LayoutInvalid {
                place: self.place(shown),
                found: "a link or a file".into(),
                expected: "a directory within the layout",
            }),
            Err(error) => Err(failed(self.place(shown), error.into(), false)),
        }
    }

    /// Writes a blob, unless it is there already.
    pub(super) fn write_blob(&self, digest: &BlobDigest, content: &[u8]) -> Result<(), OciError> {
        let place = self.blob_place(digest);
        if let Some(there) = self.read_blob(digest, content.len() as u64)? {
            if digest.is_of(&there) {
                return Ok(());
            }
            let found = digest.of_same_algorithm(&there).to_string();
            return Err(OciError::DigestMismatch { place, found, expected: digest.to_string() });
        }
        self.make(&self.root, "blobs", "blobs")?;
        let missing = || failed(place.clone(), io::ErrorKind::NotFound.into(), true);
        let blobs = self.below(&self.root, "blobs", "blobs")?.ok_or_else(missing)?;
        self.make(&blobs, digest.algorithm(), digest.algorithm())?;
        let blobs = self.blobs(digest.algorithm())?.ok_or_else(missing)?;
        replace(&blobs, &digest.digits(), content, &place)
    }

    fn make(&self, parent: &OwnedFd, name: &str, shown: &str) -> Result<(), OciError> {
        match rustix::fs::mkdirat(parent, name, Mode::from_raw_mode(0o755)) {
            Ok(()) => sync(parent).map_err(|error| failed(self.place(shown), error, true)),
            Err(Errno::EXIST) => Ok(()),
            Err(error) => Err(failed(self.place(shown), error.into(), true)),
        }
    }

    /// Puts a file with `content` in the place of the one of this name, at once or not at all.
    pub(super) fn replace(&self, name: &str, content: &[u8]) -> Result<(), OciError> {
        replace(&self.root, name, content, &self.place(name))
    }

    /// Takes the lock of the layout, which ends with what is given back; `None` if somebody else holds it.
    ///
    /// It is on `oci-layout`, which is never replaced. Only programs that ask for it are kept away by it.
    pub(super) fn lock(&self) -> Result<Option<OwnedFd>, OciError> {
        let place = || self.place("oci-layout");
        let file = rustix::fs::openat(&self.root, "oci-layout", READING, Mode::empty())
            .map_err(|error| failed(place(), error.into(), true))?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(file)),
            Err(Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(failed(place(), error.into(), true)),
        }
    }
}

fn failed(place: String, error: io::Error, writing: bool) -> OciError {
    OciError::Io { place, error: error.to_string(), writing }
}

fn read(directory: &OwnedFd, name: &str, most: u64, place: String) -> Result<Option<Vec<u8>>, OciError> {
    let invalid = |found: &str| OciError::LayoutInvalid {
        place: place.clone(),
        found: found.to_string(),
        expected: "a regular file within the layout",
    };
    let file = match rustix::fs::openat(directory, name, READING, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(None),
        Err(Errno::LOOP | Errno::MLINK) => return Err(invalid("a symbolic link")),
        Err(Errno::NXIO) => return Err(invalid("a socket or device")),
        Err(error) => return Err(failed(place, error.into(), false)),
    };
    let stat = rustix::fs::fstat(&file).map_err(|error| failed(place.clone(), error.into(), false))?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => {}
        FileType::Directory => return Err(invalid("a directory")),
        _ => return Err(invalid("a pipe, socket or device")),
    }
    let too_large = |found| OciError::TooLarge { place: place.clone(), what: "bytes", found, limit: most };
    let length = u64::try_from(stat.st_size).unwrap_or(u64::MAX);
    if length > most {
        return Err(too_large(length));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    File::from(file)
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| failed(place.clone(), error, false))?;
    if bytes.len() as u64 > most {
        return Err(too_large(bytes.len() as u64));
    }
    Ok(Some(bytes))
}

/// Writes beside the file, and renames: whoever reads sees the one or the other, also after a loss of power.
fn replace(directory: &OwnedFd, name: &str, content: &[u8], place: &str) -> Result<(), OciError> {
    let failed = |error: io::Error| failed(place.to_string(), error, true);
    let part = format!(".{name}.part");
    // What somebody left behind who was killed; the lock is held.
    let _ = rustix::fs::unlinkat(directory, &*part, AtFlags::empty());
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let written = rustix::fs::openat(directory, &*part, flags, Mode::from_raw_mode(0o644))
        .map_err(io::Error::from)
        .and_then(|file| {
            let mut file = File::from(file);
            file.write_all(content)?;
            file.sync_all()
        })
        .and_then(|()| rustix::fs::renameat(directory, &*part, directory, name).map_err(io::Error::from))
        .and_then(|()| sync(directory));
    if written.is_err() {
        let _ = rustix::fs::unlinkat(directory, &*part, AtFlags::empty());
    }
    written.map_err(failed)
}

fn sync(directory: &OwnedFd) -> io::Result<()> {
    rustix::fs::fsync(directory).map_err(io::Error::from)
}
