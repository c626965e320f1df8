//! The few things a log does with files, so that tests can count, fail, cut and replay each of them.

use std::string::String;
use std::vec::Vec;

use super::error::{LinkKind, StoreError};

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading.
    Read,
    /// Reading and writing.
    Write,
}

/// What an open file or directory is, asked of the descriptor and never of the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// Neither a plain file nor a directory, or one where the other was asked for.
    pub special: bool,
    /// Length in bytes.
    pub length: u64,
    /// Number of names.
    pub links: u64,
    /// Permission bits, with set-id and sticky bits.
    pub mode: u32,
    /// User id of the owner.
    pub owner: u32,
}

/// Why the operating system did not do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileError {
    /// There is something of that name.
    Exists,
    /// A link or something special stands there.
    Link(LinkKind),
    /// The file system knows no locks.
    NoLocks,
    /// The disk is full, or a quota is reached.
    NoSpace,
    /// There is nothing of that name.
    NotFound,
    /// Anything else, with the number of the operating system.
    Os(i32),
    /// It is not allowed.
    Permission,
    /// The file system is mounted for reading only.
    ReadOnly,
}

impl FileError {
    /// Says where, and at what.
    pub(super) fn at(self, path: String, operation: &'static str) -> StoreError {
        match self {
            // EEXIST
            Self::Exists => StoreError::Io { path, operation, os: 17 },
            Self::Link(kind) => StoreError::SymlinkRefused { path, kind },
            Self::NoLocks => StoreError::UnsupportedFilesystem { path },
            Self::NoSpace => StoreError::NoSpace { path },
            Self::NotFound => StoreError::NotFound { path },
            Self::Os(os) => StoreError::Io { path, operation, os },
            Self::Permission => StoreError::Permissions {
                path,
                found: "not accessible".into(),
                expected: "owned by the running user, directories with mode 0700 and files with mode 0600".into(),
            },
            Self::ReadOnly => StoreError::ReadOnly { path },
        }
    }
}

/// One directory and the files in it. Names have no slash. Nothing follows a symbolic link.
///
/// [`Directory`] is the real one. A test puts its own between it and the log.
///
/// [`Directory`]: super::directory::Directory
pub trait Files: Sized {
    /// An open file; dropping it closes it.
    type File;

    /// The path of a file in here, for people; with an empty name, of the directory.
    fn path(&self, name: &str) -> String;
    /// The user whose files may be believed, besides those of root.
    fn user(&self) -> u32;
    /// What this directory is.
    ///
    /// # Errors
    /// The operating system's.
    fn stat_dir(&self) -> Result<Stat, FileError>;
    /// The names in this directory, in any order.
    ///
    /// # Errors
    /// The operating system's.
    fn names(&self) -> Result<Vec<String>, FileError>;
    /// Makes a directory in here that only its owner can use.
    ///
    /// # Errors
    /// [`FileError::Exists`], and the operating system's.
    fn make_dir(&self, name: &str) -> Result<(), FileError>;
    /// Opens a directory in here.
    ///
    /// # Errors
    /// [`FileError::NotFound`], [`FileError::Link`], and the operating system's.
    fn enter(&self, name: &str) -> Result<Self, FileError>;
    /// Opens a file.
    ///
    /// # Errors
    /// [`FileError::NotFound`], [`FileError::Link`], and the operating system's.
    fn open(&self, name: &str, access: Access) -> Result<Self::File, FileError>;
    /// Makes a file that only its owner can use, whatever the umask, and opens it for reading and writing.
    ///
    /// # Errors
    /// [`FileError::Exists`], and the operating system's.
    fn create_new(&self, name: &str) -> Result<Self::File, FileError>;
    /// What an open file is.
    ///
    /// # Errors
    /// The operating system's.
    fn stat(&self, file: &Self::File) -> Result<Stat, FileError>;
    /// Reads up to the length of `buffer`, and says how much; 0 is the end.
    ///
    /// # Errors
    /// The operating system's.
    fn read_at(&self, file: &Self::File, buffer: &mut [u8], offset: u64) -> Result<usize, FileError>;
    /// Writes some of `bytes`, and says how many.
    ///
    /// # Errors
    /// The operating system's.
    fn write_at(&self, file: &Self::File, bytes: &[u8], offset: u64) -> Result<usize, FileError>;
    /// Cuts a file to a length.
    ///
    /// # Errors
    /// The operating system's.
    fn truncate(&self, file: &Self::File, length: u64) -> Result<(), FileError>;
    /// Makes what a file holds survive a power loss.
    ///
    /// # Errors
    /// The operating system's; nobody knows then what survives.
    fn sync_file(&self, file: &Self::File) -> Result<(), FileError>;
    /// Makes the names in this directory survive a power loss.
    ///
    /// # Errors
    /// The operating system's; nobody knows then what survives.
    fn sync_dir(&self) -> Result<(), FileError>;
    /// Gives a file another name, in place of any file of that name.
    ///
    /// # Errors
    /// The operating system's.
    fn rename(&self, from: &str, to: &str) -> Result<(), FileError>;
    /// Removes a file.
    ///
    /// # Errors
    /// [`FileError::NotFound`], and the operating system's.
    fn remove(&self, name: &str) -> Result<(), FileError>;
    /// Locks an open file against all other openings of it, until it is closed; `false` when somebody else has it.
    ///
    /// # Errors
    /// [`FileError::NoLocks`], and the operating system's.
    fn try_lock(&self, file: &Self::File) -> Result<bool, FileError>;
}
