//! Directories in memory that can be copied, edited, and asked what names were used in them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use stella_trust_store::fs::{Access, FileError, Files, Place, Stat, Stopwatch};

/// Files by name.
pub type Contents = BTreeMap<String, Vec<u8>>;

/// A directory with files, and directories with files in them.
#[derive(Clone, Default)]
pub struct Memory {
    shared: Rc<Shared>,
    /// Which directory this is: empty, or one name.
    at: String,
}

#[derive(Default)]
struct Shared {
    directories: RefCell<BTreeMap<String, Contents>>,
    used: RefCell<BTreeSet<String>>,
}

/// An open file.
pub struct Open {
    name: String,
}

/// A clock that stands still; nobody waits here.
pub struct Still;

impl Stopwatch for Still {
    fn milliseconds(&self) -> u64 {
        0
    }

    fn pause(&self, _: u64) {
        unreachable!("nobody else holds a lock")
    }
}

impl Memory {
    /// A place for a log in the directory `trust`, remembered in the file `seen` beside it.
    pub fn place(&self) -> Place<Self> {
        self.place_alone().remembered_in(self.clone(), "seen")
    }

    /// A place for a log that is remembered nowhere.
    pub fn place_alone(&self) -> Place<Self> {
        Place::in_directory(self.clone(), "trust").segment_bytes(3_000)
    }

    /// All files: those of the directory `trust`, and `seen`.
    pub fn files(&self) -> Contents {
        let directories = self.shared.directories.borrow();
        let mut files = directories.get("trust").cloned().unwrap_or_default();
        files.extend(directories.get("").into_iter().flatten().map(|(name, bytes)| (name.clone(), bytes.clone())));
        files
    }

    /// Directories with these files; `seen` lies above the others.
    pub fn with(mut files: Contents) -> Self {
        let above = ["seen", "seen.lock"].iter().filter_map(|name| files.remove_entry(*name)).collect();
        let memory = Self::default();
        *memory.shared.directories.borrow_mut() = BTreeMap::from([(String::new(), above), ("trust".to_owned(), files)]);
        memory
    }

    /// Every name that was given to an operation.
    pub fn used(&self) -> BTreeSet<String> {
        self.shared.used.borrow().clone()
    }

    fn files_here<T>(&self, name: &str, act: impl FnOnce(&mut Contents) -> T) -> T {
        self.shared.used.borrow_mut().insert(name.to_owned());
        act(self.shared.directories.borrow_mut().entry(self.at.clone()).or_default())
    }
}

impl Files for Memory {
    type File = Open;

    fn path(&self, name: &str) -> String {
        format!("memory/{}/{name}", self.at)
    }

    fn user(&self) -> u32 {
        1000
    }

    fn stat_dir(&self) -> Result<Stat, FileError> {
        Ok(Stat { special: false, length: 0, links: 1, mode: 0o700, owner: 1000 })
    }

    fn names(&self) -> Result<Vec<String>, FileError> {
        Ok(self.shared.directories.borrow().get(&self.at).into_iter().flat_map(|files| files.keys().cloned()).collect())
    }

    fn make_dir(&self, name: &str) -> Result<(), FileError> {
        self.shared.used.borrow_mut().insert(name.to_owned());
        let mut directories = self.shared.directories.borrow_mut();
        if directories.contains_key(name) {
            return Err(FileError::Exists);
        }
        directories.insert(name.to_owned(), Contents::new());
        Ok(())
    }

    fn enter(&self, name: &str) -> Result<Self, FileError> {
        let known = self.shared.directories.borrow().contains_key(name);
        known.then(|| Self { at: name.to_owned(), ..self.clone() }).ok_or(FileError::NotFound)
    }

    fn open(&self, name: &str, _: Access) -> Result<Open, FileError> {
        let known = self.files_here(name, |files| files.contains_key(name));
        known.then(|| Open { name: name.to_owned() }).ok_or(FileError::NotFound)
    }

    fn create_new(&self, name: &str) -> Result<Open, FileError> {
        self.files_here(name, |files| match files.insert(name.to_owned(), Vec::new()) {
            None => Ok(Open { name: name.to_owned() }),
            Some(before) => {
                files.insert(name.to_owned(), before);
                Err(FileError::Exists)
            }
        })
    }

    fn stat(&self, file: &Open) -> Result<Stat, FileError> {
        let length = self.files_here(&file.name, |files| files.get(&file.name).map_or(0, Vec::len)) as u64;
        Ok(Stat { special: false, length, links: 1, mode: 0o600, owner: 1000 })
    }

    fn read_at(&self, file: &Open, buffer: &mut [u8], offset: u64) -> Result<usize, FileError> {
        self.files_here(&file.name, |files| {
            let bytes = files.get(&file.name).ok_or(FileError::NotFound)?;
            let offset = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
            let length = buffer.len().min(bytes.len() - offset);
            buffer[..length].copy_from_slice(&bytes[offset..offset + length]);
            Ok(length)
        })
    }

    fn write_at(&self, file: &Open, bytes: &[u8], offset: u64) -> Result<usize, FileError> {
        self.files_here(&file.name, |files| {
            let content = files.get_mut(&file.name).ok_or(FileError::NotFound)?;
            let offset = usize::try_from(offset).unwrap_or(usize::MAX);
            let end = offset.checked_add(bytes.len()).filter(|end| *end < 1 << 26).ok_or(FileError::NoSpace)?;
            content.resize(content.len().max(end), 0);
            content[offset..end].copy_from_slice(bytes);
            Ok(bytes.len())
        })
    }

    fn truncate(&self, file: &Open, length: u64) -> Result<(), FileError> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        self.files_here(&file.name, |files| {
            files.get_mut(&file.name).map(|content| content.truncate(length)).ok_or(FileError::NotFound)
        })
    }

    fn sync_file(&self, _: &Open) -> Result<(), FileError> {
        Ok(())
    }

    fn sync_dir(&self) -> Result<(), FileError> {
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), FileError> {
        self.shared.used.borrow_mut().insert(to.to_owned());
        self.files_here(from, |files| {
            let bytes = files.remove(from).ok_or(FileError::NotFound)?;
            files.insert(to.to_owned(), bytes);
            Ok(())
        })
    }

    fn remove(&self, name: &str) -> Result<(), FileError> {
        self.files_here(name, |files| files.remove(name).map(|_| ()).ok_or(FileError::NotFound))
    }

    fn try_lock(&self, _: &Open) -> Result<bool, FileError> {
        Ok(true)
    }
}
