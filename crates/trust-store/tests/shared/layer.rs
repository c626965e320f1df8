//! A layer between a log and its files that counts every step and lets one go wrong.

use std::cell::Cell;
use std::rc::Rc;

use rustix::process::{Signal, getpid, kill_process};
use stella_trust_store::fs::{Access, FileError, Files, Stat};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// The process is killed before step n.
    KillAt(u64),
    /// The process is stopped before step n.
    StopAt(u64),
    /// The process is stopped before it opens a segment to write to it: it holds the lock of the store.
    StopAtSegment,
    /// The n-th write, name or length change fails, after writing half.
    ChangeAt(u64, FileError),
    /// The n-th sync fails.
    SyncAt(u64, FileError),
    /// The n-th read fails.
    ReadAt(u64, FileError),
    /// Every change fails.
    Changes(FileError),
    /// Every lock fails.
    Locks(FileError),
}

/// How often each kind of step was taken.
#[derive(Debug)]
pub(crate) struct Steps {
    pub(crate) fault: Cell<Fault>,
    pub(crate) all: Cell<u64>,
    pub(crate) changes: Cell<u64>,
    pub(crate) syncs: Cell<u64>,
    pub(crate) reads: Cell<u64>,
}

impl Steps {
    pub(crate) fn new(fault: Fault) -> Rc<Self> {
        let zero = || Cell::new(0);
        Rc::new(Self { fault: Cell::new(fault), all: zero(), changes: zero(), syncs: zero(), reads: zero() })
    }

    /// From here on, counting begins at 0 again and this goes wrong.
    pub(crate) fn restart(&self, fault: Fault) {
        for counter in [&self.all, &self.changes, &self.syncs, &self.reads] {
            counter.set(0);
        }
        self.fault.set(fault);
    }

    fn step(&self) {
        let step = next(&self.all);
        match self.fault.get() {
            Fault::KillAt(at) if at == step => end(Signal::KILL),
            Fault::StopAt(at) if at == step => end(Signal::STOP),
            _ => {}
        }
    }

    fn change(&self) -> Result<(), FileError> {
        self.step();
        let change = next(&self.changes);
        match self.fault.get() {
            Fault::ChangeAt(at, error) if at == change => Err(error),
            Fault::Changes(error) => Err(error),
            _ => Ok(()),
        }
    }

    fn sync(&self) -> Result<(), FileError> {
        self.step();
        let sync = next(&self.syncs);
        match self.fault.get() {
            Fault::SyncAt(at, error) if at == sync => Err(error),
            _ => Ok(()),
        }
    }

    fn opened(&self, name: &str, access: Access) {
        if self.fault.get() == Fault::StopAtSegment && access == Access::Write && name.ends_with(".log") {
            self.fault.set(Fault::None);
            end(Signal::STOP);
        }
    }

    fn read(&self) -> Result<(), FileError> {
        let read = next(&self.reads);
        match self.fault.get() {
            Fault::ReadAt(at, error) if at == read => Err(error),
            _ => Ok(()),
        }
    }
}

fn next(counter: &Cell<u64>) -> u64 {
    counter.set(counter.get() + 1);
    counter.get() - 1
}

fn end(signal: Signal) {
    kill_process(getpid(), signal).unwrap();
    // Another thread may take the signal, and this one would go on until it hears of it.
    std::thread::sleep(std::time::Duration::from_millis(200));
}

pub(crate) struct Layer<F: Files> {
    below: F,
    steps: Rc<Steps>,
}

impl<F: Files> Layer<F> {
    pub(crate) fn over(below: F, steps: &Rc<Steps>) -> Self {
        Self { below, steps: Rc::clone(steps) }
    }
}

impl<F: Files> Files for Layer<F> {
    type File = F::File;

    fn path(&self, name: &str) -> String {
        self.below.path(name)
    }

    fn user(&self) -> u32 {
        self.below.user()
    }

    fn stat_dir(&self) -> Result<Stat, FileError> {
        self.below.stat_dir()
    }

    fn names(&self) -> Result<Vec<String>, FileError> {
        self.steps.read()?;
        self.below.names()
    }

    fn make_dir(&self, name: &str) -> Result<(), FileError> {
        self.steps.change()?;
        self.below.make_dir(name)
    }

    fn enter(&self, name: &str) -> Result<Self, FileError> {
        Ok(Self { below: self.below.enter(name)?, steps: Rc::clone(&self.steps) })
    }

    fn open(&self, name: &str, access: Access) -> Result<F::File, FileError> {
        self.steps.opened(name, access);
        self.steps.step();
        match (access, self.steps.fault.get()) {
            (Access::Write, Fault::Changes(FileError::ReadOnly)) => Err(FileError::ReadOnly),
            _ => self.below.open(name, access),
        }
    }

    fn create_new(&self, name: &str) -> Result<F::File, FileError> {
        self.steps.change()?;
        self.below.create_new(name)
    }

    fn stat(&self, file: &F::File) -> Result<Stat, FileError> {
        self.below.stat(file)
    }

    fn read_at(&self, file: &F::File, buffer: &mut [u8], offset: u64) -> Result<usize, FileError> {
        self.steps.read()?;
        self.below.read_at(file, buffer, offset)
    }

    /// In two halves, so that a process can end between them.
    fn write_at(&self, file: &F::File, bytes: &[u8], offset: u64) -> Result<usize, FileError> {
        let (first, rest) = bytes.split_at(bytes.len() / 2);
        match self.steps.change() {
            Ok(()) => {}
            Err(FileError::ReadOnly) => return Err(FileError::ReadOnly),
            Err(error) => {
                self.below.write_at(file, first, offset)?;
                return Err(error);
            }
        }
        let mut written = self.below.write_at(file, first, offset)?;
        if written == first.len() {
            self.steps.step();
            written += self.below.write_at(file, rest, offset + written as u64)?;
        }
        Ok(written)
    }

    fn truncate(&self, file: &F::File, length: u64) -> Result<(), FileError> {
        self.steps.change()?;
        self.below.truncate(file, length)
    }

    fn sync_file(&self, file: &F::File) -> Result<(), FileError> {
        self.steps.sync()?;
        self.below.sync_file(file)
    }

    fn sync_dir(&self) -> Result<(), FileError> {
        self.steps.sync()?;
        self.below.sync_dir()
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), FileError> {
        self.steps.change()?;
        self.below.rename(from, to)
    }

    fn remove(&self, name: &str) -> Result<(), FileError> {
        self.steps.change()?;
        self.below.remove(name)
    }

    fn try_lock(&self, file: &F::File) -> Result<bool, FileError> {
        self.steps.step();
        match self.steps.fault.get() {
            Fault::Locks(error) => Err(error),
            _ => self.below.try_lock(file),
        }
    }
}
